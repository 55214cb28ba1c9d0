/// Why a document could not be read, and where.
struct YAMLError: Error, Equatable {
  /// The line of the file, counted from 1.
  var line: Int
  /// Counted from 1, in characters; nil when only the line is known.
  var column: Int?
  /// One sentence part without a final stop, such as `did not find expected key`.
  var message: String
}

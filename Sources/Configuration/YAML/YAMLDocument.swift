/// The first document of a YAML text as a tree, within limits that no real configuration comes near.
struct YAMLDocument: Sendable, Equatable {
  /// Longest text read, in bytes: a configuration is kilobytes, 4 MiB is a wrong file.
  static let bytesMax = 4 * 1024 * 1024
  /// Deepest nesting. The builder recurses once a level.
  static let depthMax = 64
  /// Most nodes with aliases expanded, so that ten lines of aliases cannot stand for a billion values.
  static let nodesMax = 100_000

  /// Nil for a text without any value.
  let root: YAMLNode?
  /// The line of a second document, which is not read; nil when there is none.
  let secondDocumentLine: Int?
  /// Keys that stand twice in one mapping, in the order of the file; the later value is in the tree.
  let repeatedKeys: [YAMLRepeatedKey]

  /// Reads UTF-8 (or UTF-16 with a byte order mark).
  init(_ bytes: [UInt8]) throws(YAMLError) {
    guard bytes.count <= Self.bytesMax else {
      throw YAMLError(line: 1, column: nil, message: "longer than \(Self.bytesMax) bytes")
    }
    // A typed throw does not pass through withUnsafeBufferPointer, so the result travels as a value.
    let result = bytes.withUnsafeBufferPointer { input -> Result<(YAMLNode?, Int?, [YAMLRepeatedKey]), YAMLError> in
      do throws(YAMLError) {
        var builder = YAMLTreeBuilder(events: try YAMLEventStream(reading: input))
        return .success(try builder.document())
      } catch { return .failure(error) }
    }
    (root, secondDocumentLine, repeatedKeys) = try result.get()
  }
}

/// Why a value is refused: a sentence part that follows the option's name, never with a secret in it.
package struct BadValue: Error, Equatable {
  /// Such as `70000 is not between 0 and 65535`.
  package let message: String
  /// The line of the file at fault, where that is known better than the option's.
  let line: Int?
  /// What is wrong with other entries of the same list.
  let others: [BadValue]

  /// - Parameter message: the end of a sentence that begins with the option's name.
  init(_ message: String, line: Int? = nil) {
    self.message = message
    self.line = line
    others = []
  }

  /// What is wrong with the entries of a list; `nil` when nothing is.
  init?(_ faults: [BadValue]) {
    guard let first = faults.first else { return nil }
    message = first.message
    line = first.line
    others = Array(faults.dropFirst())
  }

  /// All that is wrong, in the order of the entries.
  var all: [BadValue] { [self] + others }
}

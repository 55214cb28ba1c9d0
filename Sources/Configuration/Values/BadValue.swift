/// Why a value is refused: a sentence part that follows the option's name, never with a secret in it.
package struct BadValue: Error, Equatable {
  /// Such as `70000 is not between 0 and 65535`.
  package let message: String
  /// The line of the file at fault, where that is known better than the option's.
  let line: Int?
  /// It is about how a secret is come by, and not about what it is.
  let isOfSecrets: Bool
  /// What is wrong with other entries of the same list.
  let others: [BadValue]

  /// - Parameter message: the end of a sentence that begins with the option's name.
  init(_ message: String, line: Int? = nil, isOfSecrets: Bool = false) {
    self.message = message
    self.line = line
    self.isOfSecrets = isOfSecrets
    others = []
  }

  /// What is wrong with the entries of a list; `nil` when nothing is.
  init?(_ faults: [BadValue]) {
    guard let first = faults.first else { return nil }
    message = first.message
    line = first.line
    isOfSecrets = first.isOfSecrets
    others = Array(faults.dropFirst())
  }

  /// All that is wrong, in the order of the entries.
  var all: [BadValue] { [self] + others }
}

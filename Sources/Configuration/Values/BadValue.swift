/// Why a value is refused: a sentence part that follows the option's name, never with a secret in it.
package struct BadValue: Error, Equatable {
  /// Such as `70000 is not between 0 and 65535`.
  package let message: String

  /// - Parameter message: the end of a sentence that begins with the option's name.
  init(_ message: String) { self.message = message }
}

/// Why a pattern cannot be used.
package struct PatternError: Error, Equatable {
  /// What is wrong with it, without a final stop.
  package let message: String
  /// The character of the pattern where it goes wrong, counted from 1; `nil` where no place is at fault.
  package let character: Int?

  /// A fault of a pattern or of the entry around it.
  package init(message: String, character: Int?) {
    self.message = message
    self.character = character
  }
}

extension PatternError: CustomStringConvertible {
  /// `missing closing parenthesis, at character 4`
  package var description: String { character.map { "\(message), at character \($0)" } ?? message }
}

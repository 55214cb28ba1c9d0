/// A piece of a line that is drawn in one way: what `Style` wrote, read back for a screen that has attributes instead of
/// escape sequences.
package struct StyledRun: Sendable, Equatable {
  /// How a piece is drawn.
  package struct Look: Sendable, Equatable {
    /// Drawn with thicker strokes than the rest.
    package var isBold = false
    /// Drawn weaker than the rest.
    package var isFaint = false
    /// Drawn with text and background swapped.
    package var isReversed = false
    /// One of the eight colours, 0 for black to 7 for white; `nil` for the terminal's own.
    package var color: UInt8?

    /// Plain text in the terminal's own colour.
    package init() {}

    /// Applies the numbers of one escape sequence; what is not known is left out.
    fileprivate mutating func apply(_ codes: [Int]) {
      // A colour out of 256 (`38;5;n`) or of all (`38;2;r;g;b`) has no place here.
      for code in codes.prefix(while: { $0 != 38 && $0 != 48 }) {
        switch code {
        case 0: self = Look()
        case 1: isBold = true
        case 2: isFaint = true
        case 7: isReversed = true
        case 22: (isBold, isFaint) = (false, false)
        case 27: isReversed = false
        case 30...37: color = UInt8(code - 30)
        case 90...97: color = UInt8(code - 90)
        case 39: color = nil
        default: break
        }
      }
    }
  }

  /// The text without escape sequences.
  package var text: String
  /// How all of it is drawn.
  package var look: Look

  /// The pieces of a line in their order; empty ones are left out.
  package static func runs(of line: String) -> [StyledRun] {
    var runs: [StyledRun] = []
    var look = Look()
    var rest = line.unicodeScalars[...]
    while !rest.isEmpty {
      let text = rest.prefix { $0 != "\u{1b}" }
      if !text.isEmpty { runs.append(StyledRun(text: String(text), look: look)) }
      rest = rest[text.endIndex...].dropFirst()
      guard rest.first == "[" else { continue }
      let sequence = rest.dropFirst().prefix { $0 != "m" }
      look.apply(sequence.split(separator: ";", omittingEmptySubsequences: false).map { Int(String($0)) ?? 0 })
      rest = rest[sequence.endIndex...].dropFirst()
    }
    return runs
  }

  /// What is seen of a line, without its escape sequences.
  package static func text(of line: String) -> String { runs(of: line).map(\.text).joined() }
}

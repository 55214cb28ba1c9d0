/// A text that stood in quotes: `\"`, `\\` and `\*` in it are a quote, a backslash and a star; a star alone stands for any
/// characters.
struct QuotedText {
  /// What a backslash in front of it makes a character like any other.
  static let escaped = "\"\\*".unicodeScalars

  /// Cut at the stars that stand for any characters.
  private var pieces = [String.UnicodeScalarView()]

  mutating func append(_ scalar: Unicode.Scalar) {
    if scalar == "*" { pieces.append(String.UnicodeScalarView()) } else { append(literal: scalar) }
  }

  mutating func append(literal scalar: Unicode.Scalar) { pieces[pieces.count - 1].append(scalar) }

  /// Its characters, where a star means nothing but itself.
  var text: String { pieces.map { String($0) }.joined(separator: "*") }

  /// What texts are compared with.
  var pattern: TextPattern { TextPattern(pieces: pieces.map { String($0) }) }

  /// What `SearchWords` reads: there a star at the end is one for any characters, which a space behind it prevents.
  var words: String { pieces.last?.last == "*" ? text + " " : text }
}

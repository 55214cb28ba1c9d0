/// Text from outside, made safe to print in a message: control characters escaped, long texts cut.
enum QuotedText {
  /// Longest text shown, in characters; more would hide the message.
  static let shownMax = 60

  /// The text in double quotes, with what cannot be printed escaped: `"abc"`.
  static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

  /// Without quotes around it, for names.
  static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars.prefix(shownMax) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
        out += "\\u{\(String(scalar.value, radix: 16))}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return text.unicodeScalars.count > shownMax ? out + "…" : out
  }
}

/// Text in the language of manual pages (mdoc), with which nothing in it means anything else.
enum Roff {
  /// For the middle of a line.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\e"
      // Typed as they are, these would become typographic.
      case "'": result += "\\(aq"
      case "`": result += "\\(ga"
      case "^": result += "\\(ha"
      case "~": result += "\\(ti"
      case "-": result += "\\-"
      case _ where scalar.isASCII: result.unicodeScalars.append(scalar)
      default: result += "\\[u" + hexadecimal(scalar.value) + "]"
      }
    }
    return result
  }

  /// A word or more that a macro takes as one.
  static func argument(_ text: String) -> String {
    "\"" + escaped(text).split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\(dq") + "\""
  }

  /// Paragraphs; each sentence begins a line, as is the custom of this language.
  static func paragraphs(_ text: String) -> [String] {
    let paragraphs = text.split(separator: "\n\n").map { paragraph in
      sentences(paragraph.split(whereSeparator: \.isWhitespace).map(String.init))
    }
    return Array(paragraphs.joined(separator: [".Pp"]))
  }

  private static func sentences(_ words: [String]) -> [String] {
    var lines: [String] = []
    var isBeginning = true
    for word in words {
      let escaped = escaped(word)
      if isBeginning {
        lines.append(escaped.hasPrefix(".") ? "\\&" + escaped : escaped)
      } else {
        lines[lines.count - 1] += " " + escaped
      }
      isBeginning = word.hasSuffix(".")
    }
    return lines
  }

  /// At least four digits, upper case.
  private static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(4 - digits.count, 0)) + digits
  }
}

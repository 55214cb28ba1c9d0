/// How a piece of text stands out; without colours it looks like any other.
package enum Style: String, Sendable {
  case plain = ""
  case heading = "1"
  case faint = "2"
  case good = "32"
  case warning = "33"
  case bad = "31"
  case cyan = "36"
  case magenta = "35"
  case blue = "34"
  case brightCyan = "96"
  case brightMagenta = "95"
  case brightBlue = "94"
  case brightGreen = "92"
  case brightYellow = "93"
  /// Text and background swapped: the row that keys act on.
  case selected = "7"

  /// `text` between the escape sequences of this style, or unchanged.
  package func applied(to text: String, colors: Bool) -> String {
    guard colors, self != .plain, !text.isEmpty else { return text }
    return "\u{1b}[\(rawValue)m\(text)\u{1b}[0m"
  }
}

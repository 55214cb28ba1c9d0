import Text

extension String {
  /// Its words on as many lines as they need; ends of line count as spaces, and a word that is too long stays whole. `nil`
  /// sets no limit.
  func wrapped(_ width: Int?) -> [String] {
    var lines: [String] = []
    for word in split(whereSeparator: \.isWhitespace) {
      if let last = lines.last, width.map({ last.displayWidth + 1 + word.displayWidth <= $0 }) ?? true {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}

extension [String] {
  /// Short facts, two spaces apart, as many of them on a line as there is place for. `nil` sets no limit.
  func wrappedFacts(_ width: Int?) -> [String] {
    var lines: [String] = []
    for fact in self {
      if let last = lines.last, width.map({ last.displayWidth + fact.displayWidth + 2 <= $0 }) ?? true {
        lines[lines.count - 1] = last + "  " + fact
      } else {
        lines.append(fact.fittingLine(width))
      }
    }
    return lines
  }
}

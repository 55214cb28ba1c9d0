/// What stands behind a colon, and where.
struct QueryValue {
  let text: String
  /// In quotes it is a text, whatever it looks like.
  let isQuoted: Bool
  let position: Int

  init(text: String, isQuoted: Bool, position: Int) {
    self.text = text
    self.isQuoted = isQuoted
    self.position = position
  }

  /// An error about the value's text from some of its scalars on.
  func error(_ message: String, after scalars: Int = 0) -> TraceQueryError {
    TraceQueryError(position + scalars, message)
  }

  /// `>100ms`, `100ms..2s` or `100ms` for the trace's duration; the same without units for counts.
  func numberFilter(_ number: TraceNumber) throws(TraceQueryError) -> TraceFilter {
    if let (low, high) = range {
      let first = try amount(low, number, after: 0)
      let last = try amount(high, number, after: low.unicodeScalars.count + 2)
      guard first <= last else { throw error("the range ends before it begins") }
      return .allOf([.condition(.number(number, .atLeast, first)), .condition(.number(number, .atMost, last))])
    }
    let (comparison, rest) = Self.comparison(of: text)
    let skipped = text.unicodeScalars.count - rest.unicodeScalars.count
    return .condition(.number(number, comparison ?? .equal, try amount(rest, number, after: skipped)))
  }

  /// A text with `*`, or in front of a number a comparison, or a range of numbers.
  func tagCondition(_ key: String) throws(TraceQueryError) -> TraceCondition {
    guard !isQuoted else { return .tag(key: key, TextPattern(text)) }
    if let (low, high) = range, let first = Self.decimal(low), let last = Self.decimal(high) {
      guard first <= last else { throw error("the range ends before it begins") }
      return .tagRange(key: key, first...last)
    }
    let (comparison, rest) = Self.comparison(of: text)
    guard let comparison else { return .tag(key: key, TextPattern(text)) }
    guard let number = Self.decimal(rest) else {
      let skipped = text.unicodeScalars.count - rest.unicodeScalars.count
      throw error(
        "a tag is compared with a number; a text that begins with \(text.prefix(1)) stands in quotes", after: skipped)
    }
    return .tagNumber(key: key, comparison, number)
  }

  private var range: (low: String, high: String)? {
    guard !isQuoted, let dots = text.firstRange(of: "..") else { return nil }
    return (String(text[..<dots.lowerBound]), String(text[dots.upperBound...]))
  }

  private func amount(_ text: String, _ number: TraceNumber, after skipped: Int) throws(TraceQueryError) -> Int64 {
    if number == .duration {
      guard let ns = QueryDuration.ns(text) else {
        throw error("a duration is a number and a unit, such as 100ms, 1.5s or 2m", after: skipped)
      }
      return ns
    }
    guard text.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let count = Int64(text) else {
      throw error("a whole number is missing here", after: skipped)
    }
    return count
  }

  private static func comparison(of text: String) -> (Comparison?, rest: String) {
    for comparison in [Comparison.atMost, .atLeast, .less, .greater, .equal] where text.hasPrefix(comparison.rawValue) {
      return (comparison, String(text.dropFirst(comparison.rawValue.count)))
    }
    return (nil, text)
  }

  private static func decimal(_ text: String) -> Double? {
    guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let number = Double(text), number.isFinite
    else {
      return nil
    }
    return number
  }
}

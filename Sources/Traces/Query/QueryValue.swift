/// What stands behind a colon, and where.
struct QueryValue {
  let text: String
  /// In quotes it is a text, whatever it looks like; `nil` without them.
  private let quoted: QuotedText?
  let position: Int

  init(_ text: String, position: Int) {
    self.text = text
    quoted = nil
    self.position = position
  }

  init(_ quoted: QuotedText, position: Int) {
    text = quoted.text
    self.quoted = quoted
    self.position = position
  }

  var isQuoted: Bool { quoted != nil }

  /// An error about the value's text from some of its scalars on.
  func error(_ message: String, after scalars: Int = 0) -> TraceQueryError {
    TraceQueryError(position + scalars, message)
  }

  /// A text to compare with, which a field or a tag has.
  func pattern(of name: String) throws(TraceQueryError) -> TextPattern {
    if let quoted { return quoted.pattern }
    if let problem = BareText(text).problem(asValueOf: name) { throw error(problem.message, after: problem.offset) }
    if let sign = text.unicodeScalars.first, "<>=".unicodeScalars.contains(sign) {
      throw error("\(name) is a text and not compared; a text that begins with \(sign) stands in quotes")
    }
    return TextPattern(text)
  }

  /// `>100ms`, `100ms..2s`, `100ms..` or `100ms` for the trace's duration; the same without units for counts.
  func numberFilter(_ number: TraceNumber) throws(TraceQueryError) -> TraceFilter {
    if let (low, high) = range {
      guard !low.isEmpty || !high.isEmpty else { throw error("a range has a begin or an end, or both") }
      let first = low.isEmpty ? nil : try amount(low, number, after: 0)
      let last = high.isEmpty ? nil : try amount(high, number, after: low.unicodeScalars.count + 2)
      if let first, let last, first > last { throw error("the range ends before it begins") }
      return .allOf(
        [
          first.map { .condition(.number(number, .atLeast, $0)) },
          last.map { .condition(.number(number, .atMost, $0)) },
        ]
        .compactMap { $0 })
    }
    let (comparison, rest) = Self.comparison(of: text)
    let skipped = text.unicodeScalars.count - rest.unicodeScalars.count
    return .condition(.number(number, comparison ?? .equal, try amount(rest, number, after: skipped)))
  }

  /// A text with `*`, or in front of a number a comparison, or a range of numbers.
  func tagCondition(_ key: String) throws(TraceQueryError) -> TraceCondition {
    if let quoted { return .tag(key: key, quoted.pattern) }
    if let (low, high) = range { return try tagRange(key, low, high) }
    let (comparison, rest) = Self.comparison(of: text)
    guard let comparison else { return .tag(key: key, try pattern(of: key)) }
    if let number = Self.decimal(rest) { return .tagNumber(key: key, comparison, number) }
    let skipped = text.unicodeScalars.count - rest.unicodeScalars.count
    if QueryDuration.ns(rest) != nil {
      throw error("a tag is compared with a number; the trace's own time is duration:\(text)", after: skipped)
    }
    throw error(
      "a tag is compared with a number; a text that begins with \(text.prefix(1)) stands in quotes", after: skipped)
  }

  /// From one number to another; without one of them it is a comparison.
  private func tagRange(_ key: String, _ low: String, _ high: String) throws(TraceQueryError) -> TraceCondition {
    let first = Self.decimal(low)
    let last = Self.decimal(high)
    switch (first, last) {
    case (let first?, let last?):
      guard first <= last else { throw error("the range ends before it begins") }
      return .tagRange(key: key, first...last)
    case (let first?, nil) where high.isEmpty: return .tagNumber(key: key, .atLeast, first)
    case (nil, let last?) where low.isEmpty: return .tagNumber(key: key, .atMost, last)
    default:
      throw error(
        "a range is one of numbers; a text with .. in it stands in quotes",
        after: first == nil ? 0 : low.unicodeScalars.count + 2)
    }
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

/// Reads the language in which traces are searched, by recursive descent; docs/queries.md describes it.
struct TraceQueryParser {
  /// What a query may hold at most.
  struct Limits {
    /// Unicode scalars: small beside what a control question may hold.
    let length: Int
    /// Parentheses and negations within each other, so that no text can exhaust the stack.
    let depth: Int
    /// Each is looked for in every trace.
    let conditions: Int

    /// For what a person types: more than anybody does.
    static let typed = Limits(length: 8192, depth: 40, conditions: 100)
    /// What such a query may become when it is written out, with the conditions of options beside it.
    static let described = Limits(length: 65_536, depth: 44, conditions: 400)
  }

  let scalars: [Unicode.Scalar]
  var offset = 0
  private let limits: Limits
  private var conditions = 0
  /// What a value stands for within the parentheses behind a name and a colon; `nil` outside of them.
  private var valueInGroup: ValueReading?

  private typealias ValueReading = (QueryValue) throws(TraceQueryError) -> TraceFilter

  init(_ text: String, limits: Limits) {
    self.limits = limits
    scalars = Array(text.unicodeScalars.prefix(limits.length + 1))
  }

  /// The filter that the whole text stands for; an empty one stands for every trace.
  mutating func filter() throws(TraceQueryError) -> TraceFilter {
    guard scalars.count <= limits.length else {
      throw TraceQueryError(limits.length, "a query has at most \(limits.length) characters")
    }
    skipSpace()
    guard offset < scalars.count else { return .all }
    let filter = try alternatives(depth: 0)
    guard offset == scalars.count else { throw error("there is no \"(\" for this \")\"") }
    return filter
  }

  private mutating func alternatives(depth: Int) throws(TraceQueryError) -> TraceFilter {
    var filters = [try conjunction(depth)]
    while take(keyword: "OR") { filters.append(try conjunction(depth)) }
    return .anyOf(filters)
  }

  private mutating func conjunction(_ depth: Int) throws(TraceQueryError) -> TraceFilter {
    var filters = [try negation(depth)]
    while true {
      skipSpace()
      guard let next, next != ")", !isNext(keyword: "OR") else { return .allOf(filters) }
      let start = offset
      guard take(keyword: "AND") || valueInGroup == nil else {
        throw TraceQueryError(
          start, "AND or OR belongs between two values; one value with spaces in it stands in quotes")
      }
      filters.append(try negation(depth))
    }
  }

  private mutating func negation(_ depth: Int) throws(TraceQueryError) -> TraceFilter {
    skipSpace()
    guard let next else { throw error("something to look for is missing here") }
    guard depth < limits.depth else { throw error("at most \(limits.depth) parentheses and negations") }
    for keyword in ["AND", "OR"] where isNext(keyword: keyword) {
      throw error("\(keyword) needs something to look for on both sides")
    }
    if take(keyword: "NOT") { return .not(try negation(depth + 1)) }
    if next == "-" {
      if valueInGroup != nil, let digit = peek(1), ("0"..."9").contains(digit) {
        throw error("a number below 0 is not taken in parentheses; NOT negates what follows")
      }
      offset += 1
      guard let negated = self.next, !Self.isSpace(negated) else { throw error("what is not wanted is missing here") }
      return .not(try negation(depth + 1))
    }
    if next == ")" { throw error("something to look for is missing before this \")\"") }
    if next == "(" { return try parentheses(depth) }
    if let valueInGroup { return try groupedValue(valueInGroup) }
    return try condition(depth)
  }

  /// What stands in parentheses, of which the first is next.
  private mutating func parentheses(_ depth: Int) throws(TraceQueryError) -> TraceFilter {
    let start = offset
    offset += 1
    let filter = try alternatives(depth: depth + 1)
    guard next == ")" else { throw TraceQueryError(start, "there is no \")\" for this \"(\"") }
    offset += 1
    return filter
  }

  private mutating func countCondition() throws(TraceQueryError) {
    conditions += 1
    guard conditions <= limits.conditions else { throw error("a query has at most \(limits.conditions) conditions") }
  }

  private mutating func condition(_ depth: Int) throws(TraceQueryError) -> TraceFilter {
    try countCondition()
    let start = offset
    switch next {
    case "\"": return try words(try quoted().words, at: start)
    case "@":
      offset += 1
      let key = next == "\"" ? try quoted(endsWord: false).text : try bare(until: ":")
      guard next == ":" else { throw error("@ is followed by a tag's name, a colon and a value") }
      return try tag(key, at: start, depth)
    default:
      let text = try bare(until: ":")
      guard next == ":" else {
        if text == "*" { return .all }
        if let problem = BareText(text).problemAsWord {
          throw TraceQueryError(start + problem.offset, problem.message)
        }
        return try words(text, at: start)
      }
      // An address is no tag.
      if peek(1) == "/", peek(2) == "/" {
        let rest = try bare(until: nil)
        return try words(text + rest, at: start)
      }
      return try named(text, at: start, depth)
    }
  }

  /// A field or a tag by its name without quotes; the colon is next.
  private mutating func named(_ name: String, at start: Int, _ depth: Int) throws(TraceQueryError) -> TraceFilter {
    guard let field = QueryField(name: name) else {
      if let problem = BareText(name).problemAsWord {
        throw TraceQueryError(start + problem.offset, problem.message)
      }
      if name.unicodeScalars.contains("*") {
        throw TraceQueryError(start, "* stands in a tag's value, not in its name, unless that is in quotes: @\"a*\":x")
      }
      if let mistake = QueryField.mistake(name) { throw TraceQueryError(start, mistake) }
      return try tag(name, at: start, depth)
    }
    offset += 1
    let filter = try values(of: name, depth) { value throws(TraceQueryError) in try field.filter(value) }
    if case .text(.resource) = field { try refuseRestOfResource() }
    return filter
  }

  /// `resource:GET /cart` is what a shell makes of `resource:"GET /cart"`.
  private func refuseRestOfResource() throws(TraceQueryError) {
    let isBare = scalars[offset - 1] != "\"" && scalars[offset - 1] != ")"
    let isStar = peek(1) == "*" && peek(2).map(Self.isSpace) ?? true
    guard isBare, next == " ", peek(1) == "/" || isStar else { return }
    throw TraceQueryError(
      offset + 1, "a value with spaces in it stands in quotes, and these in quotes of the shell: 'resource:\"GET /\"'")
  }

  private func words(_ text: String, at start: Int) throws(TraceQueryError) -> TraceFilter {
    let words = SearchWords(text)
    guard !words.words.isEmpty else { throw TraceQueryError(start, "a word has a letter or a digit in it") }
    return .condition(.words(words))
  }

  private mutating func tag(_ key: String, at start: Int, _ depth: Int) throws(TraceQueryError) -> TraceFilter {
    guard !key.isEmpty else { throw TraceQueryError(start, "the name before the colon is missing") }
    offset += 1
    return try values(of: key, depth) { value throws(TraceQueryError) in .condition(try value.tagCondition(key)) }
  }

  /// One value, or several of the same field in parentheses: `service:(a OR b)`.
  private mutating func values(
    of name: String, _ depth: Int, _ read: @escaping ValueReading
  ) throws(TraceQueryError) -> TraceFilter {
    guard next == "(" else { return try read(value(after: name)) }
    valueInGroup = read
    defer { valueInGroup = nil }
    // The conditions in it are counted each.
    conditions -= 1
    return try parentheses(depth)
  }

  private mutating func groupedValue(_ read: ValueReading) throws(TraceQueryError) -> TraceFilter {
    try countCondition()
    let value = try value(after: "")
    guard value.isQuoted || !value.text.unicodeScalars.contains(":") else {
      throw value.error("a value with a colon in it stands in quotes here")
    }
    return try read(value)
  }
}

// MARK: - Words, quotes and values

extension TraceQueryParser {
  private mutating func value(after name: String) throws(TraceQueryError) -> QueryValue {
    let start = offset
    if next == "\"" { return QueryValue(try quoted(), position: start) }
    let text = try bare(until: nil)
    guard !text.isEmpty else {
      // A shell has made a file of what followed in `duration:>100ms`.
      let hint = TraceField(rawValue: name) == nil ? "; a shell takes < and > for itself unless they are in quotes" : ""
      throw TraceQueryError(start, "the value after \"\(name.prefix(40)):\" is missing" + hint)
    }
    return QueryValue(text, position: start)
  }

  /// Takes a text up to a space, a parenthesis or `end`.
  private mutating func bare(until end: Unicode.Scalar?) throws(TraceQueryError) -> String {
    var text = String.UnicodeScalarView()
    while let next, !Self.isSpace(next), next != ")", next != end {
      guard next != "(", next != "\"" else { throw error("a text with \(next) in it stands in quotes") }
      text.append(next)
      offset += 1
    }
    return String(text)
  }

  /// Takes a text in quotes.
  private mutating func quoted(endsWord: Bool = true) throws(TraceQueryError) -> QuotedText {
    let start = offset
    offset += 1
    var text = QuotedText()
    while let scalar = next, scalar != "\"" {
      if scalar == "\\", let escaped = peek(1), QuotedText.escaped.contains(escaped) {
        text.append(literal: escaped)
        offset += 2
      } else {
        text.append(scalar)
        offset += 1
      }
    }
    guard next == "\"" else { throw TraceQueryError(start, "this quote is not closed") }
    offset += 1
    if endsWord, let next, !Self.isSpace(next), next != ")" { throw error("a space belongs behind the quote") }
    return text
  }

  private var next: Unicode.Scalar? { peek(0) }

  private func peek(_ distance: Int) -> Unicode.Scalar? {
    offset + distance < scalars.count ? scalars[offset + distance] : nil
  }

  private mutating func skipSpace() { while let next, Self.isSpace(next) { offset += 1 } }

  private func isNext(keyword: String) -> Bool {
    let letters = keyword.unicodeScalars
    guard scalars[offset...].starts(with: letters) else { return false }
    return peek(letters.count).map { Self.isSpace($0) || $0 == "(" || $0 == ")" } ?? true
  }

  private mutating func take(keyword: String) -> Bool {
    skipSpace()
    guard isNext(keyword: keyword) else { return false }
    offset += keyword.unicodeScalars.count
    return true
  }

  private func error(_ message: String) -> TraceQueryError { TraceQueryError(offset, message) }

  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
  }
}

/// Reads the language in which traces are searched, by recursive descent; docs/queries.md describes it.
struct TraceQueryParser {
  /// Unicode scalars of a query at most: more than anybody types, and small beside what a control question may hold.
  static let lengthMax = 8192
  /// Parentheses and negations within each other at most, so that no text can exhaust the stack.
  static let depthMax = 40
  /// Conditions at most: each is looked for in every trace.
  static let conditionsMax = 100

  let scalars: [Unicode.Scalar]
  var offset = 0
  private var conditions = 0

  init(_ text: String) { scalars = Array(text.unicodeScalars.prefix(Self.lengthMax + 1)) }

  /// The filter that the whole text stands for; an empty one stands for every trace.
  mutating func filter() throws(TraceQueryError) -> TraceFilter {
    guard scalars.count <= Self.lengthMax else {
      throw TraceQueryError(Self.lengthMax, "a query has at most \(Self.lengthMax) characters")
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
      _ = take(keyword: "AND")
      filters.append(try negation(depth))
    }
  }

  private mutating func negation(_ depth: Int) throws(TraceQueryError) -> TraceFilter {
    skipSpace()
    guard let next else { throw error("something to look for is missing here") }
    guard depth < Self.depthMax else { throw error("at most \(Self.depthMax) parentheses and negations") }
    for keyword in ["AND", "OR"] where isNext(keyword: keyword) {
      throw error("\(keyword) needs something to look for on both sides")
    }
    if take(keyword: "NOT") { return .not(try negation(depth + 1)) }
    if next == "-" {
      offset += 1
      guard let negated = self.next, !Self.isSpace(negated) else { throw error("what is not wanted is missing here") }
      return .not(try negation(depth + 1))
    }
    if next == ")" { throw error("something to look for is missing before this \")\"") }
    guard next == "(" else { return try condition() }
    let start = offset
    offset += 1
    let filter = try alternatives(depth: depth + 1)
    guard self.next == ")" else { throw TraceQueryError(start, "there is no \")\" for this \"(\"") }
    offset += 1
    return filter
  }

  private mutating func condition() throws(TraceQueryError) -> TraceFilter {
    conditions += 1
    guard conditions <= Self.conditionsMax else { throw error("a query has at most \(Self.conditionsMax) conditions") }
    let start = offset
    switch next {
    case "\"": return try words(try quoted(), at: start)
    case "@":
      offset += 1
      let key = next == "\"" ? try quoted(endsWord: false) : try bare(until: ":")
      guard next == ":" else { throw error("@ is followed by a tag's name, a colon and a value") }
      return try tag(key, at: start)
    default:
      let text = try bare(until: ":")
      guard next == ":" else { return text == "*" ? .all : try words(text, at: start) }
      // An address is no tag.
      if peek(1) == "/", peek(2) == "/" {
        let rest = try bare(until: nil)
        return try words(text + rest, at: start)
      }
      guard let field = QueryField(name: text) else { return try tag(text, at: start) }
      offset += 1
      return try field.filter(value(after: text))
    }
  }

  private func words(_ text: String, at start: Int) throws(TraceQueryError) -> TraceFilter {
    let words = SearchWords(text)
    guard !words.words.isEmpty else { throw TraceQueryError(start, "a word has a letter or a digit in it") }
    return .condition(.words(words))
  }

  private mutating func tag(_ key: String, at start: Int) throws(TraceQueryError) -> TraceFilter {
    guard !key.isEmpty else { throw TraceQueryError(start, "the name before the colon is missing") }
    offset += 1
    return .condition(try value(after: key).tagCondition(key))
  }
}

// MARK: - Words, quotes and values

extension TraceQueryParser {
  private mutating func value(after name: String) throws(TraceQueryError) -> QueryValue {
    let start = offset
    if next == "\"" { return QueryValue(text: try quoted(), isQuoted: true, position: start) }
    let text = try bare(until: nil)
    guard !text.isEmpty else {
      throw TraceQueryError(start, "the value after \"\(name.prefix(40)):\" is missing")
    }
    return QueryValue(text: text, isQuoted: false, position: start)
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

  /// Takes a text in quotes, in which `\"` and `\\` stand for a quote and a backslash.
  private mutating func quoted(endsWord: Bool = true) throws(TraceQueryError) -> String {
    let start = offset
    offset += 1
    var text = String.UnicodeScalarView()
    while let scalar = next, scalar != "\"" {
      if scalar == "\\", let escaped = peek(1), escaped == "\"" || escaped == "\\" {
        text.append(escaped)
        offset += 2
      } else {
        text.append(scalar)
        offset += 1
      }
    }
    guard next == "\"" else { throw TraceQueryError(start, "this quote is not closed") }
    offset += 1
    if endsWord, let next, !Self.isSpace(next), next != ")" { throw error("a space belongs behind the quote") }
    return String(text)
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

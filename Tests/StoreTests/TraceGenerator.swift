import TestFixtures
import Traces

/// Random traces whose texts come from few words, so that searches find some.
struct TraceGenerator {
  var random: SeededGenerator
  var startNs: Int64 = 1_750_000_000_000_000_000

  static let services = ["shop", "shop-db", "Payment Gateway", "δοκιμή"]
  static let words = [
    "GET", "/cart", "/items/42", "checkout", "SELECT", "name", "FROM", "orders", "Straße", "timeout", "a",
  ]
  static let keys = [
    "http.method", "http.url", "user.id", "error.message", "_dd.p.dm", "_dd.span_links", "runtime-id", "env", "code",
  ]

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// Chunks of a trace: most have one, some several, with and without the upper half of the id.
  mutating func trace() -> [TestChunk] {
    startNs += Int64.random(in: 1_000...2_000_000_000, using: &random)
    let low = UInt64.random(in: 1...UInt64.max, using: &random)
    let high = Bool.random(using: &random) ? 0 : UInt64(startNs / 1_000_000_000) << 32
    let count = Int.random(in: 1...3, using: &random) == 1 ? Int.random(in: 2...3, using: &random) : 1
    var rootID: UInt64 = 0
    return (0..<count).map { chunk in
      let spans = spans(Int.random(in: 1...5, using: &random), rootID: rootID, after: Int64(chunk) * 5_000_000_000)
      if chunk == 0 { rootID = spans[0].spanID }
      return TestChunk(
        id: TraceID(high: chunk == 1 ? 0 : high, low: low), spans: spans,
        priority: Int32.random(in: -1...2, using: &random),
        verdict: Int32.random(in: 0...5, using: &random))
    }
  }

  private mutating func spans(_ count: Int, rootID: UInt64, after: Int64) -> [TraceSpan] {
    var spans: [TraceSpan] = []
    for index in 0..<count {
      var span = TraceSpan(
        spanID: .random(in: 1...UInt64.max, using: &random),
        parentID: index == 0 ? rootID : spans[.random(in: 0..<index, using: &random)].spanID,
        service: pick(Self.services), operation: pick(["flask.request", "postgres.query", "redis"]),
        resource: text(), type: pick(["web", "sql", ""]),
        startNs: startNs + after + Int64(index) * 1_000, durationNs: .random(in: 0...3_000_000_000, using: &random),
        isError: Int.random(in: 0..<8, using: &random) == 0)
      for key in Self.keys where Bool.random(using: &random) {
        span.meta.append((key, value(ofTag: key)))
      }
      if Bool.random(using: &random) { span.metrics.append(("code", Double(Int.random(in: 0...3, using: &random)))) }
      if Bool.random(using: &random) { span.metrics.append(("rate", 0.5)) }
      if Int.random(in: 0..<3, using: &random) == 0 {
        span.events.append(TraceSpanEvent(timeNs: startNs, name: text(), attributes: attributes()))
      }
      if Int.random(in: 0..<4, using: &random) == 0 {
        span.links.append(
          TraceSpanLink(
            traceID: TraceID(high: 0, low: 1), spanID: 2, attributes: [TraceAttribute(pick(Self.keys), .text(text()))]))
      }
      spans.append(span)
    }
    return spans
  }

  private mutating func value(ofTag key: String) -> String {
    switch key {
    case "env": pick(["prod", "stage"])
    case "_dd.span_links" where Bool.random(using: &random):
      #"[{"trace_id":"5","span_id":"6","attributes":{"\#(pick(Self.keys))":"\#(text())","timeout":1}}]"#
    default: text()
    }
  }

  private mutating func attributes() -> [TraceAttribute] {
    [
      TraceAttribute(pick(Self.keys), .text(text())), TraceAttribute("n", .int(42)),
      TraceAttribute("list", .array([.text(text()), .bool(true), .array([.text(text())])])),
    ]
  }

  /// A few words, in letters of any case.
  mutating func text() -> String {
    let words = (0..<Int.random(in: 0...4, using: &random)).map { _ in pick(Self.words) }
    let text = words.joined(separator: pick([" ", "-", ",", "/"]))
    return Int.random(in: 0..<4, using: &random) == 0 ? text.uppercased() : text
  }

  /// A filter of some depth over what the traces have.
  mutating func filter(depth: Int = 2) -> TraceFilter {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
    case 5: .and((0..<Int.random(in: 0...3, using: &random)).map { _ in filter(depth: depth - 1) })
    case 6: .or((0..<Int.random(in: 0...3, using: &random)).map { _ in filter(depth: depth - 1) })
    case 7: .not(filter(depth: depth - 1))
    default: .condition(condition())
    }
  }

  private mutating func condition() -> TraceCondition {
    switch Int.random(in: 0..<9, using: &random) {
    case 0, 1: .words(SearchWords(pick(Self.words) + pick([" ", "-"]) + pick(Self.words + ["", "", "ca*", "ord*"])))
    case 2: .words(SearchWords(pick(Self.words + ["chec*", "4*", "nothing"])))
    case 3: .field(pick(TraceField.allCases), TextPattern(pattern()))
    case 4: .tag(key: pick(Self.keys + ["rate"]), TextPattern(pick([pattern(), "*", "0.5", "2", "prod"])))
    case 5: .tagNumber(key: pick(["code", "rate", "user.id"]), pick(Comparison.allCases), 1)
    case 6 where Bool.random(using: &random): .tagRange(key: pick(["code", "rate"]), 0.5...2)
    case 6: .number(.duration, pick(Comparison.allCases), .random(in: 0...4_000_000_000, using: &random))
    case 7: .number(pick([.spans, .errors]), pick(Comparison.allCases), .random(in: 0...6, using: &random))
    default: pick([.hasError(true), .hasError(false), .isKept(true), .isKept(false)])
    }
  }

  /// A service, or a text of which parts may be anything.
  private mutating func pattern() -> String {
    var text = pick(Self.services + [text(), "*art", "post*query", "*", "s*p", "none", ""])
    if Bool.random(using: &random), !text.isEmpty {
      let place = text.index(text.startIndex, offsetBy: .random(in: 0..<text.count, using: &random))
      text.replaceSubrange(place...place, with: "*")
    }
    return text
  }

  private mutating func pick<Item>(_ items: [Item]) -> Item { items[.random(in: 0..<items.count, using: &random)] }
}

import Testing
import Traces

@Suite struct TraceFilterTests {
  static let span = {
    var span = TraceSpan(
      spanID: 1, service: "shop", operation: "flask.request", resource: "GET /cart/<id>", type: "web", startNs: 5,
      durationNs: 7)
    span.meta = [
      ("env", "prod"), ("error.message", "No route to Host"), ("_dd.p.tid", "68e0aa"), ("http.status_code", "503"),
    ]
    span.metrics = [("retries", 3), ("ratio", 0.5)]
    return span
  }()
  static let trace = Trace(id: TraceID(high: 0xAB, low: 0xCD), spans: [span], isKept: true, keptBy: "priority")

  @Test(
    "A condition holds for a trace that has a span for which it holds",
    arguments: [
      (.words(SearchWords("cart")), true), (.words(SearchWords("CART id")), true),
      (.words(SearchWords("id cart")), false),
      (.words(SearchWords("car*")), true), (.words(SearchWords("car")), false),
      (.words(SearchWords("route to host")), true),
      (.words(SearchWords("68e0aa")), false), (.field(.service, TextPattern("Shop")), true),
      (.field(.service, TextPattern("sho")), false), (.field(.resource, TextPattern("get *")), true),
      (.field(.resource, TextPattern("*cart*")), true), (.field(.env, TextPattern("prod")), true),
      (.tag(key: "http.status_code", TextPattern("5*3")), true), (.tag(key: "retries", TextPattern("3")), true),
      (.tagNumber(key: "http.status_code", .atLeast, 500), true), (.tagNumber(key: "ratio", .less, 0.5), false),
      (.number(.duration, .equal, 7), true), (.number(.spans, .greater, 1), false), (.hasError(true), false),
      (.isKept(true), true), (.traceID(prefix: "00000000000000ab"), true), (.traceID(prefix: "00000000000000cd"), true),
    ] as [(TraceCondition, Bool)])
  func conditions(_ condition: TraceCondition, holds: Bool) {
    #expect(TraceFilter.condition(condition).matches(Self.trace) == holds)
    #expect(TraceFilter.not(.condition(condition)).matches(Self.trace) == !holds)
  }

  @Test("Ids of 64 and of 128 bits meet where the lower halves are equal")
  func traceIDs() {
    let whole = TraceID(high: 1, low: 2)
    #expect(whole.isSameTrace(as: TraceID(high: 0, low: 2)))
    #expect(!whole.isSameTrace(as: TraceID(high: 3, low: 2)))
    #expect(whole.hex == "00000000000000010000000000000002")
    #expect(TraceID(high: 0, low: 255).hex == "00000000000000ff")
  }
}

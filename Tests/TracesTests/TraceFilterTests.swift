import Testing
import Traces

@Suite struct TraceFilterTests {
  static let span = {
    var span = TraceSpan(
      spanID: 1, service: "shop", operation: "flask.request", resource: "GET /cart/<id>", type: "web", startNs: 5,
      durationNs: 7)
    span.meta = [
      ("env", "prod"), ("error.message", "No route to Host"), ("_dd.p.tid", "68e0aa"), ("http.status_code", "503"),
      ("query", "A * B"),
      (
        "_dd.span_links", #"[{"trace_id":"68","span_id":"7","attributes":{"kind":"batch of coats","runtime-id":"ab"}}]"#
      ),
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
      // Of links that came as a tag, the texts of their attributes, as of those that came natively.
      (.words(SearchWords("of coats")), true), (.words(SearchWords("attributes")), false),
      (.words(SearchWords("kind")), false), (.words(SearchWords("68")), false), (.words(SearchWords("ab")), false),
      (.tag(key: "_dd.span_links", TextPattern("*coats*")), true),
      (.words(SearchWords("68e0aa")), false), (.field(.service, TextPattern("Shop")), true),
      (.field(.service, TextPattern("sho")), false), (.field(.resource, TextPattern("get *")), true),
      (.field(.resource, TextPattern("*cart*")), true), (.field(.env, TextPattern("prod")), true),
      (.field(.resource, TextPattern(exactly: "Get /cart/<ID>")), true),
      (.field(.resource, TextPattern(exactly: "get /*")), false),
      (.tag(key: "query", TextPattern(exactly: "a * b")), true),
      (.tag(key: "query", TextPattern(exactly: "a*b")), false),
      (.tag(key: "http.status_code", TextPattern("5*3")), true), (.tag(key: "retries", TextPattern("3")), true),
      (.tagNumber(key: "http.status_code", .atLeast, 500), true), (.tagNumber(key: "ratio", .less, 0.5), false),
      (.number(.duration, .equal, 7), true), (.number(.spans, .greater, 1), false), (.hasError(true), false),
      (.isKept(true), true), (.traceID(prefix: "00000000000000ab"), true), (.traceID(prefix: "00000000000000cd"), true),
    ] as [(TraceCondition, Bool)])
  func conditions(_ condition: TraceCondition, holds: Bool) {
    #expect(TraceFilter.condition(condition).matches(Self.trace) == holds)
    #expect(TraceFilter.not(.condition(condition)).matches(Self.trace) == !holds)
  }

  @Test(
    "A trace without an environment is found by the name that tables show for it, and by no environment",
    arguments: [
      ("env:none", true, false), ("env:NO*", true, false), ("env:\"\"", true, false), ("env:*", false, true),
      ("env:prod", false, true), ("-env:none", false, true), ("env:staging", false, false),
    ])
  func noEnv(_ query: String, withoutEnv: Bool, withEnv: Bool) throws {
    var span = Self.span
    span.meta.removeAll { $0.key == "env" }
    let without = Trace(id: TraceID(high: 0, low: 1), spans: [span], isKept: true, keptBy: "")
    let filter = try TraceFilter(parsing: query)
    #expect(filter.matches(without) == withoutEnv)
    #expect(filter.matches(Self.trace) == withEnv)
    // One span's environment is its trace's.
    let both = Trace(id: TraceID(high: 0, low: 1), spans: [span, Self.span], isKept: true, keptBy: "")
    #expect(filter.matches(both) == withEnv)
    // Where the agent counts it under another name, that one finds it too.
    let counted = filter.findingTracesWithoutEnv(as: "staging")
    #expect(counted.matches(without) == (withoutEnv || query == "env:staging"))
    #expect(counted.matches(Self.trace) == withEnv)
  }

  @Test(
    "A tag of the machine is found on every trace, beside those that the trace has",
    arguments: [
      ("team:core", true), ("team:c*", true), ("team:*", true), ("team:other", false), ("-team:core", false),
      ("-team:other", true), ("rack:>6", true), ("rack:7..9", true), ("rack:<7", false), ("region:eu", false),
      ("team:core service:nobody", false), ("team:other OR rack:7", true), ("core", false),
    ])
  func machineTags(_ query: String, isFound: Bool) throws {
    let tags = [(key: "team", value: "core"), (key: "rack", value: "7"), (key: "alone", value: "")]
    let filter = try TraceFilter(parsing: query)
    #expect(filter.findingTags(ofMachine: tags).matches(Self.trace) == isFound)
    #expect(filter.findingTags(ofMachine: []) == filter)
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

import TestSpans
import Testing
import TraceModel

@testable import Sampling

@Suite struct `Spans that are sent on alone` {
  private static let chosen = TestSpan(2, parent: 1).with { $0.name = "query" }.metric("_dd.span_sampling.mechanism", 8)
  private static let event = TestSpan(3, parent: 1).with { $0.name = "event" }.metric("_dd1.sr.eausr", 1)
  private static let plain = TestSpan(4, parent: 1)

  private static func alone(_ sampled: Sampled) -> [UInt64] {
    sampled.batch.spans.filter { $0.flags.contains(.sentAlone) }.map(\.spanID)
  }

  @Test(arguments: [0, -1, -128] as [Double])
  func `are those that a rule of their tracer chose, whatever dropped their trace`(priority: Double) throws {
    let samplers = Samplers { $0.targetTPS = 0 }
    let root = TestSpan.root(priority: priority == -128 ? nil : priority)
    let sampled = try samplers.take([[root, Self.chosen, Self.plain]])
    #expect(sampled.kept == [true] && Self.alone(sampled) == [2])
    #expect(sampled.batch.chunks[0].sentPart == .singleSpans && sampled.batch.chunks[0].sentSpanCount == 1)
    #expect(sampled.verdicts == ["single_spans": 1])
    // Spans in are spans kept and dropped.
    #expect(SamplingVerdict.allCases.reduce(0) { $0 + sampled.result.counts.spans[$1.rawValue] } == 3)
    #expect(sampled.result.counts.spans[SamplingVerdict.keptForSingleSpans.rawValue] == 1)
  }

  @Test func `are nothing beside a trace that is kept whole`() throws {
    let sampled = try Samplers().take([[.root(priority: 1), Self.chosen]])
    #expect(sampled.verdicts == ["priority": 1] && Self.alone(sampled).isEmpty)
    #expect(sampled.batch.chunks[0].sentPart == .whole && sampled.batch.chunks[0].sentSpanCount == 2)
  }

  @Test func `are no single spans where only errors are wanted`() throws {
    let samplers = Samplers { $0.keepsErrorsOnly = true }
    #expect(try samplers.take([[.root(priority: 1), Self.chosen]]).verdicts == ["sampling_error_tracking": 1])
    let failed = try samplers.take([[.root(2, priority: -1, error: 1), Self.plain.with { $0.traceID = 2 }]])
    #expect(failed.verdicts == ["errors": 1] && failed.batch.chunks[0].sentPart == .whole)
    let thrown = try samplers.take([[.root(3).meta("_dd.span_events.has_exception", "true")]])
    #expect(thrown.verdicts == ["errors": 1])
    #expect(thrown.batch.chunks[0].attributes == ["_dd.error_tracking_standalone.error": "true"])
    #expect(try samplers.take([[.root(4).meta("_dd.span_events.has_exception", "false")]]).kept == [false])
  }

  @Test func `are analytics events where no single span is`() throws {
    let samplers = Samplers()
    let events = try samplers.take([[.root(priority: 0), Self.event, Self.plain]])
    #expect(events.verdicts == ["events": 1] && Self.alone(events) == [3])
    #expect(events.batch.chunks[0].sentPart == .events)
    #expect(events.batch.spans[1].metrics["_dd.analyzed"] == 1)
    let both = try samplers.take([[.root(priority: 0), Self.event, Self.chosen]])
    #expect(both.verdicts == ["single_spans": 1] && Self.alone(both) == [2])
    // A kept trace says of its events that they are some.
    let kept = try samplers.take([[.root(priority: 1), Self.event]])
    #expect(kept.verdicts == ["priority": 1] && kept.batch.spans[1].metrics["_dd.analyzed"] == 1)
    // What a person dropped has none.
    #expect(try samplers.take([[.root(priority: -1), Self.event]]).verdicts == ["sampling_user_drop": 1])
  }

  /// What the configuration says, the span, and whether it is an event.
  static let rules: [(spans: [SpanRate], services: [SpanRate], name: String, isEvent: Bool)] = [
    ([SpanRate(service: "WEB", operation: "http.Request", rate: 1)], [], "http.request", true),
    ([SpanRate(service: "web", operation: "http.request", rate: 1)], [], "other", false),
    ([SpanRate(service: "other", operation: "http.request", rate: 1)], [], "http.request", false),
    ([SpanRate(service: "web", operation: "http.request", rate: 0)], [], "http.request", false),
    ([], [SpanRate(service: "web", rate: 1)], "any", true),
    // The older form has no effect beside the newer one.
    ([SpanRate(service: "x", operation: "y", rate: 1)], [SpanRate(service: "web", rate: 1)], "any", false),
  ]

  @Test(arguments: rules.indices) func `are events by the configuration's rates`(index: Int) throws {
    let rule = Self.rules[index]
    let samplers = Samplers {
      $0.events.spanRates = rule.spans
      $0.events.serviceRates = rule.services
    }
    let root = TestSpan.root(priority: 0).with { $0.name = rule.name }
    #expect(try samplers.take([[root]]).kept == [rule.isEvent])
  }

  @Test func `are no more events a second than may be, but for what a person keeps`() throws {
    func traces(_ priority: Double) -> [[TestSpan]] {
      (1...1_000 as ClosedRange<UInt64>).map { id in
        [TestSpan.root(id &* 0x9E37_79B9_7F4A_7C15, priority: priority).metric("_dd1.sr.eausr", 1)]
      }
    }
    let samplers = Samplers { $0.events.eventsPerSecond = 100 }
    _ = try samplers.take(traces(0))
    let second = try samplers.take(traces(0), at: t0 + 1)
    let kept = second.kept.count { $0 }
    #expect((50...150).contains(kept))
    let limited = second.batch.spans.first { $0.metrics["_dd.analyzed"] == 1 }
    #expect(limited?.metrics["_dd1.sr.eamax"].map { $0 < 0.2 } == true)
    let byPerson = try samplers.take(traces(2), at: t0 + 1)
    #expect(byPerson.batch.spans.allSatisfy { $0.metrics["_dd.analyzed"] == 1 })
  }
}

@Suite struct `Targets that change while the agent runs` {
  @Test func `change the rates in proportion at once`() {
    var engine = RateEngine(targetTPS: 10)
    _ = engine.count(1, weight: 500, nowSeconds: t0)
    _ = engine.count(1, weight: 1, nowSeconds: t0 + 5)
    #expect(abs(engine.rate(1) - 0.1) < 0.001)
    engine.setTarget(20)
    #expect(abs(engine.rate(1) - 0.2) < 0.002)
    engine.setTarget(1_000)
    #expect(engine.rate(1) == 1)
    engine.setTarget(0)
    #expect(engine.rate(1) == 0)
    // From nothing there is no proportion: the default holds until the rates are set anew.
    engine.setTarget(10)
    #expect(engine.rates.isEmpty && abs(engine.rate(1) - 0.1) < 0.001)
  }

  @Test func `reach tracers at once, for every service that is known`() throws {
    let samplers = Samplers()
    let root = TestSpan.root(priority: 1).with { $0.service = "web" }
    _ = try samplers.take((1...500).map { _ in [root] }, at: t0)
    _ = try samplers.take([[root]], at: t0 + 5)
    let key = "service:web,env:none"
    let before = samplers.publishedRates
    #expect(abs((before.rates[key] ?? 0) - 0.1) < 0.001)
    samplers.setTargets(targetTPS: 5, errorTPS: 10, nowSeconds: t0 + 6)
    #expect(abs((samplers.publishedRates.rates[key] ?? 0) - 0.05) < 0.001)
    #expect(samplers.publishedRates.version != before.version)
    samplers.setTargets(targetTPS: 0, errorTPS: 10, nowSeconds: t0 + 7)
    #expect(Set(samplers.publishedRates.rates.values) == [0])
    samplers.setTargets(targetTPS: 1_000, errorTPS: 10, nowSeconds: t0 + 8)
    #expect(samplers.publishedRates.rates == ["service:,env:": 1])
    let last = samplers.publishedRates
    samplers.setTargets(targetTPS: 1_000, errorTPS: 10, nowSeconds: t0 + 9)
    #expect(samplers.publishedRates == last)
  }

  @Test func `hold for all samplers that have one`() throws {
    let samplers = Samplers()
    samplers.setTargets(targetTPS: 0, errorTPS: 0, nowSeconds: t0)
    #expect(try samplers.take([[.root()], [.root(2, error: 1)]]).kept == [false, false])
    samplers.setTargets(targetTPS: 10, errorTPS: 10, nowSeconds: t0 + 5)
    #expect(try samplers.take([[.root(priority: 0, error: 1)]], at: t0 + 5).kept == [true])
  }
}

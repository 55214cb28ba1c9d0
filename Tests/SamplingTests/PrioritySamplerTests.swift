import TestSpans
import Testing
import TraceModel

@testable import Sampling

@Suite struct PrioritySamplerTests {
  /// The rate that a service has after one full bucket with these payloads: it says how many traces were counted.
  private static func counted(_ feed: (Samplers) throws -> Void) throws -> Double {
    let samplers = Samplers { $0.targetTPS = 0.2 }
    try feed(samplers)
    _ = try samplers.take([[.root(99, priority: 1, service: "other")]], at: t0 + 5)
    guard let rate = samplers.publishedRates.rates["service:web,env:none"] else { return 0 }
    // Alone in its bucket: rate = 0.2 a second * 5 s / traces.
    return (1 / rate).rounded()
  }

  @Test(
    arguments: [(-2, 0), (-1, 0), (0, 10), (1, 10), (2, 0), (3, 0)] as [(Int32, Double)])
  func `only automatic priorities count toward the rates`(priority: Int32, traces: Double) throws {
    let counted = try Self.counted { samplers in
      for id in 1...10 as ClosedRange<UInt64> {
        let sampled = try samplers.take([[.root(id)]], priority: priority)
        #expect(sampled.kept == [priority > 0])
      }
    }
    #expect(counted == traces)
  }

  @Test(
    arguments: [(0.5, nil, 20), (0.5, 0.1, 200), (1, nil, 10), (0, nil, 10), (2, -1, 10)] as [(Double, Double?, Double)]
  )
  func `a trace counts as many times as its client's rates say`(rate: Double, pre: Double?, traces: Double) throws {
    let counted = try Self.counted { samplers in
      for id in 1...10 as ClosedRange<UInt64> {
        var root = TestSpan.root(id, priority: 1).metric("_sample_rate", rate)
        if let pre { root = root.metric("_dd1.sr.rapre", pre) }
        _ = try samplers.take([[root]])
      }
    }
    #expect(counted == traces)
  }

  @Test func `what the client dropped counts, shared evenly among its chunks`() throws {
    let both = [[TestSpan.root(1, priority: 1)], [TestSpan.root(2, priority: 1)]]
    #expect(try Self.counted { _ = try $0.take(both, dropped: 10) } == 12)
    // Of two chunks of two services each counts one and half of the ten.
    let split = [[TestSpan.root(1, priority: 1, service: "db")], [TestSpan.root(2, priority: 1)]]
    let counted = try Self.counted { _ = try $0.take(split, dropped: 10) }
    #expect(counted == 12, "1 + 5 of web, at half of the target")
  }

  @Test func `a refused chunk takes no part of what the client dropped`() throws {
    let payload = [[TestSpan(0)], [TestSpan.root(1, priority: 1)], [TestSpan.root(2, priority: 1)]]
    #expect(try Self.counted { _ = try $0.take(payload, dropped: 10) } == 12)
  }

  @Test func `a chunk that was dropped no longer shares with those behind it`() throws {
    // 1 + 6/3, then 1 + 6/2, then 1 + 6/1: as the chunks are dropped one by one.
    let payload = (1...3 as ClosedRange<UInt64>).map { [TestSpan.root($0, priority: 0)] }
    #expect(try Self.counted { _ = try $0.take(payload, dropped: 6) } == 14)
    let kept = (1...3 as ClosedRange<UInt64>).map { [TestSpan.root($0, priority: 1)] }
    #expect(try Self.counted { _ = try $0.take(kept, dropped: 6) } == 9)
  }

  @Test func `the rates name each service, the agent's env twice, and all others`() throws {
    let samplers = Samplers { $0.agentEnv = "prod" }
    #expect(samplers.publishedRates.rates.isEmpty && samplers.publishedRates.version == "")
    let web = TestSpan.root(1, priority: 1).meta("env", "prod")
    let db = TestSpan.root(2, priority: 1, service: "db").meta("env", "dev")
    let none = TestSpan.root(3, priority: 1, service: "cron")
    for step in 0..<2 as Range<Int64> {
      for trace in [web, db, none] { _ = try samplers.take([[trace]], at: t0 + 5 * step) }
    }
    #expect(
      samplers.publishedRates.rates == [
        "service:,env:": 1, "service:web,env:prod": 1, "service:web,env:": 1, "service:db,env:dev": 1,
        "service:cron,env:prod": 1, "service:cron,env:": 1,
      ])
  }

  @Test func `the version changes only with the rates`() throws {
    let samplers = Samplers()
    var versions: [String] = []
    for step in 0..<6 as Range<Int64> {
      _ = try samplers.take([[.root(1, priority: 1)]], at: t0 + 5 * step)
      versions.append(samplers.publishedRates.version)
    }
    // First only the rate of all others, then the service's as well, and then nothing new.
    #expect(versions[0] == String(t0, radix: 16) + "-1")
    #expect(versions[1] == String(t0 + 5, radix: 16) + "-2")
    #expect(Set(versions[1...]).count == 1)
    let changes = samplers.publishedRates.changes
    #expect(try samplers.take([[.root(2, priority: 1, service: "new")]], at: t0 + 27).result.ratesChanges == changes)
    _ = try samplers.take([[.root(3, priority: 1)]], at: t0 + 30)
    #expect(samplers.publishedRates.version != versions[5])
  }

  @Test func `rates stay within 0 and 1`() throws {
    let samplers = Samplers { $0.extraRate = 7 }
    for step in 0..<2 as Range<Int64> { _ = try samplers.take([[.root(1, priority: 1)]], at: t0 + 5 * step) }
    #expect(samplers.publishedRates.rates.values.allSatisfy { (0...1).contains($0) })
  }

  @Test(
    arguments: [
      (nil, 1, 0, 1), ("_dd.agent_psr", 1, 0, nil), ("_dd.rule_psr", 1, 0, nil), (nil, 1, 7, nil), (nil, 0, 0, nil),
      (nil, 2, 0, nil),
    ] as [(String?, Double, UInt64, Double?)])
  func `a kept root is told its rate where the tracer did not say one`(
    known: String?, priority: Double, parent: UInt64, expected: Double?
  ) throws {
    var root = TestSpan.root(1, priority: priority).with { $0.parentID = parent }
    if let known { root = root.metric(known, 0.3) }
    let span = try Samplers().take([[root]]).batch.spans[0]
    #expect(span.metrics["_sampling_priority_rate_v1"] == expected)
  }

  @Test func `a rate that the tracer said stays`() throws {
    let root = TestSpan.root(1, priority: 1).metric("_sampling_priority_rate_v1", 0.3)
    #expect(try Samplers().take([[root]]).batch.spans[0].metrics["_sampling_priority_rate_v1"] == 0.3)
  }

  private static func register(_ catalog: inout ServiceCatalog, _ service: String) {
    Array(service.utf8).withUnsafeBytes { service in
      _ = catalog.register(service: service, env: UnsafeRawBufferPointer(start: nil, count: 0))
    }
  }

  @Test func `the service that was silent longest makes room`() {
    var catalog = ServiceCatalog(entriesMax: 3)
    for service in ["a", "b", "c", "a", "d", "b"] { Self.register(&catalog, service) }
    #expect(Set(catalog.entries.map(\.service)) == ["a", "d", "b"])
    #expect(catalog.evictions == 2)
  }

  @Test func `services without a rate leave the catalog`() throws {
    let samplers = Samplers()
    _ = try samplers.take([[.root(1, priority: 1, service: "gone")]])
    for step in 1...8 as ClosedRange<Int64> { _ = try samplers.take([[.root(1, priority: 1)]], at: t0 + 5 * step) }
    #expect(Set(samplers.publishedRates.rates.keys) == ["service:,env:", "service:web,env:none", "service:web,env:"])
  }
}

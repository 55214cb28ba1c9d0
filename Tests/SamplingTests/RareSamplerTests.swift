import TestSpans
import Testing
import TraceModel

@testable import Sampling

@Suite struct `The rare sampler` {
  private static func samplers(_ change: @escaping (inout RareSamplerConfiguration) -> Void = { _ in }) -> Samplers {
    Samplers {
      var rare = RareSamplerConfiguration()
      change(&rare)
      $0.rare = rare
      $0.errorTPS = 0
    }
  }

  private static func dropped(_ id: UInt64, resource: String = "GET /") -> TestSpan {
    TestSpan.root(id, priority: 0).with { $0.resource = resource }
  }

  @Test func `keeps the first trace of a kind, and the next when the cooldown is over`() throws {
    let samplers = Self.samplers()
    let seconds: [Int64] = [0, 1, 300, 301, 302, 602]
    let verdicts = try seconds.map { try samplers.take([[Self.dropped(1)]], at: t0 + $0).verdicts }
    let rare = ["rare": 1 as UInt64], dropped = ["sampling_auto_drop": 1 as UInt64]
    #expect(verdicts == [rare, dropped, dropped, rare, dropped, rare])
  }

  @Test func `works with a cooldown of a few seconds, which what priority keeps begins anew`() throws {
    let samplers = Self.samplers { $0.cooldownSeconds = 10 }
    func kept(at second: Int64) throws -> Bool { try samplers.take([[Self.dropped(1)]], at: t0 + second).kept[0] }
    let seconds: [Int64] = [0, 10, 11, 12, 21, 22]
    #expect(try seconds.map(kept) == [true, false, true, false, false, true])
    _ = try samplers.take([[TestSpan.root(1, priority: 1)]], at: t0 + 30)
    #expect(try kept(at: 40) == false)
    #expect(try kept(at: 41))
  }

  @Test func `finds a kind rare that was seen before the clock was set back`() throws {
    let samplers = Self.samplers()
    func kept(at second: Int64) throws -> Bool { try samplers.take([[Self.dropped(1)]], at: t0 + second).kept[0] }
    // An hour back; a little, as clocks are set right, changes nothing.
    #expect(try [3_600, 3_599, 0, 1, 301].map(kept) == [true, true, true, false, true])
  }

  @Test func `counts what it kept, what was beyond its rate, and the services with too many kinds`() throws {
    let samplers = Self.samplers { $0.kindsMax = 60 }
    _ = try samplers.take((1...62).map { [Self.dropped($0, resource: "GET /\($0)")] })
    #expect(samplers.rareCounts.map { [$0.hits, $0.misses, $0.shrinks] } == [50, 12, 0])
    for id in 63...73 as ClosedRange<UInt64> {
      _ = try samplers.take([[Self.dropped(id, resource: "GET /\(id)")]], at: t0 + Int64(id))
    }
    #expect(samplers.rareCounts?.hits == 61 && samplers.rareCounts?.shrinks == 1)
    #expect(Samplers().rareCounts == nil)
  }

  @Test func `marks the span that was rare, of those that enter a service or are measured`() throws {
    let samplers = Self.samplers()
    let child = TestSpan(2, parent: 1).with { $0.name = "step" }
    let query = TestSpan(3, parent: 1).with { $0.name = "query" }.metric("_dd.measured", 1)
    #expect(try samplers.take([[Self.dropped(1)]]).batch.spans.map { $0.metrics["_dd.rare"] } == [1])
    let second = try samplers.take([[Self.dropped(1), child, query]])
    #expect(second.batch.spans.map { $0.metrics["_dd.rare"] } == [nil, nil, 1])
    // The span in between is of no kind that counts.
    #expect(try samplers.take([[Self.dropped(1), child.with { $0.name = "other" }]]).kept == [false])
  }

  @Test func `notes what priority keeps as seen, and does not keep what a person dropped`() throws {
    let samplers = Self.samplers()
    let kept = try samplers.take([[TestSpan.root(1, priority: 1)]])
    #expect(kept.verdicts == ["priority": 1] && kept.batch.spans[0].metrics["_dd.rare"] == nil)
    #expect(try samplers.take([[TestSpan.root(2, priority: 0)]]).kept == [false])
    #expect(
      try samplers.take([[TestSpan.root(3, priority: -1).with { $0.resource = "other" }]]).verdicts == [
        "sampling_user_drop": 1
      ])
  }

  @Test func `keeps 50 at once and then its number a second`() throws {
    let samplers = Self.samplers { $0.kindsMax = 10_000 }
    func kept(_ ids: ClosedRange<UInt64>, at seconds: Int64) throws -> Int {
      let sampled = try samplers.take(ids.map { [Self.dropped($0, resource: "GET /\($0)")] }, at: seconds)
      return sampled.kept.count { $0 }
    }
    #expect(try kept(1...100, at: t0) == 50)
    #expect(try kept(101...200, at: t0 + 1) == 5)
    #expect(try kept(201...300, at: t0 + 3) == 10)
    // A clock that was set back gives none away.
    #expect(try kept(301...400, at: t0) == 0)
  }

  @Test func `has several kinds in one place when a service has too many`() throws {
    let samplers = Self.samplers {
      $0.kindsMax = 4
      $0.tps = 1_000_000
    }
    var kept = 0
    for id in 1...200 as ClosedRange<UInt64> {
      let sampled = try samplers.take([[Self.dropped(id, resource: "GET /\(id)")]], at: t0 + 1)
      kept += sampled.kept[0] ? 1 : 0
    }
    #expect(kept >= 5 && kept <= 9)
    // Other services do not suffer.
    #expect(try samplers.take([[Self.dropped(1).with { $0.service = "other" }]], at: t0 + 2).kept == [true])
  }

  @Test func `holds so many kinds in all, whatever names come`() throws {
    var configuration = RareSamplerConfiguration()
    configuration.tps = 1e9
    var sampler = RareSampler(configuration)
    // Each a service of its own. Those of the first hour have expired when there are too many.
    let traces = (0..<1_000).map { [Self.dropped(UInt64($0) + 1)] }
    for step in 0..<3 {
      try withBatch(traces) { batch in
        for index in 0..<batch.spans.count { batch.spans[index].flags.insert(.topLevel) }
        for round in 0..<60 {
          for index in 0..<batch.spans.count {
            batch.spans[index].service = batch.addBytes(Array("s\(step).\(round).\(index)".utf8))
          }
          for index in 0..<batch.chunks.count {
            _ = sampler.sample(&batch, batch.chunks[index], env: .empty, nowSeconds: t0 + Int64(step) * 3_600)
          }
        }
      }
    }
    #expect(sampler.kindsHeld <= RareSampler.kindsOfAllMax)
  }
}

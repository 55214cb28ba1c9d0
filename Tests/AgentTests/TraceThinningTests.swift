import Testing

@testable import Agent

@Suite struct `Thinning of stored traces` {
  private struct Trace {
    var id: UInt64
    var spans = 5
    var durationNs: Int64 = 1_000_000
    var resource: UInt64 = 1 << 54
    var hasError = false
  }

  /// Ids as tracers make them: spread over 64 bits.
  private static func id(_ number: Int) -> UInt64 { (UInt64(number) &+ 1) &* 0xD134_2543_DE82_EF95 }

  private static func take(_ traces: [Trace], _ thinning: inout TraceThinning, second: Int64 = 100) -> [Trace] {
    traces.filter { trace in
      thinning.takes(
        TraceThinning.Candidate(traceID: trace.id, spans: trace.spans, durationNs: trace.durationNs), second: second
      ) { TraceThinning.Details(resource: trace.resource, hasError: trace.hasError) }
    }
  }

  @Test func `takes everything while the budget suffices`() {
    var thinning = TraceThinning(spansPerSecond: 1_000)
    for second in 0..<20 as Range<Int64> {
      let traces = (0..<100).map { Trace(id: Self.id($0)) }
      #expect(Self.take(traces, &thinning, second: second).count == 100)
    }
  }

  @Test func `knows how many of each minute of the last day it left out`() {
    var thinning = TraceThinning(spansPerSecond: 1_000)
    let day: Int64 = 86_400
    var left: [UInt64] = []
    for second in [day + 10, day + 70, 2 * day + 70] {
      let traces = (0..<10_000).map { Trace(id: Self.id($0)) }
      left.append(UInt64(10_000 - Self.take(traces, &thinning, second: second).count))
    }
    func thinned(_ since: Int64?, _ until: Int64?) -> UInt64 {
      thinning.thinnedTraces(
        sinceNs: since.map { $0 &* 1_000_000_000 }, untilNs: until.map { $0 &* 1_000_000_000 })
    }
    // A day later the place of the second one's minute is taken.
    #expect(left.allSatisfy { $0 > 5_000 })
    #expect(thinned(nil, nil) == left[0] + left[2])
    #expect(thinned(day + 59, day + 65) == left[0] && thinned(day + 60, nil) == left[2])
    #expect(thinned(2 * day + 119, nil) == left[2] && thinned(2 * day + 120, nil) == 0)
    #expect(thinned(nil, day - 1) == 0 && thinned(-5, nil) == left[0] + left[2])
  }

  @Test func `keeps within the budget and uses most of it`() {
    var thinning = TraceThinning(spansPerSecond: 1_000)
    let traces = (0..<10_000).map { Trace(id: Self.id($0)) }
    for second in 0..<10 as Range<Int64> {
      let taken = Self.take(traces, &thinning, second: second).reduce(0) { $0 + $1.spans }
      #expect(taken <= 1_010)
      #expect(taken >= 400)
    }
  }

  @Test func `takes all parts of a trace or none, but for those that people look for`() {
    var thinning = TraceThinning(spansPerSecond: 1_000)
    _ = Self.take((0..<10_000).map { Trace(id: Self.id($0)) }, &thinning, second: 1)
    // The first of the resource are taken whatever they are; they are over before the parts come.
    _ = Self.take((0..<10_000).map { Trace(id: Self.id($0), durationNs: 1 << 40) }, &thinning, second: 2)
    let first = Self.take((0..<10_000).map { Trace(id: Self.id($0)) }, &thinning, second: 3)
    var again = TraceThinning(spansPerSecond: 1_000)
    _ = Self.take((0..<10_000).map { Trace(id: Self.id($0)) }, &again, second: 2)
    let second = Self.take((0..<10_000).reversed().map { Trace(id: Self.id($0)) }, &again, second: 3)
    let common = Set(first.map(\.id)).intersection(second.map(\.id))
    #expect(common.count >= first.count - 5)
    #expect(first.count > 50)
  }

  @Test func `takes failed traces, the slowest, and some of each resource where most must go`() {
    var thinning = TraceThinning(spansPerSecond: 1_000)
    let common = (0..<20_000).map { Trace(id: Self.id($0)) }
    _ = Self.take(common, &thinning, second: 1)
    var mixed = common
    mixed.insert(Trace(id: 0xFFFF_FFFF_FFFF_0001, durationNs: 9_000_000_000), at: 15_000)
    mixed.insert(Trace(id: 0xFFFF_FFFF_FFFF_0002, hasError: true), at: 16_000)
    for rare in 2..<40 as Range<UInt64> {
      mixed.insert(Trace(id: 0xFFFF_FFFF_FFFF_0100 + rare, resource: rare << 54 | rare), at: 17_000)
    }
    let taken = Set(Self.take(mixed, &thinning, second: 2).map(\.id))
    #expect(taken.contains(0xFFFF_FFFF_FFFF_0001))
    #expect(taken.contains(0xFFFF_FFFF_FFFF_0002))
    for rare in 2..<40 as Range<UInt64> { #expect(taken.contains(0xFFFF_FFFF_FFFF_0100 + rare)) }
    // In the next second nothing is left of a resource's slowest trace but as a mark to beat.
    let next = Self.take(mixed.map { Trace(id: $0.id ^ 1, durationNs: $0.durationNs) }, &thinning, second: 3)
    #expect(next.reduce(0) { $0 + $1.spans } <= 1_010)
  }

  @Test func `gives no second budget to threads that are a second apart`() {
    var thinning = TraceThinning(spansPerSecond: 1_000)
    _ = Self.take((0..<10_000).map { Trace(id: Self.id($0)) }, &thinning, second: 1)
    var taken = 0
    for number in 0..<10_000 {
      taken += Self.take([Trace(id: Self.id(number))], &thinning, second: number % 2 == 0 ? 3 : 2).count
    }
    #expect(taken * 5 <= 1_010)
    // A clock that was set back by more begins anew.
    #expect(Self.take([Trace(id: 1)], &thinning, second: -100).count == 1)
  }

  @Test func `a flood of failures leaves something for other resources`() {
    var thinning = TraceThinning(spansPerSecond: 1_000)
    let failures = (0..<20_000).map { Trace(id: Self.id($0), hasError: true) }
    _ = Self.take(failures, &thinning, second: 1)
    let other = Trace(id: 0xFFFF_FFFF_FFFF_0007, resource: 7 << 54)
    #expect(Self.take(failures + [other], &thinning, second: 2).contains { $0.id == other.id })
  }
}

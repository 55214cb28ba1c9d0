import Testing

@testable import Agent

@Suite struct `Thinning of stored traces` {
  private struct Trace {
    var id: UInt64
    var spans = 5
    var bytes = 1_000
    var durationNs: Int64 = 1_000_000
    /// Hash of the resource.
    var resource: UInt64 = 1 << 54
    /// Tells apart resources of one hash.
    var name: UInt8 = 0
    var nameBytes = 1
    var hasError = false
  }

  /// Ids as tracers make them: spread over 64 bits.
  private static func id(_ number: Int) -> UInt64 { (UInt64(number) &+ 1) &* 0xD134_2543_DE82_EF95 }

  /// Each trace as a payload of its own.
  private static func take(_ traces: [Trace], _ thinning: inout TraceThinning, second: Int64 = 100) -> [Trace] {
    traces.flatMap { take(payload: [$0], &thinning, second: second) }
  }

  private static func take(
    payload traces: [Trace], _ thinning: inout TraceThinning, waiting: Int = 0, second: Int64 = 100,
    isHandedOver: Bool = true
  ) -> [Trace] {
    let load = TraceThinning.Load(
      spans: traces.reduce(0) { $0 + $1.spans }, bytes: traces.reduce(0) { $0 + $1.bytes })
    thinning.begin(payload: load, waiting: waiting, second: second)
    let taken = traces.filter { trace in
      thinning.takes(
        TraceThinning.Candidate(
          traceID: trace.id, load: TraceThinning.Load(spans: trace.spans, bytes: trace.bytes),
          durationNs: trace.durationNs)
      ) { key in
        withUnsafeBytes(of: trace.resource) { key.append(contentsOf: $0.bindMemory(to: UInt8.self)) }
        key.append(repeating: trace.name, count: trace.nameBytes)
        return TraceThinning.Details(hash: trace.resource, hasError: trace.hasError)
      } != .leftOut
    }
    if isHandedOver { thinning.add(chosenBytes: -bytes(of: taken)) }
    return taken
  }

  private static func bytes(of traces: [Trace]) -> Int { traces.reduce(0) { $0 + $1.bytes } }

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

  @Test func `takes a resource for no other one of the same hash`() {
    var thinning = TraceThinning(spansPerSecond: 1_000)
    let common = (0..<20_000).map { Trace(id: Self.id($0)) }
    _ = Self.take(common, &thinning, second: 1)
    let other = Trace(id: 0xFFFF_FFFF_FFFF_0001, name: 1)
    #expect(Self.take(common + [other], &thinning, second: 2).last?.id == other.id)
    #expect(Self.take(common + [Trace(id: other.id)], &thinning, second: 3).last?.id != other.id)
  }

  @Test func `keeps few bytes of names, however many resources there are`() {
    var thinning = TraceThinning(spansPerSecond: 10_000)
    let traces = (0..<20_000).map { Trace(id: Self.id($0), spans: 1, resource: Self.id($0), nameBytes: 300) }
    for second in 1...3 as ClosedRange<Int64> {
      #expect(!Self.take(payload: traces, &thinning, second: second).isEmpty)
    }
    #expect(thinning.keyBytes <= 1 << 20 && thinning.keyBytes > 0)
  }

  @Test func `knows a slow resource however many others with long names come and go`() {
    // Only what people look for is taken.
    var thinning = TraceThinning(spansPerSecond: .max, capacity: 8 << 20)
    let waiting = (8 << 20) * 3 / 4
    let slow = (1 as UInt64) << 63
    func takes(_ trace: Trace, second: Int64) -> Bool {
      !Self.take(payload: [trace], &thinning, waiting: waiting, second: second).isEmpty
    }
    var number = 0
    for second in 1...40 as ClosedRange<Int64> {
      // 2 seconds of it: the first of each second are taken whatever they are, then only what is slower than all before.
      for _ in 0..<2 { #expect(takes(Trace(id: 1, durationNs: 1_000_000_000, resource: slow), second: second)) }
      for _ in 0..<1_000 {
        number += 1
        // None of them has the place of the slow one.
        _ = takes(Trace(id: 1, resource: Self.id(number) & ~slow, nameBytes: 500), second: second)
      }
      #expect(!takes(Trace(id: 1, durationNs: 900_000_000, resource: slow), second: second), "second \(second)")
    }
    #expect(takes(Trace(id: 1, durationNs: 2_000_000_000, resource: slow), second: 40))
    #expect(thinning.keyBytes <= 1 << 20)
  }

  @Test func `begins anew with few resources, not with all, where the names alone are too long`() {
    var thinning = TraceThinning(spansPerSecond: .max, capacity: 8 << 20)
    let waiting = (8 << 20) * 3 / 4
    // All have a place of their own; all names together take two megabytes.
    let traces = (0..<1_024).map { Trace(id: 1, bytes: 1, resource: UInt64($0) << 54 | 1, nameBytes: 2_000) }
    for _ in 0..<2 { _ = Self.take(payload: traces, &thinning, waiting: waiting) }
    #expect(thinning.keyBytes <= 1 << 20 && thinning.keyBytes > (1 << 20) / 2)
  }

  @Test(arguments: [0, 1] as [Int64])
  func `what is given back costs the others of its second nothing`(later: Int64) {
    var thinning = TraceThinning(spansPerSecond: 10_000)
    let large = TraceThinning.Load(spans: 1, bytes: 8 << 20)
    for _ in 0..<20 {
      thinning.begin(payload: large, waiting: 0, second: 100)
      let choice = thinning.takes(.init(traceID: 1, load: large, durationNs: 1)) { key in
        key.append(1)
        return TraceThinning.Details(hash: 1, hasError: true)
      }
      #expect(choice != .leftOut)
      thinning.giveBack(large, taken: choice, second: 100)
      thinning.add(chosenBytes: -large.bytes)
    }
    let traces = (0..<1_000).map { Trace(id: Self.id($0)) }
    #expect(Self.take(payload: traces, &thinning, second: 100 + later).count == 1_000)
  }

  /// Traces of one resource, with a few at the end that people look for.
  private static func mixed(_ count: Int, bytes: Int) -> (all: [Trace], lookedFor: Set<UInt64>) {
    var special = [
      Trace(id: 0xFFFF_FFFF_FFFF_0001, durationNs: 9_000_000_000), Trace(id: 0xFFFF_FFFF_FFFF_0002, hasError: true),
    ]
    special += (2..<40 as Range<UInt64>).map { Trace(id: 0xFFFF_FFFF_FFFF_0100 + $0, resource: $0 << 54 | $0) }
    let all = ((0..<count).map { Trace(id: id($0)) } + special).map { trace in
      var trace = trace
      (trace.spans, trace.bytes) = (1, bytes)
      return trace
    }
    return (all, Set(special.map(\.id)))
  }

  @Test func `thins few spans of many bytes as it thins many spans`() {
    var thinning = TraceThinning(spansPerSecond: 10_000)
    let (all, lookedFor) = Self.mixed(2_000, bytes: 50_000)
    for second in 1...3 as ClosedRange<Int64> {
      let taken = Self.take(
        all.map {
          Trace(
            id: $0.id, spans: 1, bytes: $0.bytes, durationNs: $0.durationNs + second, resource: $0.resource,
            hasError: $0.hasError)
        }, &thinning, second: second)
      let bytes = taken.reduce(0) { $0 + $1.bytes }
      #expect(bytes > 8 << 20 && bytes < 21 << 20)
      #expect(lookedFor.isSubset(of: taken.map(\.id)))
    }
  }

  @Test func `takes a fair part of a payload that is too large for what the store holds at once`() {
    let capacity = 8 << 20
    var thinning = TraceThinning(spansPerSecond: .max, capacity: capacity)
    let (all, lookedFor) = Self.mixed(4_000, bytes: 4_096)
    let taken = Self.take(payload: all, &thinning)
    let bytes = taken.reduce(0) { $0 + $1.bytes }
    #expect(bytes > capacity * 6 / 10 && bytes < capacity * 7 / 8)
    #expect(lookedFor.isSubset(of: taken.map(\.id)))
    // Of its end as many as of its begin.
    let ids = Set(taken.map(\.id))
    let (first, last) = (all[..<2_000], all[2_000..<4_000])
    let counts = [first, last].map { $0.count { ids.contains($0.id) } }
    #expect(counts.allSatisfy { $0 > 650 && $0 < 850 }, "\(counts)")
    #expect(thinning.thinnedTraces(sinceNs: nil, untilNs: nil) == UInt64(all.count - taken.count))
  }

  @Test func `takes only what people look for while much waits for the store, and nothing when there is no place`() {
    let capacity = 8 << 20
    var thinning = TraceThinning(spansPerSecond: .max, capacity: capacity)
    let (all, lookedFor) = Self.mixed(500, bytes: 1_000)
    #expect(Self.take(payload: all, &thinning, waiting: capacity / 4).count == all.count)
    let some = Self.take(payload: all, &thinning, waiting: capacity * 3 / 4, second: 200)
    #expect(lookedFor.isSubset(of: some.map(\.id)) && some.count < lookedFor.count + 5)
    let last = Self.take(payload: all, &thinning, waiting: capacity - 50_000, second: 300)
    #expect(lookedFor.isSubset(of: last.map(\.id)) && Self.bytes(of: last) <= 50_000)
    #expect(Self.take(payload: all, &thinning, waiting: capacity - 999, second: 400).isEmpty)
    #expect(Self.take(payload: all, &thinning, second: 500).count == all.count)
  }

  @Test func `what another thread has chosen takes place until it is written`() {
    let capacity = 8 << 20
    var thinning = TraceThinning(spansPerSecond: .max, capacity: capacity)
    let payload = (0..<1_250).map { Trace(id: Self.id($0), spans: 1, bytes: 4_096) }
    let first = Self.take(payload: payload, &thinning, isHandedOver: false)
    #expect(first.count == payload.count)
    let second = Self.take(payload: payload, &thinning, isHandedOver: false)
    #expect(second.count > 200 && second.count < 330)
    thinning.add(chosenBytes: -Self.bytes(of: first))
    let third = Self.take(payload: payload, &thinning, waiting: Self.bytes(of: first), isHandedOver: false)
    #expect(Self.bytes(of: first + second + third) <= capacity * 3 / 4 + 10 * 4_096)
    thinning.add(chosenBytes: -Self.bytes(of: second + third))
    #expect(thinning.chosenBytes == 0)
    #expect(Self.take(payload: payload, &thinning).count == payload.count)
  }

  @Test func `threads that choose at once take no more together than the store holds`() async {
    let storing = TraceStoring(spansPerSecond: 0)
    let taken = await withTaskGroup(of: Int.self) { group in
      for thread in 0..<2 { group.addTask { Self.choose(of: storing, as: thread) } }
      return await group.reduce(0, +)
    }
    #expect(taken <= TraceStoring.capacity && taken > TraceStoring.capacity * 3 / 4)
    #expect(storing.thinning.withLock { $0.chosenBytes } == taken)
  }

  /// Bytes of what a thread has chosen.
  private static func choose(of storing: TraceStoring, as thread: Int) -> Int {
    (0..<20).reduce(0) { sum, round in
      let payload = (0..<100).map { number in
        Trace(id: id((thread * 20 + round) * 100 + number), spans: 1, bytes: 8_000, hasError: number % 10 == 0)
      }
      return sum
        + storing.thinning.withLock { thinning in
          bytes(of: take(payload: payload, &thinning, second: Int64(round), isHandedOver: false))
        }
    }
  }
}

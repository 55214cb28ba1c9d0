import TestFixtures
import Testing
import Traces

@testable import Store

private let now: Int64 = 1_750_000_000
private let ms: Int64 = 1_000_000

/// Traces of several services whose clocks differ, in chunks that come in any order, some never.
private struct SkewedTraces {
  var random: SeededGenerator

  mutating func trace(_ id: UInt64) -> [TestChunk] {
    let services = ["shop", "till", "mail", "stock"]
    let skews = services.map { _ in pick([0, 0, 3, -3, -800, 800]) * ms }
    var spans: [TraceSpan] = []
    for number in 1...UInt64(Int.random(in: 1...9, using: &random)) {
      let caller = spans.isEmpty ? nil : pick(spans)
      let service = Int.random(in: 0..<services.count, using: &random)
      let startNs =
        (caller?.startNs ?? now * 1_000_000_000) + .random(in: -2 * ms...500 * ms, using: &random) + skews[service]
      var span = TraceSpan(
        spanID: number, parentID: caller?.spanID ?? 0, service: services[service], operation: "work", resource: "r",
        type: pick(["web", "http", "sql"]), startNs: startNs, durationNs: pick([0, 1, 40, 400, 4_000]) * ms,
        isError: pick([false, false, true]))
      if pick([true, false]) { span.meta.append(("span.kind", pick(["client", "server", "consumer"]))) }
      spans.append(span)
    }
    var parts: [[TraceSpan]] = [[], [], []]
    for span in spans.shuffled(using: &random) { parts[pick([0, 0, 1, 2])].append(span) }
    let high = pick([0, id << 32])
    // The last part may never come, as where its service sends elsewhere.
    return parts.prefix(pick([2, 3])).filter { !$0.isEmpty }.map {
      TestChunk(id: TraceID(high: pick([0, high]), low: id), spans: $0)
    }
  }

  mutating func pick<Item>(_ items: [Item]) -> Item { items[.random(in: 0..<items.count, using: &random)] }
}

@Suite struct `Durations of stored traces` {
  @Test(arguments: [1, 2, 3] as [UInt64])
  func `are those of their trees, however clocks differ and chunks come`(_ seed: UInt64) throws {
    var traces = SkewedTraces(random: SeededGenerator(seed: seed))
    let folder = try StoreFolder()
    let store = try folder.open(.newMemory())
    var expected: [UInt64: Int64] = [:]
    var waiting: [TestChunk] = []
    for id in 1...150 as ClosedRange<UInt64> {
      let chunks = traces.trace(id)
      guard let first = chunks.first else { continue }
      let trace = Trace(id: first.id, spans: chunks.flatMap(\.spans), isKept: true, keptBy: "")
      expected[id] = TraceSummary(trace).durationNs
      let firstNs = trace.spans.map(\.startNs).min() ?? 0
      #expect((expected[id] ?? 0) <= (trace.spans.map(\.endNs).max() ?? 0) - firstNs, "\(trace)")
      waiting += chunks
      guard id % 25 == 0 else { continue }
      waiting.shuffle(using: &traces.random)
      // Some come with those behind them.
      store.write(Array(waiting.dropLast(20)), nowSeconds: now + 10_000 + Int64(id))
      waiting = Array(waiting.suffix(20))
    }
    store.write(waiting, nowSeconds: now + 20_000)
    try expectFound(store, expected)
    store.stop(deadline: .now + .seconds(10))
  }

  private func expectFound(_ store: HistoryStore, _ expected: [UInt64: Int64]) throws {
    let stored = StoredTraces(store.location, timeLimit: .seconds(60))
    let longest = expected.values.sorted(by: >)
    try #require(longest.count > 100)
    for limit in [1, 7, 1_000] {
      let found = try stored.traces(TracesQuery(order: .duration, limit: limit)).summaries
      #expect(found.map(\.durationNs) == Array(longest.prefix(limit)))
      #expect(found.allSatisfy { $0.durationNs == expected[$0.id.low] })
    }
    let database = try #require(try TraceDatabase(store.location))
    for value in [0, longest[longest.count * 2 / 3], longest[longest.count / 15], longest[1] + 1, 700 * ms] {
      for comparison in Comparison.allCases {
        let filter = TraceFilter.condition(.number(.duration, comparison, value))
        let wanted = Set(expected.filter { comparison.holds($0.value, value) }.keys)
        let listed = try stored.traces(TracesQuery(filter: filter, limit: 1_000)).summaries
        #expect(Set(listed.map(\.id.low)) == wanted, "\(filter)")
        // The same by a look at all extents, as it is done where there are many.
        for order in [TracesQuery.Order.start, .duration] {
          var search = try TraceSearch(
            database, TracesQuery(filter: filter, order: order, limit: 1_000), deadline: .now + .seconds(60),
            extentsFromBatch: 0)
          #expect(Set(try search.run().summaries.map(\.id.low)) == wanted, "\(filter)")
        }
      }
    }
  }
}

import Platform
import Statistics
import TestFixtures
import Testing
import Traces

@testable import Store

private let now: Int64 = 1_750_000_000

extension HistoryStore {
  /// Hands chunks over and waits until they are written.
  func write(_ chunks: [TestChunk], nowSeconds: Int64 = now) {
    add(TraceBlock(chunks), nowNs: nowSeconds * 1_000_000_000)
    #expect(flush(deadline: .now + .seconds(20)))
  }
}

private func span(
  _ id: UInt64, parent: UInt64 = 0, service: String = "shop", resource: String = "GET /cart", start: Int64 = 0,
  duration: Int64 = 1_000_000, isError: Bool = false
) -> TraceSpan {
  TraceSpan(
    spanID: id, parentID: parent, service: service, operation: "flask.request", resource: resource, type: "web",
    startNs: now * 1_000_000_000 + start, durationNs: duration, isError: isError)
}

private func ids(_ found: TracesFound) -> [UInt64] { found.summaries.map(\.id.low) }

@Suite struct `Traces in a store` {
  @Test(arguments: [false, true])
  func `come back with everything that was stored of them`(_ inMemory: Bool) throws {
    let folder = try StoreFolder()
    let store = try folder.open(inMemory ? .newMemory() : nil)
    var whole = span(7, parent: 99, resource: "POST /checkout\u{0}", start: 5, isError: true)
    whole.meta = [("error.message", "no such cart"), ("http.url", "http://shop/cart?a=1"), ("k", ""), ("k", "2")]
    whole.metrics = [("_dd.measured", 1), ("rate", 0.25)]
    whole.links = [
      TraceSpanLink(
        traceID: TraceID(high: 1, low: .max), spanID: 3, tracestate: "dd=s:1", flags: 0,
        attributes: [TraceAttribute("a", .text("b"))])
    ]
    whole.events = [
      TraceSpanEvent(
        timeNs: 12, name: "retry",
        attributes: [
          TraceAttribute("n", .int(-3)), TraceAttribute("ok", .bool(true)), TraceAttribute("x", .double(1.5)),
          TraceAttribute("all", .array([.text("a"), .int(2)])),
        ])
    ]
    // A child before its parent, one whose id is there twice, and ids and times of all sizes.
    let spans = [
      span(1, parent: 7, start: 10), whole, span(.max, parent: 1, start: -4, duration: 0), span(7, parent: 7, start: 9),
    ]
    store.write([TestChunk(id: TraceID(high: 0x6925_0000_0000_0000, low: 5), spans: spans, root: 1)])
    let stored = StoredTraces(store.location, timeLimit: .seconds(60))
    guard case .found(let trace) = try stored.trace(.last) else {
      Issue.record("not found")
      return
    }
    #expect(trace.id == TraceID(high: 0x6925_0000_0000_0000, low: 5) && trace.isKept && trace.keptBy == "priority")
    #expect(trace.spans == Trace(id: trace.id, spans: spans, isKept: true, keptBy: "").spans)
    #expect(store.counters.storedTraces == ChunkCounts(chunks: 1, spans: 4))
    #expect(store.counters.usedBytes > 0 && store.counters.oldestTraceNs == now * 1_000_000_000)
    store.stop(deadline: .now + .seconds(10))
  }

  @Test func `are one when their chunks come at different times, with and without the upper half of the id`() throws {
    let folder = try StoreFolder()
    let high: UInt64 = 0x6925_1234_0000_0000
    let store = try folder.open()
    store.write([TestChunk(id: TraceID(high: high, low: 9), spans: [span(1)])])
    store.stop(deadline: .now + .seconds(10))
    // By another agent, hours later, another service, an id of 64 bits; and one that only shares the lower half.
    let later = try folder.open()
    later.write(
      [TestChunk(id: TraceID(high: 0, low: 9), spans: [span(2, parent: 1, service: "db", start: 10)])],
      nowSeconds: now + 7_200)
    later.write(
      [TestChunk(id: TraceID(high: high, low: 9), spans: [span(3, parent: 2, service: "db", start: 20)])],
      nowSeconds: now + 9_000)
    later.write(
      [TestChunk(id: TraceID(high: high + 1, low: 9), spans: [span(4, start: 60_000_000_000)])], nowSeconds: now + 9_001
    )
    let stored = StoredTraces(later.location, timeLimit: .seconds(60))
    for text in [TraceID(high: high, low: 9).hex, "69251234000000000", "6925123400000000"] {
      guard case .found(let trace) = try stored.trace(.hexPrefix(text)) else {
        Issue.record("\(text) is not found")
        continue
      }
      #expect(trace.id == TraceID(high: high, low: 9) && trace.spans.map(\.spanID) == [1, 2, 3])
    }
    guard case .ambiguous(let both) = try stored.trace(.low(9)) else {
      Issue.record("only one")
      return
    }
    #expect(both == [TraceID(high: high, low: 9), TraceID(high: high + 1, low: 9)])
    guard case .none = try stored.trace(.hexPrefix("f")) else {
      Issue.record("found")
      return
    }
    let found = try stored.traces(TracesQuery())
    #expect(found.summaries.map(\.spanCount) == [1, 3] && found.summaries.last?.services == ["shop", "db"])
    // Conditions hold for the whole trace, wherever its spans are.
    let filter = TraceFilter.and([
      .condition(.field(.service, TextPattern("db"))), .condition(.field(.service, TextPattern("shop"))),
      .condition(.number(.spans, .equal, 3)),
    ])
    #expect(try ids(stored.traces(TracesQuery(filter: filter))) == [9])
    later.stop(deadline: .now + .seconds(10))
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `are found as a look at each of them would find them`(_ seed: UInt64) throws {
    let folder = try StoreFolder()
    let store = try folder.open(.newMemory())
    var generator = TraceGenerator(seed: seed)
    var all: [Trace] = []
    var late: [TestChunk] = []
    // Behind the starts of all of them.
    let arrival = now + 10_000
    for index in 0..<200 {
      var chunks = generator.trace()
      let kept = chunks.sorted { ($0.spans[0].startNs) < ($1.spans[0].startNs) }
      let decisive = kept.first { $0.verdict < 3 } ?? kept[0]
      all.append(
        Trace(
          id: TraceID(high: chunks.map(\.id.high).max() ?? 0, low: chunks[0].id.low), spans: chunks.flatMap(\.spans),
          isKept: decisive.verdict < 3, keptBy: ""))
      if chunks.count > 1, index % 2 == 0 { late.append(chunks.removeLast()) }
      store.add(TraceBlock(chunks), nowNs: arrival * 1_000_000_000)
      // Blocks end here and there, and some chunks come in other ones.
      if index % 40 == 39 {
        store.write(late, nowSeconds: arrival + Int64(index) * 100)
        late = []
      }
    }
    store.write(late, nowSeconds: arrival)
    let stored = StoredTraces(store.location, timeLimit: .seconds(60))
    for _ in 0..<40 {
      let filter = generator.filter()
      let expected = all.filter { filter.matches($0) }.sorted { $0.spans[0].startNs > $1.spans[0].startNs }
      let found = try stored.traces(TracesQuery(filter: filter, limit: 1_000))
      #expect(ids(found) == expected.map(\.id.low), "seed \(seed), \(filter)")
      let some = try stored.traces(TracesQuery(filter: filter, order: .duration, limit: 5))
      // The same by a look at all extents, as it is done where there are many.
      let database = try #require(try TraceDatabase(store.location))
      var search = try TraceSearch(
        database, TracesQuery(filter: filter, limit: 7), deadline: .now + .seconds(60), extentsFromBatch: 0)
      let few = try search.run()
      #expect(ids(few) == expected.prefix(7).map(\.id.low) && few.hasMore == (expected.count > 7), "\(filter)")
      let longest = expected.map { TraceSummary($0).durationNs }.sorted(by: >).prefix(5)
      #expect(some.summaries.map(\.durationNs) == Array(longest) && some.hasMore == (expected.count > 5))
    }
    // A range is one of starts.
    let since = all[50].spans[0].startNs, until = all[150].spans[0].startNs
    let range = try stored.traces(TracesQuery(sinceNs: since, untilNs: until, limit: 1_000))
    #expect(ids(range).count == 100)
    let newest = try stored.traces(TracesQuery(limit: 10))
    #expect(ids(newest) == all.suffix(10).reversed().map(\.id.low) && newest.hasMore)
    store.stop(deadline: .now + .seconds(10))
  }

  @Test func `are listed where they came when the clock of who sent them is ahead`() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    let hour: Int64 = 3_600_000_000_000
    store.write([TestChunk(id: TraceID(high: 0, low: 1), spans: [span(1, start: -5)])])
    store.write([TestChunk(id: TraceID(high: 0, low: 2), spans: [span(2, start: hour)])])
    store.write([TestChunk(id: TraceID(high: 0, low: 3), spans: [span(3, start: 5_000_000_000)])], nowSeconds: now + 9)
    let stored = StoredTraces(store.location, timeLimit: .seconds(60))
    let found = try stored.traces(TracesQuery())
    #expect(ids(found) == [3, 2, 1])
    #expect(found.summaries.map(\.aheadNs) == [nil, hour, nil])
    #expect(found.summaries[1].startNs == now * 1_000_000_000 + hour)
    guard case .found(let last) = try stored.trace(.last) else {
      Issue.record("no last one")
      return
    }
    #expect(last.id.low == 3)
    // A range is one of what came, too.
    #expect(try ids(stored.traces(TracesQuery(untilNs: (now + 4) * 1_000_000_000))) == [2, 1])
    store.stop(deadline: .now + .seconds(10))
  }

  @Test func `are as long as their tree says where the clock of a called service is ahead`() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    let ms: Int64 = 1_000_000
    var call = span(2, parent: 1, start: 10 * ms, duration: 60 * ms)
    call.type = "http"
    let (long, answer) = (
      span(1, duration: 100 * ms), span(3, parent: 2, service: "db", start: 520 * ms, duration: 40 * ms)
    )
    for (id, spans) in [(1, [[long, call], [answer]]), (2, [[span(4, duration: 200 * ms)]])]
      as [(UInt64, [[TraceSpan]])]
    {
      store.write(spans.map { TestChunk(id: TraceID(high: 0, low: id), spans: $0) })
    }
    let stored = StoredTraces(store.location, timeLimit: .seconds(60))
    let byDuration = try stored.traces(TracesQuery(order: .duration))
    #expect(ids(byDuration) == [2, 1] && byDuration.summaries.map(\.durationNs) == [200 * ms, 100 * ms])
    for (comparison, value, expected) in [
      (.greater, 150 * ms, [2]), (.atLeast, 100 * ms, [2, 1]), (.less, 150 * ms, [1]), (.atMost, 200 * ms, [2, 1]),
      (.equal, 100 * ms, [1]), (.greater, 200 * ms, []),
    ] as [(Comparison, Int64, [UInt64])] {
      let filter = TraceFilter.condition(.number(.duration, comparison, value))
      let found = try stored.traces(TracesQuery(filter: filter, order: .duration))
      #expect(ids(found) == expected, "\(filter)")
    }
    store.stop(deadline: .now + .seconds(10))
  }

  @Test(arguments: [false, true])
  func `are found by their arrival, each when something of it came`(_ inMemory: Bool) throws {
    let folder = try StoreFolder()
    let store = try folder.open(inMemory ? .newMemory() : nil)
    let stored = StoredTraces(store.location, timeLimit: .seconds(60))
    func chunk(_ trace: UInt64, _ spans: TraceSpan...) -> TestChunk {
      TestChunk(id: TraceID(high: 0, low: trace), spans: spans)
    }
    store.write([chunk(1, span(1)), chunk(2, span(2))])
    let begin: Int64 = try #require(try stored.traces(TracesQuery(limit: 1)).arrivedUpTo)
    var query = TracesQuery(arrivedAfter: begin, limit: 2)
    #expect(try ids(stored.traces(query)) == [])
    // One that began long before, others, and more of one that was there.
    store.write(
      [
        chunk(3, span(3, start: -9_000_000_000_000)), chunk(4, span(4, isError: true)),
        chunk(1, span(5, service: "db")),
      ])
    store.write([chunk(5, span(6)), chunk(4, span(7))], nowSeconds: now + 7_200)
    var (all, looks) = ([] as [UInt64], 0)
    var found = TracesFound(hasMore: true)
    while found.hasMore {
      found = try stored.traces(query)
      #expect(found.summaries.count <= 2)
      all += ids(found)
      looks += 1
      query.arrivedAfter = found.arrivedUpTo
    }
    #expect(all == [3, 4, 1, 5, 4] && looks == 3)
    // A trace matches as a whole, whichever part of it came.
    let both = TraceFilter.allOf([
      .condition(.field(.service, TextPattern("shop"))), .condition(.field(.service, TextPattern("db"))),
    ])
    query = TracesQuery(filter: both, arrivedAfter: 0)
    #expect(try ids(stored.traces(query)) == [1])
    query = TracesQuery(filter: .condition(.hasError(true)), arrivedAfter: 0)
    #expect(try ids(stored.traces(query)) == [4])
    // A number of another store that had more: all of this one is new.
    #expect(try ids(stored.traces(TracesQuery(arrivedAfter: .max))) == [1, 2, 3, 4, 5])
    // A search whose time is over goes on from where it came.
    let late = StoredTraces(store.location, timeLimit: .zero)
    var (reached, count) = (0 as Int64, 0)
    repeat {
      let found = try late.traces(TracesQuery(arrivedAfter: reached))
      #expect(found.summaries.count == 1)
      (reached, count) = (try #require(found.arrivedUpTo), count + 1)
      if !found.hasMore { break }
    } while count < 20
    #expect(count == 7)
    store.stop(deadline: .now + .seconds(10))
  }

  @Test func `are the best of those that were looked at where the time is over, and said to be`() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    func chunk(_ trace: UInt64, _ spans: TraceSpan...) -> TestChunk {
      TestChunk(id: TraceID(high: 0, low: trace), spans: spans)
    }
    let ms: Int64 = 1_000_000
    store.write([
      chunk(1, span(1, resource: "GET /long", duration: 100 * ms), span(2, resource: "GET /cart", duration: 5 * ms)),
      chunk(2, span(3, resource: "GET /long", duration: 60 * ms), span(4, resource: "GET /cart", duration: 50 * ms)),
      chunk(3, span(5, resource: "GET /pay", duration: 40 * ms, isError: true)),
    ])
    func found(_ selector: TraceSelector, within limit: Duration) throws -> (trace: UInt64?, isAll: Bool) {
      switch try StoredTraces(store.location, timeLimit: limit).trace(selector) {
      case .found(let trace): (trace.id.low, true)
      case .foundSoFar(let trace): (trace.id.low, false)
      case .none: (nil, true)
      case .noneSoFar: (nil, false)
      case .ambiguous: (0, true)
      }
    }
    func slowest(_ resource: String) -> TraceSelector { .slowest(service: "shop", resource: resource) }
    let table: [(TraceSelector, cut: (UInt64?, Bool), whole: (UInt64?, Bool))] = [
      (slowest("GET /cart"), (1, false), (2, true)), (slowest("GET /pay"), (nil, false), (3, true)),
      // No chunk can have a longer span than this one.
      (slowest("GET /long"), (1, true), (1, true)), (slowest("none"), (nil, false), (nil, true)),
      (.error(service: "shop"), (nil, false), (3, true)), (.error(service: "mail"), (nil, false), (nil, true)),
      (.last, (nil, false), (3, true)),
    ]
    for (selector, cut, whole) in table {
      #expect(try found(selector, within: .zero) == cut, "\(selector)")
      #expect(try found(selector, within: .seconds(60)) == whole, "\(selector)")
    }
    // More chunks than are sorted together are looked at all the same.
    let database = try #require(try TraceDatabase(store.location))
    for resource in ["GET /cart", "GET /pay", "none"] {
      let lookup = try database.findSlowest(
        service: "shop", resource: resource, deadline: .now + .seconds(60), longestMax: 1)
      switch lookup {
      case .found(let trace): #expect(trace.id.low == (resource == "GET /cart" ? 2 : 3))
      case .none: #expect(resource == "none")
      default: Issue.record("\(resource): \(lookup)")
      }
    }
    store.stop(deadline: .now + .seconds(10))
  }

  @Test func `that begin before the time to which a search came are not said to be the newest`() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    let second: Int64 = 1_000_000_000
    // In a block each: a long trace whose end came last, and one that began between.
    for (place, (trace, start)) in [(1, 0), (2, 50), (1, 100)].enumerated() as EnumeratedSequence<[(UInt64, Int64)]> {
      store.write(
        [TestChunk(id: TraceID(high: 0, low: trace), spans: [span(9, start: start * second, isError: true)])],
        nowSeconds: now + 100 + Int64(place) * 7_200)
    }
    let database = try #require(try TraceDatabase(store.location))
    var search = try TraceSearch(
      database, TracesQuery(filter: .condition(.hasError(true)), limit: 1), deadline: .now, extentsFromBatch: 0)
    let found = try search.run()
    #expect(found.summaries.isEmpty && found.searchedBackToNs == (now + 50) * second)
    #expect(search.newestBeyondCut?.id.low == 1)
    store.stop(deadline: .now + .seconds(10))
  }

  @Test func `have numbers of arrival that a store in memory does not begin anew`() throws {
    let folder = try StoreFolder()
    var reached: [Int64] = []
    for seconds in [0, 10] as [Int64] {
      let store = try folder.open(.newMemory())
      store.write([TestChunk(id: TraceID(high: 0, low: 1), spans: [span(1)])], nowSeconds: now + seconds)
      reached.append(try #require(try StoredTraces(store.location).traces(TracesQuery()).arrivedUpTo))
      store.stop(deadline: .now + .seconds(10))
    }
    #expect(reached[1] > reached[0])
  }
}

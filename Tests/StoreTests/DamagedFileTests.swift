import Platform
import Statistics
import Testing
import Traces

@testable import Store

private let now: Int64 = 1_750_000_000

@Suite struct `A damaged file` {
  private static func chunk(_ id: TraceID, start: Int64 = now * 1_000_000_000, bytes: Int = 0) -> TestChunk {
    var span = TraceSpan(
      spanID: id.low, service: "shop", operation: "flask.request", resource: "GET /", startNs: start, durationNs: 5)
    if bytes > 0 {
      span.meta = [
        ("body", (0..<(bytes / 16)).map { _ in String(UInt64.random(in: 0...UInt64.max), radix: 16) }.joined())
      ]
    }
    return TestChunk(id: id, spans: [span])
  }

  private static func chunks(_ ids: ClosedRange<UInt64>, bytes: Int = 0) -> [TestChunk] {
    ids.map { chunk(TraceID(high: 0, low: $0), bytes: bytes) }
  }

  @Test(arguments: [
    "blocks SET chunks = -5", "blocks SET chunks = 9223372036854775807", "blocks SET first_chunk = 0",
    "blocks SET first_chunk = -9223372036854775807 - 1", "blocks SET first_chunk = 9223372036854775807",
    "blocks SET first_chunk = 9223372036854775807, chunks = 0",
    "blocks SET min_start_ns = -9223372036854775807 - 1, max_start_ns = 9223372036854775807",
    "blocks SET id = 9223372036854775807 WHERE id = (SELECT max(id) FROM blocks)",
    "chunks SET id = 9223372036854775807 WHERE id = (SELECT max(id) FROM chunks)",
    "chunks SET start_ns = -9223372036854775807 - 1, duration_ns = 9223372036854775807, spans = -1, errors = -9",
    "chunks SET start_ns = 9223372036854775807, duration_ns = 9223372036854775807, spans = 9223372036854775807",
    "segments SET opened = -9223372036854775807 - 1", "segments SET opened = 9223372036854775807",
    "segments SET first_block = -7, first_chunk = 9223372036854775807",
    "statistics SET start = 9223372036854775807", "statistics SET start = -9223372036854775807 - 1",
    "statistics SET width = 0, hits = -1, max_ns = -9223372036854775807 - 1",
  ]) func `is read and written as far as it makes sense`(_ change: String) throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    store.add([StatisticsPeriod(now, durationsNs: [1_000])], nowSeconds: now)
    for round in 0..<3 as Range<UInt64> { store.write(Self.chunks(round * 50 + 1...round * 50 + 50, bytes: 8_000)) }
    store.stop(deadline: .now + .seconds(10))
    try folder.execute("UPDATE \(change)")
    func read() throws {
      let stored = StoredTraces(.file(folder.file), timeLimit: .seconds(60))
      for order in TracesQuery.Order.allCases { _ = try stored.traces(TracesQuery(order: order)) }
      _ = try stored.traces(TracesQuery(filter: .condition(.words(SearchWords("shop")))))
      for selector in [
        .hexPrefix("0"), .low(3), .last, .error(service: "shop"), .slowest(service: "shop", resource: "GET /"),
      ] as [TraceSelector] { _ = try stored.trace(selector) }
      _ = try folder.read()
      try StoredStatistics(path: folder.file).forEach(sinceNs: .min) { _, _, startNs, widthNs in
        #expect(startNs >= 0 && startNs.addingReportingOverflow(widthNs).overflow == false)
      }
    }
    try read()
    let next = try HistoryStore(.file(folder.file), maxBytes: 1 << 20) { _ in }
    next.add([StatisticsPeriod(now, durationsNs: [1_000])], nowSeconds: now)
    next.write(Self.chunks(900...950, bytes: 8_000))
    next.stop(deadline: .now + .seconds(10))
    try read()
  }

  @Test func `loses its last hour even where no other can follow`() throws {
    let folder = try StoreFolder()
    let file = try StoreFile.openForWriting(.file(folder.file))
    let table = try StatisticsTable(file.database)
    try table.add(StatisticsPeriod(now, durationsNs: [1_000]))
    try file.database.execute("UPDATE statistics SET start = \(Int64.max)")
    #expect(try !table.forgetOldestHour(before: now))
    try file.database.execute("UPDATE statistics SET start = \(Int64.max - 1)")
    #expect(try table.forgetOldestHour(before: .max) && !table.forgetOldestHour(before: .max))
    file.unlock()
  }

  @Test func `goes on without the segments that cannot be removed, which is reported once`() throws {
    let folder = try StoreFolder()
    let reports = Lock<[String]>([])
    let store = try HistoryStore(.file(folder.file), maxBytes: 2 << 20) { line in reports.withLock { $0.append(line) } }
    store.write(Self.chunks(1...15, bytes: 8_000))
    try folder.execute(
      "CREATE TRIGGER no BEFORE DELETE ON segments WHEN OLD.id = 1 BEGIN SELECT RAISE(ABORT, 'no'); END")
    for round in 1..<40 as Range<UInt64> { store.write(Self.chunks(round * 15 + 1...round * 15 + 15, bytes: 8_000)) }
    let counters = store.counters
    #expect(counters.storedTraces.chunks == 600 && counters.lostTraces.chunks == 0 && counters.failure == nil)
    #expect(counters.cleanUpFailure != nil && counters.usedBytes <= 2 << 20)
    #expect(reports.withLock { $0 }.count == 1)
    store.stop(deadline: .now + .seconds(10))
  }

  @Test func `is for the owner alone, also where it was not before`() throws {
    let folder = try StoreFolder()
    try folder.open().stop(deadline: .now + .seconds(10))
    #expect(chmod(folder.file, 0o644) == 0)
    let store = try folder.open()
    var facts = stat()
    #expect(stat(folder.file, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
    store.stop(deadline: .now + .seconds(10))
  }

  @Test func `in memory, what is written waits for a long search`() throws {
    let store = try HistoryStore(.newMemory(), maxBytes: 8 << 20) { Issue.record("reported: \($0)") }
    store.write(Self.chunks(1...3))
    var search = try TraceDatabase(store.location)
    #expect(search?.blocks.count == 1)
    store.add(TraceBlock(Self.chunks(4...6)), nowNs: now * 1_000_000_000)
    #expect(!store.flush(deadline: .now + .milliseconds(2_400)))
    search = nil
    #expect(store.flush(deadline: .now + .seconds(10)))
    #expect(store.counters.storedTraces.chunks == 6 && store.counters.lostTraces.chunks == 0)
    store.stop(deadline: .now + .seconds(10))
  }

  @Test func `has each trace once whose lower half others have too`() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    var chunks = (1...300).map { Self.chunk(TraceID(high: 0, low: $0), start: (now + Int64($0)) * 1_000_000_000) }
    for (high, start) in [(1, now), (2, now + 150), (3, now + 400)] as [(UInt64, Int64)] {
      chunks.append(Self.chunk(TraceID(high: high, low: 9_999), start: start * 1_000_000_000))
    }
    store.write(chunks)
    let found = try StoredTraces(store.location, timeLimit: .seconds(60)).traces(TracesQuery(limit: 1_000)).summaries
    #expect(found.count == 303 && Set(found.map(\.id)).count == 303)
    store.stop(deadline: .now + .seconds(10))
  }

  @Test func `cannot be made slow by span ids that were chosen for it`() {
    for shift in [0, 16, 32, 48] as [UInt64] {
      let ids = (0..<20_000).map { UInt64($0) << shift }
      var places = SpanPlaces()
      var compared = 0
      places.begin(ids.count)
      for (place, id) in ids.enumerated() {
        places.insert(id, place) {
          compared += 1
          return ids[$0]
        }
      }
      #expect(compared < 20 * ids.count, "ids that differ from bit \(shift) on")
      #expect(ids.indices.allSatisfy { places.place(of: ids[$0]) { ids[$0] } == $0 })
    }
  }

  @Test(arguments: ["DROP TABLE words_1", "UPDATE words_1_data SET block = x'ff00ff00'"])
  func `of traces does not keep statistics from being written, nor new traces`(_ damage: String) throws {
    let folder = try StoreFolder()
    let first = try folder.open()
    first.write(Self.chunks(1...3))
    first.stop(deadline: .now + .seconds(10))
    if damage.contains("words_1_data") {
      // It has rows from when a block was sealed on.
      let more = try folder.open()
      more.write(Self.chunks(4...200, bytes: 8_000))
      more.stop(deadline: .now + .seconds(10))
    }
    try folder.execute(damage)
    let store = try HistoryStore(.file(folder.file), maxBytes: 8 << 20) { _ in }
    store.add([StatisticsPeriod(now, durationsNs: [1_000])], nowSeconds: now)
    for round in 0..<3 as Range<UInt64> {
      store.write(Self.chunks(round * 100 + 500...round * 100 + 599, bytes: 8_000))
    }
    let counters = store.counters
    store.stop(deadline: .now + .seconds(10))
    #expect(counters.lost == 0)
    #expect(try folder.read().hits == 1)
    #expect(counters.failure == nil && counters.storedTraces.chunks == 300)
    let found = try StoredTraces(.file(folder.file), timeLimit: .seconds(60)).traces(
      TracesQuery(filter: .condition(.words(SearchWords("shop"))), limit: 1_000))
    #expect(Set(found.summaries.map(\.id.low)).isSuperset(of: 500...799))
  }

  @Test func `that another connection holds for long is written when it lets go`() throws {
    let store = try HistoryStore(.newMemory(), maxBytes: 8 << 20) { Issue.record("reported: \($0)") }
    store.write(Self.chunks(1...3))
    let other = try Database(store.location, .readWrite, library: SQLiteLibrary())
    try other.execute("BEGIN IMMEDIATE")
    store.add([StatisticsPeriod(now, durationsNs: [1_000])], nowSeconds: now)
    store.add(TraceBlock(Self.chunks(4...6)), nowNs: now * 1_000_000_000)
    #expect(!store.flush(deadline: .now + .milliseconds(200)))
    try other.execute("COMMIT")
    #expect(store.flush(deadline: .now + .seconds(20)))
    #expect(store.counters.storedTraces.chunks == 6 && store.counters.written == 1 && store.counters.failure == nil)
    store.stop(deadline: .now + .seconds(10))
  }
}

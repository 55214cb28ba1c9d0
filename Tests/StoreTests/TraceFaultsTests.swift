import Platform
import TestFixtures
import Testing
import Traces

@testable import Store

private let now: Int64 = 1_750_000_000

@Suite struct `A store of traces` {
  private static func chunk(_ id: UInt64, start: Int64 = now * 1_000_000_000, bytes: Int = 0) -> TestChunk {
    var span = TraceSpan(
      spanID: id, service: "shop", operation: "flask.request", resource: "GET /\(id % 7)", startNs: start, durationNs: 5
    )
    if bytes > 0 {
      span.meta = [
        ("body", (0..<(bytes / 16)).map { _ in String(UInt64.random(in: 0...UInt64.max), radix: 16) }.joined())
      ]
    }
    return TestChunk(id: TraceID(high: 0, low: id), spans: [span])
  }

  @Test func `does not fall over whatever bytes it is handed`() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    var generator = TraceGenerator(seed: 9)
    var sent = 0
    for _ in 0..<600 {
      var block = TraceBlock(generator.trace())
      for _ in 0..<Int.random(in: 1...6, using: &generator.random) {
        let place = Int.random(in: 0..<block.bytes.count, using: &generator.random)
        block.bytes[place] = UInt8.random(in: 0...255, using: &generator.random)
        let chunk = Int.random(in: 0..<block.chunks.count, using: &generator.random)
        switch Int.random(in: 0..<6, using: &generator.random) {
        case 0: block.chunks[chunk].message.length = .random(in: -9...400, using: &generator.random)
        case 1: block.chunks[chunk].message.offset = .random(in: -9...Int32.max, using: &generator.random)
        case 2: block.chunks[chunk].sender = TraceBlock.Slice(offset: .max, length: .max)
        case 3: block.chunks[chunk].root = .random(in: .min...Int32.max, using: &generator.random)
        case 4: block.chunks[chunk].spanCount = .min
        default: break
        }
      }
      sent += block.chunks.count
      store.add(block, nowNs: now * 1_000_000_000)
    }
    #expect(store.flush(deadline: .now + .seconds(20)))
    let counters = store.counters
    #expect(counters.storedTraces.chunks + counters.lostTraces.chunks == sent && counters.lostTraces.chunks > 0)
    let stored = StoredTraces(store.location, timeLimit: .seconds(60))
    #expect(try stored.traces(TracesQuery(limit: 5_000)).summaries.count > 20)
    for order in TracesQuery.Order.allCases { _ = try stored.traces(TracesQuery(order: order)) }
    store.stop(deadline: .now + .seconds(10))
  }

  @Test func `reads past blocks that were damaged`() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    for round in 0..<4 as Range<UInt64> {
      store.write((0..<50).map { Self.chunk(round * 50 + $0 + 1, bytes: 8_000) })
    }
    store.stop(deadline: .now + .seconds(10))
    let whole = try StoredTraces(.file(folder.file), timeLimit: .seconds(60)).traces(TracesQuery(limit: 1_000))
      .summaries.count
    #expect(whole == 200)
    var random = SeededGenerator(seed: 5)
    for _ in 0..<30 {
      let (place, byte) = (Int.random(in: 0..<40, using: &random), Int.random(in: 0..<256, using: &random))
      let hex = (byte < 16 ? "0" : "") + String(byte, radix: 16)
      try folder.execute(
        """
        UPDATE pieces SET data = CAST(substr(data, 1, \(place)) || x'\(hex)' || substr(data, \(place + 2)) AS BLOB)
        WHERE id = (SELECT id FROM pieces ORDER BY id LIMIT 1 OFFSET \(Int.random(in: 0..<2, using: &random)))
        """)
      let found = try StoredTraces(.file(folder.file), timeLimit: .seconds(60)).traces(TracesQuery(limit: 1_000))
        .summaries.count
      #expect(found <= whole)
    }
    try folder.execute("UPDATE blocks SET chunks = 90000, base_ns = 1; UPDATE block_ids SET lows = x'00ff'")
    _ = try StoredTraces(.file(folder.file), timeLimit: .seconds(60)).traces(
      TracesQuery(filter: .condition(.words(SearchWords("shop")))))
    // An agent goes on with such a file.
    let next = try folder.open()
    next.write([Self.chunk(9_999)])
    #expect(try StoredTraces(next.location, timeLimit: .seconds(60)).traces(TracesQuery(limit: 1)).summaries.count == 1)
    next.stop(deadline: .now + .seconds(10))
  }

  @Test func `reads of a trace that is too large what it has place for, and says how much is left`() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    for place in 0..<40 as Range<UInt64> {
      var large = Self.chunk(7, start: now * 1_000_000_000 + Int64(place))
      large.spans[0].spanID = place + 1
      large.spans[0].meta = [("body", String(repeating: "a", count: 1 << 20))]
      store.write([large])
    }
    let stored = StoredTraces(store.location, timeLimit: .seconds(60))
    guard case .found(let trace) = try stored.trace(.last) else { throw Broken() }
    #expect(trace.spans.count == 32 && trace.unreadSpans == 8)
    #expect(try stored.traces(TracesQuery()).summaries.map(\.spanCount) == [40])
    store.stop(deadline: .now + .seconds(10))
  }

  private struct Broken: Error {}

  @Test func `lets the oldest traces go where it would get too large, and before the statistics`() throws {
    let folder = try StoreFolder()
    let store = try folder.open(maxBytes: 2 << 20)
    store.add([StatisticsPeriod(now, durationsNs: [1_000])], nowSeconds: now)
    for round in 0..<40 as Range<UInt64> {
      store.write(
        (1...15).map { Self.chunk(round * 15 + $0, start: (now + Int64(round)) * 1_000_000_000, bytes: 8_000) },
        nowSeconds: now + Int64(round))
      #expect(store.counters.usedBytes <= 2 << 20)
    }
    let left = try StoredTraces(store.location, timeLimit: .seconds(60)).traces(TracesQuery(limit: 5_000)).summaries
      .map(\.id.low)
    #expect(left.first ?? 0 > 585 && !left.contains(1) && (60..<560).contains(left.count))
    #expect(store.counters.storedTraces.chunks == 600 && store.counters.lostTraces.chunks == 0)
    #expect(store.counters.oldestTraceNs ?? 0 > now * 1_000_000_000)
    store.stop(deadline: .now + .seconds(10))
    #expect(try folder.read().hits == 1)
    var facts = stat()
    #expect(stat(folder.file, &facts) == 0 && facts.st_size <= 3 << 20)
    // What words said of what is gone is gone with it.
    let database = try StoreFile.openForReading(.file(folder.file))
    let tables = try database.integer("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'words_%_data'")
    #expect(try tables == database.integer("SELECT count(*) FROM segments"))
  }

  @Test func `stays with the journal beside it within what there may be`() throws {
    let folder = try StoreFolder()
    let maxBytes: Int64 = 8 << 20
    let store = try folder.open(maxBytes: maxBytes)
    func bytes(_ path: String) -> Int64 {
      var facts = stat()
      return stat(path, &facts) == 0 ? Int64(facts.st_size) : 0
    }
    // What one transaction writes may come on top of the journal's eighth.
    let (journalMax, transactionMax) = (maxBytes / 8, 1 << 20 as Int64)
    var most: Int64 = 0
    for round in 0..<60 as Range<UInt64> {
      let chunks = (1...4).map { Self.chunk(round * 10 + $0, bytes: 64 << 10) }
      store.write(chunks, nowSeconds: now + Int64(round) * 60)
      let (file, journal) = (bytes(folder.file), bytes(folder.file + "-wal"))
      #expect(
        journal <= journalMax + transactionMax && file + journal <= maxBytes + transactionMax, "\(file) \(journal)")
      most = max(most, file + journal)
    }
    #expect(most > maxBytes / 2 && bytes(folder.file) <= maxBytes - journalMax + transactionMax)
    store.stop(deadline: .now + .seconds(10))
    #expect(bytes(folder.file + "-wal") == 0)
  }

  @Test func `keeps what comes with a clock that was set back, or from the future`() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    let starts = [now, 0, now * 4, -5, now - 400_000, now + 1].map { $0 * 1_000_000_000 }
    for (index, start) in starts.enumerated() {
      store.write([Self.chunk(UInt64(index + 1), start: start)], nowSeconds: now - Int64(index % 3) * 90_000)
    }
    let found = try StoredTraces(store.location, timeLimit: .seconds(60)).traces(TracesQuery()).summaries
    // What begins in the future stands where it came, whatever the agent's own clock said then.
    #expect(found.map(\.id.low) == [3, 6, 1, 5, 2, 4])
    let setBack = now - 180_000
    let range = TracesQuery(sinceNs: setBack * 1_000_000_000, untilNs: (setBack + 1) * 1_000_000_000)
    #expect(
      try StoredTraces(store.location, timeLimit: .seconds(60)).traces(range).summaries.map(\.id.low) == [3, 6, 1])
    store.stop(deadline: .now + .seconds(10))
  }

  @Test func `goes on with a growing block after a restart`() throws {
    let folder = try StoreFolder()
    for round in 0..<3 as Range<UInt64> {
      let store = try folder.open()
      store.write([Self.chunk(round * 2 + 1)])
      store.write([Self.chunk(round * 2 + 2)])
      store.stop(deadline: .now + .seconds(10))
    }
    let database = try StoreFile.openForReading(.file(folder.file))
    #expect(try database.integer("SELECT count(*) FROM blocks") == 1)
    #expect(try database.integer("SELECT count(*) FROM pieces") == 6)
    #expect(try database.integer("SELECT count(DISTINCT trace_id) FROM trace_chunks WHERE service = 'shop'") == 6)
    let words = TracesQuery(filter: .condition(.words(SearchWords("GET 3"))))
    #expect(try StoredTraces(.file(folder.file), timeLimit: .seconds(60)).traces(words).summaries.map(\.id.low) == [3])
  }

  @Test func `says how far a search came whose time was over`() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    store.write((1...2_000).map { Self.chunk($0, start: (now + Int64($0)) * 1_000_000_000) }, nowSeconds: now + 3_000)
    let filter = TraceFilter.not(.condition(.field(.resource, TextPattern("GET*"))))
    let found = try StoredTraces(store.location, timeLimit: .zero).traces(TracesQuery(filter: filter))
    #expect(found.summaries.isEmpty && found.searchedBackToNs ?? 0 > (now + 1_000) * 1_000_000_000)
    #expect(
      try StoredTraces(store.location, timeLimit: .seconds(60)).traces(TracesQuery(filter: filter))
        == TracesFound(arrivedUpTo: 2_000))
    store.stop(deadline: .now + .seconds(10))
  }

  @Test func `takes up a file of the first version`() throws {
    let folder = try StoreFolder()
    mkdir(folder.path + "/state", 0o700)
    try folder.execute(
      StoreSchema.migrations[0] + "PRAGMA application_id = \(StoreSchema.applicationID); PRAGMA user_version = 1;"
        + """
        INSERT INTO keys VALUES (1, 'prod', 'shop', 'GET /', 'flask.request', 'web', 'server', 1);
        INSERT INTO statistics VALUES (10, \(now), 1, 7, 0, 70, 10, \(now)000000000, x'0007');
        """)
    // As it is, without an agent; then by one.
    #expect(try folder.read().hits == 7)
    #expect(try StoredTraces(.file(folder.file), timeLimit: .seconds(60)).traces(TracesQuery()) == TracesFound())
    let store = try folder.open()
    store.write([Self.chunk(1)])
    #expect(try StoredTraces(.file(folder.file), timeLimit: .seconds(60)).traces(TracesQuery()).summaries.count == 1)
    store.stop(deadline: .now + .seconds(10))
    #expect(try folder.read().hits == 7)
  }

  @Test func `takes up a file that does not say whose clock is ahead`() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    store.write([Self.chunk(1)])
    store.stop(deadline: .now + .seconds(10))
    try folder.execute(
      """
      ALTER TABLE chunks DROP COLUMN ahead_ns; DROP TABLE statistics_size; DROP TRIGGER statistics_added;
      DROP TRIGGER statistics_changed; DROP TRIGGER statistics_removed; PRAGMA user_version = 3
      """)
    let stored = StoredTraces(.file(folder.file), timeLimit: .seconds(60))
    #expect(try stored.traces(TracesQuery()).summaries.map(\.id.low) == [1])
    let next = try folder.open()
    next.write([Self.chunk(2, start: (now + 9_000) * 1_000_000_000)], nowSeconds: now + 7)
    #expect(try stored.traces(TracesQuery()).summaries.map(\.aheadNs) == [8_993_000_000_000, 0])
    next.stop(deadline: .now + .seconds(10))
  }

  @Test(arguments: [
    "", "GET /a/b?x=1", "Ünïcode wörter, ΑΒΓ δ", "a.b-c_d", String(repeating: "x", count: 70), "İstanbul K",
    "\u{0}\u{7f}é1",
    String(repeating: "é", count: 40),
  ])
  func `cuts words as a search does`(_ text: String) {
    var words = BlockWords()
    var copy = text
    copy.withUTF8 { words.add(UnsafeRawBufferPointer($0)) }
    let cut = String(decoding: words.text, as: UTF8.self).split(separator: " ").map(String.init)
    #expect(Set(cut) == Set(SearchWords.words(of: text)))
  }

  @Test func `loses and counts what is too much at once`() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    let big = TraceBlock([Self.chunk(1, bytes: 3 << 20)])
    for _ in 0..<40 { store.add(big, nowNs: now * 1_000_000_000) }
    #expect(store.flush(deadline: .now + .seconds(20)))
    let counters = store.counters
    #expect(counters.lostTraces.chunks > 0 && counters.storedTraces.chunks + counters.lostTraces.chunks == 40)
    store.stop(deadline: .now + .seconds(10))
    store.add(big, nowNs: now * 1_000_000_000)
    #expect(store.counters.lostTraces.chunks == counters.lostTraces.chunks + 1)
  }
}

@Suite struct `Open buckets` {
  private static func change(_ hits: Int, bucket: Int64 = now, number: Int64 = 0) -> OpenStatistics {
    let period = StatisticsPeriod(bucket, durationsNs: (0..<hits).map { _ in 1_000 })
    return OpenStatistics(
      changes: period.cells.map {
        OpenStatistics.Change(
          bucketNs: bucket * 1_000_000_000, shard: 0, number: number, widthSeconds: 10, startSeconds: bucket, key: $0,
          cell: $1)
      })
  }

  @Test func `are in the file before they close, and once when they have closed`() throws {
    let folder = try StoreFolder()
    let file = try StoreFile.openForWriting(.file(folder.file))
    let table = try StatisticsTable(file.database)
    try table.replaceOpen(Self.change(2))
    try table.replaceOpen(Self.change(5))
    try table.replaceOpen(Self.change(1, number: 1))
    #expect(try folder.read().hits == 6)
    var closing = OpenStatistics()
    #expect(closing.add(Self.change(9)) == 1 && closing.add(Self.change(3, bucket: now + 10)) == 1)
    closing.close([now * 1_000_000_000])
    try table.add(StatisticsPeriod(now, durationsNs: Array(repeating: 1_000, count: 8)))
    try table.replaceOpen(closing)
    #expect(try folder.read().hits == 8 + 3)
    // The next agent finds them closed.
    try table.closeOpen()
    #expect(try folder.read().hits == 11 && folder.read(now + 10).hits == 3)
    #expect(try file.database.integer("SELECT count(*) FROM open_statistics") == 0)
    file.unlock()
  }

  @Test func `are taken in part where they are too many`() throws {
    let change = try #require(Self.change(1).changes.first)
    var waiting = OpenStatistics(changes: Array(repeating: change, count: OpenStatistics.changesMax - 1))
    #expect(waiting.add(OpenStatistics(changes: [change, change, change])) == 1)
    #expect(waiting.add(OpenStatistics(changes: [change])) == 0)
  }

  @Test func `are gone when they have closed, also where that could not be written at first`() throws {
    let folder = try StoreFolder()
    let queue = try StoreQueue()
    let reports = Lock(0)
    let writer = try StoreWriter(.file(folder.file), maxBytes: 1 << 20, queue: queue) { _ in
      reports.withLock { $0 += 1 }
    }
    let thread = try JoinableThread(name: "test-store") { writer.run() }
    let wait = { #expect(queue.flush(deadline: .now + .seconds(10))) }
    #expect(queue.add(Self.change(5), nowSeconds: now) == 1)
    wait()
    try folder.execute("CREATE TRIGGER no BEFORE INSERT ON statistics BEGIN SELECT RAISE(ABORT, 'no'); END")
    queue.add(
      [StatisticsPeriod(now, durationsNs: [1_000])], closedBuckets: [now * 1_000_000_000], nowSeconds: now)
    wait()
    #expect(queue.counters.lost == 1 && queue.counters.failure != nil && reports.withLock { $0 } == 1)
    try folder.execute("DROP TRIGGER no")
    queue.add([StatisticsPeriod(now + 10, durationsNs: [1_000, 1_000])], nowSeconds: now)
    wait()
    #expect(try folder.read().hits == 2 && queue.counters.failure == nil)
    queue.stop()
    thread.join()
  }
}

import Platform
import Statistics
import TestFixtures
import Testing
import Traces

@testable import Store

private let now: Int64 = 1_750_000_000

@Suite struct `Statistics in a file` {
  @Test func `are there after the agent has ended, and add up with those of the next one`() throws {
    let folder = try StoreFolder()
    for _ in 0..<2 {
      let store = try folder.open()
      store.add(
        [StatisticsPeriod(now, durationsNs: [1_000, 2_000]), StatisticsPeriod(now, durationsNs: [9_000])],
        nowSeconds: now)
      store.stop(deadline: .now + .seconds(10))
      #expect(store.counters.written == 2 && store.counters.lost == 0)
    }
    let aggregate = try folder.read()
    let cell = try #require(aggregate.cells.values.first)
    #expect(aggregate.cells.count == 1 && cell.hits == 6 && cell.maxNs == 9_000 && cell.durationNs == 24_000)
    #expect(cell.sketch.count == 6)
  }

  @Test func `of any part of the time are read without anything twice or left out`() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    for step in 0..<40 as Range<Int64> {
      store.add([StatisticsPeriod(now + step * 10, durationsNs: [1_000])], nowSeconds: now)
    }
    store.stop(deadline: .now + .seconds(10))
    #expect(try folder.read().hits == 40)
    for cut in stride(from: now, through: now + 400, by: 30) {
      #expect(try folder.read(now, cut).hits + folder.read(cut).hits == 40)
    }
    // Where a range ends, too, when it is said where the period begins that holds the end.
    let stored = try StoredStatistics(path: folder.file)
    #expect(try stored.periodStartNs(at: (now + 395) * 1_000_000_000 + 7) == (now + 390) * 1_000_000_000)
    #expect(try stored.periodStartNs(at: (now + 999) * 1_000_000_000 + 7) == (now + 999) * 1_000_000_000 + 7)
    // The period that holds the moment counts in whole.
    #expect(try folder.read(now + 395).hits == 1)
  }

  @Test func `that are too many at once are lost and counted`() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    let many = (0..<Int64(StoreQueue.waitingMax + 9)).map { StatisticsPeriod(now + $0 * 10, durationsNs: [1]) }
    store.add(many, nowSeconds: now)
    store.stop(deadline: .now + .seconds(10))
    #expect(store.counters.lost == 9 && store.counters.written == StoreQueue.waitingMax)
    store.add([many[0]], nowSeconds: now)
    #expect(store.counters.lost == 10)
  }

  @Test func `are only for the user whose agent wrote them`() throws {
    let folder = try StoreFolder()
    try folder.open().stop(deadline: .now + .seconds(10))
    var facts = stat()
    #expect(stat(folder.file, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
    #expect(stat(folder.path + "/state", &facts) == 0 && facts.st_mode & 0o777 == 0o700)
  }
}

@Suite struct `Statistics that grow old` {
  @Test func `keep each hit and true percentiles in coarser periods`() throws {
    let folder = try StoreFolder()
    var random = SeededGenerator(seed: 3)
    var all = LocalCell()
    let database = try StoreFile.openForWriting(.file(folder.file))
    let table = try StatisticsTable(database.database)
    defer { database.unlock() }
    // Three days, a period each five minutes.
    for step in 0..<864 as Range<Int64> {
      let durations = (0..<3).map { _ in Int64.random(in: 1_000...1_000_000_000, using: &random) }
      let period = StatisticsPeriod(now + step * 300, durationsNs: durations)
      try table.add(period)
      for cell in period.cells.values { all.add(cell) }
    }
    let end = now + 864 * 300
    while try table.age(nowSeconds: end) {}
    let aggregate = try folder.read()
    let cell = try #require(aggregate.cells.values.first)
    #expect(cell.hits == all.hits && cell.maxNs == all.maxNs && cell.lastEndNs == all.lastEndNs)
    for quantile in [0.5, 0.75, 0.95, 0.99] {
      #expect(cell.sketch.quantile(quantile) == all.sketch.quantile(quantile))
    }
    func rows(_ width: Int64) throws -> Int64 {
      try database.database.integer("SELECT count(*) FROM statistics WHERE width = \(width)")
    }
    // An hour in tens of seconds, a day in minutes, the rest in hours; one coarse period may be under way.
    #expect(try (12...13).contains(rows(10)) && (276...288).contains(rows(60)) && (48...50).contains(rows(3_600)))
    // What is read up to a moment and from it on is all there is, also where widths differ.
    for cut in [now + 3_600, end - 86_400, end - 3_600] {
      let aligned = cut - cut % 3_600
      #expect(try folder.read(0, aligned).hits + folder.read(aligned).hits == all.hits)
    }
  }

  @Test func `are forgotten after a month, and keys with them`() throws {
    let folder = try StoreFolder()
    let file = try StoreFile.openForWriting(.file(folder.file))
    defer { file.unlock() }
    let table = try StatisticsTable(file.database)
    try table.add(StatisticsPeriod(now, resource: "GET /old", durationsNs: [1]))
    try table.add(StatisticsPeriod(now + 32 * 86_400, durationsNs: [1]))
    while try table.age(nowSeconds: now + 32 * 86_400) {}
    try table.forgetUnusedKeys()
    #expect(try folder.read().cells.keys.map(\.resource) == ["GET /"])
    #expect(try file.database.integer("SELECT count(*) FROM keys") == 1)
  }

  @Test func `give way by the hour where the file would get too large`() throws {
    let folder = try StoreFolder()
    let store = try folder.open(maxBytes: 1 << 20)
    var random = SeededGenerator(seed: 4)
    for hour in 0..<60 as Range<Int64> {
      let periods = (0..<60 as Range<Int64>).map { index in
        StatisticsPeriod(
          now + hour * 3_600, resource: "GET /\(hour)/\(index)/" + String(repeating: "x", count: 300),
          durationsNs: (0..<50).map { _ in .random(in: 1...1_000_000_000, using: &random) })
      }
      store.add(periods, nowSeconds: now + hour * 3_600)
      store.flush(deadline: .now + .seconds(10))
    }
    store.stop(deadline: .now + .seconds(10))
    #expect(store.counters.written == 3_600 && store.counters.lost == 0)
    let left = Set(try folder.read().cells.keys.map { $0.resource.split(separator: "/")[1] })
    #expect(left.contains("59") && !left.contains("0"))
    var facts = stat()
    #expect(stat(folder.file, &facts) == 0 && facts.st_size <= 2 << 20)
  }

  @Test func `take a share of what there may be, so that traces stay`() throws {
    let folder = try StoreFolder()
    let store = try folder.open(maxBytes: 1 << 20)
    store.write([
      TestChunk(
        id: TraceID(high: 0, low: 1),
        spans: [
          TraceSpan(
            spanID: 1, service: "shop", operation: "web", resource: "GET /", startNs: now * 1_000_000_000, durationNs: 5
          )
        ])
    ])
    var random = SeededGenerator(seed: 6)
    for hour in 0..<40 as Range<Int64> {
      let periods = (0..<60 as Range<Int64>).map { index in
        StatisticsPeriod(
          now + hour * 3_600 + index * 10, resource: "GET /\(index)",
          durationsNs: (0..<400).map { _ in .random(in: 1...1_000_000_000, using: &random) })
      }
      store.add(periods, nowSeconds: now + hour * 3_600)
      #expect(store.flush(deadline: .now + .seconds(10)))
    }
    #expect(store.counters.usedBytes < 768 << 10)
    #expect(try StoredTraces(store.location).traces(TracesQuery()).summaries.count == 1)
    store.stop(deadline: .now + .seconds(10))
    let hits = try folder.read().hits
    #expect(hits >= 60 * 400 && hits < 40 * 60 * 400)
    // What the database says of itself is what there is.
    let database = try StoreFile.openForReading(.file(folder.file))
    let size = try database.integer("SELECT sum(length(sketch) + 60) FROM statistics")
    #expect(try database.integer("SELECT bytes FROM statistics_size") == size)
  }

  @Test func `of more keys than a period may have are counted without a row, the busiest with one`() throws {
    let folder = try StoreFolder()
    let file = try StoreFile.openForWriting(.file(folder.file))
    defer { file.unlock() }
    let table = try StatisticsTable(file.database)
    let limit = StatisticsTable.keysOfPeriodMax
    func period(_ start: Int64, _ resources: Range<Int>, hits: Int) -> StatisticsPeriod {
      var cell = LocalCell()
      cell.hits = UInt64(hits)
      let cells = resources.map { number in
        (
          LocalKey(
            env: "", service: "shop", resource: "GET /\(number)", operation: "web", type: "", spanKind: "",
            isTopLevel: true), cell
        )
      }
      return StatisticsPeriod(
        startSeconds: start, widthSeconds: 10, cells: Dictionary(uniqueKeysWithValues: cells))
    }
    func rows() throws -> Int64 { try file.database.integer("SELECT count(*) FROM statistics") }
    let start = now - now % 60
    try file.database.transaction { () throws(StoreError) in
      try table.add(period(start, 0..<limit + 30, hits: 1))
      // Those that have a row go on, and what is new has none.
      try table.add(period(start, 0..<limit + 30, hits: 1))
      try table.add(period(start + 10, limit..<limit + 40, hits: 7))
    }
    let hits = UInt64(2 * (limit + 30) + 40 * 7)
    #expect(try rows() == Int64(limit + 40) && folder.read().hits == hits)
    #expect(try file.database.integer("SELECT count(*) FROM keys") <= Int64(limit + 40))
    while try table.age(nowSeconds: start + 10_000) {}
    #expect(try rows() == Int64(limit) && folder.read().hits == hits)
    #expect(try file.database.integer("SELECT count(*) FROM statistics WHERE hits >= 7") == 40)
  }
}

/// Whom a store gathers from.
private final class Shard: Sendable {}

@Suite struct `A store that has stopped` {
  @Test func `lets go of whom it gathered from`() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    weak var released: Shard?
    do {
      let shard = Shard()
      released = shard
      store.gather { [store] in withExtendedLifetime((store, shard)) {} }
    }
    #expect(released != nil)
    store.stop(deadline: .now + .seconds(10))
    #expect(released == nil)
  }
}

import TestFixtures
import TestSpans
import Testing

@testable import Statistics

@Suite struct LocalHistoryTests {
  private static let minute = LocalHistory.minuteNs

  /// One closed bucket that starts at `startNs`.
  private static func bucket(
    _ startNs: Int64, _ spans: [TestSpan] = [TestSpan()], sizeNs: Int64 = 10 * second
  ) throws -> StatsBucket {
    var counting = Counting(nowNs: startNs) { $0.bucketSizeNs = sizeNs }
    try counting.add(spans.map { span in [span.with { $0.startNs = startNs }] }, nowNs: startNs)
    return try #require(counting.concentrator.takeBuckets(nowNs: startNs, all: true).first)
  }

  private static func hits(_ history: LocalHistory, since: Int64) -> UInt64 {
    var aggregate = LocalAggregate()
    history.collect(sinceNs: since, into: &aggregate)
    return aggregate.cells.values.reduce(aggregate.hitsWithoutRow) { $0 + $1.hits }
  }

  @Test func `any part of the hour can be asked for, by the minute`() throws {
    var history = LocalHistory()
    for index in 0..<60 { history.add(try Self.bucket(start + Int64(index) * Self.minute), nowNs: .max) }
    let end = start + 60 * Self.minute
    history.expire(nowNs: end)
    for minutes in [1, 5, 30, 60] as [Int64] {
      #expect(Self.hits(history, since: end - minutes * Self.minute) == UInt64(minutes))
    }
    // A minute that was only begun counts in whole, and that is said.
    #expect(Self.hits(history, since: end - 90 * second) == 2)
    #expect(history.periodStartNs(at: end - 90 * second) == end - 2 * Self.minute)
    #expect(Self.hits(history, since: end) == 0)
  }

  @Test func `the last minute can be asked for by the bucket, and what is older by the minute`() throws {
    var history = LocalHistory()
    for step in 0..<18 { history.add(try Self.bucket(start + Int64(step) * 10 * second), nowNs: .max) }
    let end = start + 3 * Self.minute
    history.expire(nowNs: end)
    for (age, hits, covered) in [(2, 1, 10), (10, 1, 10), (11, 2, 20), (59, 6, 60), (60, 6, 60), (61, 12, 120)] {
      let sinceNs = end - Int64(age) * second
      #expect(Self.hits(history, since: sinceNs) == UInt64(hits), "the last \(age) s")
      #expect(history.periodStartNs(at: sinceNs) == end - Int64(covered) * second, "the last \(age) s")
    }
    #expect(history.steps.count == 6 && history.minutes.count == 2)
    history.expire(nowNs: end + 2 * Self.minute)
    #expect(history.steps.isEmpty && history.minutes.count == 3 && Self.hits(history, since: .min) == 18)
  }

  @Test(arguments: [1, 7, 10, 25, 120] as [Int64])
  func `buckets of any width become minutes of whole buckets`(width: Int64) throws {
    var history = LocalHistory(bucketSizeNs: width * second)
    let base = BucketClock.align(start, width * second)
    for step in 0..<100 {
      let startNs = base + Int64(step) * width * second
      history.add(try Self.bucket(startNs, sizeNs: width * second), nowNs: .max)
    }
    let end = base + 100 * width * second
    history.expire(nowNs: end)
    for age in [1, 45, 90] as [Int64] {
      let begin = history.periodStartNs(at: end - age * second)
      #expect(Self.hits(history, since: end - age * second) == UInt64((end - begin) / (width * second)))
    }
  }

  @Test func `the buckets of a minute and of all shards add up`() throws {
    var history = LocalHistory()
    for step in 0..<6 {
      for _ in 0..<2 { history.add(try Self.bucket(start + Int64(step) * 10 * second), nowNs: .max) }
    }
    var aggregate = LocalAggregate()
    history.collect(sinceNs: start, into: &aggregate)
    #expect(aggregate.cells.count == 1 && aggregate.cells.values.first?.hits == 12)
    #expect(aggregate.cells.values.first?.lastEndNs == start + 50 * second)
  }

  @Test func `minutes older than an hour are forgotten`() throws {
    var history = LocalHistory()
    for index in 0..<70 { history.add(try Self.bucket(start + Int64(index) * Self.minute), nowNs: .max) }
    history.expire(nowNs: start + 70 * Self.minute)
    #expect(Self.hits(history, since: .min) == 60)
    history.expire(nowNs: start + 200 * Self.minute)
    #expect(Self.hits(history, since: .min) == 0 && history.keyCount == 0)
  }

  @Test func `the percentiles of many minutes are those of one sketch`() throws {
    var random = SeededGenerator(seed: 6)
    var history = LocalHistory()
    var all = DDSketch()
    for index in 0..<10 {
      let spans = (0..<200).map { _ in
        TestSpan().with {
          $0.durationNs = Int64.random(in: 1_000...1_000_000_000, using: &random)
          $0.error = index % 2 == 0 ? 1 : 0
        }
      }
      for span in spans { all.add(DDSketch.truncated(durationNs: span.durationNs)) }
      var counting = Counting(nowNs: start)
      let startNs = start + Int64(index) * Self.minute
      try counting.add(spans.map { span in [span.with { $0.startNs = startNs - $0.durationNs }] }, nowNs: startNs)
      for bucket in counting.concentrator.takeBuckets(nowNs: startNs, all: true) { history.add(bucket, nowNs: .max) }
    }
    var aggregate = LocalAggregate()
    history.collect(sinceNs: start, into: &aggregate)
    let row = try #require(aggregate.services(env: nil).first)
    #expect(row.cell.hits == 2_000 && row.cell.errors == 1_000)
    for q in [0, 0.5, 0.75, 0.95, 0.99, 1] { #expect(row.cell.sketch.quantile(q) == all.quantile(q), "seed 6, q \(q)") }
  }

  @Test func `keys beyond a minute's limit share a row of their service, and take no memory`() throws {
    var history = LocalHistory()
    let limit = LocalHistory.keysPerPeriodMax
    for round in 0..<3 {
      let spans = (0..<limit).map { index in TestSpan().with { $0.resource = "r\(round)-\(index)" } }
      history.add(try Self.bucket(start, spans), nowNs: .max)
    }
    var aggregate = LocalAggregate()
    history.collect(sinceNs: start, into: &aggregate)
    #expect(aggregate.cells.count == limit + 1 && aggregate.hitsWithoutRow == 0)
    #expect(aggregate.services(env: nil).map(\.cell.hits) == [UInt64(3 * limit)])
    let rows = aggregate.resources(env: nil, allSpans: false) { _ in true }
    #expect(rows.last?.key.isCollapsed == true && rows.last?.cell.hits == UInt64(2 * limit))
    #expect(history.keyCount == limit + 1)
    history.expire(nowNs: start + 3 * Self.minute)
    #expect(history.brokenInvariants == [] && Self.hits(history, since: start) == UInt64(3 * limit))
  }

  @Test func `a service with few resources has their rows, whoever has taken all others`() throws {
    var history = LocalHistory()
    let ids = (0..<LocalHistory.keysPerPeriodMax + 10).map { index in
      TestSpan().with {
        $0.service = "shop"
        $0.resource = "GET /users/\(index)"
      }
    }
    history.add(try Self.bucket(start, ids), nowNs: .max)
    let few = (0..<LocalHistory.rowsOfEachService + 5).map { index in
      TestSpan().with {
        $0.service = "till"
        $0.resource = "POST /pay/\(index)"
      }
    }
    history.add(try Self.bucket(start, few), nowNs: .max)
    var aggregate = LocalAggregate()
    history.collect(sinceNs: start, into: &aggregate)
    let rows = aggregate.resources(env: nil, allSpans: false) { $0 == "till" }
    #expect(rows.filter { !$0.key.isCollapsed }.count == LocalHistory.rowsOfEachService)
    #expect(rows.filter(\.key.isCollapsed).map(\.cell.hits) == [5])
    #expect(history.brokenInvariants == [])
  }
}

@Suite struct LocalAggregateTests {
  private static func aggregate(_ traces: [[TestSpan]], env: String = "") throws -> LocalAggregate {
    var counting = Counting()
    try counting.add(traces) { $0.payload.env = $0.addBytes(Array(env.utf8)) }
    var aggregate = LocalAggregate()
    for bucket in counting.concentrator.buckets { aggregate.add(bucket) }
    return aggregate
  }

  private static let trace = [
    TestSpan().with {
      $0.durationNs = 6_000
      $0.error = 1
    },
    TestSpan(2, parent: 1).with {
      $0.resource = "inner"
      $0.durationNs = 5_000
      $0.type = "template"
    },
    TestSpan(3, parent: 2).with {
      $0.service = "db"
      $0.resource = "SELECT"
      $0.type = "sql"
      $0.durationNs = 3_000
    },
  ]

  @Test func `services count the spans that enter them, busiest first`() throws {
    let rows = try Self.aggregate([
      Self.trace,
      [
        TestSpan().with {
          $0.traceID = 2
          $0.durationNs = 2_000
        }
      ],
    ]).services(env: nil)
    #expect(rows.map(\.service) == ["web", "db"] && rows.map(\.cell.hits) == [2, 1])
    #expect(rows.map(\.cell.errors) == [1, 0] && rows.map(\.type) == ["web", "sql"])
    #expect(rows.map(\.cell.durationNs) == [8_000, 3_000] && rows.map(\.cell.maxNs) == [6_000, 3_000])
    #expect(rows.map(\.env) == ["none", "none"])
  }

  @Test func `the type of a service is its most frequent one`() throws {
    let other = TestSpan().with { $0.type = "http" }
    #expect(try Self.aggregate([[TestSpan()], [other], [other]]).services(env: nil).map(\.type) == ["http"])
  }

  @Test func `environments are rows of their own and can be asked for`() throws {
    var aggregate = try Self.aggregate([[TestSpan()]], env: "prod")
    for (key, cell) in try Self.aggregate([[TestSpan()], [TestSpan()]], env: "dev").cells {
      aggregate.add(key, cell, startNs: start)
    }
    #expect(aggregate.services(env: nil).map(\.env) == ["dev", "prod"])
    #expect(aggregate.services(env: "prod").map(\.cell.hits) == [1])
    #expect(aggregate.services(env: "other").isEmpty)
    #expect(aggregate.resources(env: "dev", allSpans: false) { $0 == "web" }.map(\.cell.hits) == [2])
  }

  @Test func `resources are those of entry spans, with their share of the time`() throws {
    let other = TestSpan().with {
      $0.traceID = 2
      $0.resource = "GET /slow"
      $0.durationNs = 18_000
    }
    let aggregate = try Self.aggregate([Self.trace, [other]])
    let rows = aggregate.resources(env: nil, allSpans: false) { $0 == "web" }
    #expect(rows.map(\.key.resource) == ["GET /slow", "GET /"] && rows.map(\.timeShare) == [0.75, 0.25])
    let all = aggregate.resources(env: nil, allSpans: true) { $0 == "web" }
    #expect(Set(all.map(\.key.resource)) == ["GET /slow", "GET /", "inner"])
    #expect(abs(all.reduce(0) { $0 + $1.timeShare } - 1) < 1e-9)
    #expect(aggregate.resources(env: nil, allSpans: true) { $0 == "none" }.isEmpty)
  }

  @Test func `entry and inner spans of one resource are one row of all spans`() throws {
    let trace = [TestSpan(), TestSpan(2, parent: 1)]
    let aggregate = try Self.aggregate([trace])
    #expect(aggregate.resources(env: nil, allSpans: true) { $0 == "web" }.map(\.cell.hits) == [2])
    #expect(aggregate.resources(env: nil, allSpans: false) { $0 == "web" }.map(\.cell.hits) == [1])
  }

  @Test func `no time at all has no shares`() throws {
    let rows = try Self.aggregate([[TestSpan().with { $0.durationNs = 0 }]]).resources(
      env: nil, allSpans: false
    ) { $0 == "web" }
    #expect(rows.map(\.timeShare) == [0])
  }
}

@Suite struct `Versions of an app` {
  private static func aggregate(_ versions: [String]) throws -> LocalHistory {
    var history = LocalHistory()
    for (index, version) in versions.enumerated() {
      let startNs = start + Int64(index) * 10 * second
      var counting = Counting(nowNs: startNs)
      try counting.add([[TestSpan().with { $0.startNs = startNs }]], nowNs: startNs) {
        $0.payload.appVersion = $0.addBytes(Array(version.utf8))
      }
      for bucket in counting.concentrator.takeBuckets(nowNs: startNs, all: true) { history.add(bucket, nowNs: .max) }
    }
    return history
  }

  @Test func `are kept apart, and share a row in tables`() throws {
    let history = try Self.aggregate(["1.0", "1.1", "1.1", ""])
    var all = LocalAggregate()
    history.collect(sinceNs: start, into: &all)
    #expect(Set(all.cells.keys.map(\.version)) == ["1.0", "1.1", ""])
    #expect(all.services(env: nil).map(\.cell.hits) == [4])
    #expect(all.resources(env: nil, allSpans: true) { _ in true }.map(\.cell.hits) == [4])
    #expect(all.versions.isEmpty, "nobody asked")
  }

  @Test func `are counted alone when one is asked for, with where it begins`() throws {
    let history = try Self.aggregate(["1.0", "1.1", "1.1", ""])
    for (version, hits, steps) in [("1.1", 2, 1), ("", 1, 3), ("2", 0, nil)] as [(String, UInt64, Int64?)] {
      var aggregate = LocalAggregate(version: version)
      history.collect(sinceNs: start, into: &aggregate)
      #expect(aggregate.cells.values.reduce(0) { $0 + $1.hits } == hits)
      #expect(aggregate.firstNs == steps.map { start + $0 * 10 * second })
      #expect(aggregate.versions == ["1.0", "1.1", ""])
    }
  }
}

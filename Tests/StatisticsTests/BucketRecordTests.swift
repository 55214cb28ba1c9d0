import TestSpans
import Testing
import TraceModel

@testable import Statistics

@Suite struct `What a bucket has counted, as bytes` {
  /// Groups of all kinds: forwarded and not, with errors, weights, peers, and sketches that reach far.
  private static func counting() throws -> Counting {
    var counting = Counting()
    for step in 0..<40 as Range<Int64> {
      let root = TestSpan(1).with {
        $0.service = "shop"
        $0.resource = "GET /\(step % 7)"
        $0.durationNs = 1 << step
        $0.error = step % 3 == 0 ? 1 : 0
      }
      let inner = TestSpan(2, parent: 1).with {
        $0.service = step % 2 == 0 ? "shop" : "db"
        $0.name = "query"
      }.meta("span.kind", "client").meta("peer.hostname", "box-\(step % 3)")
      try counting.add([[root.metric("_sample_rate", 0.7), inner]])
    }
    return counting
  }

  private static func records(_ bucket: StatsBucket, source: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for index in bucket.groups.indices where bucket.isSent(index) {
      bucket.appendRecord(of: index, source: source, to: &bytes)
    }
    return bytes
  }

  private static func restored(_ records: [[UInt8]], startNs: Int64) -> StatsBucket {
    var restoration = BucketRestoration()
    for record in records {
      let isWhole = restoration.add(record)
      #expect(isWhole)
    }
    return restoration.bucket(startNs: startNs)
  }

  /// Groups by what names them, in one order.
  private static func sorted(_ payload: StatsPayload) -> [ClientGroupedStats] {
    payload.groups.sorted { "\($0.service)\($0.resource)\($0.peerTags)" < "\($1.service)\($1.resource)\($1.peerTags)" }
  }

  @Test func `makes the same payload as the bucket itself`() throws {
    var counting = try Self.counting()
    let buckets = counting.concentrator.takeBuckets(nowNs: start, all: true)
    let again = buckets.map { Self.restored([Self.records($0, source: 0)], startNs: $0.startNs) }
    let (first, second) = (Self.sorted(counting.assemble(buckets)), Self.sorted(counting.assemble(again)))
    #expect(first.count > 10 && first.map(\.resource) == second.map(\.resource))
    for (one, other) in zip(first, second) {
      #expect(one.okSummary == other.okSummary && one.errorSummary == other.errorSummary)
      #expect(one.peerTags == other.peerTags && one.httpStatusCode == other.httpStatusCode)
      // Fractions are rounded by chance.
      #expect(abs(Int64(one.hits) - Int64(other.hits)) <= 1 && abs(Int64(one.errors) - Int64(other.errors)) <= 1)
      #expect(abs(Int64(one.duration) - Int64(other.duration)) <= 1)
    }
  }

  @Test func `counts a group's last record only, and the groups of several sources together`() throws {
    var counting = Counting()
    try counting.add([[TestSpan(1)]])
    let early = try #require(counting.concentrator.buckets.first)
    try counting.add([[TestSpan(1)]])
    let late = try #require(counting.concentrator.buckets.first)
    let records = [
      Self.records(early, source: 0), Self.records(late, source: 0), Self.records(early, source: 1),
    ]
    let groups = counting.assemble([Self.restored(records, startNs: late.startNs)]).groups
    #expect(groups.map(\.hits) == [3])
  }

  @Test func `is read as far as it makes sense`() throws {
    var counting = try Self.counting()
    let bucket = try #require(counting.concentrator.takeBuckets(nowNs: start, all: true).first)
    let records = Self.records(bucket, source: 0)
    for count in [1, 2, 9, records.count / 2, records.count - 1] {
      var restoration = BucketRestoration()
      let isWhole = restoration.add(Array(records.prefix(count)))
      #expect(!isWhole, "\(count) bytes")
    }
    var restoration = BucketRestoration()
    let isWhole = restoration.add([UInt8](repeating: 0xff, count: 100))
    #expect(!isWhole && restoration.isEmpty)
  }

  @Test func `leaves out what only tables of this machine show`() throws {
    var counting = Counting()
    try counting.add([[TestSpan(1), TestSpan(2, parent: 1)]])
    let bucket = try #require(counting.concentrator.buckets.first)
    #expect(bucket.groups.count == 2 && bucket.groups.indices.filter { bucket.isSent($0) }.count == 1)
  }
}

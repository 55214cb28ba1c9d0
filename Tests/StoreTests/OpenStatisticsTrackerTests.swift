import Testing

@testable import Statistics
@testable import Store

private let now: Int64 = 1_750_000_000

@Suite struct `What open buckets have counted` {
  /// Open buckets of one receiving thread with so many groups.
  private struct Buckets {
    var bucket = StatsBucket(startNs: now * 1_000_000_000)
    private var key: [UInt8]

    init(groups: Int) {
      var builder = GroupKeyBuilder(keys: .init(peerTags: []), usesPeerTags: false)
      builder.writePayload(.init(), defaultEnv: [])
      builder.writeBlockedSpan(local: [])
      key = Array(builder.finish().key)
      for group in 0..<groups { count(group) }
    }

    mutating func count(_ group: Int) {
      key[key.count - 1] = UInt8(group)
      key.withUnsafeBytes { bytes in
        let index = bucket.findOrInsert(bytes, hash: UInt64(group))
        bucket.count(
          index, weight: 1, durationNs: 1_000, endNs: bucket.startNs + 1, isError: false, isTopLevel: true)
      }
    }
  }

  /// What a look finds that has changed, when at most so many changes are taken.
  private static func changes(
    _ tracker: inout OpenStatisticsTracker, _ buckets: Buckets, taking: Int = .max
  ) -> [Int64] {
    var found: [Int64] = []
    tracker.changes([[buckets.bucket]], bucketSizeNs: 10_000_000_000, nowNs: now * 1_000_000_000) { open in
      found = open.changes.map(\.number)
      return min(taking, found.count)
    }
    return found
  }

  @Test func `is handed over once, and again when it has changed or was not taken`() {
    var tracker = OpenStatisticsTracker()
    var buckets = Buckets(groups: 3)
    #expect(Self.changes(&tracker, buckets) == [0, 1, 2])
    #expect(Self.changes(&tracker, buckets).isEmpty)
    buckets.count(1)
    #expect(Self.changes(&tracker, buckets) == [1])
    buckets.count(0)
    buckets.count(2)
    #expect(Self.changes(&tracker, buckets, taking: 1) == [0, 2])
    #expect(Self.changes(&tracker, buckets) == [2])
    tracker.forget([buckets.bucket.startNs])
    #expect(Self.changes(&tracker, buckets) == [0, 1, 2])
  }

  @Test func `is handed over again when it could not be written`() throws {
    let folder = try StoreFolder()
    let store = try HistoryStore(.file(folder.file), maxBytes: 1 << 20) { _ in }
    let buckets = Buckets(groups: 3)
    func handOver() {
      store.addOpen(bucketSizeNs: 10_000_000_000, nowNs: now * 1_000_000_000) { [[buckets.bucket]] }
      #expect(store.flush(deadline: .now + .seconds(10)))
    }
    try folder.execute("CREATE TRIGGER no BEFORE INSERT ON open_statistics BEGIN SELECT RAISE(ABORT, 'no'); END")
    handOver()
    #expect(store.counters.failure != nil)
    try folder.execute("DROP TRIGGER no")
    // Nothing has been counted since, and yet it is written now.
    handOver()
    #expect(try store.counters.failure == nil && folder.read().hits == 3)
    store.stop(deadline: .now + .seconds(10))
  }
}

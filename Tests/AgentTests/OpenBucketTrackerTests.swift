import Statistics
import TestFixtures
import TestSpans
import Testing
import TraceModel

@testable import Agent
@testable import Statistics

@Suite struct `Changes of open buckets` {
  /// Buckets of one receiving thread.
  private struct Source: ~Copyable {
    var concentrator = Concentrator(
      configuration: ConcentratorConfiguration(), keys: KeyTable(peerTags: []), nowNs: TestSpan.someTimeNs)

    mutating func count(_ resources: [String]) throws {
      try withBatch(
        resources.map { resource in [TestSpan(1).with { $0.resource = resource }] }, keys: KeyTable(peerTags: [])
      ) { batch in
        for index in 0..<batch.spans.count { batch.spans[index].flags.insert(.topLevel) }
        concentrator.add(batch, nowNs: TestSpan.someTimeNs, isForwarded: true)
      }
    }
  }

  /// Hits by resource of all records that were found.
  private static func hits(_ changes: [OpenBucketTracker.Change]) -> [String: Double] {
    var hits: [String: Double] = [:]
    for change in changes {
      var restoration = BucketRestoration()
      let isWhole = restoration.add(change.records)
      #expect(isWhole)
      let bucket = restoration.bucket(startNs: change.startNs)
      for (index, group) in bucket.groups.enumerated() {
        hits[GroupKey(bucket.key(of: index)).resource, default: 0] += group.hits
      }
    }
    return hits
  }

  private static func changes(
    _ tracker: inout OpenBucketTracker, _ sources: [[StatsBucket]?], bytesMax: Int = .max
  ) -> [OpenBucketTracker.Change] {
    tracker.changes(threads: sources.count, bytesMax: bytesMax) { sources[$0] }
  }

  @Test func `are found once, each group with all that it has counted`() throws {
    var tracker = OpenBucketTracker()
    var source = Source()
    try source.count(["a", "b"])
    let first = Self.changes(&tracker, [source.concentrator.buckets])
    #expect(Self.hits(first) == ["a": 1, "b": 1] && first.map(\.file) == [1])
    #expect(Self.changes(&tracker, [source.concentrator.buckets]) == [])
    try source.count(["b", "c"])
    #expect(Self.hits(Self.changes(&tracker, [source.concentrator.buckets])) == ["b": 2, "c": 1])
    tracker.findAllAgain()
    #expect(Self.hits(Self.changes(&tracker, [source.concentrator.buckets])) == ["a": 1, "b": 2, "c": 1])
  }

  @Test func `of each thread go to a file, and those of a busy thread are found later and stay when others close`()
    throws
  {
    var tracker = OpenBucketTracker()
    var first = Source()
    var second = Source()
    try first.count(["a"])
    try second.count(["a", "b"])
    let changes = Self.changes(&tracker, [first.concentrator.buckets, nil])
    let startNs = try #require(changes.first?.startNs)
    let later = Self.changes(&tracker, [nil, second.concentrator.buckets])
    #expect(Self.hits(changes) == ["a": 1] && Self.hits(later) == ["a": 1, "b": 1])
    #expect((changes + later).map(\.file) == [1, 2])
    #expect(Self.changes(&tracker, [first.concentrator.buckets, second.concentrator.buckets]) == [])
    #expect(tracker.close([BucketPlace(source: 0, startNs: startNs)]) == [1])
    #expect(Self.changes(&tracker, [[], second.concentrator.buckets]) == [])
    try second.count(["b"])
    let last = Self.changes(&tracker, [[], second.concentrator.buckets])
    #expect(Self.hits(last) == ["b": 2] && last.map(\.file) == [2])
    #expect(tracker.close([BucketPlace(source: 1, startNs: startNs)]) == [2])
  }

  @Test func `go to another file when the bucket before has closed`() throws {
    var tracker = OpenBucketTracker()
    var source = Source()
    try source.count(["a"])
    let startNs = try #require(Self.changes(&tracker, [source.concentrator.buckets]).first?.startNs)
    let places = [startNs, startNs + 1].map { BucketPlace(source: 0, startNs: $0) }
    #expect(tracker.close(places) == [1])
    #expect(tracker.close(places) == [])
    #expect(Self.changes(&tracker, [source.concentrator.buckets]).map(\.file) == [2])
  }

  @Test func `that are more than may be written come in turn, also while the first ones go on counting`() throws {
    var tracker = OpenBucketTracker()
    var first = Source()
    var second = Source()
    let names = (0..<20).map { "\($0)" }
    var found: [String: Double] = [:]
    for _ in 0..<50 {
      try first.count(names)
      try second.count(names)
      let buckets = [first.concentrator.buckets, second.concentrator.buckets]
      var asked: [Int] = []
      let changes = tracker.changes(threads: 2, bytesMax: 300) {
        asked.append($0)
        return buckets[$0]
      }
      #expect(changes.reduce(0) { $0 + $1.records.count } < 900)
      #expect(asked.count < 3)
      for (name, hits) in Self.hits(changes) { found[name] = max(found[name] ?? 0, hits) }
    }
    #expect(found.keys.sorted() == names.sorted())
    #expect(found.values.allSatisfy { $0 > 20 })
  }
}

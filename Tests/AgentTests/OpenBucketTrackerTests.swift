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

  @Test func `are found once, each group with all that it has counted`() throws {
    var tracker = OpenBucketTracker()
    var source = Source()
    try source.count(["a", "b"])
    let first = tracker.changes([source.concentrator.buckets])
    #expect(Self.hits(first) == ["a": 1, "b": 1] && first.map(\.file) == [1])
    #expect(tracker.changes([source.concentrator.buckets]) == [])
    try source.count(["b", "c"])
    #expect(Self.hits(tracker.changes([source.concentrator.buckets])) == ["b": 2, "c": 1])
    tracker.findAllAgain()
    #expect(Self.hits(tracker.changes([source.concentrator.buckets])) == ["a": 1, "b": 2, "c": 1])
  }

  @Test func `of several threads go to one file, and a busy thread is found later`() throws {
    var tracker = OpenBucketTracker()
    var first = Source()
    var second = Source()
    try first.count(["a"])
    try second.count(["a", "b"])
    let changes = tracker.changes([first.concentrator.buckets, nil])
    let later = tracker.changes([nil, second.concentrator.buckets])
    #expect(Self.hits(changes) == ["a": 1] && Self.hits(later) == ["a": 1, "b": 1])
    #expect((changes + later).map(\.file) == [1, 1])
    #expect(tracker.changes([first.concentrator.buckets, second.concentrator.buckets]) == [])
  }

  @Test func `go to another file when the bucket before has closed`() throws {
    var tracker = OpenBucketTracker()
    var source = Source()
    try source.count(["a"])
    let startNs = try #require(tracker.changes([source.concentrator.buckets]).first?.startNs)
    #expect(tracker.close([startNs, startNs + 1]) == [1])
    #expect(tracker.close([startNs]) == [])
    #expect(tracker.changes([source.concentrator.buckets]).map(\.file) == [2])
  }
}

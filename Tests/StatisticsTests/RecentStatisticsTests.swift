import Foundation
import Platform
import Synchronization
import TestSpans
import Testing

@testable import Statistics

@Suite struct `Recent statistics` {
  /// A thread's buckets, of one hit each. One closes whenever somebody takes.
  private final class Source: BucketSource {
    private let open: Lock<[StatsBucket]>

    init(_ buckets: [StatsBucket]) { open = Lock(buckets) }

    func openBuckets(until deadline: ContinuousClock.Instant) -> [StatsBucket]? {
      isBusy.load(ordering: .relaxed) ? nil : open.withLock { $0 }
    }
    let isBusy = Atomic<Bool>(false)

    func takeBuckets(nowNs: Int64, all: Bool, until deadline: ContinuousClock.Instant) -> [StatsBucket]? {
      if isBusy.load(ordering: .relaxed) { return nil }
      return open.withLock { open in
        let taken = all ? open : [StatsBucket](open.prefix(1))
        open.removeFirst(taken.count)
        return taken
      }
    }
  }

  /// A history that is added in one place: it keeps everything, and expires nothing.
  private struct Archive: StatisticsHistory, StatisticsSnapshot {
    private var buckets: [StatsBucket] = []
    var sinceNs: Int64 { 0 }

    mutating func add(_ bucket: StatsBucket, nowNs: Int64) { buckets.append(bucket) }
    mutating func expire(nowNs: Int64) {}
    func snapshot() -> any StatisticsSnapshot { self }
    func periodStartNs(at timeNs: Int64) -> Int64 { timeNs }
    func collect(sinceNs: Int64, untilNs: Int64, into aggregate: inout LocalAggregate) {
      for bucket in buckets where bucket.startNs >= sinceNs && bucket.startNs < untilNs { aggregate.add(bucket) }
    }
    func collect(into series: inout LocalSeries) {
      for bucket in buckets { series.add(bucket) }
    }
  }

  private static func bucket(_ startNs: Int64) throws -> StatsBucket {
    var counting = Counting(nowNs: startNs)
    try counting.add([[TestSpan().with { $0.startNs = startNs }]], nowNs: startNs)
    return try #require(counting.concentrator.takeBuckets(nowNs: startNs, all: true).first)
  }

  private static func hits(_ statistics: RecentStatistics, since: Int64 = .min) -> UInt64 {
    let aggregate = statistics.collect(sinceNs: since)
    return aggregate.cells.values.reduce(aggregate.hitsWithoutRow) { $0 + $1.hits }
  }

  enum Place: CaseIterable { case localHistory, archive }

  private static func history(_ place: Place) -> any StatisticsHistory {
    switch place {
    case .localHistory: LocalHistory()
    case .archive: Archive()
    }
  }

  @Test(arguments: Place.allCases)
  func `show each bucket once while it moves from its thread to the history`(place: Place) throws {
    let sources = try (0..<3 as Range<Int64>).map { index in
      Source(try (0..<50 as Range<Int64>).map { try Self.bucket(start + ($0 * 3 + index) * second) })
    }
    let statistics = RecentStatistics(sources: sources, history: Self.history(place))
    let done = Finished()
    Thread.detachNewThread {
      for step in 0..<50 as Range<Int64> {
        _ = statistics.takeBuckets(nowNs: start + step * second, all: false, until: .now + .seconds(10))
      }
      done.set()
    }
    var seen: Set<UInt64> = []
    repeat { seen.insert(Self.hits(statistics)) } while !done.isSet
    seen.insert(Self.hits(statistics))
    #expect(seen == [150])
    #expect(sources.allSatisfy { $0.openBuckets(until: .now)?.isEmpty == true })
  }

  @Test func `of a thread that is busy count what has closed, and wait for it no longer than they must`() throws {
    let busy = Source(try [0, 1].map { try Self.bucket(start + $0 * second) })
    let free = Source([try Self.bucket(start)])
    let statistics = RecentStatistics(sources: [busy, free])
    #expect(statistics.takeBuckets(nowNs: start, all: false, until: .now + .seconds(10)).buckets.count == 2)
    busy.isBusy.store(true, ordering: .relaxed)
    #expect(Self.hits(statistics) == 2)
    #expect(statistics.collect(sinceNs: 0).missingSources == 1)
    let without = statistics.takeBuckets(nowNs: start, all: true, until: .now + .seconds(10))
    #expect(without.buckets.isEmpty && without.places.isEmpty && !without.areAll)
    busy.isBusy.store(false, ordering: .relaxed)
    let with = statistics.takeBuckets(nowNs: start, all: true, until: .now + .seconds(10))
    #expect(with.buckets.count == 1 && with.areAll)
    #expect(with.places == [BucketPlace(source: 0, startNs: start)])
    #expect(Self.hits(statistics) == 3)
    #expect(statistics.collect(sinceNs: 0).missingSources == 0)
  }

  private final class Finished: Sendable {
    private let flag = Atomic(false)
    var isSet: Bool { flag.load(ordering: .acquiring) }
    func set() { flag.store(true, ordering: .releasing) }
  }

  @Test func `end at the time asked for, in open buckets too, and forget what is old`() throws {
    let minute = LocalHistory.minuteNs
    let source = Source(try [0, 10, 65].map { try Self.bucket(start + $0 * minute) })
    let statistics = RecentStatistics(sources: [source])
    #expect(statistics.takeBuckets(nowNs: .max, all: false, until: .now + .seconds(10)).buckets.count == 1)
    #expect(Self.hits(statistics) == 3)
    #expect(Self.hits(statistics, since: start + 5 * minute) == 2)
    #expect(Self.hits(statistics, since: start + 60 * minute) == 1)
    statistics.expire(nowNs: start + 66 * minute, until: .now + .seconds(10))
    #expect(Self.hits(statistics) == 2)
    #expect(statistics.takeBuckets(nowNs: .max, all: true, until: .now + .seconds(10)).buckets.count == 2)
    #expect(Self.hits(statistics) == 2)
  }

  @Test(arguments: Place.allCases)
  func `of times that adjoin count each hit once, wherever the cut is`(place: Place) throws {
    let (minute, ten) = (LocalHistory.minuteNs, 10 * second)
    var history = Self.history(place)
    for step in 0..<30 as Range<Int64> { history.add(try Self.bucket(start + step * ten), nowNs: .max) }
    history.expire(nowNs: start + 5 * minute)
    let open = Source(try [30, 31].map { try Self.bucket(start + $0 * ten) })
    let statistics = RecentStatistics(sources: [open], history: history)
    func hits(_ since: Int64, _ until: Int64) -> UInt64 {
      let aggregate = statistics.collect(sinceNs: since, untilNs: until)
      #expect(aggregate.endNs == .max || aggregate.cells.isEmpty || aggregate.endNs > aggregate.startNs)
      return aggregate.cells.values.reduce(aggregate.hitsWithoutRow) { $0 + $1.hits }
    }
    for cut in stride(from: start, through: start + 6 * minute, by: 7 * Int(second)) {
      #expect(hits(0, cut) + hits(cut, .max) == 32, "at \((cut - start) / second) s")
      #expect(hits(0, start) == 0 && hits(start, cut) + hits(cut, cut + minute) + hits(cut + minute, .max) == 32)
    }
  }

  @Test func `are a copy: what is added while they are read does not show`() throws {
    for place in Place.allCases {
      var history = Self.history(place)
      history.add(try Self.bucket(start), nowNs: .max)
      let snapshot = history.snapshot()
      history.add(try Self.bucket(start), nowNs: .max)
      var aggregate = LocalAggregate()
      snapshot.collect(sinceNs: .min, into: &aggregate)
      #expect(aggregate.cells.values.map(\.hits) == [1])
    }
  }
}

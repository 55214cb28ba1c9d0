import Platform
import TestFixtures
import TestSpans
import Testing

@testable import Statistics

@Suite struct CollapseTests {
  private static func traces(_ count: Int, from first: Int = 0) -> [[TestSpan]] {
    (first..<first + count).map { index in [TestSpan().with { $0.resource = "r\(index)" }] }
  }

  @Test func `beyond the limit of groups the sums stay true`() throws {
    var counting = Counting()
    try counting.add(Self.traces(StatsBucket.groupsMax + 500))
    try counting.add(Self.traces(1))
    #expect(counting.concentrator.collapsedSpans == 500)
    #expect(counting.concentrator.brokenInvariants == [])
    let groups = counting.groups()
    #expect(groups.reduce(0) { $0 + $1.hits } == UInt64(StatsBucket.groupsMax + 501))
    #expect(groups.count == StatsBucket.groupsMax + 1)
    let blocked = groups.filter { $0.resource == StatsBucket.blockedValue }
    #expect(blocked.map(\.hits) == [500] && blocked[0].service == "web" && blocked[0].name == "flask.request")
    #expect(groups.first { $0.resource == "r0" }?.hits == 2)
  }

  @Test func `a flood of services ends in one group`() throws {
    var counting = Counting()
    let count = StatsBucket.groupsMax * 12 / 10
    try counting.add((0..<count).map { index in [TestSpan().with { $0.service = "s\(index)" }] })
    #expect(counting.concentrator.brokenInvariants == [])
    let groups = counting.groups()
    #expect(groups.reduce(0) { $0 + $1.hits } == UInt64(count))
    #expect(groups.count <= StatsBucket.groupsMax * 11 / 10 + 1)
    let last = groups.filter { $0.service == StatsBucket.blockedValue }
    #expect(last.count == 1 && last[0].hits > 0 && last[0].name == StatsBucket.blockedValue)
  }

  @Test func `peers collapse before resources`() throws {
    var counting = Counting()
    let count = 2 * StatsBucket.groupsMax
    for start in stride(from: 0, to: count, by: 10_000) {
      try counting.add(
        (start..<start + 10_000).map { index in
          [TestSpan().meta("span.kind", "client").meta("peer.service", "peer-\(index)")]
        })
    }
    try counting.add(Self.traces(1_000))
    #expect(counting.concentrator.collapsedSpans == 0)
    #expect(counting.concentrator.spansWithoutPeer == UInt64(count - StatsBucket.groupsWithPeerMax))
    #expect(counting.concentrator.brokenInvariants == [])
    let groups = counting.groups()
    #expect(groups.reduce(0) { $0 + $1.hits } == UInt64(count + 1_000))
    #expect(groups.allSatisfy { $0.resource != StatsBucket.blockedValue })
  }

  /// Each of many groups with the shortest and the longest duration there is, good and failed.
  private static func extremes(_ groups: Int) -> [[TestSpan]] {
    (0..<groups).flatMap { index in
      let durations: [(Int64, Int32)] = [
        (1, 0), (788_400_000_000_000_000, 0), (1, 1), (788_400_000_000_000_000, 1),
      ]
      return durations.map { durationNs, error in
        [
          TestSpan().with {
            $0.resource = "r\(index)"
            $0.startNs = TestSpan.someTimeNs - durationNs
            $0.durationNs = durationNs
            $0.error = error
          }
        ]
      }
    }
  }

  @Test func `durations that lie far apart take no more memory than others`() throws {
    var crafted = Counting()
    var plain = Counting()
    try crafted.add(Self.extremes(2_000))
    try plain.add((0..<4).flatMap { _ in Self.traces(2_000) })
    let bytes = [
      crafted.concentrator.buckets.reduce(0) { $0 + $1.bytes }, plain.concentrator.buckets.reduce(0) { $0 + $1.bytes },
    ]
    #expect(bytes[0] < bytes[1] * 2, "\(bytes)")
  }

  @Test func `within their budget of memory the buckets of all threads keep their sums true`() throws {
    let budget = StatisticsBudget(bytesMax: 400_000)
    var one = Counting { $0.budget = budget }
    var other = Counting { $0.budget = budget }
    var random = SeededGenerator(seed: 3)
    for round in 0..<10 {
      let traces = (0..<400).map { index in
        [
          TestSpan().with {
            $0.resource = "r\(round)-\(index % 200)"
            $0.durationNs = Int64(exp2(Double.random(in: 0...50, using: &random)))
          }
        ]
      }
      if round % 2 == 0 { try one.add(traces) } else { try other.add(traces) }
    }
    #expect(budget.usedBytes < 440_000 + 200_000, "one payload more than the budget at most")
    #expect(one.concentrator.collapsedSpans + other.concentrator.collapsedSpans > 0)
    #expect(one.concentrator.coarsenedSpans + other.concentrator.coarsenedSpans > 0)
    #expect(one.concentrator.brokenInvariants == [] && other.concentrator.brokenInvariants == [])
    let buckets =
      one.concentrator.takeBuckets(nowNs: start, all: true) + other.concentrator.takeBuckets(nowNs: start, all: true)
    #expect(budget.usedBytes == 0)
    #expect(one.assemble(buckets).groups.reduce(0) { $0 + $1.hits } == 4_000)
  }
}

import TestSpans
import Testing
import TraceModel

@testable import Statistics

/// Groups of statistics that a client computed, on their way to the intake.
@Suite struct ClientGroupTests {
  /// One hit of 1 ms that a client counted in a bucket of its own.
  private static func group(
    _ statistics: inout ClientStatistics, startNs: Int64 = start, hits: UInt64 = 1
  ) -> ClientGroupRecord {
    var group = ClientGroupRecord()
    (group.hits, group.topLevelHits) = (hits, hits)
    (group.bucketStartNs, group.bucketWidthNs) = (UInt64(startNs), UInt64(10 * second))
    let first = statistics.bins.count
    statistics.bins.append(SketchBin(index: Int32(DDSketch.index(of: 1_000_000)), count: Double(hits)))
    group.okSketch.gamma = DDSketch.gamma
    group.okSketch.bins = IndexRange(start: first, end: first + 1)
    return group
  }

  @Test func `what a client says of a group is sent on, apart from what was counted here`() throws {
    var counting = Counting()
    try counting.addComputed([[TestSpan(1, parent: 9).meta("span.kind", "client")]]) { batch, statistics in
      var group = Self.group(&statistics, hits: 7)
      (group.errors, group.durationNs, group.topLevelHits) = (2, 9_000, 5)
      (group.httpMethod, group.httpEndpoint) = (batch.addText("POST"), batch.addText("/cart/{id}"))
      statistics.imageTag = batch.addText("shop:7")
      func list(_ text: StaticString) -> IndexRange {
        statistics.texts.append(batch.addText(text))
        return IndexRange(start: statistics.texts.count - 1, end: statistics.texts.count)
      }
      (group.peerTags, group.primaryTags, group.metricTags) = (list("db.name:shop"), list("tier:gold"), list("a:b"))
      statistics.groups.append(group)
    }
    #expect(counting.concentrator.brokenInvariants == [])
    let payload = counting.payload()
    #expect(payload.clientComputed && payload.stats.first?.imageTag == "shop:7")
    let bucket = try #require(payload.stats.first?.stats.first)
    #expect(bucket.start % UInt64(2 * second) == UInt64(second) && bucket.duration == UInt64(10 * second))
    let group = try #require(payload.groups.first)
    #expect([group.hits, group.errors, group.duration, group.topLevelHits] == [7, 2, 9_000, 5])
    #expect([group.httpMethod, group.httpEndpoint] == ["POST", "/cart/{id}"] && group.isTraceRoot == .unknown)
    #expect(group.peerTags == ["db.name:shop"] && group.spanDerivedPrimaryTags == ["tier:gold"])
    #expect(group.additionalMetricTags == ["a:b"] && group.spanKind == "client")
    #expect(try SketchReader(group.okSummary).bins.values.reduce(0, +) == 7)
  }

  @Test func `what clients and the agent counted goes in payloads of their own`() throws {
    var counting = Counting()
    try counting.add([[TestSpan()]])
    try counting.addComputed([[TestSpan()]]) { $1.groups.append(Self.group(&$1)) }
    let buckets = counting.concentrator.takeBuckets(nowNs: start, all: true)
    var (random, seen) = (SystemRandomNumberGenerator(), [Bool]())
    let assembler = StatsAssembler(
      keys: KeyTable(peerTags: []), agentHostname: "", agentEnv: "", agentVersion: "", bucketSizeNs: 10 * second)
    _ = assembler.assemble(buckets, limit: .init(groupsMax: 10, bytesMax: 10_000), random: &random) {
      seen.append($0.clientComputed)
      #expect($0.groups.map(\.hits) == [1])
    }
    #expect(seen == [false, true])
  }

  @Test(
    arguments: [
      ("now", 0, 0), ("of the last bucket", -10, -10), ("late", -17, -18), ("long ago", -3_600, -18),
      ("ahead", 3_600, 0),
      ("before the clock", -(start / second) - 1, -18),
    ] as [(String, Int64, Int64)])
  func `a bucket of a client goes to its own two seconds, unless they are over or to come`(
    when: String, seconds: Int64, expected: Int64
  ) throws {
    var counting = Counting()
    let startNs = max(start + seconds * second, 0)
    try counting.addComputed([[TestSpan()]]) { $1.groups.append(Self.group(&$1, startNs: startNs)) }
    let base = BucketClock.align(start, 2 * second) + second
    #expect(counting.concentrator.buckets.map { ($0.startNs - base) / second } == [expected], "\(when)")
  }

  @Test func `the memory of all buckets bounds what clients counted too`() throws {
    let budget = StatisticsBudget(bytesMax: 400_000)
    var counting = Counting { $0.budget = budget }
    for round in 0..<4 {
      let traces = (1...1_000).map { id in
        [TestSpan(UInt64(id)).with { $0.resource = "GET /\(round)/\(id)" }.with { $0.traceID = UInt64(id) }]
      }
      try counting.addComputed(traces) { _, statistics in
        for _ in traces { statistics.groups.append(Self.group(&statistics, hits: 3)) }
      }
    }
    let groups = counting.concentrator.buckets.flatMap(\.groups)
    #expect(groups.reduce(0) { $0 + $1.hits } == 12_000 && groups.count < 2_000)
    #expect(groups.reduce(0) { $0 + $1.okSketch.count } == 12_000)
    #expect(counting.concentrator.buckets.reduce(0) { $0 + $1.bytes } < 500_000)
    #expect(counting.concentrator.brokenInvariants == [] && counting.concentrator.collapsedSpans > 6_000)
  }
}

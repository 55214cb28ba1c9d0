import Control
import TestSpans
import Testing

@testable import Agent

@Suite struct `Statistics over time of an agent` {
  private static let second: Int64 = 1_000_000_000

  private static func series(_ agent: AgentUnderTest, _ query: SeriesQuery) throws -> SeriesAnswer {
    guard case .series(let answer) = agent.queries.answer(.series(query)) else { throw AgentUnderTest.Broken() }
    return answer
  }

  @Test func `have a step for each ten seconds of the last minute, with the hits that the table has`() throws {
    let agent = try AgentUnderTest()
    for _ in 0..<6 {
      _ = try agent.post(
        "/v0.4/traces", TestPayload.v04([[TestSpan(1).with { $0.startNs = agent.nowNs - Self.second }]]))
      agent.pass(seconds: 10)
      agent.flusher.flushStats(nowNs: agent.nowNs)
    }
    let minute = 60 * Self.second
    let answer = try Self.series(
      agent, SeriesQuery(windowNs: minute, grouping: .services, includesLatency: true))
    #expect(answer.stepNs == 10 * Self.second && answer.rows.count == 1)
    let row = try #require(answer.rows.first)
    #expect(row.hits.count == 7 && row.hits.reduce(0, +) == 6)
    #expect(row.service == (try agent.services().first?.service) && row.resource == nil)
    #expect(row.p50Ns?.count == 7)
    for (hits, p99) in zip(row.hits, row.p99Ns ?? []) { #expect((hits > 0) == (p99 > 0)) }
    let counts = try Self.series(agent, SeriesQuery(windowNs: minute))
    #expect(counts.rows.map(\.hits) == [row.hits] && counts.rows.first?.p50Ns == nil)
  }

  @Test func `of adjoining parts of the past count each hit once, in tables, steps and histograms`() throws {
    let agent = try AgentUnderTest()
    let began = agent.nowNs / (60 * Self.second) * 60 * Self.second
    for _ in 0..<12 {
      _ = try agent.post(
        "/v0.4/traces", TestPayload.v04([[TestSpan(1).with { $0.startNs = agent.nowNs - Self.second }]]))
      agent.pass(seconds: 20)
      agent.flusher.flushStats(nowNs: agent.nowNs)
    }
    let middle = began + 120 * Self.second
    let parts = [TimeRange(sinceNs: 0, untilNs: middle), TimeRange(sinceNs: middle), TimeRange(sinceNs: .min)]
    var hits: [[UInt64]] = []
    for range in parts {
      guard case .services(let services) = agent.queries.answer(.services(ServicesQuery(range: range))),
        case .histogram(let histogram) = agent.queries.answer(.histogram(HistogramQuery(range: range)))
      else { throw AgentUnderTest.Broken() }
      let series = try Self.series(agent, SeriesQuery(range: range))
      let counts = [services.rows.reduce(0) { $0 + $1.hits }, histogram.hits, series.rows[0].hits.reduce(0, +)]
      #expect(Set(counts).count == 1, "\(range): \(counts)")
      hits.append(counts)
      #expect(services.covered?.endNs ?? 0 <= range.untilNs ?? .max)
    }
    #expect(hits[0][0] > 0 && hits[1][0] > 0 && hits[0][0] + hits[1][0] == 12 && hits[2][0] == 12)
  }

  @Test(
    arguments: [
      (nil, nil, 6_400, 10_000, true), (5, nil, 9_995, 10_000, true), (nil, TimeRange(untilNs: 5), 4, 5, false),
      (100, TimeRange(untilNs: 5_000), 4_900, 5_000, false), (100, TimeRange(sinceNs: 7_000), 7_000, 10_000, true),
      (nil, TimeRange(sinceNs: 1_000, untilNs: 2_000), 1_999, 2_000, false),
      (nil, TimeRange(sinceNs: 9_999, untilNs: 99_999), 9_999, 10_000, true),
      (nil, TimeRange(sinceNs: 20_000), 9_999, 10_000, true), (0, TimeRange(untilNs: -5), 0, 1, false),
    ] as [(Int64?, TimeRange?, Int64, Int64, Bool)])
  func `lie within what is kept, whatever is asked for`(
    window: Int64?, range: TimeRange?, start: Int64, end: Int64, endsNow: Bool
  ) {
    let range = range.map {
      TimeRange(sinceNs: $0.sinceNs.map { $0 * Self.second }, untilNs: $0.untilNs.map { $0 * Self.second })
    }
    let time = CountedTime(
      window.map { $0 * Self.second }, range, nowNs: 10_000 * Self.second, reachNs: 7_200 * Self.second)
    #expect(time.startNs == start * Self.second && time.endNs == end * Self.second && time.endsNow == endsNow)
    for extreme in [Int64.min, .max] {
      let odd = CountedTime(
        extreme, TimeRange(sinceNs: extreme, untilNs: extreme), nowNs: 10_000 * Self.second, reachNs: 7_200)
      #expect(odd.startNs >= 0 && odd.startNs < odd.endNs)
    }
  }

  @Test func `tell resources apart, and leave out what was not asked for`() throws {
    let agent = try AgentUnderTest()
    let spans = ["GET /a", "GET /b", "GET /a"].enumerated().map { index, resource in
      [TestSpan(UInt64(index) + 1).with { $0.resource = resource }]
    }
    _ = try agent.post("/v0.4/traces", TestPayload.v04(spans))
    let answer = try Self.series(agent, SeriesQuery(grouping: .resources))
    #expect(answer.rows.map { $0.resource } == ["GET /a", "GET /b"])
    #expect(answer.rows.map { $0.hits.reduce(0, +) } == [2, 1])
    var query = SeriesQuery()
    query.selection.resource = "GET /b"
    #expect(try Self.series(agent, query).rows.map { $0.hits.reduce(0, +) } == [1])
    query.selection.service = "nobody"
    #expect(try Self.series(agent, query).rows.isEmpty)
  }

  @Test func `have a histogram with every hit of the table and its percentiles`() throws {
    let agent = try AgentUnderTest()
    let spans = (1...50).map { index in [TestSpan(index).with { $0.durationNs = Int64(index * index) * 10_000 }] }
    _ = try agent.post("/v0.4/traces", TestPayload.v04(spans))
    guard case .histogram(let answer) = agent.queries.answer(.histogram(HistogramQuery())) else {
      throw AgentUnderTest.Broken()
    }
    let row = try #require(try agent.services().first)
    #expect(answer.hits == row.hits && answer.latency == row.latency)
    #expect(answer.bins.reduce(0) { $0 + $1.hits } == 50 && answer.bins.count <= HistogramAnswer.binsMax)
  }

  @Test(
    arguments: [
      (60, nil, 10), (60, 1, 10), (61, nil, 60), (3_600, nil, 60), (3_600, 120, 120), (86_400, nil, 900),
      (90_000, nil, 3_600), (31 * 86_400, nil, 43_200), (31 * 86_400, 60, 7_200),
      (3_600, Int64.max / 1_000_000_000, nil),
    ] as [(Int64, Int64?, Int64?)])
  func `have steps no narrower than what is kept, and not too many`(window: Int64, wished: Int64?, step: Int64?) {
    let width = SeriesSteps.widthNs(
      windowNs: window * Self.second, wishedNs: wished.map { $0 &* Self.second }, bucketSizeNs: 10 * Self.second)
    #expect(width > 0 && window * Self.second / width <= Int64(SeriesAnswer.stepsMax))
    if let step { #expect(width == step * Self.second) }
  }
}

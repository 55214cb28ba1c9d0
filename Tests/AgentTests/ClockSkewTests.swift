import Testing

@testable import Agent

@Suite struct `A client's clock` {
  private static let second: Int64 = 1_000_000_000
  private static let client = ClockSkew.Client(row: 0, peer: 0)

  /// Payloads at these times, with the offsets of the latest start and end from now, all in seconds; what is found.
  private func found(_ payloads: [(at: Int64, start: Int64, end: Int64)]) -> [Double?] {
    var skew = ClockSkew()
    return payloads.map { payload in
      let now = (1_000_000 + payload.at) * Self.second
      return skew.observe(
        Self.client, latestStartNs: now + payload.start * Self.second, latestEndNs: now + payload.end * Self.second,
        nowNs: now)
    }
  }

  @Test func `is ahead as soon as a span starts in the future`() {
    #expect(found([(0, 25_920, 25_921)]) == [25_921])
  }

  @Test func `is not ahead for a span that only ends in the future: its duration is wrong`() {
    #expect(found([(0, -1, 3_600), (1, 9, 60)]) == [nil, nil])
  }

  @Test func `is right for spans that end about now, long ones included`() {
    #expect(found([(0, -1, 0), (1, -7_200, -1), (2, -5, -5), (3, 3, 4)]) == [nil, nil, nil, nil])
  }

  @Test func `is behind when spans end long ago by the same amount for long enough`() {
    let payloads = stride(from: 0, through: 12, by: 2).map { (at: Int64($0), start: -61 as Int64, end: -60 as Int64) }
    #expect(found(payloads) == [nil, nil, nil, nil, nil, -60, -60])
  }

  @Test func `is not behind for payloads that were only sent late`() {
    // An agent that was away for a minute: what had waited comes at once, each a little younger.
    var backlog: [(at: Int64, start: Int64, end: Int64)] = []
    for number in 0..<60 as Range<Int64> { backlog.append((at: number / 20, start: number - 61, end: number - 60)) }
    #expect(found(backlog).allSatisfy { $0 == nil })
  }

  @Test func `is not behind when one payload in between is on time`() {
    let payloads: [(at: Int64, start: Int64, end: Int64)] = [
      (0, -61, -60), (5, -61, -60), (9, -1, 0), (10, -61, -60), (12, -61, -60),
    ]
    #expect(found(payloads).allSatisfy { $0 == nil })
  }

  @Test func `is watched for many clients in bounded memory`() {
    var skew = ClockSkew()
    for row in 0..<1_000 {
      let client = ClockSkew.Client(row: row, peer: 0)
      #expect(skew.observe(client, latestStartNs: 0, latestEndNs: 0, nowNs: 100 * Self.second) == nil)
    }
    #expect(skew.watched == ClockSkew.clientsMax)
  }

  @Test func `at the ends of time no skew is made up, and nothing overflows`() {
    var skew = ClockSkew()
    for (start, end) in [(Int64.max, Int64.max), (.min, .min), (.max, .min), (0, .max)] {
      #expect(skew.observe(Self.client, latestStartNs: start, latestEndNs: end, nowNs: .max) == nil)
      let early = skew.observe(Self.client, latestStartNs: start, latestEndNs: end, nowNs: .min)
      // A start after now is proof, and its end says by how much.
      #expect(early == (start == .max && end == .min ? 0 : nil))
    }
    #expect(skew.watched == 0)
  }
}

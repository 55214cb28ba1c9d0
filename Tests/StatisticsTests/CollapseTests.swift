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
}

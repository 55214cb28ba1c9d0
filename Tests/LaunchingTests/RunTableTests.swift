import Control
import Testing

@testable import Launching

@Suite struct `The table of a run` {
  private let system = FakeSystem()

  private func table(
    isOwn: Bool, before rows: [ServiceRow] = [], resources: [ResourceRow] = []
  ) throws -> RunTable {
    system.begin(50)
    system.agents[FakeSystem.path]?.services.rows = rows
    system.agents[FakeSystem.path]?.resources.rows = resources
    guard let info = system.info(at: FakeSystem.path, within: .zero),
      let agent = AgentForRun(info, usualRecipe, own: isOwn ? own(50) : nil, listener: .nobody)
    else { throw ControlError.timedOut }
    return RunTable(agent, system)
  }

  private func rows(_ table: RunTable, _ now: [ServiceRow], after time: Duration = .seconds(10)) -> [ServiceRow]? {
    system.agents[FakeSystem.path]?.services = ServicesAnswer(nowNs: 1, rows: now, hitsWithoutRow: 4)
    return table.tables(elapsed: time, system)?.services.rows
  }

  @Test func `of an own agent is all that the agent has`() throws {
    let table = try table(isOwn: true, before: [serviceRow(hits: 5)])
    #expect(rows(table, [serviceRow(hits: 5)]) == [serviceRow(hits: 5)])
  }

  @Test func `of an agent that was there holds only what was added`() throws {
    let table = try table(isOwn: false, before: [serviceRow(hits: 5, errors: 1), serviceRow("quiet", hits: 2)])
    let now = [
      serviceRow(hits: 8, errors: 2, lastSeenNs: 2), serviceRow("quiet", hits: 2), serviceRow("new", hits: 1),
    ]
    let found = try #require(rows(table, now))
    #expect(found.map(\.service) == ["shop", "new"])
    #expect(found[0].hits == 3 && found[0].errors == 1)
    #expect(found[0].ratePerSecond == 0.3)
  }

  @Test func `has of each resource what was added, too`() throws {
    let table = try table(
      isOwn: false, before: [serviceRow(hits: 5)],
      resources: [resourceRow(hits: 4, errors: 1), resourceRow("q", hits: 1)]
    )
    system.agents[FakeSystem.path]?.services.rows = [serviceRow(hits: 8, lastSeenNs: 2)]
    system.agents[FakeSystem.path]?.resources.rows = [
      resourceRow(hits: 6, errors: 3, lastSeenNs: 2), resourceRow("q", hits: 1), resourceRow("q", of: "new", hits: 1),
    ]
    let rows = try #require(table.tables(elapsed: .seconds(10), system)?.resources.rows)
    #expect(rows.map(\.service) == ["shop", "new"])
    #expect(rows[0].hits == 2 && rows[0].errors == 2)
  }

  @Test func `shows the busiest resources, then others that fail, and says what it leaves out`() {
    func shown(_ rows: [ResourceRow]) -> RunTables {
      RunTables(
        services: ServicesAnswer(nowNs: 1, rows: []), resources: ResourcesAnswer(service: nil, nowNs: 1, rows: rows))
    }
    let busy = (1...6).map { resourceRow("r\($0)", hits: UInt64($0) * 10) }
    let failing = (1...7).map { resourceRow("f\($0)", hits: 9, errors: UInt64($0)) }
    let tables = shown(busy + failing)
    #expect(
      tables.resources.rows.map(\.resource) == ["r6", "r5", "r4", "r3", "r2", "f7", "f6", "f5", "f4", "f3"])
    #expect(tables.resourcesNote == "3 more resources, 2 of them with errors")
    #expect(shown(busy).resourcesNote == "1 more resource")
    #expect(shown(Array(busy.prefix(5))).resourcesNote == nil)
  }

  @Test func `of a run longer than the agent remembers is the last hour, and says so`() throws {
    let table = try table(isOwn: false, before: [serviceRow(hits: 5)])
    #expect(rows(table, [serviceRow(hits: 5)], after: .seconds(3_601)) == [serviceRow(hits: 5)])
    #expect(table.notes(elapsed: .seconds(3_601)) == ["the table covers the last hour"])
    #expect(table.notes(elapsed: .seconds(3_599)) == [])
  }

  @Test func `is not known when the agent does not answer`() throws {
    let table = try table(isOwn: true)
    system.end(50)
    #expect(table.tables(elapsed: .zero, system) == nil)
  }
}

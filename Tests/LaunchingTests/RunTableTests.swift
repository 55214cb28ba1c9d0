import Control
import Testing

@testable import Launching

@Suite struct `The table of a run` {
  private let system = FakeSystem()

  private func table(isOwn: Bool, before rows: [ServiceRow] = []) throws -> RunTable {
    system.begin(50)
    system.agents[FakeSystem.path]?.services.rows = rows
    guard let info = system.info(at: FakeSystem.path, within: .zero),
      let agent = AgentForRun(info, usualRecipe, own: isOwn ? own(50) : nil, listener: .nobody)
    else { throw ControlError.timedOut }
    return RunTable(agent, system)
  }

  private func rows(_ table: RunTable, _ now: [ServiceRow], after time: Duration = .seconds(10)) -> [ServiceRow]? {
    system.agents[FakeSystem.path]?.services = ServicesAnswer(nowNs: 1, rows: now, hitsWithoutRow: 4)
    return table.services(elapsed: time, system)?.rows
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

  @Test func `of a run longer than the agent remembers is the last hour, and says so`() throws {
    let table = try table(isOwn: false, before: [serviceRow(hits: 5)])
    #expect(rows(table, [serviceRow(hits: 5)], after: .seconds(3_601)) == [serviceRow(hits: 5)])
    #expect(table.notes(elapsed: .seconds(3_601)) == ["the table covers the last hour"])
    #expect(table.notes(elapsed: .seconds(3_599)) == [])
  }

  @Test func `is not known when the agent does not answer`() throws {
    let table = try table(isOwn: true)
    system.end(50)
    #expect(table.services(elapsed: .zero, system) == nil)
  }
}

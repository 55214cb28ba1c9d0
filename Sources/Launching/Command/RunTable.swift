import Control

/// What a command has sent, or all clients while it ran, by service.
struct RunTable: Sendable {
  private let controlPath: String
  /// Of an agent that was there before; `nil` for an agent of this run's own, all of whose rows count.
  private var before: [ServiceRow]?
  /// When another agent took its place.
  private var beginsAfter: Duration?

  /// To be made before the command is started.
  init(_ agent: AgentForRun, _ system: some RunSystem) {
    controlPath = agent.recipe.controlPath
    before = agent.own == nil ? system.services(at: controlPath)?.rows ?? [] : nil
  }

  /// Another agent took the place of the first so long after the command's start; what that had counted ended with it.
  mutating func startOver(_ agent: AgentForRun, after elapsed: Duration, _ system: some RunSystem) {
    before = agent.own == nil ? system.services(at: controlPath, within: StartingAgent.queryLimit)?.rows ?? [] : nil
    beginsAfter = elapsed
  }

  /// What came since; without rows when nothing did, `nil` when the agent does not answer any more.
  func services(elapsed: Duration, _ system: some RunSystem) -> ServicesAnswer? {
    let ns = Self.nanoseconds(elapsed)
    guard var answer = system.services(at: controlPath) else { return nil }
    if let before, ns < ControlProtocol.historyNs {
      // Statistics go by minutes: of an agent that was there, the latency may be that of a minute more.
      let recent = system.services(at: controlPath, windowNs: ns)?.rows ?? []
      answer.rows = answer.rows.compactMap { Self.news($0, before, recent, ns) }
      answer.hitsWithoutRow = nil
    }
    return answer
  }

  /// Lines below the table: how much of the run it covers, when that is not all of it.
  func notes(elapsed: Duration) -> [String] {
    let isLong = Self.nanoseconds(elapsed) > ControlProtocol.historyNs
    let change = beginsAfter.map { ["the table begins \(FirstTrace.seconds($0)) after the command: the agent changed"] }
    return (isLong ? ["the table covers the last hour"] : []) + (change ?? [])
  }

  private static func nanoseconds(_ time: Duration) -> Int64 {
    time.components.seconds &* 1_000_000_000 &+ time.components.attoseconds / 1_000_000_000
  }

  /// A row with only what was added; `nil` when that is nothing.
  private static func news(
    _ row: ServiceRow, _ before: [ServiceRow], _ recent: [ServiceRow], _ elapsedNs: Int64
  ) -> ServiceRow? {
    func isSame(_ other: ServiceRow) -> Bool { other.service == row.service && other.env == row.env }
    guard let old = before.first(where: isSame) else { return row }
    guard row.lastSeenNs > old.lastSeenNs, var news = recent.first(where: isSame) else { return nil }
    // More than an hour after the service's first span the agent forgets as fast as it counts; then the window's hits
    // are the better number.
    if row.hits > old.hits {
      news.hits = min(news.hits, row.hits - old.hits)
      news.errors = min(news.errors, row.errors - min(old.errors, row.errors))
    }
    news.ratePerSecond = Double(news.hits) / max(Double(elapsedNs) / 1e9, 1)
    return news
  }
}

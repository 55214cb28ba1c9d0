import Control
import Launching
import Terminal

/// What a command has sent, or all clients while it ran, at its end.
struct RunReport {
  private let client: ControlClient
  /// Of an agent that was there before.
  private var before: [ServiceRow]?
  /// When another agent took its place.
  private var beginsAfter: Duration?

  /// To be made before the command is started.
  init(_ agent: AgentForRun) {
    client = agent.client
    before = agent.own == nil ? Self.rows(agent.client, windowNs: nil)?.rows ?? [] : nil
  }

  /// Another agent took the place of the first so long after the command's start; what that had counted ended with it.
  mutating func startOver(_ agent: AgentForRun, after elapsed: Duration) {
    before = agent.own == nil ? Self.rows(agent.client, windowNs: nil, within: RunSession.askLimit)?.rows ?? [] : nil
    beginsAfter = elapsed
  }

  /// The services table of what came since; empty when nothing did, `nil` when the agent does not answer any more.
  ///
  /// - Parameter isAllOfCommand: false when some of it may be of others; the table says so then.
  func lines(elapsed: Duration, isAllOfCommand: Bool, drawing: Drawing) -> [String]? {
    let ns = elapsed.components.seconds &* 1_000_000_000 &+ elapsed.components.attoseconds / 1_000_000_000
    guard var answer = Self.rows(client, windowNs: nil) else { return nil }
    if let before, ns < ControlProtocol.historyNs {
      // Statistics go by minutes: of an agent that was there, the latency may be that of a minute more.
      let recent = Self.rows(client, windowNs: ns)?.rows ?? []
      answer.rows = answer.rows.compactMap { news($0, before, recent, ns) }
      answer.hitsWithoutRow = 0
    }
    guard !answer.rows.isEmpty else { return [] }
    let long = ns > ControlProtocol.historyNs ? ["the table covers the last hour"] : []
    let change = beginsAfter.map { ["the table begins \(FirstTrace.seconds($0)) after the command: the agent changed"] }
    let head = isAllOfCommand ? [] : ["what all clients sent to the agent during the run, not only the command:"]
    return head + ServicesReport(answer).lines(drawing) + long + (change ?? [])
  }

  /// A row with only what was added; `nil` when that is nothing.
  private func news(
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

  private static func rows(
    _ client: ControlClient, windowNs: Int64?, within limit: Duration = ControlProtocol.timeout
  ) -> ServicesAnswer? {
    let question = ControlQuestion.services(ServicesQuestion(windowNs: windowNs))
    guard case .services(let answer)? = try? client.ask(question, within: limit) else { return nil }
    return answer
  }
}

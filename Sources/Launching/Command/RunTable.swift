import Control

/// What a command has sent, or all clients while it ran, by service and by resource.
struct RunTable: Sendable {
  /// What an agent had counted when a run found it.
  private struct Before: Sendable {
    var services: [ServiceRow]
    var resources: [ResourceRow]

    init(_ system: some RunSystem, at controlPath: String, within limit: Duration = ControlProtocol.timeout) {
      services = system.services(at: controlPath, within: limit)?.rows ?? []
      resources = services.isEmpty ? [] : system.resources(at: controlPath, within: limit)?.rows ?? []
    }
  }

  private let controlPath: String
  /// Of an agent that was there before; `nil` for an agent of this run's own, all of whose rows count.
  private var before: Before?
  /// When another agent took its place.
  private var beginsAfter: Duration?

  /// To be made before the command is started.
  init(_ agent: AgentForRun, _ system: some RunSystem) {
    controlPath = agent.recipe.controlPath
    before = agent.own == nil ? Before(system, at: controlPath) : nil
  }

  /// Another agent took the place of the first so long after the command's start; what that had counted ended with it.
  mutating func startOver(_ agent: AgentForRun, after elapsed: Duration, _ system: some RunSystem) {
    before = agent.own == nil ? Before(system, at: controlPath, within: StartingAgent.queryLimit) : nil
    beginsAfter = elapsed
  }

  /// What came since; without rows when nothing did, `nil` when the agent does not answer any more.
  func tables(elapsed: Duration, _ system: some RunSystem) -> RunTables? {
    let ns = Self.nanoseconds(elapsed)
    guard var services = system.services(at: controlPath) else { return nil }
    var resources = ResourcesAnswer(service: nil, nowNs: services.nowNs, rows: [])
    if !services.rows.isEmpty, let answer = system.resources(at: controlPath) { resources = answer }
    if let before, ns < ControlProtocol.historyNs, !services.rows.isEmpty {
      // Statistics go by steps of 10 s and, after two minutes, by minutes: of an agent that was there, the latency may be
      // that of a step more.
      let recent = system.services(at: controlPath, windowNs: ns)?.rows ?? []
      services.rows = Self.news(services.rows, since: before.services, recent: recent, elapsedNs: ns)
      services.hitsWithoutRow = nil
      let recentResources = system.resources(at: controlPath, windowNs: ns)?.rows ?? []
      resources.rows = Self.news(resources.rows, since: before.resources, recent: recentResources, elapsedNs: ns)
      resources.hitsWithoutRow = nil
    }
    return RunTables(services: services, resources: resources)
  }

  /// Lines below the tables: how much of the run they cover, when that is not all of it.
  func notes(elapsed: Duration) -> [String] {
    let isLong = Self.nanoseconds(elapsed) > ControlProtocol.historyNs
    let change = beginsAfter.map { ["the table begins \(FirstTrace.seconds($0)) after the command: the agent changed"] }
    return (isLong ? ["the table covers the last hour"] : []) + (change ?? [])
  }

  private static func nanoseconds(_ time: Duration) -> Int64 {
    time.components.seconds &* 1_000_000_000 &+ time.components.attoseconds / 1_000_000_000
  }

  /// Rows with only what was added; those to which nothing was are left out.
  private static func news<Row: GrowingRow>(
    _ rows: [Row], since before: [Row], recent: [Row], elapsedNs: Int64
  ) -> [Row] {
    let old = Dictionary(before.map { ($0.identity, $0) }) { first, _ in first }
    let recent = Dictionary(recent.map { ($0.identity, $0) }) { first, _ in first }
    return rows.compactMap { row in
      guard let old = old[row.identity] else { return row }
      guard row.lastSeenNs > old.lastSeenNs, var news = recent[row.identity] else { return nil }
      // More than an hour after the row's first span the agent forgets as fast as it counts; then the window's hits are
      // the better number.
      if row.hits > old.hits {
        news.hits = min(news.hits, row.hits - old.hits)
        news.errors = min(news.errors, row.errors - min(old.errors, row.errors))
      }
      news.ratePerSecond = Double(news.hits) / max(Double(elapsedNs) / 1e9, 1)
      return news
    }
  }
}

/// A row of a table whose numbers grow while an agent runs.
private protocol GrowingRow {
  /// What tells it apart from the table's other rows.
  var identity: [String] { get }
  var hits: UInt64 { get set }
  var errors: UInt64 { get set }
  var ratePerSecond: Double { get set }
  var lastSeenNs: Int64 { get }
}

extension ServiceRow: GrowingRow {
  fileprivate var identity: [String] { [service, env] }
}

extension ResourceRow: GrowingRow {
  fileprivate var identity: [String] { [service, env, resource, operation, type, spanKind] }
}

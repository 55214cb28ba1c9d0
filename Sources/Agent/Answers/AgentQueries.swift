import Configuration
import Control
import Exporting
import Processing
import Receiver
import Sampling
import Statistics
import Store

/// Which agent this is, since when, and with what settings.
struct AgentDescription: Sendable {
  let configuration: AgentConfiguration
  /// What was set and changes nothing.
  var withoutEffect: [SettingWithoutEffect] = []
  let build: BuildIdentity
  let hostname: String
  /// When the agent started, in ns since 1970.
  let startedNs: Int64
  /// From when on there are statistics: from the start, or from where the store's begin; ns since 1970.
  let countedSinceNs: Int64
  /// Of the `roost run` that the agent was started for; 0 for none.
  let runPid: Int32
}

/// Answers what the commands ask, from the shards, the history and the forwarder.
struct AgentQueries: ControlAnswering {
  let agent: AgentDescription
  let receiver: TraceReceiver
  /// `nil` when nothing is received.
  let server: HTTPServer?
  let statistics: RecentStatistics
  /// `nil` when statistics are in memory only.
  let store: StatisticsStore?
  let forwarder: Forwarder?
  let accounting: DeliveryAccounting

  var observers: SharedObservers { receiver.parts.observers }
  var clock: WallClock { receiver.parts.clock }

  func answer(_ query: ControlQuery) -> ControlAnswer {
    switch query {
    case .ping: .pong
    case .info: .info(info())
    case .observations: .observations(observed())
    case .services(let query): .services(services(query))
    case .resources(let query): .resources(resources(query))
    }
  }

  /// What was counted in the time asked for, a second at least, and which time that is: it begins with a whole step, and
  /// not before there were statistics.
  private func collect(_ windowNs: Int64?, nowNs: Int64) -> (aggregate: LocalAggregate, covered: CoveredTime) {
    let asked = min(max(windowNs ?? ControlProtocol.historyNs, 1_000_000_000), statistics.reachNs)
    let aggregate = statistics.collect(sinceNs: nowNs &- asked)
    return (aggregate, CoveredTime(startNs: min(max(aggregate.startNs, agent.countedSinceNs), nowNs), endNs: nowNs))
  }

  private func services(_ query: ServicesQuery) -> ServicesAnswer {
    let now = clock.nowNs
    let (aggregate, covered) = collect(query.windowNs, nowNs: now)
    let found = aggregate.services(env: query.env).filter {
      query.includesTests || $0.service != TestTraffic.service
    }
    let rows = found.prefix(ControlProtocol.rowsMax).map { row in
      ServiceRow(
        service: row.service, env: row.env, type: row.type, hits: row.cell.hits, errors: row.cell.errors,
        ratePerSecond: Double(row.cell.hits) / covered.seconds, latency: LatencyQuantiles(row.cell),
        lastSeenNs: row.cell.lastEndNs)
    }
    let left = found.dropFirst(ControlProtocol.rowsMax).reduce(0) { $0 &+ $1.cell.hits }
    return ServicesAnswer(
      nowNs: now, covered: covered, rows: rows, hitsWithoutRow: aggregate.hitsWithoutRow &+ left)
  }

  private func resources(_ query: ResourcesQuery) -> ResourcesAnswer {
    let now = clock.nowNs
    let (aggregate, covered) = collect(query.windowNs, nowNs: now)
    let found = aggregate.resources(env: query.env, allSpans: query.allSpans) { service in
      query.service.map { $0 == service } ?? (service != TestTraffic.service)
    }
    let rows = found.prefix(ControlProtocol.rowsMax).map { row in
      ResourceRow(
        service: row.key.service, resource: row.key.resource, operation: row.key.operation, type: row.key.type,
        spanKind: row.key.spanKind, env: row.key.env, hits: row.cell.hits, errors: row.cell.errors,
        ratePerSecond: Double(row.cell.hits) / covered.seconds, latency: LatencyQuantiles(row.cell),
        timeShare: row.timeShare, lastSeenNs: row.cell.lastEndNs)
    }
    let left = found.dropFirst(ControlProtocol.rowsMax).reduce(0) { $0 &+ $1.cell.hits }
    return ResourcesAnswer(
      service: query.service, nowNs: now, covered: covered, rows: rows,
      hitsWithoutRow: aggregate.hitsWithoutRow &+ left)
  }
}

extension LatencyQuantiles {
  /// Percentiles of a cell, none above the longest span.
  init(_ cell: LocalCell) {
    func quantile(_ q: Double) -> UInt64 {
      let value = min(max(cell.sketch.quantile(q), 0), Double(max(cell.maxNs, 0)))
      return UInt64(value.rounded())
    }
    self.init(
      p50Ns: quantile(0.5), p75Ns: quantile(0.75), p95Ns: quantile(0.95), p99Ns: quantile(0.99),
      maxNs: UInt64(clamping: cell.maxNs))
  }
}

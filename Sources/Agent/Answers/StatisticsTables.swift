import Control
import Statistics

/// The tables of services and resources, from what was counted in some time.
struct StatisticsTables {
  let aggregate: LocalAggregate
  /// The time that was counted; ages are from its end.
  let covered: CoveredTime

  func services(_ query: ServicesQuery) -> ServicesAnswer {
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
      nowNs: covered.endNs, covered: covered, rows: rows, hitsWithoutRow: aggregate.hitsWithoutRow &+ left)
  }

  /// Services whose traces were dropped, the last of them in the time that was counted; those with the most first.
  /// - Parameters:
  ///   - env: of the query. Nobody knows of which a dropped trace is; services that were seen in others only are left out.
  ///   - counted: of the last hour: a service that is in it lost some of its traces, and another all.
  func dropped(
    _ losses: [ClientLossTable], env: String?, counted: @autoclosure () -> LocalAggregate
  ) -> [DroppedServiceRow] {
    var found: [String: DroppedServiceRow] = [:]
    let recent = losses.flatMap(\.rows).filter {
      $0.loss == .dropped && $0.traces > 0 && !$0.service.isEmpty && $0.lastSeenNs >= covered.startNs
        && $0.lastSeenNs <= covered.endNs
    }
    guard !recent.isEmpty else { return [] }
    let hour = counted()
    let counted = hour.services(env: nil).map { (service: ClientLossTable.shown($0.service), env: $0.env) }
    let (inAny, inEnv) = (
      Set(counted.map(\.service)), Set(counted.filter { env == nil || $0.env == env }.map(\.service))
    )
    let isAtLeast = losses.contains { $0.rows.contains(where: \.isOfOthers) } ? true : nil
    for row in recent {
      let isCounted = inAny.contains(row.service)
      guard !isCounted || inEnv.contains(row.service) else { continue }
      // A thread that is missing may have counted some.
      let isAll = !isCounted && hour.missingSources == 0
      var entry =
        found[row.service]
        ?? DroppedServiceRow(service: row.service, reasons: [], traces: 0, isAll: isAll, lastSeenNs: row.lastSeenNs)
      if !entry.reasons.contains(row.reason) { entry.reasons.append(row.reason) }
      entry.traces &+= row.traces
      entry.isAtLeast = isAtLeast
      entry.lastSeenNs = max(entry.lastSeenNs, row.lastSeenNs)
      found[row.service] = entry
    }
    return found.values.sorted { ($1.traces, $0.service) < ($0.traces, $1.service) }
  }

  func resources(_ query: ResourcesQuery) -> ResourcesAnswer {
    let found = aggregate.resources(env: query.env, allSpans: query.allSpans) { service in
      query.service.map { $0 == service } ?? (service != TestTraffic.service)
    }
    let rows = found.prefix(ControlProtocol.rowsMax).map { row in
      let isCollapsed = row.key.isCollapsed
      return ResourceRow(
        service: row.key.service, resource: isCollapsed ? ResourceRow.collapsedName : row.key.resource,
        operation: isCollapsed ? "" : row.key.operation, type: row.key.type, spanKind: row.key.spanKind,
        env: row.key.env, hits: row.cell.hits, errors: row.cell.errors,
        ratePerSecond: Double(row.cell.hits) / covered.seconds, latency: LatencyQuantiles(row.cell),
        timeShare: row.timeShare, lastSeenNs: row.cell.lastEndNs, isCollapsed: isCollapsed)
    }
    let left = found.dropFirst(ControlProtocol.rowsMax).reduce(0) { $0 &+ $1.cell.hits }
    return ResourcesAnswer(
      service: query.service, nowNs: covered.endNs, covered: covered, rows: rows,
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

import Control
import Text

/// The cells that rows of services and of resources have in common.
struct RowNumbers {
  let hits: Table.Cell
  let rate: Table.Cell
  let errors: Table.Cell
  let errorShare: Table.Cell
  /// p50, p75, p95, p99 and the maximum.
  let quantiles: [Table.Cell]
  let age: Table.Cell

  /// Below this many hits a percentile says little and is marked with `~`.
  static let hitsForPercentiles: UInt64 = 20

  init(
    hits: UInt64, errors: UInt64, ratePerSecond: Double, latency: LatencyQuantiles, lastSeenNs: Int64, nowNs: Int64
  ) {
    self.hits = .init(HumanNumber.count(hits))
    rate = .init(HumanNumber.rate(ratePerSecond))
    let style: Style = errors > 0 ? .bad : .plain
    self.errors = .init(HumanNumber.count(errors), style)
    errorShare = .init(HumanNumber.errorShare(errors, of: hits), style)
    let mark = hits < Self.hitsForPercentiles ? "~" : ""
    let percentiles = [latency.p50Ns, latency.p75Ns, latency.p95Ns, latency.p99Ns]
    quantiles =
      percentiles.map { .init(mark + HumanDuration.latency($0)) } + [.init(HumanDuration.latency(latency.maxNs))]
    age = .init(HumanDuration.age(of: lastSeenNs, now: nowNs), .faint)
  }
}

/// `none` is what spans without an environment are filed under.
func hasNoEnv(_ env: String) -> Bool { env.isEmpty || env == "none" }

func envCell(_ env: String) -> Table.Cell {
  hasNoEnv(env) ? .init("none!", .warning) : .init(safeText(env))
}

/// The line about hits that the table cannot show.
func uncountedNote(_ hits: UInt64?) -> [String] {
  guard let hits, hits > 0 else { return [] }
  return [
    "! \(HumanNumber.count(hits)) hits have no row: there are more different resources than the agent keeps apart"
  ]
}

/// The line about receiving threads that could not be asked.
func missingThreadsNote(_ threads: UInt64?) -> [String] {
  guard let clause = MissingThreads.clause(threads) else { return [] }
  return ["! \(clause): what \(threads == 1 ? "it has" : "they have") counted is missing"]
}

/// The line about hits that share a row with those of other resources.
func collapsedNote(_ rows: [ResourceRow]) -> [String] {
  let hits = rows.reduce(0 as UInt64) { $0 &+ ($1.isCollapsed == true ? $1.hits : 0) }
  guard hits > 0 else { return [] }
  return [
    "! \(HumanNumber.count(hits)) hits are in resources without a row of their own: their names hold ids or literals; "
      + "see roost explain RST045"
  ]
}

/// Which time the hits of a table are of: hits are kept in steps, so it may be longer than what was asked for.
func coveredNote(_ covered: CoveredTime?, _ drawing: Drawing) -> [String] {
  guard let covered else { return [] }
  let text = "The table covers the last \(HumanDuration.uptime(covered.lengthNs))."
  return [Style.faint.applied(to: text, colors: drawing.colors)]
}

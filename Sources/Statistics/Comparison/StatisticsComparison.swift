/// Two sets of statistics, resource by resource, with each change that is more than chance.
package struct StatisticsComparison {
  /// What hits are measured by.
  package enum HitsBasis: Sendable {
    /// The time over which they were counted, in seconds of each side.
    case seconds(Double, Double)
    /// All hits of the same service and environment: for sides that did not run for the same time or load.
    case shareOfService
  }

  /// What is compared of each resource, in the order of the table.
  package enum Measure: Sendable, CaseIterable {
    case hits, errorShare, p50, p95, p99

    /// The quantile of the latency, 0…1; `nil` for what is none.
    package var quantile: Double? {
      switch self {
      case .hits, .errorShare: nil
      case .p50: 0.5
      case .p95: 0.95
      case .p99: 0.99
      }
    }
  }

  /// Which way a measure went from the first to the second side.
  package enum Change: Sendable { case up, down }

  /// One resource on both sides; a side that does not have it has an empty cell.
  package struct Row: Sendable {
    package let key: LocalKey
    package let a: LocalCell
    package let b: LocalCell
    /// Only what is more than chance.
    package fileprivate(set) var changes: [Measure: Change] = [:]
  }

  /// What got worse comes first: what fails more, by how much; then what is slower, by how many times; then what is only
  /// on the second or only on the first side; then what got better. What is left is by hits.
  package let rows: [Row]

  /// - Parameters:
  ///   - a: rows as `LocalAggregate.resources` gives them, each key once.
  ///   - level: the chance that anything at all is marked when nothing has changed, 0…1.
  package init(
    _ a: [LocalKey: LocalCell], _ b: [LocalKey: LocalCell], hits basis: HitsBasis, level: Double
  ) {
    var rows = Set(a.keys).union(b.keys).map { Row(key: $0, a: a[$0] ?? LocalCell(), b: b[$0] ?? LocalCell()) }
    let sizes = Sizes(rows, basis)
    var findings: [(row: Int, measure: Measure, p: Double, change: Change)] = []
    for (index, row) in rows.enumerated() {
      for measure in Measure.allCases {
        guard let (p, change) = Self.test(measure, row, sizes, level) else { continue }
        findings.append((index, measure, p, change))
      }
    }
    let correction = HolmCorrection(findings.map(\.p), level: level)
    for finding in findings where correction.isSignificant(finding.p) {
      rows[finding.row].changes[finding.measure] = finding.change
    }
    self.rows = rows.map { (row: $0, rank: Rank($0)) }.sorted { $0.rank < $1.rank }.map(\.row)
  }

  private static func test(
    _ measure: Measure, _ row: Row, _ sizes: Sizes, _ level: Double
  ) -> (p: Double, change: Change)? {
    let (a, b) = (row.a, row.b)
    switch measure {
    case .hits:
      let (sizeA, sizeB) = sizes.of(row.key)
      guard let p = ChangeTest.hits(a.hits, of: sizeA, b.hits, of: sizeB) else { return nil }
      return (p, Double(b.hits) / sizeB > Double(a.hits) / sizeA ? .up : .down)
    case .errorShare:
      guard let p = ChangeTest.errors(a.errors, of: a.hits, b.errors, of: b.hits) else { return nil }
      return (p, row.errorShareGrowth > 0 ? .up : .down)
    case .p50, .p95, .p99:
      guard let q = measure.quantile, let (p, isHigher) = ChangeTest.quantiles(q, a.sketch, b.sketch) else {
        return nil
      }
      return (p, isHigher ? .up : .down)
    }
  }
}

extension StatisticsComparison.Row {
  /// The second side's share of errors less the first one's, -1…1.
  package var errorShareGrowth: Double { Self.errorShare(b) - Self.errorShare(a) }

  /// How many times as long a quantile is on the second side.
  fileprivate func slowdown(_ quantile: Double) -> Double {
    let before = a.sketch.quantile(quantile)
    return before > 0 ? b.sketch.quantile(quantile) / before : .infinity
  }

  /// The largest of the marked ones in a direction; `nil` when none is marked.
  fileprivate func slowdown(marked change: StatisticsComparison.Change) -> Double? {
    changes.compactMap { measure, found in found == change ? measure.quantile.map(slowdown) : nil }.max()
  }

  private static func errorShare(_ cell: LocalCell) -> Double {
    cell.hits == 0 ? 0 : Double(cell.errors) / Double(cell.hits)
  }
}

/// What the hits of a resource are measured by on each side.
private struct Sizes {
  private struct Place: Hashable {
    let service: String
    let env: String

    init(_ key: LocalKey) {
      service = key.service
      env = key.env
    }
  }

  private let basis: StatisticsComparison.HitsBasis
  private var hits: [Place: (a: Double, b: Double)] = [:]

  init(_ rows: [StatisticsComparison.Row], _ basis: StatisticsComparison.HitsBasis) {
    self.basis = basis
    guard case .shareOfService = basis else { return }
    for row in rows {
      hits[Place(row.key), default: (0, 0)].a += Double(row.a.hits)
      hits[Place(row.key), default: (0, 0)].b += Double(row.b.hits)
    }
  }

  func of(_ key: LocalKey) -> (a: Double, b: Double) {
    switch basis {
    case .seconds(let a, let b): (a, b)
    case .shareOfService: hits[Place(key)] ?? (0, 0)
    }
  }
}

/// Where a row stands in the table.
private struct Rank: Comparable {
  private enum Tier: Int { case failsMore, slower, new, gone, better, same }

  private let tier: Tier
  private let size: Double
  private let hits: UInt64
  private let name: [String]

  init(_ row: StatisticsComparison.Row) {
    let slower = row.slowdown(marked: .up)
    switch row.changes[.errorShare] {
    case .up: (tier, size) = (.failsMore, row.errorShareGrowth)
    case _ where slower != nil: (tier, size) = (.slower, slower ?? 0)
    case nil where row.a.hits == 0 && row.changes[.hits] != nil: (tier, size) = (.new, 0)
    case nil where row.b.hits == 0 && row.changes[.hits] != nil: (tier, size) = (.gone, 0)
    case .down: (tier, size) = (.better, -row.errorShareGrowth)
    case nil where row.slowdown(marked: .down) != nil: (tier, size) = (.better, 0)
    default: (tier, size) = (.same, 0)
    }
    hits = max(row.a.hits, row.b.hits)
    name = [row.key.service, row.key.resource, row.key.operation, row.key.env, row.key.type, row.key.spanKind]
  }

  static func < (one: Rank, two: Rank) -> Bool {
    if one.tier != two.tier { return one.tier.rawValue < two.tier.rawValue }
    if one.size != two.size { return one.size > two.size }
    if one.hits != two.hits { return one.hits > two.hits }
    return one.name.lexicographicallyPrecedes(two.name)
  }
}

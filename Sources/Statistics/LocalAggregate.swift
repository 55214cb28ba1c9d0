/// Statistics of some span of time, gathered from history and from buckets that are still open.
package struct LocalAggregate: Sendable {
  package private(set) var cells: [LocalKey: LocalCell] = [:]
  /// Spans of all kinds that were counted but had no place of their own.
  package var hitsWithoutRow: UInt64 = 0
  /// Sources that were busy all the while: what they have counted and not yet handed over is missing.
  package var missingSources = 0
  /// Where the time that was counted begins, in ns since 1970.
  package var startNs: Int64 = 0
  /// Where it ends, in ns since 1970; `.max` for now.
  package var endNs = Int64.max
  /// Where the first period begins in which something was counted, in ns since 1970; `nil` when nothing was.
  package private(set) var firstNs: Int64?
  /// Versions that were met, also where only one of them is counted.
  package private(set) var versions: Set<String> = []

  private let version: String?

  /// - Parameter version: only hits of this version are counted; `nil` for all.
  package init(version: String? = nil) { self.version = version }

  /// Whether hits of a key are wanted. Remembers that the key's version was met.
  package mutating func counts(_ key: LocalKey) -> Bool { counts(version: key.version) }

  /// The same, where no more than the key's version is known yet.
  package mutating func counts(version other: String) -> Bool {
    guard let version else { return true }
    versions.insert(other)
    return other == version
  }

  /// Adds what was counted of one key in a period that begins at `startNs`, unless it is of another version.
  package mutating func add(_ key: LocalKey, _ cell: LocalCell, startNs: Int64) {
    guard counts(key) else { return }
    cells[key, default: LocalCell()].add(cell)
    firstNs = min(firstNs ?? startNs, startNs)
  }

  /// Adds the hits, errors and latencies of a bucket that may still be open.
  package mutating func add(_ bucket: StatsBucket) {
    for (key, cell) in Self.cells(of: bucket) { add(key, cell, startNs: bucket.startNs) }
  }

  /// What was counted of each key in a bucket.
  package static func cells(of bucket: StatsBucket) -> [LocalKey: LocalCell] {
    var cells: [LocalKey: LocalCell] = [:]
    for (index, group) in bucket.groups.enumerated() {
      let key = GroupKey(bucket.key(of: index))
      cells[LocalKey(key), default: LocalCell()].add(group, isClientComputed: key.client != nil)
    }
    return cells
  }

  /// One row for each service and environment, over the spans that enter it; busiest first.
  package func services(env: String?) -> [(service: String, env: String, type: String, cell: LocalCell)] {
    struct Place: Hashable {
      let service: String
      let env: String
    }
    var rows: [Place: (types: [String: UInt64], cell: LocalCell)] = [:]
    for (key, cell) in cells where key.isTopLevel && (env == nil || env == key.env) {
      rows[Place(service: key.service, env: key.env), default: ([:], LocalCell())].cell.add(cell)
      rows[Place(service: key.service, env: key.env)]?.types[key.type, default: 0] += cell.hits
    }
    return rows.map { place, row in
      (place.service, place.env, Self.mostFrequent(row.types), row.cell)
    }.sorted { ($0.cell.hits, $1.service, $1.env) > ($1.cell.hits, $0.service, $0.env) }
  }

  /// One row for each resource of the services that are wanted, with its share of the time that all rows took; longest
  /// first.
  package func resources(
    env: String?, allSpans: Bool, of isWanted: (_ service: String) -> Bool
  ) -> [(key: LocalKey, cell: LocalCell, timeShare: Double)] {
    var rows: [LocalKey: LocalCell] = [:]
    for (key, cell) in cells
    where (env == nil || env == key.env) && (allSpans || key.isTopLevel) && isWanted(key.service) {
      var row = key
      row.isTopLevel = true
      row.version = ""
      if row.isCollapsed { row = row.collapsed }
      rows[row, default: LocalCell()].add(cell)
    }
    let total = rows.values.reduce(0) { $0 + $1.durationNs }
    return rows.map { key, cell in (key, cell, total > 0 ? cell.durationNs / total : 0) }
      .sorted {
        // What stands for other resources comes last, however much it is.
        if $0.key.isCollapsed != $1.key.isCollapsed { return $1.key.isCollapsed }
        return ($0.timeShare, $1.key.resource, $1.key.operation) > ($1.timeShare, $0.key.resource, $0.key.operation)
      }
  }

  private static func mostFrequent(_ types: [String: UInt64]) -> String {
    types.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ""
  }
}

extension StatsBucket {
  /// Spans of each group so far, in the order of the groups: a group has changed when its number has.
  package var spanCounts: [UInt64] {
    // Of what clients counted, hits grow without sketches too.
    groups.map { max($0.okSketch.count &+ $0.errorSketch.count, UInt64(nearest: $0.hits)) }
  }

  /// What one group has counted so far; several groups may have the same local key.
  package func localCell(of index: Int) -> (LocalKey, LocalCell) {
    var cell = LocalCell()
    let key = GroupKey(key(of: index))
    cell.add(groups[index], isClientComputed: key.client != nil)
    return (LocalKey(key), cell)
  }
}

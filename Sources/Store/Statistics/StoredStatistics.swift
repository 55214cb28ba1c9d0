import Statistics

/// The statistics in a store's file, for queries. A connection of its own, so that other readers go
/// on, and in a file the writer too.
package struct StoredStatistics {
  private let database: Database
  /// Where a row's version is: a file of an earlier roost has none.
  private let versionColumn: String
  /// All periods, those of buckets that are still open among them.
  private let periods: String
  /// Those that closed periods have or may get, in seconds.
  private let widths: [Int64]
  private let hasOpen: Bool

  /// Opens a file for reading; an agent may be writing to it.
  package init(path: String) throws(StoreError) { try self.init(.file(path)) }

  /// Opens what a store keeps for reading, while it writes.
  package init(_ location: StoreLocation) throws(StoreError) {
    database = try StoreFile.openForReading(location)
    let columns = "hits, errors, duration_ns, max_ns, last_end_ns, sketch, width, start, key"
    // What a damaged file may say of times has no nanoseconds. The plus keeps the index for the range of a query.
    let sense = "+start BETWEEN 0 AND 9000000000 AND +width BETWEEN 1 AND 86400"
    // Rows lie by their width first: a range of starts is found in each, and not by a look at all rows.
    widths = Set(try StatisticsTable.storedWidths(in: database) + StatisticsTable.widths.map(\.width)).sorted()
    let closed = "SELECT \(columns) FROM statistics WHERE \(StatisticsTable.condition(widths)) AND \(sense)"
    // A file of an older roost has no open buckets.
    hasOpen = try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'open_statistics'") > 0
    periods = hasOpen ? "(\(closed) UNION ALL SELECT \(columns) FROM open_statistics WHERE \(sense))" : "(\(closed))"
    let migrations = try database.integer("PRAGMA user_version")
    versionColumn = migrations >= StoreSchema.migrationsForVersions ? "version" : "''"
  }

  /// Begin of the first period in the file, ns since 1970; `nil` when there is none.
  package func firstNs() throws(StoreError) -> Int64? {
    let sense = "start BETWEEN 0 AND 9000000000"
    let closed = widths.map { "SELECT min(start) AS first FROM statistics WHERE width = \($0) AND \(sense)" }
    let open = hasOpen ? ["SELECT min(start) AS first FROM open_statistics WHERE \(sense)"] : []
    let all = (closed + open).joined(separator: " UNION ALL ")
    let first = try database.integer("SELECT coalesce(min(first), -1) FROM (\(all))")
    return first < 0 ? nil : first &* 1_000_000_000
  }

  /// When the last span ended that was counted, ns since 1970; `nil` when there is none.
  package func lastEndNs() throws(StoreError) -> Int64? {
    let last = try database.integer("SELECT coalesce(max(last_end_ns), -1) FROM \(periods)")
    return last < 0 ? nil : last
  }

  /// Where the period begins that holds `timeNs`, ns since 1970; `timeNs` itself where there is none.
  package func periodStartNs(at timeNs: Int64) throws(StoreError) -> Int64 {
    let time = timeNs / 1_000_000_000
    let start = try database.integer(
      """
      SELECT coalesce(min(start), -1) FROM statistics
      WHERE \(StatisticsTable.condition(widths)) AND start > \(time) - 3600 AND start <= \(time) AND start + width > \(time)
      """)
    return start < 0 ? timeNs : start &* 1_000_000_000
  }

  /// Calls `body` with each key of each period that begins at `sinceNs` or later; begin and width are in ns.
  package func forEach(
    sinceNs: Int64, _ body: (LocalKey, LocalCell, _ startNs: Int64, _ widthNs: Int64) -> Void
  ) throws(StoreError) {
    let rows = try rows("start >= \(sinceNs / 1_000_000_000)")
    while try rows.step() {
      body(key(rows), LocalCell(rows), rows.integer(13) &* 1_000_000_000, rows.integer(14) &* 1_000_000_000)
    }
  }

  /// Adds what was counted from `sinceNs` to `untilNs` to an aggregate, in whole periods: from the begin of the one that
  /// holds `sinceNs`, and without any that begins at `untilNs` or later.
  /// - Returns: where the first of them begins, ns since 1970; `nil` when there is none.
  package func collect(sinceNs: Int64, untilNs: Int64, into aggregate: inout LocalAggregate) throws(StoreError)
    -> Int64?
  {
    let (since, until) = (sinceNs / 1_000_000_000, untilNs / 1_000_000_000)
    let range = "start + width > \(since) AND start < \(until) AND start > \(since) - 3600"
    let rows = try rows(range)
    while try rows.step() {
      guard aggregate.counts(version: rows.text(15)) else { continue }
      aggregate.add(key(rows), LocalCell(rows), startNs: rows.integer(13) &* 1_000_000_000)
    }
    let hits = try database.integer("SELECT coalesce(sum(hits), 0) FROM uncounted WHERE \(range)")
    aggregate.hitsWithoutRow &+= UInt64(clamping: hits)
    let first = try database.integer("SELECT coalesce(min(start), -1) FROM \(periods) WHERE \(range)")
    return first < 0 ? nil : first &* 1_000_000_000
  }

  /// Adds the periods that begin within a series, and before `untilNs`, to it.
  package func collect(untilNs: Int64, into series: inout LocalSeries) throws(StoreError) {
    let until = min(untilNs, series.endNs)
    let rows = try rows("start >= \(series.startNs / 1_000_000_000) AND start < \(until / 1_000_000_000)")
    while try rows.step() {
      let key = key(rows)
      guard series.selects(key) else { continue }
      let (hits, errors) = (UInt64(clamping: rows.integer(0)), UInt64(clamping: rows.integer(1)))
      series.add(key, startNs: rows.integer(13) &* 1_000_000_000, hits: hits, errors: errors) {
        LocalCell(rows).sketch
      }
    }
  }

  private func rows(_ condition: String) throws(StoreError) -> Statement {
    try database.prepare(
      """
      SELECT hits, errors, duration_ns, max_ns, last_end_ns, sketch, env, service, resource, operation, type, kind,
      top_level, start, width, \(versionColumn) FROM \(periods) JOIN keys ON keys.id = key WHERE \(condition)
      """)
  }

  private func key(_ rows: Statement) -> LocalKey {
    LocalKey(
      env: rows.text(6), service: rows.text(7), resource: rows.text(8), operation: rows.text(9), type: rows.text(10),
      spanKind: rows.text(11), isTopLevel: rows.integer(12) != 0, version: rows.text(15))
  }
}

import Statistics

/// The statistics in the file: one row for each period and key, with its sketch.
///
/// A moment lies in the periods of one width only: what grows old moves from narrow periods to wide ones. So a range of
/// time can be read without counting anything twice.
final class StatisticsTable {
  /// From an age on, periods are at least as wide; both in seconds.
  static let widths: [(age: Int64, width: Int64)] = [(3_600, 60), (86_400, 3_600)]
  /// What is older is forgotten; seconds.
  static let keptSeconds: Int64 = 31 * 86_400
  /// Numbers of keys that are remembered, so that most need not be looked up.
  private static let knownKeysMax = 20_000

  private let database: Database
  private var numbers: [LocalKey: Int64] = [:]

  private let findKey: Statement
  private let addKey: Statement
  private let insertCell: Statement
  private let findCell: Statement
  private let updateCell: Statement
  private let addUncounted: Statement
  private let replaceOpen: Statement
  private let removeOpen: Statement

  init(_ database: Database) throws(StoreError) {
    self.database = database
    findKey = try database.prepare(
      """
      SELECT id FROM keys WHERE service = ? AND resource = ? AND operation = ? AND env = ? AND type = ? AND kind = ?
      AND top_level = ? AND version = ?
      """)
    addKey = try database.prepare(
      """
      INSERT INTO keys (service, resource, operation, env, type, kind, top_level, version)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
      """)
    insertCell = try database.prepare(
      """
      INSERT INTO statistics (hits, errors, duration_ns, max_ns, last_end_ns, sketch, width, start, key)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
      """)
    findCell = try database.prepare(
      """
      SELECT hits, errors, duration_ns, max_ns, last_end_ns, sketch FROM statistics
      WHERE width = ? AND start = ? AND key = ?
      """)
    updateCell = try database.prepare(
      """
      UPDATE statistics SET hits = ?, errors = ?, duration_ns = ?, max_ns = ?, last_end_ns = ?, sketch = ?
      WHERE width = ? AND start = ? AND key = ?
      """)
    addUncounted = try database.prepare(
      """
      INSERT INTO uncounted (width, start, hits) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET hits = hits + excluded.hits
      """)
    replaceOpen = try database.prepare(
      """
      INSERT OR REPLACE INTO open_statistics
      (hits, errors, duration_ns, max_ns, last_end_ns, sketch, width, start, key, bucket, shard, number)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
    removeOpen = try database.prepare("DELETE FROM open_statistics WHERE bucket = ?")
  }

  /// Adds what was counted in one period. To be called within a transaction.
  func add(_ period: StatisticsPeriod) throws(StoreError) {
    for (key, cell) in period.cells {
      try add(cell, width: period.widthSeconds, start: period.startSeconds, key: number(of: key))
    }
    if period.hitsWithoutRow > 0 {
      try add(uncounted: Int64(clamping: period.hitsWithoutRow), width: period.widthSeconds, start: period.startSeconds)
    }
  }

  /// Writes what has changed in open buckets, and forgets what was open of closed ones. To be called within the
  /// transaction that adds their periods.
  func replaceOpen(_ open: OpenStatistics) throws(StoreError) {
    for bucket in open.closed {
      try removeOpen.bind(0, bucket)
      try removeOpen.run()
    }
    for change in open.changes {
      let key = try number(of: change.key)
      try bind(change.cell, replaceOpen, change.widthSeconds, change.startSeconds, key)
      try replaceOpen.bind(9, change.bucketNs)
      try replaceOpen.bind(10, change.shard)
      try replaceOpen.bind(11, change.number)
      try replaceOpen.run()
    }
  }

  /// Closes the buckets that an agent has left open which ended suddenly. To be called within a transaction.
  func closeOpen() throws(StoreError) {
    let rows = try database.prepare(
      "SELECT hits, errors, duration_ns, max_ns, last_end_ns, sketch, width, start, key FROM open_statistics")
    while try rows.step() {
      try add(LocalCell(rows), width: rows.integer(6), start: rows.integer(7), key: rows.integer(8))
    }
    try database.execute("DELETE FROM open_statistics")
  }

  /// Forgets which keys have which numbers: some may have been rolled back.
  func forgetNumbers() { numbers = [:] }

  /// Moves one wide period's worth of what has grown old into it, or forgets it.
  /// - Returns: whether there may be more to do.
  func age(nowSeconds: Int64) throws(StoreError) -> Bool {
    for (age, width) in Self.widths {
      let limit = nowSeconds - age
      let oldest = try database.integer(
        """
        SELECT coalesce(min(start), \(Int64.max)) FROM statistics
        WHERE width < \(width) AND start >= 0 AND start < \(limit)
        """)
      let start = oldest == .max ? .max : oldest - oldest % width
      // As a whole or not at all: its last narrow period has to be old enough too.
      guard start < .max, start + width <= limit else { continue }
      try database.transaction { () throws(StoreError) in try widen(start: start, to: width) }
      return true
    }
    try database.execute(
      """
      DELETE FROM statistics WHERE start < \(nowSeconds - Self.keptSeconds);
      DELETE FROM uncounted WHERE start < \(nowSeconds - Self.keptSeconds)
      """)
    return false
  }

  /// Forgets the oldest hour, if it began before a moment in seconds since 1970. Returns false when nothing is left to
  /// forget.
  func forgetOldestHour(before limit: Int64) throws(StoreError) -> Bool {
    let oldest = try database.integer("SELECT coalesce(min(start), -1) FROM statistics")
    guard oldest >= 0, oldest < limit else { return false }
    let (end, overflow) = (oldest - oldest % 3_600).addingReportingOverflow(3_599)
    let last = overflow ? .max : end
    try database.execute(
      """
      DELETE FROM statistics WHERE start <= \(last);
      DELETE FROM uncounted WHERE start <= \(last)
      """)
    try forgetUnusedKeys()
    return true
  }

  /// Forgets keys that no period has any more.
  func forgetUnusedKeys() throws(StoreError) {
    try database.execute(
      """
      DELETE FROM keys WHERE id NOT IN (SELECT key FROM statistics) AND id NOT IN (SELECT key FROM open_statistics)
      """)
    numbers = [:]
  }

  private func widen(start: Int64, to width: Int64) throws(StoreError) {
    let range = "width < \(width) AND start >= \(start) AND start < \(start + width)"
    let rows = try database.prepare(
      "SELECT hits, errors, duration_ns, max_ns, last_end_ns, sketch, key FROM statistics WHERE \(range)")
    var cells: [Int64: LocalCell] = [:]
    while try rows.step() { cells[rows.integer(6), default: LocalCell()].add(LocalCell(rows)) }
    for (key, cell) in cells { try add(cell, width: width, start: start, key: key) }
    let hits = try database.integer("SELECT coalesce(sum(hits), 0) FROM uncounted WHERE \(range)")
    if hits > 0 { try add(uncounted: hits, width: width, start: start) }
    try database.execute("DELETE FROM statistics WHERE \(range); DELETE FROM uncounted WHERE \(range)")
  }

  private func add(_ cell: LocalCell, width: Int64, start: Int64, key: Int64) throws(StoreError) {
    try bind(cell, insertCell, width, start, key)
    try insertCell.run()
    guard database.changes == 0 else { return }
    try findCell.bind(0, width)
    try findCell.bind(1, start)
    try findCell.bind(2, key)
    var merged = cell
    while try findCell.step() { merged.add(LocalCell(findCell)) }
    try bind(merged, updateCell, width, start, key)
    try updateCell.run()
  }

  private func add(uncounted hits: Int64, width: Int64, start: Int64) throws(StoreError) {
    try addUncounted.bind(0, width)
    try addUncounted.bind(1, start)
    try addUncounted.bind(2, hits)
    try addUncounted.run()
  }

  private func bind(
    _ cell: LocalCell, _ statement: Statement, _ width: Int64, _ start: Int64, _ key: Int64
  ) throws(StoreError) {
    try statement.bind(0, Int64(clamping: cell.hits))
    try statement.bind(1, Int64(clamping: cell.errors))
    try statement.bind(2, cell.durationNs)
    try statement.bind(3, cell.maxNs)
    try statement.bind(4, cell.lastEndNs)
    try statement.bind(5, cell.sketch.compact())
    try statement.bind(6, width)
    try statement.bind(7, start)
    try statement.bind(8, key)
  }

  private func number(of key: LocalKey) throws(StoreError) -> Int64 {
    if let number = numbers[key] { return number }
    if numbers.count >= Self.knownKeysMax { numbers = [:] }
    try bind(key, findKey)
    var number: Int64?
    while try findKey.step() { number = findKey.integer(0) }
    if number == nil {
      try bind(key, addKey)
      while try addKey.step() { number = addKey.integer(0) }
    }
    guard let number else { throw .failed(reason: "a key has no number") }
    numbers[key] = number
    return number
  }

  private func bind(_ key: LocalKey, _ statement: Statement) throws(StoreError) {
    for (index, text) in [key.service, key.resource, key.operation, key.env, key.type, key.spanKind].enumerated() {
      try statement.bind(Int32(index), text)
    }
    try statement.bind(6, key.isTopLevel ? 1 : 0 as Int64)
    try statement.bind(7, key.version)
  }
}

/// What was counted of all keys in one period, of one receiving thread or of all.
package struct StatisticsPeriod: Sendable {
  /// When it begins, in seconds since 1970.
  let startSeconds: Int64
  let widthSeconds: Int64
  let cells: [LocalKey: LocalCell]
  /// Hits of keys beyond the limit of rows.
  var hitsWithoutRow: UInt64 = 0
}

extension LocalCell {
  /// The columns hits, errors, duration, longest, last end and sketch of a row, in this order.
  init(_ row: Statement) {
    self.init()
    hits = UInt64(clamping: row.integer(0))
    errors = UInt64(clamping: row.integer(1))
    durationNs = row.real(2)
    maxNs = row.integer(3)
    lastEndNs = row.integer(4)
    sketch.merge(compact: row.bytes(5))
  }
}

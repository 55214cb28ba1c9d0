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
  /// Keys of one period, and of all, at most. What others have counted is kept without a row of its own.
  static let keysOfPeriodMax = 5_000
  static let keysMax = 100_000
  /// Periods of which it is remembered how many keys they have.
  private static let countedPeriodsMax = 64
  /// What a damaged file may say of widths is not followed for ever.
  private static let widthsMax = 64

  private struct Period: Hashable {
    let width: Int64
    let start: Int64
  }

  private let database: Database
  private var numbers: [LocalKey: Int64] = [:]
  /// Keys of periods that were written to of late.
  private var keysOfPeriods: [Period: Int] = [:]
  /// Keys of all periods; `nil` until it is asked for.
  private var keyCount: Int?

  private let findKey: Statement
  private let addKey: Statement
  private let insertCell: Statement
  private let findCell: Statement
  private let countCells: Statement
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
    countCells = try database.prepare("SELECT count(*) FROM statistics WHERE width = ? AND start = ?")
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
    let place = Period(width: period.widthSeconds, start: period.startSeconds)
    for (key, cell) in period.cells {
      // Where a period is full already, a key that nobody knows has no row in it.
      if let number = try number(of: key, isNewWanted: keys(of: place) < Self.keysOfPeriodMax) {
        try add(cell, place, key: number)
      } else {
        try add(uncounted: cell.hits, place)
      }
    }
    if period.hitsWithoutRow > 0 { try add(uncounted: period.hitsWithoutRow, place) }
  }

  /// Writes what has changed in open buckets, and forgets what was open of closed ones. To be called within the
  /// transaction that adds their periods.
  func replaceOpen(_ open: OpenStatistics) throws(StoreError) {
    for bucket in open.closed {
      try removeOpen.bind(0, bucket)
      try removeOpen.run()
    }
    for change in open.changes {
      guard let key = try number(of: change.key, isNewWanted: true) else { continue }
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
      try add(LocalCell(rows), Period(width: rows.integer(6), start: rows.integer(7)), key: rows.integer(8))
    }
    try database.execute("DELETE FROM open_statistics")
  }

  /// Forgets which keys there are: some may have been rolled back.
  func forgetNumbers() {
    numbers = [:]
    keysOfPeriods = [:]
    keyCount = nil
  }

  /// Bytes that statistics take, roughly, with their keys.
  func bytes() throws(StoreError) -> Int64 {
    let rows = try database.integer("SELECT coalesce((SELECT bytes FROM statistics_size), 0)")
    // A key has its texts in the table and in the index.
    return try rows + Int64(keysOfAll()) * 300
  }

  /// Moves one wide period's worth of what has grown old into it, or forgets it.
  /// - Returns: whether there may be more to do.
  func age(nowSeconds: Int64) throws(StoreError) -> Bool {
    let widths = try Self.storedWidths(in: database)
    for (age, width) in Self.widths {
      let limit = nowSeconds - age
      let narrow = widths.filter { $0 < width }
      let oldest = try oldest(of: narrow, from: 0) ?? .max
      let start = oldest == .max ? .max : oldest - oldest % width
      // As a whole or not at all: its last narrow period has to be old enough too.
      guard start < limit, start + width <= limit else { continue }
      try database.transaction { () throws(StoreError) in try widen(narrow, start: start, to: width) }
      return true
    }
    try database.execute(
      """
      DELETE FROM statistics WHERE \(Self.condition(widths)) AND start < \(nowSeconds - Self.keptSeconds);
      DELETE FROM uncounted WHERE start < \(nowSeconds - Self.keptSeconds)
      """)
    return false
  }

  /// The widths that periods have, the narrowest first. Rows are sorted by width and then by start, so that a look at one
  /// width after the other finds what is oldest without looking at all.
  static func storedWidths(in database: Database) throws(StoreError) -> [Int64] {
    var widths: [Int64] = []
    while widths.count < widthsMax {
      let above = widths.last.map { "WHERE width > \($0)" } ?? ""
      let rows = try database.prepare("SELECT width FROM statistics \(above) ORDER BY width LIMIT 1")
      guard try rows.step() else { break }
      widths.append(rows.integer(0))
      rows.reset()
    }
    return widths
  }

  /// Start of the oldest period of some widths; `nil` when there is none.
  private func oldest(of widths: [Int64], from first: Int64 = .min) throws(StoreError) -> Int64? {
    var oldest: Int64?
    for width in widths {
      let rows = try database.prepare(
        "SELECT start FROM statistics WHERE width = \(width) AND start >= \(first) ORDER BY start LIMIT 1")
      if try rows.step() { oldest = min(oldest ?? .max, rows.integer(0)) }
      rows.reset()
    }
    return oldest
  }

  /// That a row is of one of some widths.
  static func condition(_ widths: [Int64]) -> String {
    "width IN (\(widths.map(String.init).joined(separator: ", ")))"
  }

  /// Forgets the oldest hour, if it began before a moment in seconds since 1970. Returns false when nothing is left to
  /// forget.
  func forgetOldestHour(before limit: Int64) throws(StoreError) -> Bool {
    let widths = try Self.storedWidths(in: database)
    guard let oldest = try oldest(of: widths), oldest >= 0, oldest < limit else { return false }
    let (end, overflow) = (oldest - oldest % 3_600).addingReportingOverflow(3_599)
    let last = overflow ? .max : end
    try database.execute(
      """
      DELETE FROM statistics WHERE \(Self.condition(widths)) AND start <= \(last);
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
    forgetNumbers()
  }

  private func widen(_ widths: [Int64], start: Int64, to width: Int64) throws(StoreError) {
    let period = Period(width: width, start: start)
    let range = "start >= \(start) AND start < \(start + width)"
    let cellRange = "\(Self.condition(widths)) AND \(range)"
    let rows = try database.prepare(
      "SELECT hits, errors, duration_ns, max_ns, last_end_ns, sketch, key FROM statistics WHERE \(cellRange)")
    var cells: [Int64: LocalCell] = [:]
    while try rows.step() { cells[rows.integer(6), default: LocalCell()].add(LocalCell(rows)) }
    // The busiest have a row where there are too many.
    for (key, cell) in cells.sorted(by: { $0.value.hits > $1.value.hits }) { try add(cell, period, key: key) }
    let narrow = "width < \(width) AND \(range)"
    let hits = try database.integer("SELECT coalesce(sum(hits), 0) FROM uncounted WHERE \(narrow)")
    if hits > 0 { try add(uncounted: UInt64(hits), period) }
    try database.execute("DELETE FROM statistics WHERE \(cellRange); DELETE FROM uncounted WHERE \(narrow)")
    keysOfPeriods = [:]
  }

  private func add(_ cell: LocalCell, _ period: Period, key: Int64) throws(StoreError) {
    let count = try keys(of: period)
    if count < Self.keysOfPeriodMax {
      try bind(cell, insertCell, period.width, period.start, key)
      try insertCell.run()
      if database.changes > 0 {
        keysOfPeriods[period] = count + 1
        return
      }
    }
    try findCell.bind(0, period.width)
    try findCell.bind(1, period.start)
    try findCell.bind(2, key)
    var merged: LocalCell?
    while try findCell.step() {
      merged = cell
      merged?.add(LocalCell(findCell))
    }
    guard let merged else { return try add(uncounted: cell.hits, period) }
    try bind(merged, updateCell, period.width, period.start, key)
    try updateCell.run()
  }

  private func add(uncounted hits: UInt64, _ period: Period) throws(StoreError) {
    try addUncounted.bind(0, period.width)
    try addUncounted.bind(1, period.start)
    try addUncounted.bind(2, Int64(clamping: hits))
    try addUncounted.run()
  }

  private func keys(of period: Period) throws(StoreError) -> Int {
    if let count = keysOfPeriods[period] { return count }
    if keysOfPeriods.count >= Self.countedPeriodsMax { keysOfPeriods = [:] }
    try countCells.bind(0, period.width)
    try countCells.bind(1, period.start)
    var count = 0
    while try countCells.step() { count = Int(countCells.integer(0)) }
    keysOfPeriods[period] = count
    return count
  }

  private func keysOfAll() throws(StoreError) -> Int {
    if let keyCount { return keyCount }
    let count = Int(try database.integer("SELECT count(*) FROM keys"))
    keyCount = count
    return count
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

  /// - Parameter isNewWanted: whether a key that is not known gets a number, as long as there are not too many.
  private func number(of key: LocalKey, isNewWanted: Bool) throws(StoreError) -> Int64? {
    if let number = numbers[key] { return number }
    if numbers.count >= Self.knownKeysMax { numbers = [:] }
    try bind(key, findKey)
    var number: Int64?
    while try findKey.step() { number = findKey.integer(0) }
    if number == nil {
      let count = try keysOfAll()
      guard isNewWanted, count < Self.keysMax else { return nil }
      keyCount = count + 1
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

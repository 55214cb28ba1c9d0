import Platform
import Statistics
import Testing

@testable import Store

/// A folder that is there as long as this value, with a store's file in it.
struct StoreFolder: ~Copyable {
  let path: String
  var file: String { path + "/state/roost.db" }

  init() throws {
    var template = Array("/tmp/roost-store-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for name in ["roost.db", "roost.db-wal", "roost.db-shm", "roost.db-lock"] { unlink(path + "/state/" + name) }
    rmdir(path + "/state")
    rmdir(path)
  }

  /// A store that must not report anything, in the file unless it is said where.
  func open(_ location: StoreLocation? = nil, maxBytes: Int64 = 64 << 20) throws -> HistoryStore {
    try HistoryStore(location ?? .file(file), maxBytes: maxBytes) { Issue.record("reported: \($0)") }
  }

  /// All that the file holds of a time in seconds.
  func read(
    _ since: Int64 = 0, _ until: Int64 = 4_000_000_000, version: String? = nil
  ) throws -> LocalAggregate {
    var aggregate = LocalAggregate(version: version)
    _ = try StoredStatistics(path: file)
      .collect(sinceNs: since * 1_000_000_000, untilNs: until * 1_000_000_000, into: &aggregate)
    return aggregate
  }

  /// Runs SQL on the file, as another program could.
  func execute(_ sql: String) throws {
    try Database(.file(file), .readWrite, library: SQLiteLibrary()).execute(sql)
  }
}

extension StatisticsPeriod {
  /// A period with one key, in which spans of these durations ended.
  init(
    _ startSeconds: Int64, width: Int64 = 10, resource: String = "GET /", version: String = "", durationsNs: [Int64]
  ) {
    var cell = LocalCell()
    for duration in durationsNs {
      cell.hits += 1
      cell.durationNs += Double(duration)
      cell.maxNs = max(cell.maxNs, duration)
      cell.lastEndNs = startSeconds * 1_000_000_000
      cell.sketch.add(Double(duration))
    }
    let key = LocalKey(
      env: "prod", service: "shop", resource: resource, operation: "flask.request", type: "web", spanKind: "server",
      isTopLevel: true, version: version)
    self.init(startSeconds: startSeconds, widthSeconds: width, cells: [key: cell])
  }
}

extension LocalAggregate {
  var hits: UInt64 { cells.values.reduce(hitsWithoutRow) { $0 + $1.hits } }
}

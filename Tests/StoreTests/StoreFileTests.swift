import Platform
import Statistics
import Synchronization
import Testing

@testable import Store

private let now: Int64 = 1_750_000_000

@Suite struct `A store's file` {
  /// Why a store does not open; `nil` when it does.
  private static func failure(_ path: String) -> StoreError? {
    do throws(StoreError) {
      _ = try HistoryStore(.file(path), maxBytes: 1 << 20) { _ in }
      return nil
    } catch { return error }
  }

  private static func write(_ bytes: [UInt8], _ path: String) throws {
    let file = try #require(fopen(path, "w"))
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }

  @Test func `has one agent that writes`() throws {
    let folder = try StoreFolder()
    let first = try folder.open()
    #expect(Self.failure(folder.file) == .inUse(path: folder.file))
    first.stop(deadline: .now + .seconds(10))
    #expect(Self.failure(folder.file) == nil)
  }

  @Test func `of a newer roost is left alone`() throws {
    let folder = try StoreFolder()
    try folder.open().stop(deadline: .now + .seconds(10))
    try folder.execute("PRAGMA user_version = 99")
    #expect(Self.failure(folder.file) == .newer(path: folder.file, version: 99))
    #expect(throws: StoreError.newer(path: folder.file, version: 99)) { try folder.read() }
  }

  @Test func `with a version that no roost has is another program's`() throws {
    let folder = try StoreFolder()
    try folder.open().stop(deadline: .now + .seconds(10))
    try folder.execute("PRAGMA user_version = -5")
    #expect(Self.failure(folder.file) == .foreign(path: folder.file))
    #expect(throws: StoreError.foreign(path: folder.file)) { try folder.read() }
  }

  @Test func `takes no bucket that closes while it is copied open`() throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    let isClosed = Atomic<Bool>(false)
    let closing = Lock<JoinableThread?>(nil)
    store.addOpen(bucketSizeNs: 10_000_000_000, nowNs: now * 1_000_000_000) {
      closing.withLock {
        $0 = try? JoinableThread(name: "closing") {
          store.add([], bucketSizeNs: 10_000_000_000, nowNs: now * 1_000_000_000)
          isClosed.store(true, ordering: .releasing)
        }
      }
      // Long enough for a thread that waits for nothing.
      poll(nil, 0, 100)
      let early = isClosed.load(ordering: .acquiring)
      #expect(!early)
      return []
    }
    if let thread = closing.withLock({ $0.take() }) { thread.join() }
    let late = isClosed.load(ordering: .acquiring)
    #expect(late)
    store.stop(deadline: .now + .seconds(10))
  }

  @Test func `of an earlier roost is read as it is, and gets versions when an agent opens it`() throws {
    let folder = try StoreFolder()
    mkdir(folder.path + "/state", 0o700)
    try folder.execute(
      StoreSchema.migrations[0] + """
        ; INSERT INTO keys VALUES (7, 'prod', 'shop', 'GET /', 'flask.request', 'web', 'server', 1);
        INSERT INTO statistics VALUES (10, \(now), 7, 3, 1, 5.0, 4, \(now)000000000, x'00');
        PRAGMA application_id = \(StoreSchema.applicationID); PRAGMA user_version = 1
        """)
    func rows() throws -> [String] {
      try folder.read().cells.map { "\($0.resource) \($0.version) \($1.hits)" }.sorted()
    }
    #expect(try rows() == ["GET /  3"])
    let store = try folder.open()
    store.add([StatisticsPeriod(now, version: "1.1", durationsNs: [1, 2])], nowSeconds: now)
    store.add([StatisticsPeriod(now, durationsNs: [1])], nowSeconds: now)
    store.stop(deadline: .now + .seconds(10))
    #expect(try rows() == ["GET /  4", "GET / 1.1 2"])
    #expect(try folder.read(version: "1.1").hits == 2)
  }

  @Test func `of another program is left alone`() throws {
    let folder = try StoreFolder()
    mkdir(folder.path + "/state", 0o700)
    try folder.execute("CREATE TABLE things (name TEXT)")
    #expect(Self.failure(folder.file) == .foreign(path: folder.file))
  }

  @Test func `that is no database is left alone`() throws {
    let folder = try StoreFolder()
    mkdir(folder.path + "/state", 0o700)
    try Self.write(Array(repeating: 0x61, count: 5_000), folder.file)
    guard case .unusable(_, let reason)? = Self.failure(folder.file) else {
      Issue.record("it was opened")
      return
    }
    #expect(reason.contains("not a database"))
  }

  @Test func `cannot be where there is no folder and none can be made`() {
    guard case .unusable? = Self.failure("/proc/roost/roost.db") else {
      Issue.record("it was opened")
      return
    }
  }

  @Test(arguments: [[], [0xff], [0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 9], [1, 2, 3, 4, 5]])
  func `with a damaged sketch is read as far as it makes sense`(_ sketch: [UInt8]) throws {
    let folder = try StoreFolder()
    let store = try folder.open()
    store.add([StatisticsPeriod(now, durationsNs: [1_000])], nowSeconds: now)
    store.stop(deadline: .now + .seconds(10))
    let hex = sketch.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    try folder.execute("UPDATE statistics SET sketch = x'\(hex)', hits = -5, max_ns = \(Int64.min)")
    let cell = try #require(try folder.read().cells.values.first)
    #expect(cell.hits == 0 && cell.maxNs == 0)
  }
}

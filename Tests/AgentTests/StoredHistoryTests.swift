import Configuration
import Control
import Platform
import TestSpans
import Testing

@testable import Agent
@testable import Statistics
@testable import Store

@Suite struct `An agent with a file of statistics` {
  private static let hour: Int64 = 3_600

  /// A fresh path in a folder of its own; the agent makes the folder.
  private static func path() throws -> String {
    var template = Array("/tmp/roost-agent-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/roost.db"
  }

  private static func remove(_ path: String) {
    for suffix in ["", "-wal", "-shm", "-lock"] { unlink(path + suffix) }
    rmdir(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)))
  }

  private static func hits(_ agent: AgentUnderTest, seconds: Int64) throws -> UInt64 {
    let query = ServicesQuery(windowNs: seconds * 1_000_000_000)
    guard case .services(let answer) = agent.queries.answer(.services(query)) else { throw AgentUnderTest.Broken() }
    return answer.rows.reduce(0) { $0 + $1.hits }
  }

  /// Ends an agent as its process does.
  private static func end(_ agent: AgentUnderTest) {
    agent.flusher.flushAll(nowNs: agent.nowNs)
    agent.store?.stop(deadline: .now + .seconds(10))
  }

  @Test func `says how many traces were chosen that are neither written nor lost`() throws {
    let store = try HistoryStore(.newMemory(), maxBytes: 8 << 20) { Issue.record("reported: \($0)") }
    var gathered = StoredTraceCounts()
    for spans in [3, 4, 5] { gathered.handedOver(spans: spans) }
    gathered.thinned(spans: 10)
    gathered.tooLarge(spans: 20)
    func waiting() -> StoredCounts { StoreSummary(store, gathered: gathered, nowNs: 0).waitingTraces }
    #expect(waiting() == StoredCounts(traces: 3, spans: 12))
    store.lose(ChunkCounts(chunks: 1, spans: 4))
    #expect(waiting() == StoredCounts(traces: 2, spans: 8))
    // What was asked of the receiving threads before others were written.
    store.lose(ChunkCounts(chunks: 5, spans: 50))
    #expect(waiting() == StoredCounts())
    store.stop(deadline: .now + .seconds(10))
  }

  @Test func `shows what the one before has counted, once, and what is older than an hour`() throws {
    let path = try Self.path()
    defer { Self.remove(path) }
    let body = TestPayload.v04([[TestSpan(1)]])
    for run in 1...3 as ClosedRange<UInt64> {
      let agent = try AgentUnderTest { $0.storePath = path }
      // Twice: before and after some of it is in the file.
      #expect(try Self.hits(agent, seconds: Self.hour) == run - 1)
      _ = try agent.post("/v0.4/traces", body)
      #expect(try Self.hits(agent, seconds: Self.hour) == run)
      agent.pass(seconds: 60)
      agent.flusher.flushStats(nowNs: agent.nowNs)
      #expect(try Self.hits(agent, seconds: Self.hour) == run)
      Self.end(agent)
    }
    let agent = try AgentUnderTest { $0.storePath = path }
    agent.pass(seconds: 3 * Self.hour)
    agent.flusher.flushStats(nowNs: agent.nowNs)
    #expect(try Self.hits(agent, seconds: Self.hour) == 0)
    #expect(try Self.hits(agent, seconds: 4 * Self.hour) == 3)
    Self.end(agent)
  }

  @Test func `goes on in memory when another agent has it`() throws {
    let path = try Self.path()
    defer { Self.remove(path) }
    let first = try AgentUnderTest { $0.storePath = path }
    let second = try AgentUnderTest { $0.storePath = path }
    #expect(second.queries.info().store?.path == ":memory:")
    _ = try second.post("/v0.4/traces", TestPayload.v04([[TestSpan(1)]]))
    #expect(try Self.hits(second, seconds: Self.hour) == 1)
    Self.end(first)
  }

  @Test(
    arguments: [
      (nil, 500_000_000, false, 64_000_000), (nil, 500_000_000, true, 64_000_000), (nil, 60_000_000, false, 30_000_000),
      (9_000_000, 500_000_000, true, 9_000_000), (2_000_000_000, 500_000_000, true, 64_000_000),
      (2_000_000_000, 500_000_000, false, 250_000_000), (2_000_000_000, 0, false, 2_000_000_000),
    ] as [(Int?, Int, Bool, Int)])
  func `takes a bounded part of the memory where it has no file`(
    _ storeMax: Int?, _ memoryMax: Int, _ insteadOfFile: Bool, _ expected: Int
  ) {
    var configuration = AgentConfiguration()
    if let storeMax { configuration.storeBytesMax = storeMax }
    configuration.maxMemoryBytes = memoryMax
    #expect(LocalStore.bytesMaxInMemory(configuration, insteadOfFile: insteadOfFile) == expected)
  }

  @Test func `memory for an answer is claimed until it is let go, and is not there past the limit`() throws {
    let agent = try AgentUnderTest()
    #expect(agent.queries.claim(bytes: 64 << 20) != nil)
    let full = try AgentUnderTest { $0.maxMemoryBytes = 1 }
    #expect(full.queries.claim(bytes: 64 << 20) == nil)
    // A quarter of what the agent may have at most, so that one with little can be asked too; four find no place.
    let small = try AgentUnderTest { $0.maxMemoryBytes = 1 << 40 }
    let claims = (0..<4).map { _ in small.queries.claim(bytes: .max) }
    #expect(claims.count { $0 != nil } == 3)
    withExtendedLifetime(claims) {}
  }

  @Test func `has what was counted in this very second when it is read without an agent`() throws {
    let path = try Self.path()
    defer { Self.remove(path) }
    let key = LocalKey(
      env: "prod", service: "shop", resource: "GET /", operation: "flask.request", type: "web", spanKind: "",
      isTopLevel: true)
    var cell = LocalCell()
    cell.hits = 7
    let store = try HistoryStore(.file(path), maxBytes: 1 << 20) { Issue.record("reported: \($0)") }
    // A second later than the clock is by now: the two may straddle a boundary.
    let second = WallClock.system.nowNs / 1_000_000_000 + 1
    store.add([StatisticsPeriod(startSeconds: second, widthSeconds: 1, cells: [key: cell])], nowSeconds: second)
    store.stop(deadline: .now + .seconds(10))
    #expect(try StoredQueries(path: path).services(ServicesQuery()).rows.map(\.hits) == [7])
  }
}

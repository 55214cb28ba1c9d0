import Control
import Platform
import TestSpans
import Testing

@testable import Agent

@Suite struct `Comparisons of an agent's statistics` {
  private static let second: Int64 = 1_000_000_000

  /// Requests that all take as long, of which the first `failing` fail.
  private static func traces(
    _ count: Int, _ resource: String, version: String, ms: Int64, failing: Int = 0, at startNs: Int64
  ) -> [[TestSpan]] {
    (0..<count).map { index in
      let span = TestSpan(UInt64(index + 1)).with {
        $0.traceID = UInt64(index + 1)
        $0.resource = resource
        $0.startNs = startNs
        $0.durationNs = ms * 1_000_000
        $0.error = index < failing ? 1 : 0
      }
      return [version.isEmpty ? span : span.meta("version", version)]
    }
  }

  /// Version 1.0, a minute later 1.1, which is slower in one resource and fails in another.
  private static func send(to agent: AgentUnderTest) throws {
    for (version, ms, failing) in [("1.0", 10, 0), ("1.1", 30, 30)] as [(String, Int64, Int)] {
      let start = agent.nowNs
      for traces in [
        traces(100, "GET /cart", version: version, ms: ms, at: start),
        traces(100, "GET /same", version: version, ms: 7, at: start),
        traces(100, "POST /checkout", version: version, ms: 20, failing: failing, at: start),
      ] { _ = try agent.post("/v0.4/traces", TestPayload.v04(traces)) }
      agent.pass(seconds: 60)
      agent.flusher.flushStats(nowNs: agent.nowNs)
    }
  }

  private static func check(_ answer: DiffAnswer) {
    #expect(answer.rows.map(\.resource) == ["POST /checkout", "GET /cart", "GET /same"])
    #expect(answer.rows.map { [$0.a.hits, $0.b.hits] } == [[100, 100], [100, 100], [100, 100]])
    #expect(answer.rows.map(\.changes.errorShare) == [.up, nil, nil] && answer.rows.map(\.b.errors) == [30, 0, 0])
    #expect(answer.rows.map(\.changes.p50) == [nil, .up, nil] && answer.rows.map(\.changes.hits) == [nil, nil, nil])
    #expect(answer.a.hits == 300 && answer.b.hits == 300)
  }

  private static func diff(
    _ agent: AgentUnderTest, _ a: DiffSelection, _ b: DiffSelection, rates: Bool = false
  ) throws -> DiffAnswer {
    guard case .diff(let answer) = agent.queries.answer(.diff(DiffQuery(a: a, b: b, comparesRates: rates))) else {
      throw AgentUnderTest.Broken()
    }
    return answer
  }

  private static let versions = (
    DiffSelection(name: "version:1.0", version: "1.0"), DiffSelection(name: "version:1.1", version: "1.1")
  )

  @Test func `find what got worse between versions and between times, and nothing else`() throws {
    let agent = try AgentUnderTest()
    let start = agent.nowNs
    try Self.send(to: agent)
    let versions = try Self.diff(agent, Self.versions.0, Self.versions.1)
    Self.check(versions)
    #expect(versions.hitsBy == .share && versions.b.versions == ["1.0", "1.1"])
    #expect(versions.a.covered.endNs < versions.b.covered.startNs)
    let cut = start + 60 * Self.second
    let times = try Self.diff(
      agent, DiffSelection(name: "..", untilNs: cut), DiffSelection(name: "..", sinceNs: cut), rates: true)
    Self.check(times)
    #expect(times.hitsBy == .rate && times.a.covered.endNs == times.b.covered.startNs)
    #expect(try agent.resources(of: "web").map(\.hits) == [200, 200, 200], "tables know no versions")
    let none = try Self.diff(agent, Self.versions.0, DiffSelection(name: "version:2", version: "2"))
    #expect(none.b.hits == 0 && none.b.versions == ["1.0", "1.1"] && none.rows.allSatisfy { $0.changes.p50 == nil })
  }

  @Test func `can be made of its file, after a restart, and of two files`() throws {
    var template = Array("/tmp/roost-diff-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let path = folder + "/roost.db"
    defer {
      for suffix in ["", "-wal", "-shm", "-lock"] { unlink(path + suffix) }
      rmdir(folder)
    }
    do {
      let agent = try AgentUnderTest { $0.storePath = path }
      try Self.send(to: agent)
      agent.flusher.flushAll(nowNs: agent.nowNs)
      agent.store?.stop(deadline: .now + .seconds(10))
    }
    let query = DiffQuery(a: Self.versions.0, b: Self.versions.1, comparesRates: false)
    Self.check(try StoredQueries(path: path).diff(query))
    let whole = DiffQuery(
      a: DiffSelection(name: path), b: DiffSelection(name: path), comparesRates: false, service: "web")
    let same = try StoredQueries(path: path).diff(whole, with: StoredQueries(path: path))
    #expect(same.a == same.b && same.a.hits == 600)
    #expect(same.rows.allSatisfy { $0.changes == DiffChanges() && $0.a == $0.b })
    let next = try AgentUnderTest(secondsLater: 120) { $0.storePath = path }
    Self.check(try Self.diff(next, Self.versions.0, Self.versions.1))
    // A day later only the file knows.
    next.pass(seconds: 86_400)
    next.flusher.flushStats(nowNs: next.nowNs)
    Self.check(try Self.diff(next, Self.versions.0, Self.versions.1))
    next.store?.stop(deadline: .now + .seconds(10))
  }
}

import Configuration
import Exporting
import Foundation
import Platform
import Receiver
import Statistics
import Synchronization
import TestSpans
import Testing

@testable import Agent
@testable import Compression
@testable import Journal

@Suite struct `Strict durability` {
  private static let messagePack = ["Content-Type": "application/msgpack"]
  private static let key = "0123456789abcdef0123456789abcdef"

  /// A folder of a test, which is gone with it.
  private final class Folder {
    let path = FileManager.default.temporaryDirectory.appending(path: "roost-strict-\(UUID().uuidString)").path

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private let folder = Folder()

  private func journal(bytesMax: Int = 1 << 30) throws -> Journal {
    let shards = TraceReceiver.shardCount(threads: 2, takesCalls: true)
    return try Journal(folder: folder.path, bytesMax: bytesMax, threads: shards) { _ in }
  }

  private static func traces(
    _ ids: ClosedRange<UInt64>, priority: Double = 2, service: String = "shop"
  ) -> [UInt8] {
    TestPayload.v04(
      ids.map { id in
        [TestSpan(1), TestSpan(2, parent: 1)].map { span in
          span.with {
            $0.traceID = id
            $0.service = service
          }.metric("_sampling_priority_v1", priority)
        }
      })
  }

  private func agent(
    _ intake: IntakeUnderTest, _ journal: Journal, takesCalls: Bool = false, lateAnswersMax: Int = 100
  ) throws -> AgentUnderTest {
    let url = try HTTPURL(intake.url)
    return try AgentUnderTest(journal: journal, takesCalls: takesCalls, lateAnswersMax: lateAnswersMax) {
      $0.apiKey = APIKey(Self.key)
      $0.intakeURL = url
    }
  }

  @Test func `answers when a request is on disk, and lets go of it when traces and statistics have left`() throws {
    let (intake, journal) = (try IntakeUnderTest(status: 202), try journal())
    let agent = try agent(intake, journal)
    #expect(try agent.post("/v0.4/traces", Self.traces(1...3), Self.messagePack).status == 200)
    #expect(journal.counters.requests == 1)
    #expect(try agent.post("/v0.4/traces", [0x90], Self.messagePack).status == 200)
    #expect(journal.counters.requests == 1, "a probe has nothing to lose")
    agent.flusher.flushTraces(nowNs: agent.nowNs + 10_000_000_000)
    #expect(eventually { agent.info.sent.traces.traces == 3 })
    #expect(journal.bytes > 0, "its statistics have not left")
    agent.pass(seconds: 60)
    agent.flusher.flushStats(nowNs: agent.nowNs)
    #expect(eventually { journal.bytes == 0 })
    journal.stop(deadline: .now + .seconds(20))
    #expect(!Journal.isLeft(in: folder.path))
  }

  @Test func `is also that of calls of gRPC, and of large requests and calls`() throws {
    let (intake, journal) = (try IntakeUnderTest(status: 202), try journal())
    let agent = try agent(intake, journal, takesCalls: true)
    for (trace, textBytes) in [(1, 0), (2, 600_000)] as [(UInt8, Int)] {
      let body = AgentUnderTest.export(trace: trace, service: "shop", textBytes: textBytes)
      #expect(try agent.call(body).status == 0)
    }
    let large = AgentUnderTest.export(trace: 3, service: "shop", textBytes: 600_000)
    #expect(try agent.post("/v1/traces", large, ["Content-Type": "application/x-protobuf"]).status == 200)
    #expect(journal.counters.requests == 3)
    agent.flusher.flushTraces(nowNs: agent.nowNs + 10_000_000_000)
    #expect(eventually { agent.info.sent.traces.traces == 3 })
    journal.stop(deadline: .now + .seconds(20))
  }

  @Test func `refuses what cannot be on disk, and counts it`() throws {
    let (intake, journal) = (try IntakeUnderTest(status: 202), try journal(bytesMax: 0))
    let agent = try agent(intake, journal)
    defer { journal.stop(deadline: .now + .seconds(20)) }
    for path in ["/v0.4/traces", "/v0.5/traces"] {
      let response = try agent.post(path, Self.traces(1...3), traces: 3, Self.messagePack)
      #expect(response.status == 503 && response.body.contains("local.durability"))
    }
    let otlp = try agent.post("/v1/traces", Array("{}".utf8), ["Content-Type": "application/json"])
    #expect(otlp.status == 503 && otlp.body.contains(#""code":14"#))
    let info = agent.info
    #expect(info.refused == ["not_durable": 3] && info.dropped["not_durable"]?.traces == 6)
    #expect(info.received.traces == 6 && info.kept.traces == 0)
  }

  @Test func `holds for large requests, and for those of which only a part has spans`() throws {
    let (intake, journal) = (try IntakeUnderTest(status: 202), try journal())
    let agent = try agent(intake, journal)
    defer { journal.stop(deadline: .now + .seconds(20)) }
    let large = Self.traces(1...8_000)
    #expect(large.count >= 512 << 10)
    #expect(try agent.post("/v0.4/traces", large, Self.messagePack).status == 200)
    #expect(journal.counters.requests == 1)
    func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }
    let span = field(1, Array(1...16)) + field(2, Array(1...8)) + field(5, Array("GET /".utf8))
    let parts = field(1, field(2, field(2, span))) + field(1, field(2, []))
    let protobuf = ["Content-Type": "application/x-protobuf"]
    #expect(try agent.post("/v1/traces", parts, protobuf, method: "POST").status == 200)
    #expect(journal.counters.requests == 2)
  }

  @Test func `counts what it refuses because too many wait`() throws {
    let (intake, journal) = (try IntakeUnderTest(status: 202), try journal())
    let agent = try agent(intake, journal, lateAnswersMax: 0)
    defer { journal.stop(deadline: .now + .seconds(20)) }
    #expect(try agent.post("/v0.4/traces", Self.traces(1...3), traces: 3, Self.messagePack).status == 503)
    #expect(agent.info.refused == ["too_many_late_answers": 1] && agent.info.received.traces == 3)
  }

  @Test func `a body that was decompressed and refused then is not taken for the next one`() throws {
    let (intake, gate) = (try IntakeUnderTest(status: 202), try WakePipe())
    var calls = SegmentCalls()
    let sync = calls.sync
    calls.sync = { descriptor throws(SystemError) in
      _ = gate.waitUntilWoken(atMost: .seconds(20))
      try sync(descriptor)
    }
    let shards = TraceReceiver.shardCount(threads: 1, takesCalls: false)
    let journal = try Journal(folder: folder.path, bytesMax: 1 << 30, threads: shards, calls) { _ in }
    let url = try HTTPURL(intake.url)
    let agent = try AgentUnderTest(threads: 1, journal: journal, lateAnswersMax: 1) {
      $0.apiKey = APIKey(Self.key)
      $0.intakeURL = url
    }
    defer { journal.stop(deadline: .now + .seconds(20)) }
    let first = Self.traces(1...1, service: "first")
    let head = "PUT /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/msgpack\r\n"
    try agent.holding(Array("\(head)Content-Length: \(first.count)\r\n\r\n".utf8) + first) {
      #expect(eventually { journal.bytes > 0 })
      let refused = try PayloadCompression.gzip(level: 1).compressed(Self.traces(2...2, service: "refused"))
      let gzip = Self.messagePack.merging(["Content-Encoding": "gzip"]) { $1 }
      #expect(try agent.post("/v0.4/traces", refused, gzip).status == 503)
      gate.wake()
      #expect(eventually { agent.server.connectionCounters.requestsInProgress == 0 })
      #expect(try agent.post("/v0.4/traces", Self.traces(3...3, service: "plain"), Self.messagePack).status == 200)
      #expect(try agent.post("/v0.4/traces", refused, gzip).status == 200)
    }
    let info = agent.info
    #expect(info.refused == ["too_many_late_answers": 1] && info.received.traces == 3)
    #expect(Set(try agent.services().map(\.service)) == ["first", "plain", "refused"])
  }

  @Test func `lets go of what came while a clock was ahead, when that is set back`() throws {
    let (intake, journal) = (try IntakeUnderTest(status: 202), try journal())
    let agent = try agent(intake, journal)
    agent.pass(seconds: 86_400)
    #expect(try agent.post("/v0.4/traces", Self.traces(1...3), Self.messagePack).status == 200)
    agent.pass(seconds: -86_400)
    #expect(try agent.post("/v0.4/traces", Self.traces(4...6), Self.messagePack).status == 200)
    for _ in 0..<2 {
      agent.pass(seconds: 45)
      agent.flusher.flushTraces(nowNs: agent.nowNs)
      agent.flusher.flushStats(nowNs: agent.nowNs)
    }
    #expect(eventually { journal.bytes == 0 })
    journal.stop(deadline: .now + .seconds(20))
  }

  private func replay(
    _ journal: Journal, in agent: AgentUnderTest, _ parts: PipelineParts? = nil
  ) -> JournalReplay.Counts {
    let replay = JournalReplay(
      journal.earlier, parts ?? agent.replayParts(), routes: .standard, bodyBytesMax: 1 << 20, receipts: agent.receipts,
      accounting: agent.accounting, log: Log(level: .off, path: nil, clock: .system))
    replay.run()
    return replay.counts
  }

  @Test func `leaves to a later agent what cannot be read now`() throws {
    let (intake, first) = (try IntakeUnderTest(status: 202), try journal())
    do {
      let agent = try agent(intake, first)
      _ = try agent.post("/v0.4/traces", Self.traces(1...3), Self.messagePack)
      first.stop(deadline: .now + .seconds(20))
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".journal") }
    let path = "\(folder.path)/\(try #require(names.first))"
    try FileManager.default.moveItem(atPath: path, toPath: path + "-away")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let second = try journal()
    let left = replay(second, in: try agent(intake, second))
    #expect(left == JournalReplay.Counts(unread: 1))
    second.stop(deadline: .now + .seconds(20))
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.moveItem(atPath: path + "-away", toPath: path)
    let third = try journal()
    let found = replay(third, in: try agent(intake, third))
    #expect(found.kept == PayloadCounts(traces: 3, spans: 6) && found.unread == 0)
    third.stop(deadline: .now + .seconds(20))
  }

  @Test func `has the next agent send what was answered and not sent, and nothing that was`() throws {
    let (intake, first) = (try IntakeUnderTest(status: 202), try journal())
    do {
      let agent = try agent(intake, first)
      _ = try agent.post("/v0.4/traces", Self.traces(1...3), Self.messagePack)
      agent.flusher.flushTraces(nowNs: agent.nowNs + 10_000_000_000)
      #expect(eventually { agent.info.sent.traces.traces == 3 })
      _ = try agent.post("/v0.4/traces", Self.traces(4...8), Self.messagePack)
      _ = try agent.post("/v0.4/traces", Self.traces(9...10, priority: -1), Self.messagePack)
      // As a sudden end would: nothing is flushed any more.
      first.stop(deadline: .now + .seconds(20))
    }
    let second = try journal()
    let agent = try agent(intake, second)
    let counts = replay(second, in: agent)
    #expect(counts.kept == PayloadCounts(traces: 5, spans: 10))
    #expect(counts.requests == 3 && counts.damaged == 0)
    #expect(eventually { agent.info.sent.traces.traces == 5 })
    // Those of the first request too, whose statistics had not left.
    #expect(eventually { agent.info.sent.stats.buckets == 1 })
    let info = agent.info
    #expect(info.received.traces == 0, "they are another agent's")
    let statistics = info.ledger.statistics
    #expect(info.restored.payloads == 0 && statistics.restored > 0 && statistics.restored == statistics.sent)
    second.stop(deadline: .now + .seconds(20))
    #expect(!Journal.isLeft(in: folder.path))
  }

  /// Statistics on a machine whose memory ends when it has made them.
  private struct EndingStatistics: StatisticsOutput {
    let whole: any StatisticsOutput
    var kind: OutgoingPayload.Kind { whole.kind }

    func makePayloads(
      of buckets: [StatsBucket], take: (OutgoingPayload) -> Void
    ) throws(CompressionError) -> UInt64 {
      _ = try whole.makePayloads(of: buckets, take: take)
      throw CompressionError(format: "gzip", reason: "no memory")
    }
  }

  @Test func `has all statistics counted as restored that are sent, though some cannot be compressed`() throws {
    let (intake, first) = (try IntakeUnderTest(status: 202), try journal())
    do {
      let agent = try agent(intake, first)
      _ = try agent.post("/v0.4/traces", Self.traces(1...3), Self.messagePack)
      first.stop(deadline: .now + .seconds(20))
    }
    let second = try journal()
    let agent = try agent(intake, second)
    var parts = agent.replayParts()
    parts.outputs.statistics = parts.outputs.statistics.map { EndingStatistics(whole: $0) }
    #expect(replay(second, in: agent, parts).requests == 1)
    #expect(eventually { agent.info.ledger.statistics.sent > 0 })
    let statistics = agent.info.ledger.statistics
    #expect(statistics.restored == statistics.sent && statistics.inFlight == 0)
    #expect(agent.info.lost["stats_encoding_error"] != nil)
    second.stop(deadline: .now + .seconds(20))
  }

  @Test func `keeps what it needs of a request, also for a later roost`() throws {
    try RequestHeaders.with([.contentType: "application/msgpack", .metaLang: "python", .host: "a", .containerID: ""]) {
      headers in
      let context = RequestContext(
        headers: headers, peer: .unknown, path: UnsafeRawBufferPointer(start: nil, count: 0),
        body: UnsafeRawBufferPointer(start: nil, count: 0), isAbsoluteForm: false, nowNs: 5)
      let format = try #require(ServedRoutes.standard.formats.first)
      let bytes = AcceptedRequest.bytes(context, format)
      let again = try #require(AcceptedRequest(bytes))
      #expect(again.format == format.name && again.containerID == "")
      again.headers.withHeaders { kept in
        #expect(kept.string(.metaLang) == "python" && kept.string(.containerID) == "" && !kept.contains(.host))
      }
      #expect(AcceptedRequest(Array(bytes.dropLast())) == nil)
      #expect(AcceptedRequest([]) == nil)
    }
  }
}

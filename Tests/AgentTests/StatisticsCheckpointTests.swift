import Configuration
import Exporting
import Foundation
import Platform
import Statistics
import TestSpans
import Testing

@testable import Agent

@Suite struct `Statistics of open buckets` {
  private static let key = "0123456789abcdef0123456789abcdef"
  private static let messagePack = ["Content-Type": "application/msgpack"]

  /// A folder of a test, which is gone with it.
  private final class Folder {
    let parent = FileManager.default.temporaryDirectory.appending(path: "roost-spool-\(UUID().uuidString)").path
    var path: String { "\(parent)/statistics" }

    deinit { try? FileManager.default.removeItem(atPath: parent) }

    var files: [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter { $0.hasSuffix(".journal") }
    }

    var bytes: Int {
      files.reduce(0) { sum, name in
        let size = (try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)"))?[.size] as? Int
        return sum + (size ?? 0)
      }
    }
  }

  private let folder = Folder()

  private func agent(_ intake: IntakeUnderTest) throws -> AgentUnderTest {
    let url = try HTTPURL(intake.url)
    return try AgentUnderTest(checkpointFolder: folder.path) {
      $0.apiKey = APIKey(Self.key)
      $0.intakeURL = url
    }
  }

  private static func traces(_ ids: ClosedRange<UInt64>) -> [UInt8] {
    TestPayload.v04(ids.map { id in [TestSpan(1).with { $0.traceID = id }] })
  }

  @Test func `are sent by the next agent when theirs has ended suddenly, and then by no other one`() throws {
    let intake = try IntakeUnderTest(status: 202)
    do {
      let agent = try agent(intake)
      #expect(try agent.post("/v0.4/traces", Self.traces(1...3), Self.messagePack).status == 200)
      #expect(folder.files.isEmpty)
      agent.flusher.keepOpenStatistics()
      #expect(eventually { folder.files.count == 1 && folder.bytes > 100 })
      let bytes = folder.bytes
      agent.flusher.keepOpenStatistics()
      #expect(try agent.post("/v0.4/traces", Self.traces(4...5), Self.messagePack).status == 200)
      agent.flusher.keepOpenStatistics()
      #expect(eventually { folder.bytes > bytes } && folder.files.count == 1)
      agent.checkpoint?.stop(deadline: .now + .seconds(20))
    }
    let second = try agent(intake)
    second.flusher.sendEarlierStatistics()
    #expect(eventually { second.info.sent.stats.payloads == 1 })
    #expect(second.info.sent.stats.buckets == 1 && second.info.sent.stats.groups == 1)
    #expect(eventually { folder.files.isEmpty })
    #expect(try second.services().isEmpty, "they are another agent's")
    let third = try agent(intake)
    third.flusher.sendEarlierStatistics()
    third.checkpoint?.stop(deadline: .now + .seconds(20))
    #expect(third.info.sent.stats.payloads == 0)
  }

  @Test func `stay where they are while no intake has them`() throws {
    let intake = try IntakeUnderTest(status: 503)
    do {
      let agent = try agent(intake)
      #expect(try agent.post("/v0.4/traces", Self.traces(1...3), Self.messagePack).status == 200)
      agent.flusher.keepOpenStatistics()
      agent.pass(seconds: 60)
      agent.flusher.flushStats(nowNs: agent.nowNs)
      #expect(eventually { (agent.forwarder?.counters.attempts ?? 0) > 0 })
      agent.flusher.keepOpenStatistics()
      agent.checkpoint?.stop(deadline: .now + .seconds(20))
      #expect(folder.files.count == 1)
    }
    intake.answer(202)
    let second = try agent(intake)
    second.flusher.sendEarlierStatistics()
    #expect(eventually { second.info.sent.stats.buckets == 1 && folder.files.isEmpty })
  }

  @Test func `are gone from the disk when they have left, also where the same seconds are counted again`() throws {
    let intake = try IntakeUnderTest(status: 202)
    let agent = try agent(intake)
    #expect(try agent.post("/v0.4/traces", Self.traces(1...3), Self.messagePack).status == 200)
    agent.flusher.keepOpenStatistics()
    #expect(eventually { folder.files.count == 1 })
    agent.flusher.flushAll(nowNs: agent.nowNs)
    #expect(eventually { agent.info.sent.stats.buckets == 1 && folder.files.isEmpty })
    #expect(try agent.post("/v0.4/traces", Self.traces(4...4), Self.messagePack).status == 200)
    agent.flusher.keepOpenStatistics()
    #expect(eventually { folder.files.count == 1 })
    agent.flusher.flushAll(nowNs: agent.nowNs)
    #expect(eventually { agent.info.sent.stats.buckets == 2 && folder.files.isEmpty })
  }

  @Test func `are not written where requests are on disk before they are answered, and those left are sent`() throws {
    let intake = try IntakeUnderTest(status: 202)
    do {
      let agent = try agent(intake)
      #expect(try agent.post("/v0.4/traces", Self.traces(1...3), Self.messagePack).status == 200)
      agent.flusher.keepOpenStatistics()
      agent.checkpoint?.stop(deadline: .now + .seconds(20))
    }
    var configuration = AgentConfiguration()
    configuration.durability = .strict
    let log = Log(level: .off, path: nil, clock: .system)
    func checkpoint(spoolFolder: String?) -> StatisticsCheckpoint? {
      StatisticsCheckpoint(
        configuration, spoolFolder: spoolFolder, hasOutputs: true,
        build: BuildIdentity(version: "1.2.3", commit: "abc"), receipts: PayloadReceipts(), log: log)
    }
    #expect(checkpoint(spoolFolder: nil) == nil)
    let strict = try #require(checkpoint(spoolFolder: folder.parent))
    strict.write {
      Issue.record("nobody should look")
      return []
    }
    #expect(strict.close([]) == nil)
    let hits = Lock(0.0)
    strict.recover(log: log) { buckets, _ in
      hits.withLock { $0 += buckets.flatMap(\.groups).reduce(0) { $0 + $1.hits } }
    }
    strict.stop(deadline: .now + .seconds(20))
    #expect(hits.withLock { $0 } == 3 && folder.files.isEmpty)
  }
}

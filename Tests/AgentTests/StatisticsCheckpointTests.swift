import Exporting
import Foundation
import Platform
import TestSpans
import Testing
import TraceModel

@testable import Agent
@testable import Configuration
@testable import Statistics

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

  private func agent(_ intake: IntakeUnderTest, _ other: IntakeUnderTest? = nil) throws -> AgentUnderTest {
    let url = try HTTPURL(intake.url)
    let others = try other.map { [IntakeEndpoint(url: try HTTPURL($0.url), key: try #require(APIKey(Self.key)))] } ?? []
    return try AgentUnderTest(threads: 1, checkpointFolder: folder.path) {
      $0.apiKey = APIKey(Self.key)
      $0.intakeURL = url
      $0.additionalEndpoints = others
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
    #expect(second.info.restored.payloads == 0, "they lay there as none")
    let statistics = second.info.ledger.statistics
    #expect(statistics.restored == 1 && statistics.sent == 1 && statistics.made == 0 && statistics.inFlight == 0)
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

  @Test func `are in flight while an intake does not take them, those of before and those of now`() throws {
    let intake = try IntakeUnderTest(status: 202)
    do {
      let agent = try agent(intake)
      #expect(try agent.post("/v0.4/traces", Self.traces(1...3), Self.messagePack).status == 200)
      agent.flusher.keepOpenStatistics()
      agent.checkpoint?.stop(deadline: .now + .seconds(20))
    }
    intake.answer(503)
    let second = try agent(intake)
    second.flusher.sendEarlierStatistics()
    #expect(try second.post("/v0.4/traces", Self.traces(4...5), Self.messagePack).status == 200)
    second.flusher.flushAll(nowNs: second.nowNs)
    #expect(eventually { second.info.ledger.statistics.inFlight == 2 })
    let waiting = second.info.ledger.statistics
    #expect(waiting.made == 1 && waiting.restored == 1 && waiting.sent == 0)
    intake.answer(202)
    #expect(eventually { second.info.ledger.statistics.sent == 2 && second.info.ledger.statistics.inFlight == 0 })
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
        build: BuildIdentity(version: "1.2.3", commit: "abc"), peerTags: [], receipts: PayloadReceipts(), log: log)
    }
    #expect(checkpoint(spoolFolder: nil) == nil)
    let strict = try #require(checkpoint(spoolFolder: folder.parent))
    strict.write(threads: 1) { _ in
      Issue.record("nobody should look")
      return []
    }
    #expect(strict.close([BucketPlace(source: 0, startNs: 1)]) == nil && strict.due == nil)
    let hits = Lock(0.0)
    strict.recover(DeliveryAccounting(), log: log) { buckets, _ in
      hits.withLock { $0 += buckets.flatMap(\.groups).reduce(0) { $0 + $1.hits } }
    }
    strict.stop(deadline: .now + .seconds(20))
    #expect(hits.withLock { $0 } == 3 && folder.files.isEmpty)
  }

  /// A checkpoint as an agent has it that was configured so.
  private func checkpoint(
    seconds: Int = 10, peerTags: [String] = ["zzz.a", "zzz.b"], bytesMax: Int = 64 << 20
  ) -> StatisticsCheckpoint {
    StatisticsCheckpoint(
      folder: folder.path, bytesMax: bytesMax, build: BuildIdentity(version: "1.2.3", commit: "abc"),
      bucketSize: .seconds(seconds), peerTags: peerTags, receipts: PayloadReceipts(),
      log: Log(level: .off, path: nil, clock: .system))
  }

  /// A bucket with one group, which has counted so much.
  private static func bucket(hits: Double) throws -> StatsBucket {
    var concentrator = Concentrator(
      configuration: ConcentratorConfiguration(), keys: KeyTable(peerTags: []), nowNs: TestSpan.someTimeNs)
    try withBatch([[TestSpan(1)]], keys: KeyTable(peerTags: [])) { batch in
      for index in 0..<batch.spans.count { batch.spans[index].flags.insert(.topLevel) }
      concentrator.add(batch, nowNs: TestSpan.someTimeNs, isForwarded: true)
    }
    let counted = try #require(concentrator.buckets.first)
    var group = counted.groups[0]
    group.hits = hits
    var bucket = StatsBucket(startNs: counted.startNs)
    counted.key(of: 0).withUnsafeBytes { bucket.add(group, key: $0, hash: 1) }
    return bucket
  }

  /// An agent that ends when it has kept a bucket with these hits, one after the other.
  private func leave(hits: [Double]) throws {
    let checkpoint = checkpoint()
    for hits in hits {
      let bucket = try Self.bucket(hits: hits)
      checkpoint.write(threads: 1) { _ in [bucket] }
      #expect(eventually { !checkpoint.isBusy })
    }
    checkpoint.stop(deadline: .now + .seconds(20))
  }

  /// Hits that a later agent finds, and what it counts as lost.
  private func recovered(by checkpoint: StatisticsCheckpoint) -> (hits: Double, lost: [String: UInt64]) {
    let hits = Lock(0.0)
    let accounting = DeliveryAccounting()
    checkpoint.recover(accounting, log: Log(level: .off, path: nil, clock: .system)) { buckets, _ in
      hits.withLock { $0 += buckets.flatMap(\.groups).reduce(0) { $0 + $1.hits } }
    }
    checkpoint.stop(deadline: .now + .seconds(20))
    return (hits.withLock { $0 }, accounting.lostByReason.mapValues(\.payloads))
  }

  @Test func `are sent also where sums are larger than any whole number`() throws {
    try leave(hits: [1e30])
    let found = recovered(by: checkpoint())
    #expect(found.hits == 1e30 && found.lost.isEmpty && folder.files.isEmpty)
  }

  @Test func `are counted as lost where the configuration gives their keys or their time another meaning`() throws {
    for other in [checkpoint(peerTags: ["aaa", "zzz.a", "zzz.b"]), checkpoint(seconds: 60)] {
      try leave(hits: [3])
      let found = recovered(by: other)
      #expect(found.hits == 0 && found.lost == ["stats_other_build": 1] && folder.files.isEmpty)
    }
  }

  @Test func `are nowhere lost where theirs was not begun to be written, and are where it is damaged`() throws {
    try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
    try Data(repeating: 0, count: 100).write(to: URL(filePath: "\(folder.path)/000000000001.journal"))
    try Data().write(to: URL(filePath: "\(folder.path)/000000000002.journal"))
    let empty = recovered(by: checkpoint())
    #expect(empty.hits == 0 && empty.lost.isEmpty && folder.files.isEmpty)

    try leave(hits: [1, 2, 3])
    let file = URL(filePath: "\(folder.path)/\(try #require(folder.files.first))")
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count / 2] ^= 0xff
    try bytes.write(to: file)
    let damaged = recovered(by: checkpoint())
    #expect(damaged.hits == 3 && damaged.lost == ["stats_damaged": 1])
  }

  @Test func `are written less than a second after the last time, and soon where the disk was behind`() throws {
    try leave(hits: [1])
    let (checkpoint, disk, start) = (checkpoint(), try WakePipe(), ContinuousClock.now)
    #expect(try #require(checkpoint.due) <= start)
    checkpoint.recover(DeliveryAccounting(), log: Log(level: .off, path: nil, clock: .system)) { _, _ in
      _ = disk.waitUntilWoken(atMost: .seconds(20))
    }
    let bucket = try Self.bucket(hits: 3)
    checkpoint.write(now: start, threads: 1) { _ in [bucket] }
    #expect(checkpoint.due == start + .milliseconds(900) && checkpoint.isBusy)
    checkpoint.write(now: start + .seconds(1), threads: 1) { _ in
      Issue.record("nobody should look")
      return []
    }
    #expect(checkpoint.due == start + .milliseconds(1_100))
    disk.wake()
    checkpoint.stop(deadline: .now + .seconds(20))
  }

  @Test func `are not looked at for ten seconds where they cannot be written`() throws {
    let (first, second, start) = (checkpoint(), checkpoint(), ContinuousClock.now)
    let bucket = try Self.bucket(hits: 3)
    for one in [first, second] {
      one.write(now: start, threads: 1) { _ in [bucket] }
      #expect(eventually { !one.isBusy })
    }
    second.write(now: start + .seconds(1), threads: 1) { _ in
      Issue.record("nobody should look")
      return []
    }
    #expect(second.due == start + .seconds(11))
    first.stop(deadline: .now + .seconds(20))
    second.stop(deadline: .now + .seconds(20))
  }

  @Test func `of an earlier agent count as restored at each intake that gets them`() throws {
    let (intake, other) = (try IntakeUnderTest(status: 202), try IntakeUnderTest(status: 202))
    do {
      let agent = try agent(intake)
      #expect(try agent.post("/v0.4/traces", Self.traces(1...3), Self.messagePack).status == 200)
      agent.flusher.keepOpenStatistics()
      agent.checkpoint?.stop(deadline: .now + .seconds(20))
    }
    let second = try agent(intake, other)
    second.flusher.sendEarlierStatistics()
    #expect(eventually { second.info.ledger.statistics.sent == 2 })
    let statistics = second.info.ledger.statistics
    #expect(statistics.restored == 2 && statistics.made == 0 && statistics.inFlight == 0)
  }

  @Test func `are not looked at in all threads where one has more than may be written`() throws {
    let checkpoint = checkpoint(bytesMax: 2_000)
    let bucket = try Self.bucket(hits: 3)
    var asked: [Int] = []
    for _ in 0..<3 {
      checkpoint.write(threads: 3) {
        asked.append($0)
        return [bucket]
      }
      #expect(eventually { !checkpoint.isBusy })
    }
    checkpoint.stop(deadline: .now + .seconds(20))
    #expect(asked == [0, 1, 1, 2, 2] && folder.files.count == 3)
  }
}

import Control
import Exporting
import Foundation
import Journal
import TestSpans
import Testing

@testable import Agent
@testable import Configuration

/// Receivers of OTLP beside Datadog's intake, or in its place.
@Suite struct `Receivers of OTLP` {
  private static let messagePack = ["Content-Type": "application/msgpack"]
  private static let key = "0123456789abcdef0123456789abcdef"

  /// A trace that is kept with two spans, and one that its user dropped.
  private static let traces = TestPayload.v04([
    [TestSpan(1).metric("_sampling_priority_v1", 2), TestSpan(2, parent: 1)],
    [TestSpan(3).with { $0.traceID = 2 }.metric("_sampling_priority_v1", -1)],
  ])

  private static func place(
    _ intake: IntakeUnderTest, _ compression: TraceDestination.Compression = .gzip
  ) throws -> TraceDestination {
    TraceDestination(url: try HTTPURL(intake.url + "/v1/traces"), headers: [], compression: compression)
  }

  @Test(arguments: [false, true])
  func `get what is kept, whether or not there is a key`(hasKey: Bool) throws {
    let (intake, gzip, zstd) = (
      try IntakeUnderTest(status: 202), try IntakeUnderTest(status: 200), try IntakeUnderTest(status: 200)
    )
    let places = [try Self.place(gzip), try Self.place(zstd, .zstd)]
    let url = try HTTPURL(intake.url)
    let agent = try AgentUnderTest(threads: 1) {
      $0.destinations = places
      $0.intakeURL = url
      if hasKey { $0.apiKey = APIKey(Self.key) }
    }
    _ = try agent.post("/v0.4/traces", Self.traces, traces: 2, Self.messagePack)
    let destinations: UInt64 = hasKey ? 3 : 2
    #expect(agent.info.queued.traces == destinations, "one for each way to compress, and for the intake")
    agent.flusher.flushAll(nowNs: agent.nowNs)
    let payloads: UInt64 = hasKey ? 1 : 0
    #expect(eventually { agent.info.sent.traces.traces == destinations && agent.info.sent.stats.payloads == payloads })
    let info = agent.info
    #expect(info.sent.traces.spans == 2 * destinations && info.queued.traces == 0 && info.lost.isEmpty)
    let rows = info.destinations.suffix(2)
    #expect(rows.map(\.endpoint) == [gzip, zstd].map { "otlp+\($0.url)/v1/traces" })
    #expect(
      rows.allSatisfy { $0.format == "otlp" && $0.sent.traces == 1 && $0.sent.spans == 2 && $0.lastSuccess != nil })
    #expect(info.destinations.count == Int(destinations))
    #expect(info.configuration.forwarding == .on(hasKey ? intake.url : "otlp+\(gzip.url)/v1/traces"))
  }

  @Test func `that refuse are counted by themselves, and the ledger balances`() throws {
    let receiver = try IntakeUnderTest(status: 403)
    let place = try Self.place(receiver)
    let agent = try AgentUnderTest(threads: 1) { $0.destinations = [place] }
    _ = try agent.post("/v0.4/traces", Self.traces, traces: 2, Self.messagePack)
    agent.flusher.flushAll(nowNs: agent.nowNs)
    #expect(eventually { !agent.info.lost.isEmpty })
    let info = agent.info
    let lost = try #require(info.lost["otlp_intake_rejected_403"])
    #expect(info.lost.count == 1 && lost.payloads == 1 && lost.bytes > 0 && lost.traces == 1 && lost.spans == 2)
    #expect(info.destinations.map(\.lost) == [TraceCounts(traces: 1, spans: 2)])
    let ledger = info.ledger
    #expect(ledger.received.traces == 2 && ledger.sampled.traces == 1 && ledger.lost.traces == 1)
    #expect(ledger.sent.traces == 0 && ledger.inFlight.traces == 0)
    #expect(info.intake.troubles.map(\.payloads) == ["otlp"] && info.intake.troubles.map(\.status) == [403])
  }

  @Test func `are waited for with strict durability, though the intake has taken all`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "roost-otlp-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let shards = TraceReceiver.shardCount(threads: 1, takesCalls: true)
    let journal = try Journal(folder: folder, bytesMax: 1 << 30, threads: shards) { _ in }
    let (intake, receiver) = (try IntakeUnderTest(status: 202), try IntakeUnderTest(status: 503))
    let (url, place) = (try HTTPURL(intake.url), try Self.place(receiver))
    let agent = try AgentUnderTest(threads: 1, journal: journal) {
      $0.apiKey = APIKey(Self.key)
      $0.intakeURL = url
      $0.destinations = [place]
    }
    _ = try agent.post("/v0.4/traces", Self.traces, traces: 2, Self.messagePack)
    agent.flusher.flushTraces(nowNs: agent.nowNs + 10_000_000_000)
    agent.pass(seconds: 60)
    agent.flusher.flushStats(nowNs: agent.nowNs)
    let forwarder = try #require(agent.forwarder)
    #expect(eventually { forwarder.counters.destinations[0][.traces].sentPayloads == 1 })
    #expect(eventually { forwarder.counters.destinations[0][.stats].sentPayloads == 1 })
    #expect(eventually { forwarder.counters.destinations[1].ofTraces.retries > 0 })
    #expect(journal.bytes > 0, "the receiver has not taken it")
    receiver.answer(200)
    #expect(eventually { journal.bytes == 0 })
    journal.stop(deadline: .now + .seconds(20))
    #expect(!Journal.isLeft(in: folder))
  }

  @Test func `are no reason for an output where there are none`() throws {
    let intake = try IntakeUnderTest(status: 202)
    let url = try HTTPURL(intake.url)
    let agent = try AgentUnderTest(threads: 1) {
      $0.apiKey = APIKey(Self.key)
      $0.intakeURL = url
    }
    let outputs = agent.replayParts().outputs
    #expect(outputs.batches.count == 1 && !outputs.writesOTLP)
  }
}

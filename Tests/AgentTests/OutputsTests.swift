import Configuration
import Control
import Exporting
import Platform
import Statistics
import TestSpans
import Testing
import TraceModel

@testable import Agent

/// What the fake outputs of an agent have seen, over all of its threads.
private final class Seen: Sendable {
  private let ids = Lock<[UInt64]>([])
  private let count = Lock(0)

  var spans: [UInt64] { ids.withLock { $0.sorted() } }
  var buckets: Int { count.withLock { $0 } }

  func add(span: UInt64) { ids.withLock { $0.append(span) } }
  func add(buckets: Int) { count.withLock { $0 += buckets } }
}

extension OutgoingPayload.Kind {
  fileprivate static let archive = OutgoingPayload.Kind(rawValue: "archive")
}

/// An output that keeps the ids of spans, and makes one payload of what it got when everything is flushed.
private final class SpanArchive: BatchOutput {
  let kind = OutgoingPayload.Kind.archive
  let selection: ChunkSelection
  private let seen: Seen
  private let canEncode: Bool
  private(set) var pending = PayloadCounts()

  init(_ selection: ChunkSelection, _ seen: Seen, canEncode: Bool) {
    self.selection = selection
    self.seen = seen
    self.canEncode = canEncode
  }

  /// The one value that adds it to an agent.
  static func outputs(_ selection: ChunkSelection, _ seen: Seen, canEncode: Bool = true) -> AgentOutputs {
    AgentOutputs(batches: [{ _, _ in SpanArchive(selection, seen, canEncode: canEncode) }])
  }

  func add(_ batch: borrowing SpanBatch, nowNs: Int64, _ results: inout OutputResults) {
    for index in 0..<batch.chunks.count where selection.includes(batch.chunks[index]) {
      pending += PayloadCounts(traces: 1, spans: batch.chunks[index].spans.range.count)
      for span in batch.chunks[index].spans.range { seen.add(span: batch.spans[span].spanID) }
    }
  }

  func flush(nowNs: Int64, force: Bool, _ results: inout OutputResults) {
    guard force, pending.traces > 0 else { return }
    defer { pending = PayloadCounts() }
    guard canEncode else { return results.lose(pending, of: kind, reason: "the disk is full") }
    results.send(
      OutgoingPayload(
        kind: kind, path: "/archive", body: .memory([1, 2, 3]), contentType: "text/plain", contentEncoding: "",
        headers: [], counts: pending, uncompressedBytes: 3))
  }
}

/// An output of statistics that counts buckets.
private struct BucketArchive: StatisticsOutput {
  let kind = OutgoingPayload.Kind.archive
  let seen: Seen

  func makePayloads(of buckets: [StatsBucket], take: (OutgoingPayload) -> Void) -> UInt64 {
    seen.add(buckets: buckets.count)
    return 0
  }
}

@Suite struct `Outputs` {
  private static let messagePack = ["Content-Type": "application/msgpack"]

  /// A trace that is kept, one that its user dropped, and one that makes no sense.
  private static let traces = TestPayload.v04([
    [TestSpan(1).metric("_sampling_priority_v1", 2), TestSpan(2, parent: 1)],
    [
      TestSpan(3).with { $0.traceID = 2 }.metric("_sampling_priority_v1", -1),
      TestSpan(4, parent: 3).with { $0.traceID = 2 },
    ],
    [TestSpan(0)],
  ])

  private static let selections: [(ChunkSelection, [UInt64])] = [(.kept, [1, 2]), (.all, [1, 2, 3, 4])]

  private static func destination(_ intake: IntakeUnderTest) throws -> Destination {
    var destination = try Destination(
      baseURL: intake.url, userAgent: "test", takes: [.archive: Destination.LaneLimits(queueBytesMax: 1_000)])
    destination.retry.retriesMax = 0
    return destination
  }

  @Test(arguments: selections)
  func `get the chunks that they ask for, with and without an intake`(selection: ChunkSelection, ids: [UInt64]) throws {
    let intake = try IntakeUnderTest(status: 202)
    for isForwarding in [false, true] {
      let seen = Seen()
      let url = try HTTPURL(intake.url)
      let agent = try AgentUnderTest(threads: 1, outputs: SpanArchive.outputs(selection, seen)) {
        $0.intakeURL = url
        if isForwarding { $0.apiKey = APIKey("0123456789abcdef0123456789abcdef") }
      }
      _ = try agent.post("/v0.4/traces", Self.traces, traces: 3, Self.messagePack)
      #expect(seen.spans == ids)
      #expect(agent.info.queued.traces == (isForwarding ? 1 : 0), "what the intake gets, and nothing else")
      #expect(agent.info.kept.traces == 1)
    }
  }

  @Test(arguments: [202, 500] as [UInt16])
  func `go to their own destination, and what becomes of them there is no matter of the intake`(status: UInt16) throws {
    let (intake, archive) = (try IntakeUnderTest(status: 202), try IntakeUnderTest(status: status))
    let url = try HTTPURL(intake.url)
    let agent = try AgentUnderTest(
      threads: 1, destinations: [try Self.destination(archive)], outputs: SpanArchive.outputs(.all, Seen())
    ) {
      $0.intakeURL = url
      $0.apiKey = APIKey("0123456789abcdef0123456789abcdef")
    }
    _ = try agent.post("/v0.4/traces", Self.traces, traces: 3, Self.messagePack)
    agent.flusher.flushAll(nowNs: agent.nowNs)
    let forwarder = try #require(agent.forwarder)
    #expect(
      eventually { forwarder.counters.attempts == 3 || agent.info.lost.count == 1 && forwarder.counters.attempts == 2 })
    let (datadog, other) = (forwarder.counters.destinations[0], forwarder.counters.destinations[1])
    #expect(datadog[.traces].sent == PayloadCounts(traces: 1, spans: 2) && datadog[.stats].sentPayloads == 1)
    let archived = PayloadCounts(traces: 2, spans: 4)
    #expect(other[.archive].sent == (status == 202 ? archived : PayloadCounts()))
    #expect(other[.archive].lost == (status == 202 ? PayloadCounts() : archived))
    #expect(agent.info.lost.mapValues(\.traces) == (status == 202 ? [:] : ["archive_retries_exhausted": 2]))
    #expect(agent.info.sent.traces.traces == 1 && agent.info.queued.traces == 0)
  }

  @Test func `ship everything twice, to an intake that is well and to one that is not`() throws {
    let (well, ill) = (try IntakeUnderTest(status: 202), try IntakeUnderTest(status: 503))
    let second = try Destination.datadog(baseURL: well.url, apiKey: "another", version: "1", commit: "")
    let url = try HTTPURL(ill.url)
    let agent = try AgentUnderTest(threads: 1, destinations: [second]) {
      $0.intakeURL = url
      $0.apiKey = APIKey("0123456789abcdef0123456789abcdef")
    }
    for _ in 0..<3 {
      _ = try agent.post("/v0.4/traces", Self.traces, traces: 3, Self.messagePack)
      agent.flusher.flushAll(nowNs: agent.nowNs)
    }
    let forwarder = try #require(agent.forwarder)
    #expect(eventually { forwarder.counters.destinations[1].kinds.values.reduce(0) { $0 + $1.sentPayloads } == 6 })
    let (first, other) = (forwarder.counters.destinations[0], forwarder.counters.destinations[1])
    let total = PayloadCounts(traces: 3, spans: 6)
    #expect(other[.traces].sent == total && other[.traces].retries == 0 && other.queuePayloads == 0)
    #expect(first[.traces].held == total && first[.traces].sentPayloads == 0)
    let rows = agent.info.destinations
    #expect(rows.map(\.queued.payloads) == [3, 0] && rows.map(\.queuedStatistics) == [3, 0])
  }

  @Test func `report what they could not make a payload of`() throws {
    let agent = try AgentUnderTest(threads: 1, outputs: SpanArchive.outputs(.all, Seen(), canEncode: false))
    _ = try agent.post("/v0.4/traces", Self.traces, traces: 3, Self.messagePack)
    agent.flusher.flushAll(nowNs: agent.nowNs)
    #expect(agent.info.lost.mapValues { [$0.payloads, $0.traces, $0.spans] } == ["archive_encoding_error": [1, 2, 4]])
    let errors = agent.info.lastErrors.map(\.message).filter { !$0.hasPrefix("dropped 1 trace") }
    #expect(errors == ["the disk is full"])
  }

  @Test func `of statistics get all buckets, also when another one fails`() throws {
    let seen = Seen()
    let agent = try AgentUnderTest(
      threads: 2, canEncodeStats: false, outputs: AgentOutputs(statistics: [BucketArchive(seen: seen)]))
    _ = try agent.post("/v0.4/traces", Self.traces, traces: 3, Self.messagePack)
    agent.flusher.flushAll(nowNs: agent.nowNs)
    #expect(seen.buckets == 1)
    #expect(agent.info.lost.mapValues(\.payloads) == ["stats_encoding_error": 1])
    #expect(try agent.services().map(\.hits) == [2], "in the tables all the same")
  }
}

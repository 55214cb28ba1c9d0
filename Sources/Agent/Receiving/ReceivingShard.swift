import Control
import Decoding
import Exporting
import Platform
import Processing
import Receiver
import Sampling
import Statistics
import TraceModel

/// What the stages need that is the same for all receiving threads.
struct PipelineParts: Sendable {
  let keys: KeyTable
  let processing: ProcessingConfiguration
  let concentrator: ConcentratorConfiguration
  let identity: AgentIdentity
  let compression: PayloadCompression
  let samplers: Samplers
  /// `nil` when nothing is forwarded.
  let forwarder: Forwarder?
  let answerHeaders: [AnswerHeader]
  let answersRealStatus: Bool
  let clock: WallClock
  let log: Log
  let errors: RecentErrors
  let partialTraces: PartialTraceWatch
}

/// All that one receiving thread owns: its batch, its part of the statistics, its unfinished payload and its counts.
///
/// The lock is taken once a request by the thread that owns the shard; others want it only for a flush or a question.
final class ReceivingShard: Sendable {
  struct State: ~Copyable, Sendable {
    var batch = SpanBatch()
    var scratch = DecodingScratch()
    var processor: Processor
    var concentrator: Concentrator
    var writer: TraceWriter
    var lastFlushNs: Int64
    var counts = ShardCounts()
    var clients = ClientTable()
    var observations = ShardObservations()
    var ratesAnswers: RatesAnswers
  }

  let parts: PipelineParts
  let state: Lock<State>
  let okAnswer: Answer

  init(_ parts: PipelineParts) {
    self.parts = parts
    let now = parts.clock.nowNs
    okAnswer = Answer(status: 200, text: "OK\n", headers: parts.answerHeaders)
    state = Lock(
      State(
        processor: Processor(configuration: parts.processing),
        concentrator: Concentrator(configuration: parts.concentrator, keys: parts.keys, nowNs: now),
        writer: TraceWriter(identity: parts.identity, compression: parts.compression), lastFlushNs: now,
        ratesAnswers: RatesAnswers(parts.samplers.publishedRates, headers: parts.answerHeaders)))
  }

  /// Counts a request that never became one.
  func reject(_ request: borrowing RejectedRequest, takesTraces: Bool) {
    let reason = "\(request.reason.dropReason)"
    let traces = UInt64(clamping: max(0, request.headers.integer(.traceCount) ?? 0))
    let bytes = UInt64(clamping: request.bytesReceived)
    let kind = Self.clientIssues(request.reason)
    let path = kind == nil ? "" : ClientName.text(request.path)
    let client = kind == nil ? "" : ClientName.of(request.headers)
    let size = max(request.declaredLength ?? 0, request.bytesReceived)
    let (peer, now) = (request.peer, parts.clock.nowNs)
    state.withLock { state in
      state.observations.countRequest(peer)
      state.counts.refuse(reason, traces: traces, bytes: bytes, losesTraces: takesTraces)
      if let kind { state.observations.clientIssues.add(kind, path, client: client, amount: Double(size), atNs: now) }
    }
  }

  /// What the doctor has a diagnosis for. Others are the network's doing.
  private static func clientIssues(_ reason: RejectionReason) -> ClientIssueKind? {
    switch reason {
    case .payloadTooLarge: .tooLarge
    case .memoryLimit: .memoryLimit
    default: nil
    }
  }

  /// Counts an answer that says no to a whole request.
  func refuse(_ reason: String, _ request: borrowing Request) {
    let path = ClientName.text(request.path)
    let client = ClientName.of(request.headers)
    let kind = RequestIssue.isOTLP(request.path) ? ClientIssueKind.otlpPath : .notFound
    let (peer, now) = (request.peer, parts.clock.nowNs)
    state.withLock { state in
      state.observations.countRequest(peer)
      state.counts.refuse(reason, traces: 0, bytes: 0, losesTraces: false)
      if reason == "not_found" { state.observations.clientIssues.add(kind, path, client: client, atNs: now) }
    }
  }

  /// Counts something that a request shows besides what it asks for.
  func note(_ kind: ClientIssueKind, _ detail: String, client: String) {
    let now = parts.clock.nowNs
    state.withLock { $0.observations.clientIssues.add(kind, detail, client: client, atNs: now) }
  }

  /// Counts a payload that was taken and is not used.
  func discard(_ reason: String, _ request: borrowing Request) {
    let counts = TrafficCounts(payloads: 1, bytes: UInt64(clamping: request.body.count))
    let peer = request.peer
    state.withLock { state in
      state.observations.countRequest(peer)
      state.counts.received.add(counts)
      state.counts.drop(reason, counts)
    }
  }

  /// Takes closed buckets out; all of them when the agent ends.
  func takeBuckets(nowNs: Int64, all: Bool) -> [StatsBucket] {
    state.withLock { $0.concentrator.takeBuckets(nowNs: nowNs, all: all) }
  }

  /// Buckets that are still being counted into.
  var openBuckets: [StatsBucket] { state.withLock { $0.concentrator.buckets } }

  /// Finishes the payload at hand when it is older than `periodNs`.
  func flushTraces(nowNs: Int64, periodNs: Int64) {
    guard parts.forwarder != nil else { return }
    var outbox = Outbox()
    defer { deliver(outbox) }
    state.withLock { state in
      guard nowNs &- state.lastFlushNs >= periodNs else { return }
      state.lastFlushNs = nowNs
      if state.writer.isEmpty {
        state.writer.release()
        return
      }
      do throws(TraceWriterError) {
        if let payload = try state.writer.finish() { outbox.send(payload) }
      } catch {
        lose(error, &state.counts, &outbox)
      }
    }
  }

  /// Copies of the counts.
  func snapshot() -> ShardSnapshot {
    state.withLock { state in
      ShardSnapshot(
        counts: state.counts, clients: state.clients.clientRows(), gathered: state.writer.pending,
        collapsed: state.concentrator.collapsedSpans, clamped: state.concentrator.clampedSpans)
    }
  }

  /// Copies of what was observed.
  var observations: ShardObservations { state.withLock { $0.observations } }

  func lose(_ error: TraceWriterError, _ counts: inout ShardCounts, _ outbox: inout Outbox) {
    counts.lose(
      "encoding_error",
      TrafficCounts(
        payloads: 1, traces: UInt64(clamping: error.lost.traces), spans: UInt64(clamping: error.lost.spans)))
    outbox.warn(kind: "encoding", "\(error.cause)", isListed: true)
  }
}

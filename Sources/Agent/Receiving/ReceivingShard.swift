import Compression
import Decoding
import Exporting
import Platform
import Receiver
import Statistics
import Synchronization

/// What receiving needs that is the same for all of its threads.
struct ReceivingParts: Sendable {
  let pipeline: PipelineParts
  let answers: CurrentAnswers
  let observers: SharedObservers
  /// Of a request, as it came and after decompression.
  let bodyBytesMax: Int
  let clock: WallClock
  let log: Log
  /// `nil` where requests are answered without being on disk.
  var requests: RequestJournal?
}

/// All that one receiving thread owns: what decompresses bodies, the pipeline with its unfinished payload and its part
/// of the statistics, and the record of what happened.
///
/// The lock is taken once a request by the thread that works with the shard, a worker or one for large requests; others
/// want it only for a flush or a query.
final class ReceivingShard: Sendable {
  fileprivate struct State: ~Copyable, Sendable {
    var inflater = BodyInflater()
    /// Whether a compressed body came since the last flush.
    var hasInflated = false
    /// Whether the inflater has a body that nobody has read yet.
    var isInflated = false
    var pipeline: TracePipeline
    var recorder: RequestRecorder
  }

  let parts: ReceivingParts
  /// Which of the receiving threads it belongs to.
  private let number: Int
  private let state: Lock<State>
  /// Whether a query has waited for this thread in vain: until it comes back, others wait for a moment only.
  private let wasLate = Atomic<Bool>(false)

  init(_ parts: ReceivingParts, number: Int = 0) {
    self.parts = parts
    self.number = number
    state = Lock(
      State(
        pipeline: TracePipeline(parts.pipeline, nowNs: parts.clock.nowNs),
        recorder: RequestRecorder(
          observers: parts.observers,
          answers: RequestAnswers(parts.answers, rates: parts.pipeline.samplers.publishedRates))))
  }

  /// A request with traces, from its bytes to its answer; where requests are to be on disk first, the answer waits for that.
  /// - Parameter trial: what `inflate` came to for this request, as the last thing that this thread did.
  func traces(
    _ request: borrowing Request, _ format: TraceFormat, isOverloaded: Bool, _ trial: InflationTrial = .none
  ) -> Reply {
    var arrival = arrival(of: request)
    arrival.isInflated = trial == .whole
    guard let journal = parts.requests else { return .now(traces(request, format, isOverloaded, arrival, nil)) }
    var ticket: AnswerTicket?
    let reply = request.answerLater(orRefuse: { refuse($0) }) { ticket = $0 }
    if let ticket { _ = traces(request, format, isOverloaded, arrival, (journal, ticket)) }
    return reply
  }

  /// What came of decompressing a body before its turn.
  enum InflationTrial {
    /// It is not compressed, or cannot be decompressed.
    case none
    /// It stays decompressed for `traces`.
    case whole
    /// It has more bytes than were allowed.
    case tooLarge
  }

  /// Decompresses a body as far as it comes to `bytesMax` bytes.
  func inflate(_ request: borrowing Request, bytesMax: Int) -> InflationTrial {
    let header = request.headers[.contentEncoding]
    guard header != nil else { return .none }
    let body = request.body
    return state.withLock { state in
      state.isInflated = false
      do throws(InflateError) {
        let encoding = try ContentEncoding(header: header)
        guard encoding != .identity else { return .none }
        state.hasInflated = true
        _ = try state.inflater.inflate(body, encoding: encoding, bytesMax: bytesMax)
        state.isInflated = true
        return .whole
      } catch .tooLarge {
        return .tooLarge
      } catch {
        return .none
      }
    }
  }

  /// Records a request whose answer cannot be waited for.
  private func refuse(_ request: borrowing RejectedRequest) {
    record(
      RequestRejection(
        reason: request.reason, bytesReceived: request.bytesReceived, declaredBytes: request.declaredLength,
        takesTraces: true, bodyBytesMax: parts.bodyBytesMax), request)
  }

  /// The same of a request whose connection waits for its answer already.
  func traces(
    _ request: borrowing Request, _ format: TraceFormat, isOverloaded: Bool, _ arrival: RequestArrival,
    answering ticket: AnswerTicket
  ) {
    let durably = parts.requests.map { (journal: $0, ticket: ticket) }
    let answer = traces(request, format, isOverloaded, arrival, durably)
    if durably == nil { ticket.complete(with: answer) }
  }

  /// - Parameter durably: what writes the request, and by which it is answered then.
  private func traces(
    _ request: borrowing Request, _ format: TraceFormat, _ isOverloaded: Bool, _ arrival: RequestArrival,
    _ durably: (journal: RequestJournal, ticket: AnswerTicket)?
  ) -> Answer {
    let context = RequestContext(request, arrival)
    let obstacle = durably?.journal.journal.obstacle
    var outbox = Outbox()
    defer { deliver(outbox) }
    var decoded: AcceptedTraces?
    let answer = state.withLock { state in
      let outcome =
        obstacle.map { .notDurable($0) }
        ?? state.receive(
          context, format, isOverloaded: isOverloaded, bodyBytesMax: parts.bodyBytesMax, &outbox)
      defer { state.release() }
      if case .accepted(let accepted) = outcome { decoded = accepted }
      if case .exported(let exported) = outcome { decoded = exported.last }
      let answer = state.recorder.record(.traces(format, outcome), context, state.pipeline.batch, &outbox)
      if let durably {
        cover(&outbox, &state)
        if outcome.hasData {
          let failure = state.recorder.answer(.traces(format, .notDurable("")), context)
          durably.ticket.limitWait()
          durably.journal.add(context, format, lane: number, durably.ticket, answer: answer, failure: failure)
        } else {
          durably.ticket.complete(with: answer)
        }
      }
      return answer
    }
    parts.log.debug(RequestLine.text(context, answer, decoded))
    return answer
  }

  /// When a request came, which is now, and from where.
  func arrival(of request: borrowing Request) -> RequestArrival {
    let nowNs = parts.clock.nowNs
    let container = parts.pipeline.containers.container(of: request.headers, request.peer, nowNs: nowNs)
    return RequestArrival(nowNs: nowNs, container: container)
  }

  /// Has the journal told when what is in these payloads needs it no longer.
  private func cover(_ outbox: inout Outbox, _ state: inout State) {
    guard let journal = parts.requests else { return }
    // What one output has handed out another one may still have: a request is done with where all have.
    if state.pipeline.hasSeveralOutputs, outbox.payloads.contains(where: \.kind.isOfTraces) {
      state.flush(nowNs: parts.clock.nowNs, force: true, &outbox)
    }
    outbox.changePayloads { journal.cover(&$0, lane: number) }
  }

  /// Records what happened to a request without traces. Returns its answer.
  func record(_ event: RequestEvent, _ request: borrowing Request) -> Answer {
    let context = RequestContext(
      request, nowNs: parts.clock.nowNs, event.namesContainer ? parts.pipeline.containers : nil)
    var outbox = Outbox()
    defer { deliver(outbox) }
    let answer = state.withLock { $0.recorder.record(event, context, $0.pipeline.batch, &outbox) }
    parts.log.debug(RequestLine.text(context, answer))
    return answer
  }

  /// Records what another part of the agent made of a request.
  func record(_ product: ProductReply, _ request: borrowing Request) {
    let context = RequestContext(request, nowNs: parts.clock.nowNs)
    state.withLock { $0.recorder.record(product.outcome, context) }
    parts.log.debug(RequestLine.text(context, product))
  }

  /// Records a request that was refused or broke off before it was whole.
  func record(_ rejection: RequestRejection, _ request: borrowing RejectedRequest) {
    let context = RequestContext(request, nowNs: parts.clock.nowNs)
    var outbox = Outbox()
    defer { deliver(outbox) }
    state.withLock { $0.recorder.record(rejection, context, &outbox) }
    parts.log.debug(RequestLine.text(context, rejection))
  }

  /// The same unless a request is at work until the deadline.
  /// - Returns: whether it is recorded.
  func record(
    _ rejection: RequestRejection, _ request: borrowing RejectedRequest, until deadline: ContinuousClock.Instant
  ) -> Bool {
    let context = RequestContext(request, nowNs: parts.clock.nowNs)
    var outbox = Outbox()
    defer { deliver(outbox) }
    return state.withLock(until: deadline) { state in
      state.recorder.record(rejection, context, &outbox)
      return true
    } ?? false
  }
}

extension ReceivingShard.State {
  /// A payload's way to the pipeline, or why it does not come there.
  fileprivate mutating func receive(
    _ context: RequestContext, _ format: TraceFormat, isOverloaded: Bool, bodyBytesMax: Int, _ outbox: inout Outbox
  ) -> TraceOutcome {
    let contentType = context.headers[.contentType]
    if context.body.isEmpty, case .brokenOff = format.reading(of: context.body, contentType: contentType) {
      return .brokenOff
    }
    // Past the memory limit: the payload is not looked at.
    if isOverloaded { return .overloaded }
    let body: UnsafeRawBufferPointer
    do throws(InflateError) {
      let encoding = try ContentEncoding(header: context.headers[.contentEncoding])
      if encoding != .identity {
        hasInflated = true
        // How large it becomes is known only then.
        guard pipeline.memory.add(bodyBytesMax) else { return .overloaded }
      }
      body =
        isInflated && context.isInflated
        ? inflater.lastBody : try inflater.inflate(context.body, encoding: encoding, bytesMax: bodyBytesMax)
    } catch {
      return .unreadable(error)
    }
    let payload = TracePayload(
      body: body, client: ClientMetadata(context.headers, context.container), nowNs: context.nowNs)
    do throws(DecodeError) {
      switch format.reading(of: body, contentType: contentType) {
      case .brokenOff: return .brokenOff
      case .unsupportedMediaType: return .unsupportedMediaType
      case .decode(let decode): return .accepted(try pipeline.run(payload, decode, &outbox))
      case .decodeStatistics:
        try pipeline.count(payload)
        return .counted
      case .decodeOTLP(let encoding): return .exported(try receive(payload, encoding, format, context, &outbox))
      }
    } catch {
      return error.kind == .noMemory ? .overloaded : .undecodable(error)
    }
  }

  /// The parts of an OTLP request, one after the other: each is recorded before the next one takes the batch, the last one
  /// with the request.
  private mutating func receive(
    _ payload: TracePayload, _ encoding: TracesOTLP.Encoding, _ format: TraceFormat, _ context: RequestContext,
    _ outbox: inout Outbox
  ) throws(DecodeError) -> ExportedTraces {
    let parts = try pipeline.decodeParts(of: payload, encoding)
    var exported = ExportedTraces(encoding: encoding)
    for part in 0..<parts {
      if part > 0 {
        exported.last.isFollowed = true
        recorder.record(exported.last, format, context, pipeline.batch, &outbox)
      }
      exported.last = pipeline.run(part: part, of: payload, &outbox)
      exported.takenSpans += exported.last.spans
      exported.malformedSpans += exported.last.malformedSpans
    }
    return exported
  }

  /// Finishes payloads, and counts what could not be made one.
  fileprivate mutating func flush(nowNs: Int64, force: Bool, _ outbox: inout Outbox) {
    for loss in pipeline.flush(nowNs: nowNs, force: force, &outbox) { recorder.record(loss, &outbox) }
  }

  fileprivate var snapshot: ShardSnapshot {
    ShardSnapshot(
      counts: recorder.counts, processing: pipeline.processingCounts, sampling: pipeline.samplingCounts,
      stored: pipeline.storedCounts, clients: recorder.clients.clientRows(),
      losses: recorder.losses, gathered: pipeline.pending,
      collapsed: pipeline.concentrator.collapsedSpans,
      withoutPeer: pipeline.concentrator.spansWithoutPeer, coarsened: pipeline.concentrator.coarsenedSpans,
      ahead: pipeline.concentrator.spansAhead)
  }

  /// Lets go of the request: its body, and what was decompressed from it.
  fileprivate mutating func release() {
    pipeline.release()
    isInflated = false
    inflater.recycle()
  }
}

/// What the main thread and the commands ask for.
extension ReceivingShard: BucketSource {
  /// Takes closed buckets out; all of them when the agent ends.
  func takeBuckets(nowNs: Int64, all: Bool, until deadline: ContinuousClock.Instant) -> [StatsBucket]? {
    state.withLock(until: deadline) { $0.pipeline.takeBuckets(nowNs: nowNs, all: all) }
  }

  /// Copies of buckets that are still being counted into; `nil` when a request is at work until the deadline.
  func openBuckets(until deadline: ContinuousClock.Instant) -> [StatsBucket]? {
    read(until: deadline) { $0.pipeline.concentrator.buckets }
  }

  /// Copies of the open buckets that will be closed as they are, whatever clients send: for the store. `nil` when a request
  /// is at work until the deadline.
  func settledBuckets(until deadline: ContinuousClock.Instant) -> [StatsBucket]? {
    read(until: deadline) { $0.pipeline.concentrator.buckets.filter { !$0.isLeftToClients } }
  }

  /// Whether no request is at work, or it ends before the deadline.
  func isFree(until deadline: ContinuousClock.Instant) -> Bool {
    state.withLock(until: deadline) { _ in true } ?? false
  }

  /// Finishes the payloads at hand that have waited long enough; all of them when the agent ends. When a request is at
  /// work until the deadline, they are left for the next time.
  func flush(nowNs: Int64, force: Bool, until deadline: ContinuousClock.Instant) {
    var outbox = Outbox()
    defer { deliver(outbox) }
    _ = state.withLock(until: deadline) { state in
      state.flush(nowNs: nowNs, force: force, &outbox)
      cover(&outbox, &state)
      if let journal = parts.requests, state.pipeline.isEmpty { journal.coverWithoutPayload(lane: number) }
      if force { state.pipeline.handOverTraces(&outbox) }
      // Most clients never compress. Where some do, memory stays between their bodies, and goes when none came since
      // the flush before; whether traces wait for an intake says nothing about that.
      if !state.hasInflated {
        state.isInflated = false
        state.inflater.release()
      }
      state.hasInflated = false
    }
  }

  /// Hands to the store what was gathered for it; `false` when a request is at work until the deadline, so that it waits
  /// for the next time.
  @discardableResult
  func handOverTraces(until deadline: ContinuousClock.Instant = .soon) -> Bool {
    var outbox = Outbox()
    defer { deliver(outbox) }
    return read(until: deadline) { $0.pipeline.handOverTraces(&outbox) } != nil
  }

  /// For queries, of which many may come while one request takes long or never ends.
  private func read<Result>(
    until deadline: ContinuousClock.Instant, _ body: (inout sending State) -> sending Result
  ) -> sending Result? {
    let patience = QueryPatience(deadline: deadline, now: .now, wasLate: wasLate.load(ordering: .relaxed))
    let result = state.withLock(until: patience.limit, body)
    wasLate.store(patience.isLate(hasAnswered: result != nil), ordering: .relaxed)
    return result
  }

  /// Copies of all counts and of what was observed, as of one moment; `nil` when a request is at work until the deadline.
  func accounts(
    until deadline: ContinuousClock.Instant = .soon
  ) -> (counts: ShardSnapshot, observations: ShardObservations)? {
    read(until: deadline) { ($0.snapshot, $0.recorder.observations) }
  }

  /// Bytes of memory held for compressed bodies to come.
  var inflaterBytes: Int { state.withLock { $0.inflater.heldBytes } }

  /// What clients lost on the way in; `nil` when a request is at work until the deadline.
  func clientLosses(until deadline: ContinuousClock.Instant = .soon) -> ClientLossTable? {
    read(until: deadline) { $0.recorder.losses }
  }

  /// Copies of what was observed; `nil` when a request is at work until the deadline.
  func observations(until deadline: ContinuousClock.Instant = .soon) -> ShardObservations? {
    read(until: deadline) { $0.recorder.observations }
  }
}

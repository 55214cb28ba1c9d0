import Control
import Exporting
import Processing
import Receiver
import Scrubbing
import TraceModel

/// What one receiving thread's requests came to: turns each event into counters, client issues, lines for the log, and
/// the answer. Knows neither sockets nor locks.
struct RequestRecorder: Sendable {
  private(set) var counts = ShardCounts()
  private(set) var clients = ClientTable()
  private(set) var losses = ClientLossTable()
  private(set) var observations = ShardObservations()
  let observers: SharedObservers
  private var answers: RequestAnswers

  init(observers: SharedObservers, answers: RequestAnswers) {
    self.observers = observers
    self.answers = answers
  }

  /// Records what happened to a whole request, and returns the answer to it.
  /// - Parameter batch: the traces of an accepted payload, and the bytes of one that cannot be decoded; not looked at
  ///   otherwise.
  mutating func record(
    _ event: RequestEvent, _ context: RequestContext, _ batch: borrowing SpanBatch, _ outbox: inout Outbox
  ) -> Answer {
    observations.observeProxy(context)
    switch event {
    case .info, .about, .acknowledged: break
    case .traces(let format, let outcome):
      observations.countRequest(context.peer)
      observers.connections.observePayload(from: context.peer)
      record(outcome, format, context, batch, &outbox)
    case .notFound:
      observations.countRequest(context.peer)
      refuse(.notFound, context)
      observations.observeUnknownPath(context)
    case .notOffered(let product, _):
      observations.countRequest(context.peer)
      refuse(.notOffered, context)
      observations.observeOtherProduct(context)
      name(product, context, &outbox)
    case .crossSite:
      observations.countRequest(context.peer)
      refuse(.crossSite, context)
      observations.observeCrossSite(context)
    }
    return answers.answer(event, context)
  }

  /// The answer to a request that was recorded with another one.
  mutating func answer(_ event: RequestEvent, _ context: RequestContext) -> Answer { answers.answer(event, context) }

  /// Records what another part of the agent, which answers itself, made of a request.
  mutating func record(_ outcome: ProductReply.Outcome, _ context: RequestContext) {
    observations.observeProxy(context)
    observations.countRequest(context.peer)
    guard case .refused(let reason) = outcome else { return }
    counts.refuse(reason, traces: nil, bytes: 0)
    lose(.refused, reason, context)
  }

  /// Records a request that never was whole.
  mutating func record(_ rejection: RequestRejection, _ context: RequestContext, _ outbox: inout Outbox) {
    observations.countRequest(context.peer)
    let reason = "\(rejection.reason.dropReason)"
    let traces =
      rejection.takesTraces
      ? countedTraces(context, atMost: rejection.tracesMax, announcedMax: rejection.announcedTracesMax) : nil
    counts.refuse(reason, traces: traces, bytes: UInt64(clamping: rejection.bytesReceived))
    lose(.refused, reason, context, traces: traces ?? 0)
    observations.observe(rejection, context)
    // Ending is no news about the client.
    guard rejection.reason != .stopping else { return }
    outbox.warn(
      kind: "rejected",
      "refused a request from \(context.peer): \(rejection.reason.answerText), \(rejection.bytesReceived) bytes had come"
    )
  }

  /// Records traces that an output could not make a payload of.
  mutating func record(_ loss: OutputResults.Loss, _ outbox: inout Outbox) {
    counts.lose(
      loss.kind.lossName("encoding_error"),
      TrafficCounts(
        payloads: 1, traces: UInt64(clamping: loss.counts.traces), spans: UInt64(clamping: loss.counts.spans)))
    outbox.warn(kind: "encoding", loss.reason, isListed: true)
  }
}

extension RequestRecorder {
  private mutating func record(
    _ outcome: TraceOutcome, _ format: TraceFormat, _ context: RequestContext, _ batch: borrowing SpanBatch,
    _ outbox: inout Outbox
  ) {
    if let refusal = outcome.refusal {
      let traces = countedTraces(context, atMost: context.body.count, announcedMax: context.body.count)
      counts.refuse(refusal.rawValue, traces: traces, bytes: UInt64(clamping: context.body.count))
      lose(.refused, refusal.rawValue, context, traces: traces)
    }
    observations.observe(outcome, format, context)
    switch outcome {
    case .accepted(let accepted): record(accepted, format, context, batch, &outbox)
    case .exported(let exported): record(exported.last, format, context, batch, &outbox)
    case .counted:
      counts.received.add(context.payload)
      _ = clients.add(
        context.payload, from: ClientIdentity(format.client, context.headers, batch), endpoint: format.name,
        nowNs: context.nowNs)
    case .brokenOff, .unsupportedMediaType: break
    case .overloaded:
      outbox.warn(kind: "memory", "over the memory limit: refused a payload of \(context.body.count) bytes")
    case .notDurable(let obstacle):
      outbox.warn(kind: "journal", "refused a payload that cannot be on disk before it is answered: \(obstacle)")
    case .unreadable(let error):
      if let reason = outcome.refusal { report(error, reason, format, context, &outbox) }
    case .undecodable(let error):
      if let reason = outcome.refusal { report(error, reason, format, context, batch, &outbox) }
    }
  }

  /// Records traces that were taken.
  mutating func record(
    _ accepted: AcceptedTraces, _ format: TraceFormat, _ context: RequestContext, _ batch: borrowing SpanBatch,
    _ outbox: inout Outbox
  ) {
    let received = TrafficCounts(
      payloads: accepted.isFollowed ? 0 : 1, bytes: accepted.isFollowed ? 0 : UInt64(clamping: context.body.count),
      traces: UInt64(clamping: accepted.traces),
      spans: UInt64(clamping: accepted.spans))
    counts.received.add(received)
    noteSenselessNumbers(context, tracesMax: max(context.body.count, accepted.traces))
    let client = ClientIdentity(format.client, context.headers, batch)
    let row = clients.add(received, from: client, endpoint: format.name, nowNs: context.nowNs)
    observations.observe(
      batch, context, client, clientRow: row, partialTraces: observers.partialTraces)
    observations.compareTraceCount(accepted, format, context, client)
    if !accepted.faults.isEmpty {
      record(accepted.faults, of: ClientName.of(client, context.headers), context, batch, &outbox)
    }
    if let rates = accepted.newRates { answers.update(rates) }
    for loss in accepted.losses { record(loss, &outbox) }
  }

  /// Records traces that came whole and make no sense: the client was answered 200.
  private mutating func record(
    _ faults: [FaultyTraces], of client: String, _ context: RequestContext, _ batch: borrowing SpanBatch,
    _ outbox: inout Outbox
  ) {
    for fault in faults {
      let row = losses.add(
        ClientLossTable.Loss(
          loss: fault.isRemoved ? .dropped : .faulty, reason: fault.reason, client: client,
          sender: context.peer.sender, service: fault.shownService(in: batch), traces: fault.traces, atNs: context.nowNs
        ))
      if losses.rows[row].example == nil { losses.describe(row: row, as: fault.example(in: batch)) }
    }
    for (index, first) in faults.enumerated() where !faults[..<index].contains(where: { $0.reason == first.reason }) {
      let traces = faults.reduce(0) { $1.reason == first.reason ? $0 &+ $1.traces : $0 }
      observations.observeMalformed(first.reason, traces: traces, client: client, context)
      let notice = observers.drops.due(client: client, reason: first.reason, count: traces, nowNs: context.nowNs)
      if let notice { outbox.warn(Self.line(notice, first, of: client, batch), isListed: true) }
    }
  }

  private static func line(
    _ notice: DropNotices.Notice, _ fault: FaultyTraces, of client: String, _ batch: borrowing SpanBatch
  ) -> String {
    let who = notice.isOfSeveralClients ? "several clients" : client.isEmpty ? "a client" : Scrubber.scrub(client)
    let count = notice.count == 1 ? "1 trace" : "\(notice.count) traces"
    let what =
      fault.isRemoved
      ? "dropped \(count) of \(who) (\(fault.reason)), as in: "
      : "\(count) of \(who) with spans that are their own ancestors, which tables may lack (\(fault.reason)), as in: "
    return what + fault.example(in: batch) + "; see roost explain RST048"
  }

  /// Says once of each product that it is not offered: tracers ask for some every few seconds.
  private func name(_ product: String, _ context: RequestContext, _ outbox: inout Outbox) {
    guard observers.productsNamed.isNew(product) else { return }
    let client = Scrubber.scrub(context.clientName)
    outbox.note(
      "\(client.isEmpty ? "a client" : client) asks for \(product) "
        + "(\(Scrubber.scrub(ClientName.text(context.path)))), which this agent does not offer: harmless, traces need it not"
    )
  }

  /// Adds to what the client of a request lost.
  private mutating func lose(
    _ loss: ClientLossRow.Loss, _ reason: String, _ context: RequestContext, traces: UInt64 = 0
  ) {
    losses.add(
      ClientLossTable.Loss(
        loss: loss, reason: reason, client: context.clientName, sender: context.peer.sender, requests: 1,
        traces: traces,
        atNs: context.nowNs))
  }

  /// Traces that are counted for a payload which cannot be decoded.
  /// - Parameters:
  ///   - limit: as many as are believed.
  ///   - announcedMax: more than so many were never in it, however much of it came.
  private mutating func countedTraces(_ context: RequestContext, atMost limit: Int, announcedMax: Int) -> UInt64 {
    noteSenselessNumbers(context, tracesMax: announcedMax)
    return UInt64(clamping: context.announcedTraces(atMost: limit) ?? 0)
  }

  private mutating func noteSenselessNumbers(_ context: RequestContext, tracesMax: Int) {
    for name in context.senselessNumbers(tracesMax: tracesMax) { counts.malformed[name, default: 0] &+= 1 }
  }

  /// A request that was to bring no traces.
  private mutating func refuse(_ reason: RefusalReason, _ context: RequestContext) {
    counts.refuse(reason.rawValue, traces: nil, bytes: 0)
    lose(.refused, reason.rawValue, context)
  }
}

extension RequestContext {
  /// A body in which no traces are counted.
  fileprivate var payload: TrafficCounts { TrafficCounts(payloads: 1, bytes: UInt64(clamping: body.count)) }
}

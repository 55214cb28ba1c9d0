import Control
import Decoding
import Exporting
import Processing
import Receiver
import Sampling
import Scrubbing
import TraceModel

/// A request with traces, from its bytes to its answer.
extension ReceivingShard {
  func traces(_ request: borrowing Request, _ endpoint: TraceEndpoint, isOverloaded: Bool) -> Answer {
    let nowNs = parts.clock.nowNs
    let traceCount = UInt64(clamping: max(0, request.headers.integer(.traceCount) ?? 0))
    let bytes = UInt64(clamping: request.body.count)
    var outbox = Outbox()
    defer { deliver(outbox) }
    return state.withLock { state in
      state.observations.countRequest(request.peer)
      if RequestIssue.isEmptyProbe(request.body) {
        let client = ClientName.of(request.headers)
        state.observations.clientIssues.add(.emptyProbe, endpoint.path, client: client, atNs: nowNs)
      }
      if bytes == 0, let answer = empty(request.headers, endpoint, traceCount, &state) { return answer }
      if isOverloaded { return overloaded(request.headers, endpoint, traceCount, bytes, &state, &outbox) }
      if let reason = unreadable(request, endpoint) {
        state.counts.refuse("unsupported_media_type", traces: traceCount, bytes: bytes, losesTraces: true)
        noteStatsD(request, endpoint, &state)
        return Answer(status: 415, text: reason, headers: parts.answerHeaders)
      }
      state.batch.begin(body: request.body)
      defer { state.batch.end() }
      do throws(DecodeError) {
        try decode(request.body.bytes, endpoint, &state)
      } catch {
        return undecodable(error, request, endpoint, traceCount, &state, &outbox)
      }
      let row = count(request.headers, endpoint, bytes, nowNs, &state)
      process(request.headers, nowNs, &state, &outbox)
      observe(request, endpoint, clientRow: row, nowNs, &state)
      return answer(request.headers, endpoint, &state)
    }
  }

  private func decode(
    _ body: RawSpan, _ endpoint: TraceEndpoint, _ state: inout State
  ) throws(DecodeError) {
    if endpoint == .tracesV05 {
      try TracesV05.decode(body, keys: parts.keys, scratch: &state.scratch, into: &state.batch)
    } else {
      try TracesV04.decode(body, keys: parts.keys, scratch: &state.scratch, into: &state.batch)
    }
  }

  /// Processes, counts, samples and encodes the decoded batch.
  private func process(_ headers: RequestHeaders, _ nowNs: Int64, _ state: inout State, _ outbox: inout Outbox) {
    Sender.describe(headers, in: &state.batch)
    let facts = RequestFacts(
      nowNs: nowNs, language: state.batch.payload.languageName,
      clientComputedTopLevel: headers.isTrue(.clientComputedTopLevel))
    state.processor.process(&state.batch, facts, counts: &state.counts.processing)
    Sender.describeProcess(headers, in: &state.batch)
    state.concentrator.add(state.batch, nowNs: nowNs, isForwarded: !headers.isTrue(.clientComputedStats))
    let dropped = UInt64(clamping: max(0, headers.integer(.clientDroppedP0Traces) ?? 0))
    let sampled = parts.samplers.sample(
      &state.batch, clientDroppedTraces: dropped, nowSeconds: nowNs / 1_000_000_000)
    state.counts.sampling.add(sampled.counts)
    if sampled.ratesChanges != state.ratesAnswers.rates.changes {
      state.ratesAnswers = RatesAnswers(parts.samplers.publishedRates, headers: parts.answerHeaders)
    }
    guard parts.forwarder != nil else { return }
    do throws(TraceWriterError) {
      try state.writer.add(state.batch) { outbox.send($0) }
    } catch {
      lose(error, &state.counts, &outbox)
    }
    if !outbox.payloads.isEmpty { state.lastFlushNs = nowNs }
  }

  private func count(
    _ headers: RequestHeaders, _ endpoint: TraceEndpoint, _ bytes: UInt64, _ nowNs: Int64, _ state: inout State
  ) -> Int {
    let received = TrafficCounts(
      payloads: 1, bytes: bytes, traces: UInt64(state.batch.chunks.count), spans: UInt64(state.batch.spans.count))
    state.counts.received.add(received)
    return state.clients.add(received, from: headers, endpoint: endpoint, nowNs: nowNs)
  }

  private func answer(_ headers: RequestHeaders, _ endpoint: TraceEndpoint, _ state: inout State) -> Answer {
    endpoint == .tracesV03
      ? okAnswer : state.ratesAnswers.answer(clientVersion: headers[.ratesPayloadVersion])
  }

  /// Past the memory limit: the payload is not looked at. Only clients that ask for the real status get 429; older ones
  /// would take it for a broken agent.
  private func overloaded(
    _ headers: RequestHeaders, _ endpoint: TraceEndpoint, _ traces: UInt64, _ bytes: UInt64, _ state: inout State,
    _ outbox: inout Outbox
  ) -> Answer {
    state.counts.refuse("memory_limit", traces: traces, bytes: bytes, losesTraces: true)
    state.observations.clientIssues.add(
      .memoryLimit, endpoint.path, client: ClientName.of(headers), amount: Double(bytes), atNs: parts.clock.nowNs)
    outbox.warn(kind: "memory", "over the memory limit: refused a payload of \(bytes) bytes")
    var answer = answer(headers, endpoint, &state)
    if parts.answersRealStatus || headers.isTrue(.sendRealHTTPStatus) { answer.status = 429 }
    return answer
  }

  /// Why the body cannot be MessagePack, or `nil`. Only a declared or evident JSON body is refused here.
  private func unreadable(_ request: borrowing Request, _ endpoint: TraceEndpoint) -> String? {
    guard endpoint != .tracesV05, let first = request.body.first else { return nil }
    let isMessagePack = request.headers[.contentType].map { $0.starts(with: "application/msgpack".utf8) } ?? false
    guard !isMessagePack, first < 0x80 else { return nil }
    return "this endpoint takes application/msgpack only\n"
  }

  /// The answer to a body of no bytes that is not declared to be MessagePack; there it is too short like any other.
  private func empty(
    _ headers: RequestHeaders, _ endpoint: TraceEndpoint, _ traces: UInt64, _ state: inout State
  ) -> Answer? {
    let isMessagePack = headers[.contentType].map { $0.starts(with: "application/msgpack".utf8) } ?? false
    guard endpoint != .tracesV05, !isMessagePack else { return nil }
    state.counts.refuse("unexpected_eof", traces: traces, bytes: 0, losesTraces: true)
    return Answer(status: 400, text: "unexpected-eof", headers: parts.answerHeaders)
  }

  private func undecodable(
    _ error: DecodeError, _ request: borrowing Request, _ endpoint: TraceEndpoint, _ traces: UInt64,
    _ state: inout State, _ outbox: inout Outbox
  ) -> Answer {
    let reason = error.kind == .shortBytes ? "msgp_short_bytes" : "decoding_error"
    let (headers, bytes) = (request.headers, request.body.count)
    state.counts.refuse(reason, traces: traces, bytes: UInt64(clamping: bytes), losesTraces: true)
    if !RequestIssue.isEmptyProbe(request.body) {
      state.observations.clientIssues.add(
        .undecodable, "\(endpoint.path): \(error)", client: ClientName.of(headers), amount: Double(bytes),
        atNs: parts.clock.nowNs)
      noteStatsD(request, endpoint, &state)
    }
    let language = headers.string(.metaLang) ?? "unknown client"
    let client = Scrubber.scrub("\(language) \(headers.string(.metaTracerVersion) ?? "")")
    let message = "cannot decode a \(endpoint.name) payload of \(bytes) bytes from \(client): \(error)"
    outbox.warn(kind: "decoding", message, isListed: true)
    return Answer(status: 400, text: "\(error)\n", headers: parts.answerHeaders)
  }
}

/// What the request shows of its client besides its traces.
extension ReceivingShard {
  private func observe(
    _ request: borrowing Request, _ endpoint: TraceEndpoint, clientRow: Int, _ nowNs: Int64, _ state: inout State
  ) {
    let signs = RequestSigns(
      headers: request.headers, peer: request.peer,
      clientDroppedTraces: UInt64(clamping: max(0, request.headers.integer(.clientDroppedP0Traces) ?? 0)))
    state.observations.observe(
      state.batch, signs, clientRow: clientRow, partialTraces: parts.partialTraces, nowNs: nowNs)
    if let told = request.headers.integer(.traceCount), told != Int64(state.batch.chunks.count) {
      state.observations.clientIssues.add(
        .traceCountMismatch, endpoint.path, client: signs.client(),
        amount: Double(told) - Double(state.batch.chunks.count),
        .sum, atNs: nowNs)
    }
  }

  /// A body that could not be read may be metrics in the wrong place.
  private func noteStatsD(_ request: borrowing Request, _ endpoint: TraceEndpoint, _ state: inout State) {
    guard RequestIssue.isStatsD(request.body) else { return }
    state.observations.clientIssues.add(
      .statsDText, endpoint.path, client: ClientName.of(request.headers), atNs: parts.clock.nowNs)
  }
}

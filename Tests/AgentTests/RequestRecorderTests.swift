import Configuration
import Control
import Decoding
import TestSpans
import Testing
import TraceModel

@testable import Agent
@testable import Receiver
@testable import Sampling

/// The parts of receiving without an HTTP server: what happened goes in, counters, issues, lines and answers come out.
private struct Desk: ~Copyable {
  let parts: ReceivingParts
  var recorder: RequestRecorder
  var pipeline: TracePipeline
  var outbox = Outbox()

  init() {
    let clock = WallClock { TestSpan.someTimeNs }
    let log = Log(level: .off, path: nil, clock: clock)
    let configuration = AgentConfiguration()
    let pipelineParts = PipelineParts(
      configuration, hostname: "box", peerTags: [], version: "1", forwarder: nil)
    parts = ReceivingParts(
      configuration, pipeline: pipelineParts, routes: .standard, peerTags: [],
      build: BuildIdentity(version: "1", commit: "c"), errors: RecentErrors(), clock: clock, log: log)
    pipeline = TracePipeline(pipelineParts, nowNs: TestSpan.someTimeNs)
    recorder = RequestRecorder(
      observers: parts.observers,
      answers: RequestAnswers(parts.answers, rates: pipelineParts.samplers.publishedRates))
  }

  static func context(
    _ headers: RequestHeaders, _ path: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer,
    from peer: PeerIdentity = .loopback(port: 1)
  ) -> RequestContext {
    RequestContext(
      headers: headers, peer: peer, path: path, body: body, isAbsoluteForm: false,
      nowNs: TestSpan.someTimeNs)
  }

  /// Records one request. `traces` is what the client announces.
  @discardableResult
  mutating func record(
    _ event: RequestEvent, _ body: [UInt8] = [], traces: String = "3", from peer: PeerIdentity = .loopback(port: 1)
  ) -> Answer {
    RequestHeaders.with([.traceCount: traces, .metaLang: "python", .metaTracerVersion: "4"]) { headers in
      Array("/somewhere".utf8).withUnsafeBytes { path in
        body.withUnsafeBytes { body in
          recorder.record(event, Self.context(headers, path, body, from: peer), pipeline.batch, &outbox)
        }
      }
    }
  }

  mutating func record(_ outcome: ProductReply.Outcome, _ body: [UInt8]) {
    RequestHeaders.with([:]) { headers in
      body.withUnsafeBytes { recorder.record(outcome, Self.context(headers, $0, $0)) }
    }
  }

  mutating func record(_ rejection: RequestRejection, traces: String = "3") {
    RequestHeaders.with([.traceCount: traces, .metaLang: "python"]) { headers in
      Array("/somewhere".utf8).withUnsafeBytes { path in
        recorder.record(rejection, Self.context(headers, path, path), &outbox)
      }
    }
  }

  /// Takes a payload through the pipeline and records it.
  mutating func receive(_ format: TraceFormat, _ body: [UInt8], headers: [KnownHeader: String] = [:]) -> TraceOutcome {
    RequestHeaders.with(headers) { headers in
      body.withUnsafeBytes { body in
        let context = Self.context(headers, body, body)
        let payload = TracePayload(body: body, client: ClientMetadata(headers), nowNs: TestSpan.someTimeNs)
        var outcome: TraceOutcome
        guard case .decode(let decoder) = format.reading(of: body, contentType: headers[.contentType]) else {
          return .brokenOff
        }
        do throws(DecodeError) {
          outcome = .accepted(try pipeline.run(payload, decoder, &outbox))
        } catch {
          outcome = .undecodable(error)
        }
        _ = recorder.record(.traces(format, outcome), context, pipeline.batch, &outbox)
        pipeline.release()
        return outcome
      }
    }
  }

  var issues: [String] { recorder.observations.clientIssues.rows.map(\.kind) }
  var lines: [String] { outbox.warnings.map { $0.kind ?? "" } }
}

@Suite struct `What happened to a request` {
  @Test(
    arguments: [
      (.loopback(port: 1), true), (.unix(pid: 1, uid: 0), true),
      (.address(high: 0, low: 0xffff_0a00_0001, port: 1), false), (.unknown, false),
    ] as [(PeerIdentity, Bool)])
  func `only this machine is told which process the agent is`(_ peer: PeerIdentity, isTold: Bool) {
    var desk = Desk()
    let answers = desk.parts.answers.now
    let own = isTold ? answers.thisMachine : answers.network
    #expect(answers.thisMachine.info.body.count > answers.network.info.body.count)
    // Every answer belongs to the same document, before and after another client's.
    for other in [peer, .loopback(port: 2), .address(high: 1, low: 2, port: 3)] as [PeerIdentity] {
      _ = desk.record(.info, from: other)
      #expect(desk.record(.info, from: peer).body === own.info.body)
      #expect(desk.record(.acknowledged, from: peer).body === own.ok.body)
    }
  }

  @Test func `clients elsewhere get new rates too`() {
    let desk = Desk()
    var answers = RequestAnswers(desk.parts.answers, rates: PublishedRates())
    func bytes(from peer: PeerIdentity) -> Int {
      RequestHeaders.with([:]) { headers in
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        let accepted = RequestEvent.traces(
          Self.format, .accepted(AcceptedTraces(traces: 1, spans: 1, newRates: nil, losses: [])))
        return answers.answer(accepted, Desk.context(headers, none, none, from: peer)).body.count
      }
    }
    let elsewhere = PeerIdentity.address(high: 1, low: 2, port: 3)
    let before = bytes(from: elsewhere)
    var rates = PublishedRates()
    _ = rates.update(["service:web,env:prod": 0.25], nowSeconds: 255)
    answers.update(rates)
    #expect(bytes(from: elsewhere) == bytes(from: .loopback(port: 1)) && bytes(from: elsewhere) > before)
  }

  private static let format = ServedRoutes.standard.formats[3]

  private static let error: DecodeError? = {
    var batch = SpanBatch()
    var scratch = DecodingScratch()
    let bytes: [UInt8] = [0x91, 0x91, 0xc1]
    do {
      try bytes.withUnsafeBytes { body in
        batch.begin(body: body)
        try TracesV04.decode(body.bytes, keys: KeyTable(peerTags: []), scratch: &scratch, into: &batch)
      }
    } catch {
      return error as? DecodeError
    }
    return nil
  }()

  /// One refusal of a payload of traces, and what it comes to.
  struct Refusal: Sendable {
    var outcome: TraceOutcome
    var reason: String
    var status: UInt16
    var issues: [String] = []
    var lines: [String] = []
  }

  private static func refusals() throws -> [Refusal] {
    [
      Refusal(outcome: .brokenOff, reason: "unexpected_eof", status: 400),
      Refusal(
        outcome: .overloaded, reason: "memory_limit", status: 200, issues: ["memory_limit"], lines: ["memory"]),
      Refusal(
        outcome: .unreadable(.unknownEncoding("br")), reason: "unsupported_content_encoding", status: 415,
        issues: ["undecodable"], lines: [""]),
      Refusal(
        outcome: .unreadable(.corrupt(.gzip, byteOffset: 3)), reason: "corrupt_content_encoding", status: 400,
        issues: ["undecodable"], lines: [""]),
      Refusal(
        outcome: .unreadable(.truncated(.zstd, bodyBytes: 4)), reason: "corrupt_content_encoding", status: 400,
        issues: ["undecodable"], lines: [""]),
      Refusal(
        outcome: .unreadable(.tooLarge(bytesMax: 9)), reason: "payload_too_large", status: 413, issues: ["too_large"],
        lines: [""]),
      Refusal(
        outcome: .unreadable(.windowTooLarge), reason: "payload_too_large", status: 413, issues: ["too_large"],
        lines: [""]),
      Refusal(
        outcome: .unreadable(.outOfMemory), reason: "memory_limit", status: 200, issues: ["memory_limit"],
        lines: [""]),
      Refusal(
        outcome: .unsupportedMediaType, reason: "unsupported_media_type", status: 415, issues: ["refused_payload"]),
      Refusal(
        outcome: .undecodable(try #require(error)), reason: "decoding_error", status: 400, issues: ["undecodable"],
        lines: [""]),
    ]
  }

  @Test func `is counted with its traces, explained, logged and answered when a payload was refused`() throws {
    for refusal in try Self.refusals() {
      var desk = Desk()
      let answer = desk.record(.traces(Self.format, refusal.outcome), [1, 2, 3, 4])
      #expect(answer.status == refusal.status && answer.marks == .sentPayload, "\(refusal.reason)")
      let lost = TrafficCounts(payloads: 1, bytes: 4, traces: 3)
      #expect(desk.recorder.counts.refused == [refusal.reason: 1])
      #expect(desk.recorder.counts.dropped == [refusal.reason: lost] && desk.recorder.counts.received == lost)
      #expect(desk.issues == refusal.issues, "\(refusal.reason)")
      #expect(desk.lines == refusal.lines, "\(refusal.reason)")
      #expect(desk.recorder.observations.tcpRequests == 1)
    }
  }

  @Test func `shows bodies that are no payload for what they are`() throws {
    let undecodable = TraceOutcome.undecodable(try #require(Self.error))
    for (outcome, body, issues) in [
      (TraceOutcome.brokenOff, [], ["empty_probe"]), (undecodable, [0x90], ["empty_probe"]),
      (.unsupportedMediaType, Array("a.b:1|c".utf8), ["statsd_text"]),
      (undecodable, Array("a.b:1|c".utf8), ["statsd_text"]),
    ] {
      var desk = Desk()
      desk.record(.traces(Self.format, outcome), body)
      #expect(desk.issues == issues)
    }
  }

  @Test func `is answered when there are no traces in it`() {
    let no = Answer(status: 404, text: "no")
    let cases: [(RequestEvent, status: UInt16, marks: AnswerMarks, refused: [String: UInt64], issues: [String])] = [
      (.info, 200, .requestedInfo, [:], []), (.acknowledged, 200, .sentPayload, [:], []),
      (.notOffered(product: "unused", no), 404, [], ["not_offered": 1], ["not_offered"]),
      (.notFound(no), 404, [], ["not_found": 1], ["not_found"]),
      (.crossSite(Answer(status: 403, text: "no")), 403, [], ["cross_site": 1], ["cross_site"]),
    ]
    for (event, status, marks, refused, issues) in cases {
      var desk = Desk()
      let answer = desk.record(event, [1, 2])
      #expect(answer.status == status && answer.marks == marks, "\(event)")
      #expect(desk.recorder.counts.refused == refused && desk.issues == issues, "\(event)")
      #expect(desk.recorder.counts.received.traces == 0 && desk.outbox.warnings.isEmpty)
    }
  }

  @Test func `is counted for another part of the agent, which answers itself`() {
    let cases: [(ProductReply.Outcome, refused: [String: UInt64])] = [
      (.taken, [:]), (.refused(reason: "away"), ["away": 1]),
    ]
    for (outcome, refused) in cases {
      var desk = Desk()
      desk.record(outcome, [1, 2, 3, 4])
      let counts = desk.recorder.counts
      // What products bring is no payload of traces.
      #expect(counts.received == TrafficCounts() && counts.dropped.isEmpty && counts.refused == refused)
      #expect(desk.recorder.observations.tcpRequests == 1 && desk.issues.isEmpty)
    }
  }

  @Test func `before it was whole is counted, with its traces where it was to bring some`() {
    for (reason, issues) in [(RejectionReason.payloadTooLarge, ["too_large"]), (.timeout, ["refused_payload"])] {
      for takesTraces in [true, false] {
        var desk = Desk()
        desk.record(
          RequestRejection(
            reason: reason, bytesReceived: 5, declaredBytes: 9, takesTraces: takesTraces, bodyBytesMax: 100))
        #expect(desk.recorder.counts.refused == ["\(reason.dropReason)": 1])
        #expect(desk.recorder.counts.received.traces == (takesTraces ? 3 : 0))
        #expect(desk.issues == (takesTraces ? issues : issues.filter { $0 != "refused_payload" }))
        #expect(desk.lines == ["rejected"])
      }
    }
    var desk = Desk()
    desk.record(
      RequestRejection(
        reason: .stopping, bytesReceived: 0, declaredBytes: nil, takesTraces: true, bodyBytesMax: 100))
    #expect(desk.recorder.counts.refused == ["stopping": 1] && desk.lines.isEmpty && desk.issues.isEmpty)
  }

  @Test func `counts no more announced traces than the body could hold`() {
    for (announced, counted, isSenseless) in [
      ("\(Int.max)", 6, true), ("9", 6, true), ("-1", 0, true), ("99999999999999999999", 0, true), ("2x", 0, true),
      ("1.5", 0, true), ("2", 6, false), ("", 0, false),
    ] as [(String, UInt64, Bool)] {
      var desk = Desk()
      for _ in 0..<3 { desk.record(.traces(Self.format, .brokenOff), [0x91, 0x91], traces: announced) }
      let counts = desk.recorder.counts
      #expect(counts.received.traces == counted, "\(announced)")
      #expect(counts.dropped["unexpected_eof"]?.traces == counts.received.traces)
      #expect(counts.malformed == (isSenseless ? ["invalid_trace_count": 3] : [:]), "\(announced)")
    }
  }

  @Test func `counts of a body that did not come no more traces than came, or than a refused one could hold`() {
    let bytesMax = 26_214_400
    for (reason, bytes, declared, announced, counted, isSenseless) in [
      (.unexpectedEOF, 0, bytesMax, "\(bytesMax)", 0, true), (.unexpectedEOF, 0, 1_000, "5", 0, false),
      (.timeout, 3, 1_000, "5", 3, false), (.timeout, 3, 1_000, "27", 3, true), (.malformed, 0, nil, "5", 0, false),
      (.stopping, 0, 1_000, "5", 0, false), (.unexpectedEOF, 900, 1_000, "500", 500, false),
      (.payloadTooLarge, 0, bytesMax + 1, "\(Int.max)", 689_852, true), (.payloadTooLarge, 0, Int.max, "5", 5, false),
      (.payloadTooLarge, 0, bytesMax + 1, "689852", 689_852, false), (.memoryLimit, 0, 3_800, "101", 100, true),
      (.memoryLimit, 200, 3_800, "150", 150, false), (.memoryLimit, 0, -1, "99999999999999999999", 0, true),
    ] as [(RejectionReason, Int, Int?, String, UInt64, Bool)] {
      var desk = Desk()
      desk.record(
        RequestRejection(
          reason: reason, bytesReceived: bytes, declaredBytes: declared, takesTraces: true, bodyBytesMax: bytesMax),
        traces: announced)
      let counts = desk.recorder.counts
      #expect(counts.received.traces == counted, "\(reason), \(announced)")
      #expect(counts.malformed == (isSenseless ? ["invalid_trace_count": 1] : [:]), "\(reason), \(announced)")
    }
  }

  @Test func `does not believe how many traces a client says it dropped`() {
    for (said, expected) in [
      ("1000000", 1_000_000), ("1000001", 0), ("\(Int64.max)", 0), ("-1", 0), ("99999999999999999999", 0), ("many", 0),
    ]
      as [(String, UInt64)]
    {
      var desk = Desk()
      let body = TestPayload.v04([[TestSpan(1).metric("_sampling_priority_v1", 1)]])
      _ = desk.receive(Self.format, body, headers: [.clientDroppedP0Traces: said])
      #expect(desk.recorder.observations.decisions.clientDroppedTraces == expected)
      #expect(desk.recorder.counts.malformed == (expected == 0 ? ["invalid_dropped_traces": 1] : [:]))
      _ = desk.receive(Self.format, body, headers: [.clientDroppedP0Spans: said + "000"])
      #expect(desk.recorder.observations.decisions.clientDroppedSpans == expected * 1_000, "\(said) thousand")
    }
  }

  @Test func `is a value that the pipeline returns`() throws {
    var desk = Desk()
    let root = TestSpan(1).metric("_sampling_priority_v1", 1)
    let body = TestPayload.v04([[root, TestSpan(2, parent: 1)], [TestSpan(0)]])
    guard case .accepted(let accepted) = desk.receive(Self.format, body) else {
      Issue.record("not accepted")
      return
    }
    #expect(accepted.traces == 2 && accepted.spans == 3, "as they came: one has an id of zero")
    #expect(accepted.losses.isEmpty)
    #expect(desk.recorder.counts.received.traces == 2 && desk.recorder.clients.clientRows().count == 1)
    let removed = desk.pipeline.processingCounts.removals.filter { $0.traces > 0 }
    #expect(removed.map(\.reason.name) == ["span_id_zero"] && removed.map(\.traces) == [1])

    guard case .accepted(let next) = desk.receive(Self.format, body, headers: [.traceCount: "5"]) else {
      Issue.record("not accepted")
      return
    }
    #expect([accepted, next].compactMap(\.newRates).count == 1, "told once, when they changed")
    #expect(desk.issues == ["malformed_trace", "trace_count_mismatch"])
    guard case .undecodable(let error) = desk.receive(Self.format, [0x91, 0x91, 0xc1]) else {
      Issue.record("decoded")
      return
    }
    #expect(error.byteOffset == 2)
  }
}

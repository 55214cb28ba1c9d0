import Compression
import TestTraces
import Testing

@testable import Exporting
@testable import TraceModel

/// Payloads of OTLP, and what receivers make of them.
@Suite struct `A payload of OTLP` {
  static let formats: [PayloadCompression] = [.gzip(), .zstd(), .identity]

  /// A batch of traces with one, two, three… spans, of two services, whose texts do not compress.
  private static func batch(_ traces: Int, bytes: Int = 700, seed: UInt64 = 7) -> SpanBatch {
    var random = SeededGenerator(seed: seed)
    var batch = SpanBatch()
    for number in 1...traces {
      let spans = (0..<number).map { index in
        var span = SpanRecord()
        (span.traceID, span.spanID) = (UInt64(number), UInt64(number * 100 + index))
        span.resource = batch.addBytes((0..<bytes).map { _ in UInt8.random(in: 0x61...0x7a, using: &random) })
        span.service = batch.addBytes(Array((index.isMultiple(of: 2) ? "shop" : "stock").utf8))
        return span
      }
      batch.addKept(spans)
    }
    return batch
  }

  private static func payload(_ traces: Int, _ format: PayloadCompression) throws -> OutgoingPayload {
    var writer = OTLPWriter(identity: `Spans of Datadog as OTLP`.identity, compression: format)
    try writer.add(batch(traces)) { _ in Issue.record("sent before its time") }
    return try #require(try writer.finish())
  }

  private static func read(_ payload: OutgoingPayload, _ format: PayloadCompression) throws -> ReadOTLPRequest {
    let body = format == .identity ? payload.body.bytes : try decompress(payload.body.bytes, format)
    #expect(body.count == payload.uncompressedBytes)
    return try ReadOTLPRequest(body)
  }

  @Test(arguments: formats)
  func `holds what several requests sent`(format: PayloadCompression) throws {
    var writer = OTLPWriter(identity: `Spans of Datadog as OTLP`.identity, compression: format)
    for seed in 1...3 as ClosedRange<UInt64> { try writer.add(Self.batch(2, seed: seed)) { _ in } }
    let pending = writer.pending
    #expect(pending == PayloadCounts(traces: 6, spans: 9))
    let payload = try #require(try writer.finish())
    #expect(payload.kind == .otlpTraces(format) && payload.path.isEmpty && payload.headers.isEmpty)
    #expect(payload.contentType == "application/x-protobuf" && payload.contentEncoding == format.contentEncoding)
    #expect(payload.counts == pending)
    #expect(try Self.read(payload, format).spans.count == 9)
    let another = try writer.finish()
    #expect(another == nil)
  }

  @Test func `is no larger than receivers take, and loses nothing`() throws {
    var writer = OTLPWriter(identity: `Spans of Datadog as OTLP`.identity, compression: .gzip())
    var payloads: [OutgoingPayload] = []
    for seed in 1...3 as ClosedRange<UInt64> {
      try writer.add(Self.batch(40, bytes: 2_000, seed: seed)) { payloads.append($0) }
    }
    if let last = try writer.finish() { payloads.append(last) }
    #expect(payloads.count > 1 && payloads.allSatisfy { $0.uncompressedBytes <= OTLPWriter.payloadBytesMax + 10_000 })
    #expect(payloads.reduce(0) { $0 + $1.counts.spans } == 3 * 820)
    #expect(try payloads.reduce(0) { $0 + (try Self.read($1, .gzip())).spans.count } == 3 * 820)
  }

  @Test(arguments: formats)
  func `is halved until each span is alone, and loses nothing on the way`(format: PayloadCompression) throws {
    let whole = try Self.payload(5, format)
    var pieces = [whole]
    var alone: [OutgoingPayload] = []
    while let piece = pieces.popLast() {
      guard let halves = piece.halves() else {
        alone.append(piece)
        continue
      }
      #expect(halves.count == 2 && halves.allSatisfy { $0.kind == whole.kind && $0.counts.spans > 0 })
      let sum = halves.reduce(into: PayloadCounts()) { $0 += $1.counts }
      #expect(sum == piece.counts)
      for half in halves {
        let read = try Self.read(half, format)
        #expect(read.spans.count == half.counts.spans)
        #expect(read.resources.allSatisfy { $0["service.name"] != nil && $0["host.name"] == "agent-host" })
      }
      pieces += halves
    }
    #expect(alone.allSatisfy { $0.counts.spans == 1 } && alone.reduce(0) { $0 + $1.counts.traces } == 5)
    let ids = try alone.flatMap { try Self.read($0, format).spans.map(\.spanID.hex) }
    #expect(try ids.sorted() == Self.read(whole, format).spans.map(\.spanID.hex).sorted())
  }

  @Test(arguments: formats)
  func `is halved as long as it takes no more memory than 16 MiB`(format: PayloadCompression) throws {
    // A body of a few bytes would not be halved either.
    var random = SeededGenerator(seed: 3)
    let noise = (0..<4_000).map { _ in UInt8.random(in: 0x61...0x7a, using: &random) }
    for (mebibytes, isHalved) in [(15, true), (17, false)] {
      // A trace goes into one payload, however large it is. A resource is written twice.
      var batch = SpanBatch()
      let spans = (1...2 as ClosedRange<UInt64>).map { id in
        var span = SpanRecord()
        (span.traceID, span.spanID) = (1, id)
        span.resource = batch.addBytes(noise + [UInt8](repeating: 0x61, count: mebibytes << 18))
        return span
      }
      batch.addKept(spans)
      var writer = OTLPWriter(identity: `Spans of Datadog as OTLP`.identity, compression: format)
      try writer.add(batch) { _ in }
      let whole = try #require(try writer.finish())
      #expect(whole.uncompressedBytes > mebibytes << 20)
      #expect((whole.halves() != nil) == isHalved, "\(mebibytes) MiB")
    }
  }

  @Test func `parts between two traces where it has several`() throws {
    let whole = try Self.payload(6, .gzip())
    let halves = try #require(whole.halves())
    #expect(halves.allSatisfy { $0.counts.traces > 0 })
  }

  @Test func `shares its traces out by spans, as several may have one id`() throws {
    var batch = SpanBatch()
    for id in 1...100 as ClosedRange<UInt64> {
      var span = SpanRecord()
      (span.traceID, span.spanID) = (1, id)
      span.resource = batch.addBytes([UInt8](repeating: 0x61, count: 500))
      batch.addKept([span])
    }
    var writer = OTLPWriter(identity: `Spans of Datadog as OTLP`.identity, compression: .identity)
    try writer.add(batch) { _ in }
    let whole = try #require(try writer.finish())
    let halves = try #require(whole.halves())
    #expect(halves.allSatisfy { $0.counts.traces == $0.counts.spans && $0.counts.traces > 30 })
    #expect(halves.reduce(0) { $0 + $1.counts.traces } == 100)
  }

  private static func destination(_ intake: FaultyIntake, _ headers: [HTTPHeader] = []) throws -> Destination {
    var destination = try Destination.otlp(
      url: "\(intake.url)/v1/traces", headers: headers, compression: .gzip(), version: "1.2.3",
      limits: Destination.LaneLimits(queueBytesMax: 24 << 20))
    destination.retry.delayBase = .milliseconds(1)
    return destination
  }

  private static func forwarder(_ destinations: [Destination], _ log: OutcomeLog) throws -> Forwarder {
    try Forwarder(
      destinations: destinations, onOutcome: { log.add($0, $1) }, onNotice: { log.add($0) })
  }

  @Test func `is posted to the address as it is, with the headers of its destination`() throws {
    let intake = try FaultyIntake()
    let log = OutcomeLog()
    let forwarder = try Self.forwarder([Self.destination(intake, [HTTPHeader("authorization", "Bearer t")])], log)
    forwarder.enqueue(try Self.payload(2, .gzip()))
    #expect(log.waitForFinals(1) && log.finals == [.delivered(status: 200)])
    let request = try #require(intake.requests.first)
    #expect(request.line == "POST /v1/traces HTTP/1.1")
    #expect(request.headers["authorization"] == "Bearer t" && request.headers["user-agent"] == "roost/1.2.3")
    #expect(
      request.headers["content-type"] == "application/x-protobuf" && request.headers["content-encoding"] == "gzip")
    #expect(request.headers["dd-api-key"] == nil)
    #expect(forwarder.counters.destinations.map(\.label) == ["otlp+\(intake.url)/v1/traces"])
  }

  /// `partial_success` with spans that were rejected, and a message.
  private static func answer(rejected: UInt8, _ message: String) -> [UInt8] {
    let text = Array(message.utf8)
    let part = [0x08, rejected, 0x12, UInt8(text.count)] + text
    return [0x0A, UInt8(part.count)] + part
  }

  @Test func `of which some spans were rejected is delivered, and those are counted as lost`() throws {
    let intake = try FaultyIntake([.taken(Self.answer(rejected: 2, "too\nold"))], then: .taken([]))
    let log = OutcomeLog()
    let forwarder = try Self.forwarder([Self.destination(intake)], log)
    for _ in 0..<2 { forwarder.enqueue(try Self.payload(3, .gzip())) }
    #expect(log.waitForFinals(2))
    #expect(
      log.finals == [.deliveredInPart(status: 200, rejectedSpans: 2, message: "too\nold"), .delivered(status: 200)])
    let counts = forwarder.counters.ofTraces
    #expect(counts.sent == PayloadCounts(traces: 6, spans: 10) && counts.lost == PayloadCounts(spans: 2))
    #expect(
      log.notices.map(\.description) == [
        "otlp+\(intake.url)/v1/traces took a payload but for 2 spans, and says: too old"
      ])
  }

  private static let answers: [([UInt8], Int?, String)] = [
    ([], nil, ""), ([0x0A, 0], nil, ""), ([0x61, 0x61], nil, ""), (answer(rejected: 0, ""), nil, ""),
    (answer(rejected: 0, "slow down"), 0, "slow down"), (answer(rejected: 9, ""), 9, ""),
    ([0x0A, 11, 0x08] + [UInt8](repeating: 0xFF, count: 9) + [1], nil, ""), (Array("{}".utf8), nil, ""),
  ]

  @Test(arguments: answers)
  func `is answered by bytes that may be anything`(bytes: [UInt8], rejected: Int?, message: String) {
    let answer = OTLPAnswer(bytes)
    #expect(answer?.rejectedSpans == rejected && (answer?.message ?? "") == message)
  }

  @Test func `goes on where one receiver is away, and waits there for it`() throws {
    let (well, ill) = (try FaultyIntake(), try FaultyIntake(then: .status(503, headers: ["Retry-After: 120"])))
    let log = OutcomeLog()
    let forwarder = try Self.forwarder([Self.destination(well), Self.destination(ill)], log)
    for _ in 0..<3 { forwarder.enqueue(try Self.payload(2, .gzip())) }
    #expect(log.waitForFinals(3) && ill.waitForArrivals(1))
    #expect(log.wait { $0.contains(.retrying(.response(status: 503, retryAfter: .seconds(120)))) })
    let (first, second) = (forwarder.counters.destinations[0], forwarder.counters.destinations[1])
    #expect(first.ofTraces.sent == PayloadCounts(traces: 6, spans: 9) && first.ofTraces.retries == 0)
    #expect(second.ofTraces.held == PayloadCounts(traces: 6, spans: 9) && second.ofTraces.lost == PayloadCounts())
    #expect(ill.requests.count == 1)
  }

  @Test func `is lost where a receiver refuses it, and says so by its status`() throws {
    let intake = try FaultyIntake(then: .status(401))
    let log = OutcomeLog()
    let forwarder = try Self.forwarder([Self.destination(intake)], log)
    forwarder.enqueue(try Self.payload(2, .gzip()))
    #expect(log.waitForFinals(1) && log.finals == [.rejected(status: 401)])
    #expect(forwarder.counters.ofTraces.rejected == [401: 1])
  }

  @Test func `that is refused says why, in the receiver's own words`() throws {
    // A `google.rpc.Status`: a code, and a message.
    let intake = try FaultyIntake(then: .refused(400, [0x08, 3, 0x12, 7] + Array("no\nspan".utf8)))
    let log = OutcomeLog()
    let forwarder = try Self.forwarder([Self.destination(intake)], log)
    forwarder.enqueue(try Self.payload(2, .gzip()))
    #expect(log.waitForFinals(1) && log.finals == [.rejected(status: 400)])
    #expect(
      log.notices.map(\.description) == [
        "otlp+\(intake.url)/v1/traces refused 1 payload with HTTP 400; they are not sent again, and says: no span"
      ])
    #expect(OTLPAnswer(ofRefusal: Array("Bad Request".utf8)) == nil && OTLPAnswer(ofRefusal: []) == nil)
  }

  @Test func `is sent with other headers when these change, and not when its compression does`() throws {
    let intake = try FaultyIntake()
    let log = OutcomeLog()
    let forwarder = try Self.forwarder([Self.destination(intake, [HTTPHeader("token", "old")])], log)
    let zstd = try Destination.otlp(
      url: "\(intake.url)/v1/traces", headers: [HTTPHeader("token", "zstd")], compression: .zstd(), version: "",
      limits: Destination.LaneLimits(queueBytesMax: 1 << 20))
    #expect(!forwarder.replaceKeys(by: [zstd]))
    #expect(forwarder.replaceKeys(by: [try Self.destination(intake, [HTTPHeader("token", "new")])]))
    forwarder.enqueue(try Self.payload(1, .gzip()))
    #expect(log.waitForFinals(1) && intake.requests.map { $0.headers["token"] } == ["new"])
  }

  @Test func `is sent with another password when that in its address changes`() throws {
    let intake = try FaultyIntake()
    func destination(_ password: String) throws -> Destination {
      try Destination.otlp(
        url: intake.url.replacing("http://", with: "http://u:\(password)@"), headers: [], compression: .gzip(),
        version: "", limits: Destination.LaneLimits(queueBytesMax: 1 << 20))
    }
    let log = OutcomeLog()
    let forwarder = try Self.forwarder([destination("old")], log)
    #expect(forwarder.replaceKeys(by: [try destination("new")]))
    forwarder.enqueue(try Self.payload(1, .gzip()))
    #expect(log.waitForFinals(1) && intake.requests.map { $0.headers["authorization"] } == ["Basic dTpuZXc="])
  }

  @Test func `waits on disk in one place, however it is compressed`() throws {
    let spool = SpoolSettings(folder: "/spool", bytesMax: 1)
    func folder(_ compression: PayloadCompression, isShared: Bool) throws -> String {
      let destination = try Destination.otlp(
        url: "http://a:4318", headers: [], compression: compression, version: "",
        limits: Destination.LaneLimits(queueBytesMax: 1))
      return spool.folder(of: destination, .otlpTraces(compression), isAddressShared: isShared)
    }
    #expect(try Set(Self.formats.map { try folder($0, isShared: false) }).count == 1)
    #expect(try Set(Self.formats.map { try folder($0, isShared: true) }).count == 3, "of two, each has its own")
  }
}

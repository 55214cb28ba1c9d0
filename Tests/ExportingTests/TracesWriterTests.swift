import Compression
import MessagePack
import Platform
import TestTraces
import Testing
import TraceModel

@testable import Exporting

@Suite struct `The trace writer` {
  static let identity = AgentIdentity(
    hostname: "a-host", env: "staging", version: "1.2.3", targetTPS: 10, errorTPS: 7.5, hasRareSampler: true)
  static let formats: [PayloadCompression] = [.zstd(), .gzip()]

  /// A batch of chunks of one span each, whose resource has the given lengths.
  static func batch(_ resources: [Int], language: String = "python", firstID: UInt64 = 1) -> SpanBatch {
    var batch = SpanBatch()
    batch.payload.languageName = batch.addBytes(Array(language.utf8))
    let text = batch.addBytes([UInt8](repeating: 0x61, count: resources.max() ?? 0))
    for (index, length) in resources.enumerated() {
      var span = SpanRecord()
      (span.spanID, span.resource) = (firstID + UInt64(index), text.prefix(length))
      batch.addKept([span])
    }
    return batch
  }

  static func read(_ payload: OutgoingPayload, _ format: PayloadCompression) throws -> ReadAgentPayload {
    let body = try decompress(payload.body.bytes, format)
    #expect(body.count == payload.uncompressedBytes)
    return try ReadAgentPayload(body)
  }

  @Test(arguments: formats)
  func `puts what several requests sent into one payload`(format: PayloadCompression) throws {
    var writer = TraceWriter(identity: Self.identity, compression: format)
    for (index, language) in ["python", "ruby", "python"].enumerated() {
      let batch = Self.batch([10, 20], language: language, firstID: UInt64(index * 2))
      try writer.add(batch) { _ in Issue.record("sent before its time") }
    }
    let pending = writer.pending
    #expect(pending == PayloadCounts(traces: 6, spans: 6))
    let payload = try #require(try writer.finish())
    #expect(payload.kind == .traces)
    #expect(payload.path == "/api/v0.2/traces")
    #expect(payload.contentType == "application/x-protobuf")
    #expect(payload.contentEncoding == format.contentEncoding)
    #expect(payload.headers == [.reportedLanguages(["python", "ruby"])])
    #expect(payload.counts == PayloadCounts(traces: 6, spans: 6))
    let read = try Self.read(payload, format)
    #expect(read.hostname == "a-host")
    #expect(read.env == "staging")
    #expect(read.version == "1.2.3")
    #expect(read.targetTPS == 10)
    #expect(read.errorTPS == 7.5 && read.hasRareSampler)
    #expect(read.tracerPayloads.map(\.languageName) == ["python", "ruby", "python"])
    #expect(read.chunks.flatMap { $0.spans.map(\.spanID) } == [0, 1, 2, 3, 4, 5])
  }

  @Test func `puts what came in v1.0 beside what came in older formats`() throws {
    let body = ExactBytes(
      ([3: "go", 11: [[1: 1, 4: [[1: "web", 4: 9, 9: ["yes", 2, true]]]]]] as MessagePackValue).pack())
    var batch = SpanBatch()
    try TraceFormat.v10.decode(body.bytes, keys: KeyTable(peerTags: []), into: &batch)
    batch.chunks[0].isKept = true
    var writer = TraceWriter(identity: Self.identity, compression: .zstd())
    try writer.add(Self.batch([10])) { _ in }
    try writer.add(batch) { _ in }
    try writer.add(Self.batch([10], firstID: 2)) { _ in }
    let payload = try #require(try writer.finish())
    #expect(payload.counts == PayloadCounts(traces: 3, spans: 3))
    #expect(payload.headers == [.reportedLanguages(["python", "go"])])
    let read = try Self.read(payload, .zstd())
    #expect(read.chunks.flatMap { $0.spans.map(\.spanID) } == [1, 2])
    let idx = try #require(read.idxPayloads.first)
    #expect(read.idxPayloads.count == 1 && idx.chunks[0].spans.map(\.spanID) == [9])
    #expect(idx.chunks[0].spans[0].typed == [Pair("yes", PlainValue(bool: true))])
  }

  @Test(arguments: formats)
  func `begins the next payload as the first`(format: PayloadCompression) throws {
    var writer = TraceWriter(identity: Self.identity, compression: format)
    var bodies: [[UInt8]] = []
    for _ in 0..<3 {
      try writer.add(Self.batch([100])) { _ in }
      bodies.append(try decompress(try #require(try writer.finish()).body.bytes, format))
      let isEmpty = writer.isEmpty
      #expect(isEmpty)
      writer.release()
    }
    #expect(bodies[0] == bodies[1] && bodies[1] == bodies[2])
  }

  @Test func `gives each kept chunk to who else wants it, as it stands in the payloads`() throws {
    let receiver = EncodedChunks()
    var writer = TraceWriter(identity: Self.identity, compression: .zstd(), encodedChunks: receiver)
    var payloads: [OutgoingPayload] = []
    // Of several payloads, because they do not fit into one.
    var batch = Self.batch([1_500_000, 1_400_000, 900_000, 10])
    batch.chunks[1].isKept = false
    try writer.add(batch) { payloads.append($0) }
    if let last = try writer.finish() { payloads.append(last) }
    let chunks = try payloads.map { try Self.read($0, .zstd()) }.flatMap(\.chunks)
    let seen = try receiver.messages.withLock { $0 }.map {
      (index: $0.index, chunk: try ReadChunk(ProtobufMessage($0.bytes[...])))
    }
    .sorted { $0.index < $1.index }
    #expect(seen.map(\.index) == [0, 2, 3])
    #expect(seen.map(\.chunk.spans.first?.spanID) == [1, 3, 4])
    for (_, chunk) in seen { #expect(chunks.contains(chunk)) }
    #expect(chunks.count == 3)
  }

  @Test(arguments: [SentPart.singleSpans, .events])
  func `sends the spans that go alone, and gives nobody a chunk that lacks the others`(part: SentPart) throws {
    let receiver = EncodedChunks()
    var writer = TraceWriter(identity: Self.identity, compression: .zstd(), encodedChunks: receiver)
    var batch = SpanBatch()
    let spans = (1...4 as ClosedRange<UInt64>).map { id in
      var span = SpanRecord()
      span.spanID = id
      if id.isMultiple(of: 2) { span.flags = .sentAlone }
      return span
    }
    batch.addKept(spans) { ($0.priority, $0.sentPart, $0.spansSentAlone) = (0, part, 2) }
    batch.addKept(spans)
    try writer.add(batch) { _ in }
    let payload = try #require(try writer.finish())
    #expect(payload.counts == PayloadCounts(traces: 2, spans: 6))
    let chunks = try Self.read(payload, .zstd()).chunks
    #expect(chunks.map { $0.spans.map(\.spanID) } == [[2, 4], [1, 2, 3, 4]])
    #expect(chunks.map(\.priority) == [part == .singleSpans ? 2 : 0, 1])
    #expect(chunks.map(\.isDroppedTrace) == [part == .events, false])
    #expect(receiver.messages.withLock { $0 }.map(\.index) == [1])
    var encoder = TracerPayloadEncoder()
    encoder.encode(chunk: 0, of: batch)
    let whole = try ReadChunk(ProtobufMessage(Array(encoder.buffer.bytes)[...]))
    #expect(whole.spans.map(\.spanID) == [1, 2, 3, 4] && whole.priority == 0 && !whole.isDroppedTrace)
  }

  @Test func `gives the memory that a huge batch took back at once`() throws {
    var writer = TraceWriter(identity: Self.identity, compression: .zstd())
    try writer.add(Self.batch([3_400_000])) { _ in }
    let bytesAfterHuge = writer.encoderBytes
    #expect(bytesAfterHuge == 0)
    try writer.add(Self.batch([100])) { _ in }
    let bytesAfterSmall = writer.encoderBytes
    #expect(bytesAfterSmall > 0)
  }

  @Test func `has nothing to send when nothing was kept`() throws {
    var writer = TraceWriter(identity: Self.identity, compression: .zstd())
    var batch = Self.batch([10, 10])
    for index in 0..<batch.chunks.count { batch.chunks[index].isKept = false }
    try writer.add(batch) { _ in Issue.record("sent") }
    try writer.add(SpanBatch()) { _ in Issue.record("sent") }
    let isEmpty = writer.isEmpty
    #expect(isEmpty)
    let payload = try writer.finish()
    #expect(payload == nil)
  }

  static let loads: [(name: String, batches: [[Int]])] = [
    ("one batch of many chunks", [[Int](repeating: 40_000, count: 250)]),
    ("many batches", [[Int]](repeating: [40_000, 70_000], count: 90)),
    ("chunks that nearly fill a payload", [[3_199_000, 3_199_000], [3_199_000]]),
    ("small chunks, then a large one", [[1_000_000, 3_000_000], [100], [3_150_000], [100]]),
    ("a giant between others", [[1000, 3_400_000, 1000], [500_000]]),
    ("giants only", [[3_300_000, 3_300_000]]),
  ]

  @Test(arguments: formats, loads.indices)
  func `splits at 3.2 MB, loses nothing, and sends a giant chunk alone`(format: PayloadCompression, load: Int) throws {
    var writer = TraceWriter(identity: Self.identity, compression: format)
    var payloads: [OutgoingPayload] = []
    var (id, bytes) = (1 as UInt64, 0)
    for resources in Self.loads[load].batches {
      try writer.add(Self.batch(resources, firstID: id)) { payloads.append($0) }
      id += UInt64(resources.count)
      bytes += resources.reduce(0, +)
    }
    if let last = try writer.finish() { payloads.append(last) }
    var seen: [UInt64] = []
    for payload in payloads {
      let read = try Self.read(payload, format)
      if read.chunks.count > 1 { #expect(payload.uncompressedBytes <= TraceWriter.payloadBytesMax) }
      #expect(payload.counts == PayloadCounts(traces: read.chunks.count, spans: read.chunks.count))
      #expect(payload.headers == [.reportedLanguages(["python"])])
      #expect(read.hostname == "a-host")
      seen += read.chunks.flatMap { $0.spans.map(\.spanID) }
    }
    #expect(seen.sorted() == Array(1..<id))
    // Two neighbours together are more than one payload, or they would be one.
    #expect(payloads.count <= bytes / (TraceWriter.payloadBytesMax / 2) + 2)
  }

  static let languages: [(sent: [String], reported: String)] = [
    ([], ""), ([""], ""), (["go", "go"], "go"), (["go", "java", "go", ".NET"], "go|java|.NET"),
    (["a|b", "c d", "é", "e\r\nX-Injected: 1", "ok"], "ok"),
    ((0..<40).map { "l\($0)" }, (0..<16).map { "l\($0)" }.joined(separator: "|")),
  ]

  @Test(arguments: languages.indices)
  func `reports each language once, and none that would break the header`(index: Int) throws {
    let (sent, reported) = Self.languages[index]
    var writer = TraceWriter(identity: Self.identity, compression: .zstd())
    try writer.add(Self.batch([1], language: "")) { _ in }
    for language in sent { try writer.add(Self.batch([1], language: language)) { _ in } }
    #expect(try writer.finish()?.headers.map(\.value) == [reported])
  }

  @Test(arguments: formats)
  func `says the tags of the machine in each payload, each key once`(format: PayloadCompression) throws {
    var identity = Self.identity
    identity.tags = [("team", "core"), ("role", "db"), ("alone", ""), ("role", "web"), ("é", "ü:1")]
    var writer = TraceWriter(identity: identity, compression: format)
    for id in 1...2 as ClosedRange<UInt64> {
      try writer.add(Self.batch([5], firstID: id)) { _ in }
      let read = try Self.read(try #require(try writer.finish()), format)
      #expect(read.tags == [Pair("alone", ""), Pair("role", "db,web"), Pair("team", "core"), Pair("é", "ü:1")])
      #expect(read.chunks.count == 1 && read.version == PlainText("1.2.3") && read.env == PlainText("staging"))
    }
  }

  @Test func `leaves out what the agent does not know of itself`() throws {
    let identity = AgentIdentity(hostname: "", env: "", version: "", targetTPS: 0, errorTPS: 0)
    var writer = TraceWriter(identity: identity, compression: .gzip())
    try writer.add(Self.batch([5])) { _ in }
    let payload = try #require(try writer.finish())
    let body = try decompress(payload.body.bytes, .gzip())
    #expect(body.first == 0x2A)
    #expect(try ReadAgentPayload(body).chunks.count == 1)
  }
}

/// Keeps what it gets.
private final class EncodedChunks: EncodedChunkReceiver {
  let messages = Lock<[(index: Int, bytes: [UInt8])]>([])

  func take(chunk index: Int, message: UnsafeRawBufferPointer, of batch: borrowing SpanBatch) {
    messages.withLock { $0.append((index, Array(message))) }
  }
}

import Exporting
import MessagePack
import TestTraces
import Testing

@testable import TraceModel

@Suite struct `Spans as the intake's protobuf` {
  /// Encodes the kept chunks of a batch and reads them back: one `TracerPayload`, or none.
  static func readBack(_ batch: borrowing SpanBatch) throws -> ReadTracerPayload? {
    var encoder = TracerPayloadEncoder()
    let written = encoder.encode(batch, chunks: 0..<batch.chunks.count, bytesMax: .max)
    #expect(written.rest.isEmpty)
    let payload = try ReadAgentPayload(Array(encoder.buffer.bytes))
    #expect(payload.tracerPayloads.count == (written.counts.traces > 0 ? 1 : 0))
    #expect(payload.chunks.count == written.counts.traces)
    #expect(payload.chunks.map(\.spans.count).reduce(0, +) == written.counts.spans)
    return payload.tracerPayloads.first
  }

  /// Decodes, keeps and encodes every chunk of a request body.
  static func readBack(_ bytes: [UInt8], as format: TraceFormat) throws -> [[PlainSpan]] {
    let body = ExactBytes(bytes)
    var batch = SpanBatch()
    try format.decode(body.bytes, keys: KeyTable(peerTags: []), into: &batch)
    for index in 0..<batch.chunks.count { batch.chunks[index].isKept = true }
    return try readBack(batch)?.chunks.map(\.spans) ?? []
  }

  @Test(arguments: try CapturedRequest.all())
  func `hold all that real clients sent`(request: CapturedRequest) throws {
    guard let expected = request.traces else { return }
    let read = try Self.readBack(request.body, as: request.format)
    #expect(read.map { $0.map(\.settled) } == expected.map { $0.map(\.settled) })
  }

  @Test(arguments: TraceFormat.allCases.filter { $0 != .v10 }, Array(1...6) as [UInt64])
  func `hold all that a client could send`(format: TraceFormat, seed: UInt64) throws {
    var generator = PayloadGenerator(seed: seed)
    for number in 0..<100 {
      let bytes = generator.payload(format)
      let expected = try format.traces(of: bytes)
      let read = try Self.readBack(bytes, as: format)
      // Attributes keep their order and duplicates: of equal keys the last counts on both sides.
      try #require(read == expected, "payload \(number) of seed \(seed): \(bytes)")
    }
  }

  /// Texts are copied in blocks of 16 bytes, from their end: near the beginning of the memory they lie in, a block would
  /// reach in front of it.
  @Test func `hold texts of every length, however near the beginning of the body or of the arena`() throws {
    for offset in 0...34 {
      for length in 0...70 {
        let bytes = (0..<offset + length).map { UInt8(0x21 + $0 % 90) }
        let body = ExactBytes(bytes)
        let expected = PlainText(Array(bytes.dropFirst(offset)))
        for inArena in [false, true] {
          var batch = SpanBatch()
          if inArena { _ = batch.addBytes(bytes) } else { batch.begin(body: body.bytes) }
          var span = SpanRecord()
          span.resource =
            inArena
            ? ByteSlice(sideOffset: offset, length: length) : ByteSlice(bodyOffset: offset, length: length)
          batch.meta.append(MetaEntry(key: span.resource, value: span.resource, known: .unknown))
          span.meta = IndexRange(start: 0, end: 1)
          batch.addKept([span])
          let read = try #require(try Self.readBack(batch)?.chunks.first?.spans.first)
          if read.resource != expected || read.meta != [Pair(expected, expected)] {
            Issue.record("offset \(offset), length \(length), in the arena: \(inArena)")
          }
        }
      }
    }
  }

  @Test(arguments: [-128, -1, 0, 1, 2, .max, .min] as [Int32])
  func `have their chunk's priority, with a sign of ten bytes`(priority: Int32) throws {
    var batch = SpanBatch()
    batch.addKept([SpanRecord()]) { $0.priority = priority }
    let chunk = try #require(try Self.readBack(batch)?.chunks.first)
    #expect(chunk.priority == priority)
    var encoder = TracerPayloadEncoder()
    let written = encoder.encode(batch, chunks: 0..<1, bytesMax: .max)
    #expect(written.counts.traces == 1 && written.counts.spans == 1)
    // Tag and length of payload and chunk, the priority, an empty span.
    let bytes = Array(encoder.buffer.bytes)
    if priority < 0 { #expect(bytes.count == 2 + 2 + 11 + 2) }
    if priority == 0 { #expect(bytes == [0x2A, 4, 0x32, 2, 0x1A, 0]) }
    if priority == 1 { #expect(bytes == [0x2A, 6, 0x32, 4, 0x08, 1, 0x1A, 0]) }
  }

  static let numbers: [(id: UInt64, time: Int64, error: Int32)] = [
    (0, 0, 0), (1, 1, 1), (127, 127, 127), (128, 128, 128), (16_383, 16_383, 16_383), (16_384, 16_384, 16_384),
    (1 << 63, .min, .min), (.max, .max, .max), (.max - 1, -1, -1),
  ]

  @Test(arguments: numbers)
  func `have numbers of every size`(id: UInt64, time: Int64, error: Int32) throws {
    var span = SpanRecord()
    (span.traceID, span.spanID, span.parentID) = (id, id, id)
    (span.startNs, span.durationNs, span.error) = (time, time, error)
    var batch = SpanBatch()
    batch.addKept([span])
    #expect(try Self.readBack(batch)?.chunks.first?.spans == [PlainSpan(span, of: batch)])
  }

  @Test func `say once that they are top-level, whatever the tracer said`() throws {
    var batch = SpanBatch()
    var span = batch.span(metrics: [("_top_level", .topLevel, 0), ("other", .unknown, 2)])
    span.flags = .topLevel
    var bare = SpanRecord()
    bare.flags = .topLevel
    let inner = batch.span(metrics: [("_top_level", .topLevel, 0)])
    batch.addKept([span, bare, inner])
    let spans = try #require(try Self.readBack(batch)?.chunks.first?.spans)
    #expect(
      spans.map { $0.metrics.settled() } == [
        [Pair("_top_level", 1), Pair("other", 2)], [Pair("_top_level", 1)], [Pair("_top_level", 0)],
      ])
    #expect(spans.map(\.metrics.count) == [2, 1, 1])
  }

  @Test func `lack what was taken out and have what was added`() throws {
    var batch = SpanBatch()
    let span = batch.span(
      meta: [("http.status_code", .httpStatusCode, "abc"), ("env", .env, "prod")],
      metrics: [("_dd.errors_sr", .errorsRate, 0.1), ("_dd1.sr.rcusr", .clientRate, 0.2), ("kept", .unknown, 3)])
    batch.addKept([span, SpanRecord()])
    batch.removeMeta(.httpStatusCode, ofSpanAt: 0)
    batch.removeMetric(.clientRate, ofSpanAt: 0)
    batch.setMetric(.errorsRate, "_dd.errors_sr", 0.5, ofSpanAt: 0)
    batch.setMetric(.errorsRate, "_dd.errors_sr", 0.75, ofSpanAt: 0)
    batch.setMetric(.noPriorityRate, "_dd.no_p_sr", 0.25, ofSpanAt: 0)
    batch.setMetric(.clientRate, "_dd1.sr.rcusr", 0.9, ofSpanAt: 1)
    batch.removeMetric(.clientRate, ofSpanAt: 1)
    let spans = try #require(try Self.readBack(batch)?.chunks.first?.spans)
    #expect(spans[0].meta == [Pair("env", "prod")])
    #expect(spans[0].metrics.settled() == [Pair("_dd.errors_sr", 0.75), Pair("_dd.no_p_sr", 0.25), Pair("kept", 3)])
    #expect(spans[0].metrics.count == 3)
    #expect(spans[1] == PlainSpan())
  }

  @Test func `come in their chunks and in order, without those that are not kept`() throws {
    var batch = SpanBatch()
    for id in 1...6 as ClosedRange<UInt64> {
      var (first, second) = (SpanRecord(), SpanRecord())
      (first.spanID, second.spanID) = (id, id + 100)
      batch.addKept([first, second]) { $0.isKept = id % 3 != 0 }
    }
    let chunks = try #require(try Self.readBack(batch)?.chunks)
    #expect(chunks.map { $0.spans.map(\.spanID) } == [[1, 101], [2, 102], [4, 104], [5, 105]])
  }

  @Test func `are nothing at all when nothing is kept`() throws {
    var batch = SpanBatch()
    batch.payload.languageName = batch.addText("python")
    batch.addKept([SpanRecord()]) { $0.isKept = false }
    #expect(try Self.readBack(batch) == nil)
    let empty = SpanBatch()
    #expect(try Self.readBack(empty) == nil)
  }

  @Test func `have their chunk's origin and decision, and their sender's description`() throws {
    var batch = SpanBatch()
    batch.payload.containerID = batch.addText("container")
    batch.payload.languageName = batch.addText("python")
    batch.payload.languageVersion = batch.addText("3.13")
    batch.payload.tracerVersion = batch.addText("4.16")
    batch.payload.runtimeID = batch.addText("runtime")
    batch.payload.env = batch.addText("prod")
    batch.payload.hostname = batch.addText("host")
    batch.payload.appVersion = batch.addText("1.2")
    batch.payload.processTags = batch.addText("a:b")
    batch.payload.containerTags = batch.addText("container_id:c,image_tag:2")
    batch.payload.gitCommitSha = batch.addText("not sent")
    let (origin, decision) = (batch.addText("synthetics"), batch.addText("-4"))
    batch.addKept([SpanRecord()]) {
      $0.origin = origin
      $0.decisionMaker = decision
      $0.priority = 2
    }
    let read = try #require(try Self.readBack(batch))
    var expected = ReadTracerPayload()
    (expected.containerID, expected.languageName, expected.languageVersion) = ("container", "python", "3.13")
    (expected.tracerVersion, expected.runtimeID) = ("4.16", "runtime")
    (expected.env, expected.hostname, expected.appVersion) = ("prod", "host", "1.2")
    expected.tags = [
      Pair("_dd.tags.process", "a:b"), Pair("_dd.tags.container", "container_id:c,image_tag:2"),
    ]
    var chunk = ReadChunk()
    (chunk.priority, chunk.origin, chunk.spans, chunk.tags) = (
      2, "synthetics", [PlainSpan()], [Pair("_dd.p.dm", "-4")]
    )
    expected.chunks = [chunk]
    #expect(read == expected)
  }

  @Test func `have the tags of their chunk and of their payload`() throws {
    let payload: MessagePackValue = [
      "env": "prod", "runtime_id": "r", "tags": ["_dd.tags.container": "a:b", "_dd.tags.process": "c:d"],
      "chunks": [["priority": 1, "spans": [[:]], "tags": ["custom": "t", "": "", "_dd.p.dm": "-3"]]],
    ]
    let body = ExactBytes(payload.pack())
    var batch = SpanBatch()
    try TraceFormat.v07.decode(body.bytes, keys: KeyTable(peerTags: []), into: &batch)
    batch.chunks[0].isKept = true
    let read = try #require(try Self.readBack(batch))
    #expect(read.env == "prod" && read.runtimeID == "r")
    #expect(read.tags.settled() == [Pair("_dd.tags.container", "a:b"), Pair("_dd.tags.process", "c:d")])
    #expect(read.chunks[0].tags.settled() == [Pair("", ""), Pair("_dd.p.dm", "-3"), Pair("custom", "t")])
  }

  @Test func `come in pieces that fit, each at least one chunk`() throws {
    var batch = SpanBatch()
    batch.payload.languageName = batch.addText("python")
    let text = batch.addBytes([UInt8](repeating: 0x61, count: 400))
    for id in 1...20 as ClosedRange<UInt64> {
      var span = SpanRecord()
      (span.spanID, span.resource) = (id, id == 7 ? text : text.prefix(80))
      batch.addKept([span]) { $0.isKept = id != 12 }
    }
    for bytesMax in [0, 1, 100, 150, 200, 300, 500, 1000, 5000] {
      var encoder = TracerPayloadEncoder()
      var rest = 0..<batch.chunks.count
      var seen: [UInt64] = []
      while !rest.isEmpty {
        let written = encoder.encode(batch, chunks: rest, bytesMax: bytesMax)
        let chunks = try ReadAgentPayload(Array(encoder.buffer.bytes)).chunks
        #expect(chunks.count == written.counts.traces)
        #expect(written.rest.count < rest.count)
        if chunks.count > 1 { #expect(encoder.buffer.count <= bytesMax) }
        seen += chunks.flatMap { $0.spans.map(\.spanID) }
        rest = written.rest
      }
      #expect(seen.sorted() == (1...20).filter { $0 != 12 })
    }
  }
}

extension SpanBatch {
  /// Adds a chunk that is kept, unless `change` says otherwise.
  mutating func addKept(_ spans: [SpanRecord], _ change: (inout ChunkRecord) -> Void = { _ in }) {
    var chunk = ChunkRecord()
    (chunk.isKept, chunk.priority) = (true, 1)
    let first = self.spans.count
    for span in spans { self.spans.append(span) }
    chunk.spans = IndexRange(start: first, end: self.spans.count)
    change(&chunk)
    chunks.append(chunk)
  }

  /// A span with attributes.
  mutating func span(
    meta texts: [(String, KnownKey, String)] = [], metrics numbers: [(String, KnownKey, Double)] = []
  ) -> SpanRecord {
    var span = SpanRecord()
    let (firstMeta, firstMetric) = (meta.count, metrics.count)
    for (key, known, value) in texts {
      meta.append(MetaEntry(key: addBytes(Array(key.utf8)), value: addBytes(Array(value.utf8)), known: known))
      if known != .unknown { span.metaKeys.insert(known, isPeerTag: false) }
    }
    for (key, known, value) in numbers {
      metrics.append(MetricEntry(key: addBytes(Array(key.utf8)), value: value, known: known))
      if known != .unknown { span.metricKeys.insert(known, isPeerTag: false) }
    }
    span.meta = IndexRange(start: firstMeta, end: meta.count)
    span.metrics = IndexRange(start: firstMetric, end: metrics.count)
    return span
  }
}

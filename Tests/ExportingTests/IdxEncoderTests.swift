import Exporting
import MessagePack
import TestTraces
import Testing

@testable import TraceModel

/// What came in v1.0, in the form in which the intake gets it.
@Suite struct `Spans as the intake's idx protobuf` {
  /// Decodes a body of v1.0, keeps every chunk, and lends the batch.
  private static func withKept<Result>(
    _ bytes: [UInt8], _ use: (inout SpanBatch) throws -> Result
  ) throws -> Result {
    let body = ExactBytes(bytes)
    var batch = SpanBatch()
    try TraceFormat.v10.decode(body.bytes, keys: KeyTable(peerTags: []), into: &batch)
    for index in 0..<batch.chunks.count { batch.chunks[index].isKept = true }
    defer { batch.end() }
    return try use(&batch)
  }

  /// Encodes the kept chunks of a batch and reads them back: one payload, or none.
  private static func readBack(_ batch: borrowing SpanBatch) throws -> ReadIdxPayload? {
    var encoder = IdxPayloadEncoder()
    let written = encoder.encode(batch, chunks: 0..<batch.chunks.count, bytesMax: .max)
    #expect(written.rest.isEmpty)
    let payload = try ReadAgentPayload(Array(encoder.buffer.bytes))
    #expect(payload.tracerPayloads.isEmpty)
    #expect(payload.idxPayloads.flatMap(\.chunks).count == written.counts.traces)
    for read in payload.idxPayloads {
      #expect(read.strings.first == "" && read.referredTo.count == read.strings.count)
    }
    return payload.idxPayloads.first
  }

  @Test func `hold every text of roost itself`() throws {
    var batch = SpanBatch()
    batch.isIndexed = true
    batch.payload.containerTags = batch.addBytes(Array("image_tag:7".utf8))
    batch.payload.processTags = batch.addBytes(Array("a:b".utf8))
    var span = SpanRecord()
    span.flags = .topLevel
    let odd = batch.addBytes(Array("934086a686-4".utf8))
    batch.addKept([span]) { $0.decisionMaker = odd }
    let chunk = try #require(try Self.readBack(batch)?.chunks.first)
    #expect(chunk.tags == [Pair("_dd.p.dm", PlainValue("934086a686-4"))])
  }

  @Test func `say which container they come from`() throws {
    var batch = SpanBatch()
    batch.isIndexed = true
    batch.payload.containerTags = batch.addBytes(Array("image_tag:7".utf8))
    batch.addKept([SpanRecord()])
    let read = try #require(try Self.readBack(batch))
    #expect(read.sender.tags == [Pair("_dd.tags.container", PlainValue("image_tag:7"))])
  }

  @Test(arguments: [SentPart.singleSpans, .events])
  func `are those that go alone where their trace is dropped`(part: SentPart) throws {
    var batch = SpanBatch()
    batch.isIndexed = true
    let spans = (1...4 as ClosedRange<UInt64>).map { id in
      var span = SpanRecord()
      span.spanID = id
      if id.isMultiple(of: 2) { span.flags = .sentAlone }
      return span
    }
    batch.addKept(spans) { ($0.priority, $0.sentPart, $0.spansSentAlone) = (0, part, 2) }
    let chunk = try #require(try Self.readBack(batch)?.chunks.first)
    #expect(chunk.spans.map(\.spanID) == [2, 4])
    #expect(chunk.priority == (part == .singleSpans ? 2 : 0) && chunk.isDroppedTrace == (part == .events))
  }

  @Test(arguments: Array(1...6) as [UInt64])
  func `hold all that a client could send`(seed: UInt64) throws {
    var generator = PayloadGenerator(seed: seed)
    for number in 0..<100 {
      let bytes = generator.payload(.v10)
      let expected = try TraceFormat.v10.payload(of: bytes)
      let read = try Self.withKept(bytes) { try Self.readBack($0) }
      guard let read else {
        try #require(expected.traces.isEmpty)
        continue
      }
      let spans = read.chunks.map { $0.spans.map(\.settled) }
      try #require(spans == expected.traces.map { $0.map(\.settled) }, "payload \(number) of seed \(seed): \(bytes)")
      try #require(read.chunks.map(\.priority) == expected.chunks.map(\.priority))
      try #require(read.chunks.map(\.origin) == expected.chunks.map(\.origin))
      try #require(read.chunks.map(\.tags) == expected.chunks.map(\.tags))
      let makers = read.chunks.map { $0.samplingMechanism == 0 ? "" : "-\($0.samplingMechanism)" }
      try #require(makers.map { PlainText($0) } == expected.chunks.map(\.decisionMaker))
      var sender = expected.sender
      if let process = sender.fields.removeValue(forKey: "_dd.tags.process") {
        sender.tags.append(Pair("_dd.tags.process", PlainValue(process)))
      }
      try #require(read.sender.fields == sender.fields && read.sender.tags.settled() == sender.tags.settled())
    }
  }

  private static let span: MessagePackValue = [1: "web", 2: "op", 3: "GET /", 4: 8, 6: 5, 7: 6, 9: ["k", 1, "v"]]

  @Test func `have what roost found out and added`() throws {
    let body = ([11: [[1: 1, 4: [Self.span]]]] as MessagePackValue).pack()
    try Self.withKept(body) { batch in
      batch.spans[0].flags.insert(.topLevel)
      batch.setMetric(.errorsRate, "_dd.errors_sr", 0.25, ofSpanAt: 0)
      batch.addMeta(
        MetaEntry(key: batch.addText("added"), value: batch.addText("web"), known: .unknown), ofSpanAt: 0)
      batch.chunks[0].decisionMaker = batch.addText("of its own")
      let read = try #require(try Self.readBack(batch))
      #expect(read.chunks[0].samplingMechanism == 0 && read.chunks[0].tags == [Pair("_dd.p.dm", "of its own")])
      #expect(read.chunks[0].spans[0].metrics.settled() == [Pair("_dd.errors_sr", 0.25), Pair("_top_level", 1)])
      #expect(read.chunks[0].spans[0].meta.settled() == [Pair("added", "web"), Pair("k", "v")])
    }
  }

  /// Two texts of roost's own that say the same are one.
  @Test func `say each text once`() throws {
    let body = ([11: [[4: [Self.span, [1: 1, 2: 2, 3: 3, 9: [4, 1, 5]]]]]] as MessagePackValue).pack()
    try Self.withKept(body) { batch in
      for index in 0..<2 { batch.spans[index].resource = batch.addText("GET /?") }
      let read = try #require(try Self.readBack(batch))
      #expect(Set(read.strings).count == read.strings.count)
      #expect(Set(read.strings) == ["", "web", "op", "GET /?", "k", "v"])
    }
  }

  @Test func `come in pieces that fit, each at least one chunk and with texts of its own`() throws {
    var chunks: [MessagePackValue] = []
    for id in 1...20 as ClosedRange<UInt64> {
      let text = MessagePackValue.text(String(repeating: "x", count: id == 7 ? 400 : 60) + "\(id)")
      chunks.append([1: 1, 4: [[1: id == 1 ? "web" : 1, 3: text, 4: .uint(id)]]])
    }
    try Self.withKept(([3: "go", 11: .array(chunks)] as MessagePackValue).pack()) { batch in
      batch.chunks[11].isKept = false
      for bytesMax in [0, 1, 100, 200, 300, 500, 1000, 5000] {
        var encoder = IdxPayloadEncoder()
        var rest = 0..<batch.chunks.count
        var seen: [UInt64] = []
        while !rest.isEmpty {
          let written = encoder.encode(batch, chunks: rest, bytesMax: bytesMax)
          let payload = try #require(try ReadAgentPayload(Array(encoder.buffer.bytes)).idxPayloads.first)
          #expect(payload.chunks.count == written.counts.traces && written.rest.count < rest.count)
          #expect(payload.strings.count == payload.referredTo.count && payload.sender.fields == ["language_name": "go"])
          if payload.chunks.count > 1 { #expect(encoder.buffer.count <= bytesMax) }
          seen += payload.chunks.flatMap { $0.spans.map(\.spanID) }
          rest = written.rest
        }
        #expect(seen.sorted() == (1...20).filter { $0 != 12 })
      }
    }
  }

  /// Stores read the older form, which has only texts and numbers.
  @Test func `are texts in the form of older formats`() throws {
    let attributes: MessagePackValue = [
      "yes", 2, true, "large", 4, .int(.min + 1), "bytes", 5, .binary([1]),
      "array", 6, [1, "a\"\\\u{1}é", 3, 0.5, 3, .double(.infinity), 2, false, 5, .binary([0, 1, 2, 253])],
      "list", 7, ["k", 4, 1, "l", 6, [], "m", 7, []], "link", 1, "l",
    ]
    let link: MessagePackValue = [2: 5, 3: ["t", 1, "x", "f", 2, false, "b", 5, .binary([255, 255])]]
    let event: MessagePackValue = [2: "e", 3: ["n", 4, 1, "b", 5, .binary([1, 2]), "a", 6, [6, [4, 1], 4, 2]]]
    let body = ([11: [[3: ["c", 4, 7], 4: [[9: attributes, 11: [link], 12: [event]]]]]] as MessagePackValue).pack()
    try Self.withKept(body) { batch in
      let chunk = try #require(try `Spans as the intake's protobuf`.readBack(batch)?.chunks.first)
      #expect(chunk.tags == [Pair("c", "7")])
      let span = chunk.spans[0]
      #expect(
        span.meta == [
          Pair("link", "l"), Pair("yes", "true"), Pair("large", "-9223372036854775807"),
          Pair("array", #"["a\"\\\u0001é",0.5,"inf",false,"AAEC/Q=="]"#), Pair("list", #"{"k":1,"l":[],"m":{}}"#),
        ])
      #expect(span.metaStruct == [Pair("bytes", PlainText([1]))])
      #expect(span.links[0].attributes == [Pair("t", "x"), Pair("f", "false"), Pair("b", "//8=")])
      #expect(
        span.events[0].attributes == [
          Pair("n", PlainValue(int: 1)), Pair("b", "AQI="), Pair("a", PlainValue(array: ["[1]", PlainValue(int: 2)])),
        ])
    }
  }
}

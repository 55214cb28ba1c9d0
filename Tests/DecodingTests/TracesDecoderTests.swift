import Decoding
import MessagePack
import TestTraces
import Testing
import TraceModel

/// A format as a table of formats sees it.
private struct Format: Sendable, CustomTestStringConvertible {
  let name: String
  let decode: TracesDecoder
  let emptyPayload: [UInt8]

  var testDescription: String { name }
}

@Suite struct `A decoder` {
  private static let formats = [
    Format(name: "v0.4", decode: TracesV04.decode, emptyPayload: [0x90]),
    Format(name: "v0.5", decode: TracesV05.decode, emptyPayload: [0x92, 0x90, 0x90]),
    Format(name: "v0.7", decode: TracesV07.decode, emptyPayload: [0x80]),
    Format(name: "v1.0", decode: TracesV10.decode, emptyPayload: [0x80]),
    Format(name: "one span, whatever the body says", decode: Self.decodeOneSpan, emptyPayload: []),
  ]

  private static func decodeOneSpan(
    _ body: RawSpan, keys: KeyTable, scratch: inout DecodingScratch, into batch: inout SpanBatch
  ) throws(DecodeError) {
    batch.spans.append(SpanRecord())
    var chunk = ChunkRecord()
    chunk.spans = IndexRange(start: 0, end: 1)
    batch.chunks.append(chunk)
  }

  @Test(arguments: formats)
  private func `is a value that a table can hold`(format: Format) throws {
    let body = ExactBytes(format.emptyPayload)
    var batch = SpanBatch()
    var scratch = DecodingScratch()
    batch.begin(body: body.bytes)
    try format.decode(body.bytes.bytes, KeyTable(peerTags: []), &scratch, &batch)
    let chunks = batch.chunks.count
    #expect(chunks == (format.emptyPayload.isEmpty ? 1 : 0))
  }

  /// Strings of one payload are not those of the next.
  @Test func `forgets the string table of the payload before`() throws {
    let span: MessagePackValue = [1, 1, 1, 1, 1, 0, 0, 0, 0, [:], [:], 1]
    let first: MessagePackValue = [["", "first"], [[span]]]
    let second: MessagePackValue = [[""], [[span]]]
    var scratch = DecodingScratch()
    var batch = SpanBatch()
    for (payload, isReadable) in [(first, true), (second, false), (first, true)] {
      let body = ExactBytes(payload.pack())
      batch.begin(body: body.bytes)
      defer { batch.end() }
      guard isReadable else {
        let error = #expect(throws: DecodeError.self) {
          try TracesV05.decode(body.bytes.bytes, keys: KeyTable(peerTags: []), scratch: &scratch, into: &batch)
        }
        #expect(error?.expected == "an index into the string table")
        continue
      }
      try TracesV05.decode(body.bytes.bytes, keys: KeyTable(peerTags: []), scratch: &scratch, into: &batch)
      let service = batch.text(batch.spans[0].service)
      #expect(service == "first")
    }
  }
}

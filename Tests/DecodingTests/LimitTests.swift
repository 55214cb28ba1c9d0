import MessagePack
import TestTraces
import Testing
import TraceModel

@testable import Decoding

@Suite struct `Hostile payloads` {
  /// A span with an unknown field that holds an integer inside `depth` arrays or maps.
  static func nested(_ depth: Int, inMaps: Bool) -> [UInt8] {
    let level: [UInt8] = inMaps ? [0x81, 0xA1, 0x6B] : [0x91]
    return [0x91, 0x91, 0x81, 0xA1, 0x78] + (0..<depth).flatMap { _ in level } + [0x01]
  }

  @Test(arguments: [false, true])
  func `nest 64 levels deep in a field that nobody knows, and no deeper`(inMaps: Bool) throws {
    #expect(try TraceFormat.v04.traces(of: Self.nested(64, inMaps: inMaps)) == [[PlainSpan()]])
    for depth in [65, 66, 1000, 100_000] {
      let error = #expect(throws: DecodeError.self) {
        try TraceFormat.v04.traces(of: Self.nested(depth, inMaps: inMaps))
      }
      let level = inMaps ? 3 : 1
      #expect(error?.kind == .tooDeep)
      #expect(error?.byteOffset == 5 + 64 * level)
      #expect(error?.expected == "at most 64 levels")
      #expect(error?.seen == (inMaps ? "map" : "array"))
    }
  }

  /// The largest count each header can announce, with nothing or almost nothing behind it.
  static let announcements: [(String, [UInt8])] = [
    ("", [0xDD, 0xFF, 0xFF, 0xFF, 0xFF]),
    ("", [0x91, 0xDD, 0x7F, 0xFF, 0xFF, 0xFF, 0x80]),
    ("", [0x91, 0x91, 0xDF, 0xFF, 0xFF, 0xFF, 0xFF, 0xA0, 0xC0]),
    ("meta", [0xDF, 0x80, 0, 0, 0, 0xA0, 0xA0]),
    ("metrics", [0xDE, 0xFF, 0xFF]),
    ("meta_struct", [0xDF, 0xFF, 0xFF, 0xFF, 0xFF]),
    ("span_links", [0xDD, 0xFF, 0xFF, 0xFF, 0xFF, 0x80]),
    ("span_links", [0x91, 0x81, 0xAA] + Array("attributes".utf8) + [0xDF, 0xFF, 0xFF, 0xFF, 0xFF]),
    ("span_events", [0xDC, 0xFF, 0xFF]),
    ("span_events", [0x91, 0x81, 0xAA] + Array("attributes".utf8) + [0xDF, 0x00, 0xFF, 0xFF, 0xFF, 0xA0]),
    ("unknown", [0xDD, 0xFF, 0xFF, 0xFF, 0xFF]),
    ("unknown", [0xDF, 0xFF, 0xFF, 0xFF, 0xFF]),
  ]

  @Test(arguments: announcements)
  func `announce more than their bytes could hold, and get no memory for it`(field: String, wire: [UInt8]) throws {
    let bytes = field.isEmpty ? wire : [0x91, 0x91, 0x81] + MessagePackValue.text(field).pack() + wire
    let body = ExactBytes(bytes)
    var batch = SpanBatch()
    let keys = KeyTable(peerTags: [])
    let error = #expect(throws: DecodeError.self) { try TraceFormat.v04.decode(body.bytes, keys: keys, into: &batch) }
    #expect(error?.kind == .shortBytes)
    let held = heldBytes(batch)
    #expect(held < 100_000)
  }

  @Test func `announce a string table larger than they are`() {
    let error = #expect(throws: DecodeError.self) {
      try TraceFormat.v05.traces(of: [0x92, 0xDD, 0xFF, 0xFF, 0xFF, 0xFF, 0xA0])
    }
    #expect(error?.kind == .shortBytes)
  }

  private func heldBytes(_ batch: borrowing SpanBatch) -> Int {
    batch.sideArena.allocatedBytes + batch.chunks.allocatedBytes + batch.spans.allocatedBytes
      + batch.meta.allocatedBytes + batch.metrics.allocatedBytes + batch.metaStruct.allocatedBytes
      + batch.links.allocatedBytes + batch.linkAttributes.allocatedBytes + batch.events.allocatedBytes
      + batch.typedAttributes.allocatedBytes + batch.arrayValues.allocatedBytes
  }

  private static func array32(_ count: Int) -> [UInt8] {
    [0xDD] + (0..<4).reversed().map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
  }

  /// Bodies that ask for more memory than `PayloadBudget` gives them: an element a byte, or long strings referred to
  /// again and again.
  static let excesses: [(TraceFormat, String, [UInt8])] = {
    func nils(_ count: Int) -> [UInt8] { array32(count) + [UInt8](repeating: 0xC0, count: count) }
    func field(_ key: String, _ count: Int) -> [UInt8] {
      [0x91, 0x91, 0x81] + MessagePackValue.text(key).pack() + nils(count)
    }
    func excess(_ stride: Int) -> Int { PayloadBudget.bytesMin / (stride - PayloadBudget.bytesPerBodyByte) + 1 }
    let long = MessagePackValue.text(String(repeating: "x", count: 65_000)).pack()
    let references = PayloadBudget.bytesMin / 130_000 + 1
    let metaOfLongOnes =
      [0x92, 0x91] + long + [0x91, 0x91, 0x9C] + [UInt8](repeating: 0, count: 9) + [0xDE]
      + [UInt8(references >> 8), UInt8(references & 255)] + [UInt8](repeating: 0, count: references * 2) + [0x80, 0]
    func v07(_ key: String, _ value: [UInt8]) -> [UInt8] { [0x81] + MessagePackValue.text(key).pack() + value }
    // Of five bytes each.
    let tags = [[UInt8]](repeating: [0xA2, 0x61, 0x61, 0xA3, 0x62, 0x62, 0x62], count: 1 << 16).flatMap { $0 }
    let list: [UInt8] = [0x81, 0x0B, 0x91, 0x81, 0x04, 0x91, 0x81, 0x09]
    let longAttributes =
      [0x82, 0x01, 0x91] + long + list.dropFirst() + array32(references * 3)
      + [[UInt8]](repeating: [1, 1, 1], count: references).joined()
    let manyAttributes =
      [0x82, 0x01, 0x91] + long + [0x0A, 0x9F] + [[UInt8]](repeating: [1, 1, 1], count: 5).joined()
    let manyTags: [UInt8] = [0xDF, 0x00, 0x01, 0x00, 0x00] + tags
    return [
      (.v04, "traces", nils(excess(MemoryLayout<ChunkRecord>.stride))),
      (.v04, "spans", [0x91] + nils(excess(MemoryLayout<SpanRecord>.stride))),
      (.v04, "span_links", field("span_links", excess(MemoryLayout<LinkRecord>.stride))),
      (.v04, "span_events", field("span_events", excess(MemoryLayout<EventRecord>.stride))),
      (.v05, "traces", [0x92, 0x90] + nils(excess(MemoryLayout<ChunkRecord>.stride))),
      (.v05, "spans", [0x92, 0x90, 0x91] + nils(excess(MemoryLayout<SpanRecord>.stride))),
      (.v05, "meta", metaOfLongOnes),
      (.v07, "chunks", v07("chunks", nils(excess(MemoryLayout<ChunkRecord>.stride)))),
      (.v07, "tags", v07("tags", manyTags)),
      (.v10, "chunks", [0x81, 0x0B] + nils(excess(MemoryLayout<ChunkRecord>.stride))),
      (.v10, "spans", [0x81, 0x0B, 0x91, 0x81, 0x04] + nils(excess(MemoryLayout<SpanRecord>.stride))),
      (.v10, "attributes", longAttributes),
      (.v10, "attributes", manyAttributes),
    ]
  }()

  @Test(arguments: excesses.indices)
  func `carry more elements than a payload may`(index: Int) {
    let (format, field, bytes) = Self.excesses[index]
    let error = #expect(throws: DecodeError.self) { try format.traces(of: bytes) }
    #expect(error?.kind == .tooMany)
    #expect(error?.field == field)
    #expect(error?.expected == "fewer elements in one payload")
    #expect(error?.seen == "more")
  }

  @Test func `may carry a million nil traces`() throws {
    let count = 1_000_000
    let traces = try TraceFormat.v04.traces(of: Self.array32(count) + [UInt8](repeating: 0xC0, count: count))
    #expect(traces.count == count)
  }

  /// The bytes in front of the spans of a payload of v0.7 with one chunk.
  private static let chunk: [UInt8] =
    [0x81] + MessagePackValue.text("chunks").pack() + [0x91, 0x81] + MessagePackValue.text("spans").pack()

  @Test(arguments: TraceFormat.allCases)
  func `claim what they take beyond the first MiB, and give it back`(format: TraceFormat) throws {
    let claim = MemoryClaim(MemoryLimit(bytesMax: 8 << 20, resident: { 0 }, giveBack: {}))
    var scratch = DecodingScratch(memory: claim)
    let keys = KeyTable(peerTags: [])
    for (count, isTaken) in [(20_000, true), (200_000, false), (20_000, true)] {
      let span: [UInt8] = format == .v05 ? [0x9C] + [UInt8](repeating: 0, count: 9) + [0x80, 0x80, 0] : [0x80]
      let spans = Self.array32(count) + [[UInt8]](repeating: span, count: count).joined()
      let front: [UInt8] =
        switch format {
        case .v04: [0x91]
        case .v05: [0x92, 0x91, 0xA0, 0x91]
        case .v07: Self.chunk
        case .v10: [0x81, 0x0B, 0x91, 0x81, 0x04]
        }
      let body = ExactBytes(front + spans)
      var batch = SpanBatch()
      batch.begin(body: body.bytes)
      var kind: DecodeError.Kind?
      do throws(DecodeError) {
        try format.decoder(body.bytes.bytes, keys, &scratch, &batch)
      } catch {
        kind = error.kind
      }
      #expect(kind == (isTaken ? nil : .noMemory))
      #expect(claim.claimedBytes > 0 || !isTaken)
      scratch.removeAll()
      #expect(claim.claimedBytes == 0)
      batch.end()
    }
  }
}

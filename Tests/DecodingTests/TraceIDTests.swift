import MessagePack
import TestTraces
import Testing
import TraceModel

@testable import Decoding

@Suite struct `A chunk's trace id` {
  /// Upper halves that the spans of one chunk say they have, and what the chunk has.
  static let highs: [(tids: [String?], high: UInt64)] = [
    ([], 0), ([nil, nil], 0), (["6655443300000001"], 0x6655_4433_0000_0001), (["ffffffffffffffff"], .max),
    (["FF"], 255), ([""], 0), (["0x12"], 0), (["12345678901234567"], 0), (["665544330000000g"], 0), (["-1"], 0),
    ([nil, "10", "20"], 16), (["none", "10"], 16),
  ]

  // In v1.0 it is a field of the chunk.
  @Test(arguments: TraceFormat.allCases.filter { $0 != .v10 }, highs)
  func `has the upper half of its first span that has a readable one`(
    format: TraceFormat, example: (tids: [String?], high: UInt64)
  ) throws {
    var table: [MessagePackValue] = ["", "_dd.p.tid"]
    var spans: [MessagePackValue] = []
    for tid in example.tids {
      var meta = MessagePackValue.map([])
      if let tid {
        table.append(.text(tid))
        let value: MessagePackValue = format == .v05 ? .uint(UInt64(table.count - 1)) : .text(tid)
        let key: MessagePackValue = format == .v05 ? 1 : "_dd.p.tid"
        meta = .map([(key: key, value: value)])
      }
      let span: MessagePackValue =
        format == .v05 ? [0, 0, 0, 1, 1, 0, 0, 0, 0, meta, [:], 0] : ["meta": meta]
      spans.append(span)
    }
    let payload = format.payload([.array(spans)], table: table)
    try withDecoded(payload.pack(), format.decoder) { batch in
      let high = batch.traceIDHigh(of: batch.chunks[0])
      #expect(high == example.high)
      // The attribute stays where it was: the intake reads it.
      let tids = batch.plainTraces[0].map { $0.meta.map(\.value) }
      #expect(tids == example.tids.map { $0.map { [PlainText($0)] } ?? [] })
    }
  }
}

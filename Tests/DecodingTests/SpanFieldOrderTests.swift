import MessagePack
import TestTraces
import Testing
import TraceModel

@testable import Decoding

@Suite struct `The order of a span's fields` {
  /// A payload of one trace, a span for each list of fields with a text as their value.
  private static func payload(_ spans: [[String]]) -> [UInt8] {
    precondition(spans.count < 16)
    var body: [UInt8] = [0x91, 0x90 | UInt8(spans.count)]
    for fields in spans {
      body.append(0x80 | UInt8(fields.count))
      for field in fields { body += MessagePackValue.text(field).pack() + MessagePackValue.text("=" + field).pack() }
    }
    // Behind the last key something has to follow for it to be looked at in one piece.
    return body + [UInt8](repeating: 0xC0, count: 32)
  }

  /// Service, name, resource and type of each span, decoded with the scratch that others were decoded with.
  private static func texts(_ spans: [[String]], _ scratch: inout DecodingScratch) throws -> [[String]] {
    let body = payload(spans)
    return try body.withUnsafeBytes { bytes in
      var batch = SpanBatch()
      batch.begin(body: bytes)
      defer { batch.end() }
      try TracesV04.decode(bytes.bytes, keys: KeyTable(peerTags: []), scratch: &scratch, into: &batch)
      return (0..<batch.spans.count).map { index in
        let span = batch.spans[index]
        return [span.service, span.name, span.resource, span.type].map {
          String(decoding: batch.bytes($0), as: UTF8.self)
        }
      }
    }
  }

  private static func expected(_ spans: [[String]]) -> [[String]] {
    spans.map { fields in
      ["service", "name", "resource", "type"].map { fields.contains($0) ? "=" + $0 : "" }
    }
  }

  @Test func `may differ from span to span and from payload to payload`() throws {
    let names = ["service", "name", "resource", "type", "of_nobody", "x", "quite_a_long_name"]
    var scratch = DecodingScratch()
    for seed in 0..<200 {
      let spans = (0..<12).map { span in
        let turned = (0..<names.count).map { names[($0 * (1 + (seed + span) % 6) + seed * span) % names.count] }
        // Of keys that stand twice the last counts, which is the same here.
        return Array(turned.prefix(1 + (seed + span) % names.count))
      }
      #expect(try Self.texts(spans, &scratch) == Self.expected(spans))
    }
  }

  @Test(arguments: ["service", "name", "resource", "type"])
  func `does not make a key of one that differs in a byte or in length`(name: String) throws {
    let bytes = Array(name.utf8)
    var others = [name + "s", String(name.dropLast()), name + "\u{0}"]
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      others.append(String(decoding: changed, as: UTF8.self))
    }
    var scratch = DecodingScratch()
    for other in others where !["service", "name", "resource", "type"].contains(other) {
      #expect(try Self.texts([[name]], &scratch) == Self.expected([[name]]))
      #expect(try Self.texts([[other]], &scratch) == [["", "", "", ""]], "\(other)")
    }
  }
}

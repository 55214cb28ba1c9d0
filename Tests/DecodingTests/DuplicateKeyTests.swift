import MessagePack
import TestTraces
import Testing
import TraceModel

@testable import Decoding

@Suite struct `Attributes of one key` {
  /// What is left of the text attributes of a span with these, in the order in which they came.
  private static func values(_ attributes: [(key: String, value: String)]) throws -> [String] {
    precondition(attributes.count < 16)
    var body: [UInt8] = [0x91, 0x91, 0x81] + MessagePackValue.text("meta").pack()
    body.append(0x80 | UInt8(attributes.count))
    for (key, value) in attributes { body += MessagePackValue.text(key).pack() + MessagePackValue.text(value).pack() }
    return try body.withUnsafeBytes { bytes in
      var batch = SpanBatch()
      batch.begin(body: bytes)
      defer { batch.end() }
      var scratch = DecodingScratch()
      try TracesV04.decode(bytes.bytes, keys: KeyTable(peerTags: ["out.host"]), scratch: &scratch, into: &batch)
      return batch.spans[0].meta.range.compactMap { index in
        let entry = batch.meta[index]
        return entry.known == .removed ? nil : String(decoding: batch.bytes(entry.value), as: UTF8.self)
      }
    }
  }

  @Test func `are one, the last, where a stage looks for the key`() throws {
    let sent = [("env", "a"), ("x", "b"), ("env", "c"), ("version", "d"), ("env", "e"), ("out.host", "f")]
    #expect(try Self.values(sent) == ["b", "d", "e", "f"])
  }
}

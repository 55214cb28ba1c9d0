import Decoding
import TestTraces
import Testing
import TraceModel

@testable import Exporting

@Suite struct `Attributes that many spans share` {
  /// Texts of a batch as an attribute.
  private static func entry(_ key: String, _ value: String, _ batch: inout SpanBatch) -> MetaEntry {
    MetaEntry(key: batch.addBytes(Array(key.utf8)), value: batch.addBytes(Array(value.utf8)), known: .unknown)
  }

  /// A batch of spans with attributes of their own around those that they share, of which some lack one or have another.
  private static func fill(_ batch: inout SpanBatch, of sender: Int, _ random: inout SeededGenerator) {
    let shared = (0..<Int.random(in: 1...6, using: &random)).map {
      entry("shared.\($0)", "value \($0) of \(sender)", &batch)
    }
    let others = (0..<5).map { entry("own.\($0)", "other \($0) of \(sender)", &batch) }
    var isHinted = false
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let spans = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        var run = shared
        let changed = Int.random(in: 0..<run.count, using: &random)
        let change = Int.random(in: 0..<8, using: &random)
        if change == 0 { run[changed].value = others[0].value }
        if change == 1 { run[changed].known = .removed }
        if change == 2 { run.remove(at: changed) }
        let front = others.prefix(.random(in: 0...3, using: &random))
        let start = batch.meta.count
        for entry in front + run + others.suffix(.random(in: 0...2, using: &random)) { batch.meta.append(entry) }
        if change > 2, !isHinted {
          isHinted = true
          batch.sharedMeta = IndexRange(start: start + front.count, end: start + front.count + run.count)
        }
        var span = SpanRecord()
        span.meta = IndexRange(start: start, end: batch.meta.count)
        return span
      }
      batch.addKept(spans)
    }
  }

  /// What an encoder writes that is told of no shared attributes.
  private static func withoutHint(
    _ encoder: inout TracerPayloadEncoder, _ batch: inout SpanBatch,
    _ encode: (inout TracerPayloadEncoder, borrowing SpanBatch) -> Void
  ) -> [UInt8] {
    let hint = batch.sharedMeta
    batch.sharedMeta = .empty
    encode(&encoder, batch)
    batch.sharedMeta = hint
    return Array(encoder.buffer.bytes)
  }

  @Test(arguments: 1...200 as ClosedRange<UInt64>)
  func `are written as if each span had them alone`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    // One encoder has the hint each time: what it kept of one payload would show in the next, of another sender too.
    var encoder = TracerPayloadEncoder()
    var other = TracerPayloadEncoder()
    for sender in 1...2 {
      var batch = SpanBatch()
      Self.fill(&batch, of: sender, &random)
      for bytesMax in [0, 200, 600, .max] {
        var rest = batch.chunks.count
        while rest > 0 {
          let left = encoder.encode(batch, chunks: 0..<rest, bytesMax: bytesMax).rest
          let written = Array(encoder.buffer.bytes)
          let expected = Self.withoutHint(&other, &batch) { encoder, batch in
            _ = encoder.encode(batch, chunks: 0..<rest, bytesMax: bytesMax)
          }
          #expect(written == expected, "sender \(sender)")
          rest = left.count
        }
      }
      for chunk in 0..<batch.chunks.count {
        encoder.encode(chunk: chunk, of: batch)
        let written = Array(encoder.buffer.bytes)
        let expected = Self.withoutHint(&other, &batch) { encoder, batch in encoder.encode(chunk: chunk, of: batch) }
        #expect(written == expected, "chunk \(chunk) of sender \(sender)")
      }
    }
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func `are written as OTLP as if each span had them alone, whatever stages have changed`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var generator = OTLPGenerator(seed: seed)
    // One of them has the hint each time: what it kept of one payload would show in the next.
    var encoder = OTLPTracesEncoder(identity: `Spans of OpenTelemetry`.identity)
    var other = OTLPTracesEncoder(identity: `Spans of OpenTelemetry`.identity)
    let keys = KeyTable(peerTags: [])
    var scratch = DecodingScratch()
    for _ in 0..<20 {
      let body = ExactBytes(generator.request())
      var batch = SpanBatch()
      batch.begin(body: body.bytes)
      defer { batch.end() }
      // Of one resource.
      try TracesOTLP.decodeProtobuf(body.bytes.bytes, keys: keys, scratch: &scratch, into: &batch)
      for index in 0..<batch.chunks.count { batch.chunks[index].isKept = true }
      for entry in 0..<batch.meta.count {
        switch Int.random(in: 0..<40, using: &random) {
        case 0: batch.meta[entry].known = .removed
        case 1: batch.meta[entry].value = batch.addText("changed")
        default: break
        }
      }
      _ = encoder.encode(batch, chunks: 0..<batch.chunks.count, bytesMax: .max)
      batch.sharedMeta = .empty
      _ = other.encode(batch, chunks: 0..<batch.chunks.count, bytesMax: .max)
      #expect(Array(encoder.buffer.bytes) == Array(other.buffer.bytes))
    }
  }
}

import Testing
import TraceModel

@testable import Agent

@Suite struct `The size of a trace in the store` {
  /// Of one span with one attribute.
  private static func bytes(isIndexed: Bool, _ value: (inout SpanBatch) -> AnyValueRecord) -> Int {
    var batch = SpanBatch()
    batch.isIndexed = isIndexed
    var attribute = TypedAttribute()
    attribute.value = value(&batch)
    batch.typedAttributes.append(attribute)
    var span = SpanRecord()
    span.typed = IndexRange(start: batch.typedAttributes.count - 1, end: batch.typedAttributes.count)
    batch.spans.append(span)
    var chunk = ChunkRecord()
    chunk.spans = IndexRange(start: 0, end: 1)
    batch.chunks.append(chunk)
    var size = EncodedSize()
    size.measure(batch, bodyBytes: 0, place: 0)
    return size.total
  }

  private static func within(_ value: AnyValueRecord, _ batch: inout SpanBatch) -> AnyValueRecord {
    batch.arrayValues.append(value)
    return .array(IndexRange(start: 0, end: 1))
  }

  @Test func `has place for the values of v1.0 as the text that they become`() {
    let control = [UInt8](repeating: 1, count: 1_000)
    let empty = Self.bytes(isIndexed: true) { _ in .array(.empty) }
    // As JSON each is `\\u0001`; a text by itself stays as it is, and so does one of an older format.
    #expect(Self.bytes(isIndexed: true) { Self.within(.string($0.addBytes(control)), &$0) } >= empty + 6_002)
    #expect((1_000..<1_100).contains(Self.bytes(isIndexed: true) { .string($0.addBytes(control)) } - empty))
    #expect(
      (1_000..<1_100).contains(Self.bytes(isIndexed: false) { Self.within(.string($0.addBytes(control)), &$0) } - empty)
    )
    #expect((1_336..<1_400).contains(Self.bytes(isIndexed: true) { .bytes($0.addBytes(control)) } - empty))
    #expect(Self.bytes(isIndexed: true) { _ in .double(-1.2345678901234567e-300) } >= empty + 24)
    let keyed = Self.bytes(isIndexed: true) { batch in
      var entry = TypedAttribute()
      entry.key = batch.addBytes(control)
      batch.typedAttributes.append(entry)
      return .keyValues(IndexRange(start: 0, end: 1))
    }
    #expect(keyed >= empty + 6_002)
  }
}

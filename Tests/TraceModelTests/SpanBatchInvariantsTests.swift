import Testing
import TraceModel

@Suite struct `A span batch's self-check` {
  private static let keys = KeyTable(peerTags: ["db.instance"])

  /// A sound batch of two chunks, each with one span, an attribute of each kind and an added one.
  private static func fill(_ batch: inout SpanBatch) {
    for _ in 0..<2 {
      var span = SpanRecord()
      span.service = batch.addText("web")
      batch.meta.append(MetaEntry(key: batch.addText("env"), value: batch.addText("prod"), known: .env))
      span.metaKeys.insert(.env, isPeerTag: false)
      span.meta = IndexRange(start: batch.meta.count - 1, end: batch.meta.count)
      batch.metrics.append(MetricEntry(key: batch.addText("custom"), value: 1, known: .unknown))
      span.metrics = IndexRange(start: batch.metrics.count - 1, end: batch.metrics.count)
      var attribute = TypedAttribute()
      attribute.value = .bool(true)
      batch.typedAttributes.append(attribute)
      span.typed = IndexRange(start: batch.typedAttributes.count - 1, end: batch.typedAttributes.count)
      batch.spans.append(span)
      batch.setMetric(.errorsRate, "_dd.errors_sr", 0.5, ofSpanAt: batch.spans.count - 1)
      var chunk = ChunkRecord()
      chunk.spans = IndexRange(start: batch.spans.count - 1, end: batch.spans.count)
      batch.chunks.append(chunk)
    }
  }

  private struct Damage: Sendable, CustomTestStringConvertible {
    let violation: String
    let make: @Sendable (inout SpanBatch) -> Void

    var testDescription: String { violation }
  }

  private static let damages: [Damage] = [
    Damage(violation: "the chunks hold 1 spans of 2") { $0.chunks.truncate(to: 1) },
    Damage(violation: "chunk 1 begins at 0, not at 1") { $0.chunks[1].spans = IndexRange(start: 0, end: 2) },
    Damage(violation: "meta 1..<3 reach past the end of 2") { $0.spans[1].meta = IndexRange(start: 1, end: 3) },
    Damage(violation: "metrics 9..<10 reach past") { $0.spans[0].metrics = IndexRange(start: 9, end: 10) },
    Damage(violation: "typed attributes 2..<3 reach past") { $0.spans[0].typed = IndexRange(start: 2, end: 3) },
    Damage(violation: "a field of span 1 reaches outside") { $0.spans[1].name = ByteSlice(bodyOffset: 0, length: 1) },
    Damage(violation: "a text attribute's value reaches outside") {
      $0.meta[0].value = ByteSlice(sideOffset: 0, length: 100_000)
    },
    Damage(violation: "known key 1 is not in its span's set") { $0.spans[0].metaKeys = .empty },
    Damage(violation: "a key that spells 1 is noted as 2") {
      $0.meta[0].known = .version
      $0.spans[0].metaKeys.insert(.version, isPeerTag: false)
    },
    Damage(violation: "added metric 7 of 2") { $0.spans[0].addedMetrics = 7 },
    Damage(violation: "an array that holds itself") {
      $0.arrayValues.append(.array(IndexRange(start: 0, end: 1)))
    },
    Damage(violation: "a list that holds itself") {
      $0.typedAttributes[1].value = .keyValues(IndexRange(start: 1, end: 2))
    },
    Damage(violation: "a field of the payload reaches outside") {
      $0.payload.env = ByteSlice(bodyOffset: 5, length: 5)
    },
  ]

  @Test func `finds nothing in a sound batch`() {
    var batch = SpanBatch()
    #expect(batch.invariantViolations(keys: Self.keys) == [])
    Self.fill(&batch)
    #expect(batch.invariantViolations(keys: Self.keys) == [])
  }

  @Test(arguments: damages)
  private func `finds what is broken`(damage: Damage) {
    var batch = SpanBatch()
    Self.fill(&batch)
    damage.make(&batch)
    let violations = batch.invariantViolations(keys: Self.keys)
    #expect(violations.contains { $0.contains(damage.violation) }, "\(violations)")
  }

  static let hex: [(String, UInt64?)] = [
    ("0", 0), ("fF", 255), ("ffffffffffffffff", .max), ("", nil), ("12345678901234567", nil), ("g", nil), (" 1", nil),
  ]

  @Test(arguments: hex)
  func `reads hexadecimal of 1 to 16 digits`(text: String, value: UInt64?) {
    #expect(Array(text.utf8).withUnsafeBytes { HexText.unsigned($0) } == value)
  }
}

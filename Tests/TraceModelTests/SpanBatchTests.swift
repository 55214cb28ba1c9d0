import Testing
import TraceModel

@Suite struct `A span batch` {
  /// A span with text and number attributes: keys that the table knows, and values.
  private func fill(
    _ batch: inout SpanBatch, meta: [(KnownKey, String)], metrics: [(KnownKey, Double)] = []
  ) {
    var span = SpanRecord()
    let firstMeta = batch.meta.count
    for (key, value) in meta {
      let slice = batch.addBytes(Array(value.utf8))
      batch.meta.append(MetaEntry(key: .empty, value: slice, known: key))
      span.metaKeys.insert(key, isPeerTag: false)
    }
    span.meta = IndexRange(start: firstMeta, end: batch.meta.count)
    let firstMetric = batch.metrics.count
    for (key, value) in metrics {
      batch.metrics.append(MetricEntry(key: .empty, value: value, known: key))
      span.metricKeys.insert(key, isPeerTag: false)
    }
    span.metrics = IndexRange(start: firstMetric, end: batch.metrics.count)
    batch.spans.append(span)
  }

  private func meta(_ key: KnownKey, _ span: Int, _ batch: borrowing SpanBatch) -> String? {
    batch.meta(key, of: batch.spans[span]).map { batch.text($0) }
  }

  private func metric(_ key: KnownKey, _ span: Int, _ batch: borrowing SpanBatch) -> Double? {
    batch.metric(key, of: batch.spans[span])
  }

  @Test func `finds an attribute of the span that was asked for, and of duplicates the last`() {
    var batch = SpanBatch()
    fill(&batch, meta: [(.env, "a"), (.version, "1"), (.env, "b")], metrics: [(.measured, 1), (.measured, 0)])
    fill(&batch, meta: [(.version, "2")], metrics: [(.sampleRate, 0.5)])
    #expect(meta(.env, 0, batch) == "b")
    #expect(meta(.version, 0, batch) == "1")
    #expect(meta(.version, 1, batch) == "2")
    #expect(meta(.env, 1, batch) == nil)
    #expect(metric(.measured, 0, batch) == 0)
    #expect(metric(.measured, 1, batch) == nil)
    #expect(metric(.sampleRate, 1, batch) == 0.5)
    let index = batch.metaIndex(.env, of: batch.spans[0])
    #expect(index == 2)
  }

  /// There are more peer tags than bits to say which are there.
  @Test(arguments: [62, 63, 64, 100, 4095] as [UInt16])
  func `finds a peer tag of any number`(raw: UInt16) {
    let key = KnownKey(rawValue: raw)
    var batch = SpanBatch()
    fill(&batch, meta: [(key, "value")], metrics: [(key, 3)])
    fill(&batch, meta: [(.env, "x")])
    #expect(meta(key, 0, batch) == "value")
    #expect(metric(key, 0, batch) == 3)
    #expect(meta(key, 1, batch) == nil)
    #expect(metric(key, 1, batch) == nil)
  }

  @Test func `loses an attribute with all its duplicates`() {
    var batch = SpanBatch()
    fill(&batch, meta: [(.env, "a"), (.version, "1"), (.env, "b")], metrics: [(.clientRate, 1), (.clientRate, 2)])
    fill(&batch, meta: [(.env, "other")], metrics: [(.clientRate, 3)])
    batch.removeMeta(.env, ofSpanAt: 0)
    batch.removeMetric(.clientRate, ofSpanAt: 0)
    #expect(meta(.env, 0, batch) == nil)
    #expect(metric(.clientRate, 0, batch) == nil)
    #expect(meta(.version, 0, batch) == "1")
    #expect(meta(.env, 1, batch) == "other")
    #expect(metric(.clientRate, 1, batch) == 3)
  }

  @Test func `gains a number, which takes the place of the one that was there`() {
    var batch = SpanBatch()
    fill(&batch, meta: [], metrics: [(.errorsRate, 0.1)])
    fill(&batch, meta: [])
    batch.setMetric(.errorsRate, "_dd.errors_sr", 0.5, ofSpanAt: 0)
    batch.setMetric(.noPriorityRate, "_dd.no_p_sr", 0.25, ofSpanAt: 0)
    #expect(metric(.errorsRate, 0, batch) == 0.5)
    #expect(metric(.noPriorityRate, 0, batch) == 0.25)
    #expect(metric(.errorsRate, 1, batch) == nil)
    let removed = batch.metrics[0].known
    #expect(removed == .removed)
    batch.setMetric(.errorsRate, "_dd.errors_sr", 0.75, ofSpanAt: 0)
    #expect(metric(.errorsRate, 0, batch) == 0.75)
    let name = batch.text(batch.addedMetrics[0].entry.key)
    #expect(name == "_dd.errors_sr")
  }

  @Test func `loses a number also when it was added`() {
    var batch = SpanBatch()
    fill(&batch, meta: [])
    batch.setMetric(.errorsRate, "_dd.errors_sr", 0.5, ofSpanAt: 0)
    batch.setMetric(.clientRate, "_dd1.sr.rcusr", 0.5, ofSpanAt: 0)
    batch.removeMetric(.errorsRate, ofSpanAt: 0)
    #expect(metric(.errorsRate, 0, batch) == nil)
    #expect(metric(.clientRate, 0, batch) == 0.5)
  }

  @Test func `lends slices of the body and of what was added`() {
    let body = ExactCopy(Array("hello, world".utf8))
    var batch = SpanBatch()
    batch.begin(body: body.bytes)
    let world = ByteSlice(bodyOffset: 7, length: 5)
    let added = batch.addText("world")
    #expect(batch.text(world) == "world")
    #expect(batch.text(added) == "world")
    #expect(added.isInSideArena && !world.isInSideArena)
    let equal = batch.equal(world, added)
    #expect(equal)
    let (same, other) = (batch.equal(world, "world"), batch.equal(world, "worle"))
    #expect(same && !other)
    #expect(batch.text(world.prefix(2)) == "wo")
    #expect(batch.text(added.prefix(2)) == "wo")
    #expect(batch.text(added.prefix(20)) == "world")
    #expect(batch.text(.empty) == "")
  }

  @Test func `traps when a slice reaches past its body`() async {
    await #expect(processExitsWith: .failure) {
      var batch = SpanBatch()
      let body = [UInt8](repeating: 0x61, count: 8)
      body.withUnsafeBytes { bytes in
        batch.begin(body: bytes)
        _ = batch.bytes(ByteSlice(bodyOffset: 4, length: 5))
      }
    }
    await #expect(processExitsWith: .failure) {
      let batch = SpanBatch()
      _ = batch.bytes(ByteSlice(sideOffset: 0, length: 1))
    }
  }

  @Test func `replaces each byte that is not UTF-8`() {
    var batch = SpanBatch()
    let broken: [(bytes: [UInt8], text: String)] = [
      ([], ""), ([0x61], "a"), ([0xFF], "\u{FFFD}"), ([0xC3, 0xA9, 0xC3], "é\u{FFFD}"),
      ([0xF0, 0x9F, 0x92], "\u{FFFD}\u{FFFD}\u{FFFD}"), ([0x61, 0x80, 0x62], "a\u{FFFD}b"),
    ]
    for (bytes, text) in broken {
      let slice = bytes.withUnsafeBytes { batch.addRepairedUTF8($0) ?? .empty }
      let repaired = [UInt8](batch.bytes(slice))
      #expect(repaired == Array(text.utf8))
    }
  }

  @Test func `forgets everything when the next request begins, and gives back what a huge one took`() {
    let body = ExactCopy([1, 2, 3])
    var batch = SpanBatch()
    batch.begin(body: body.bytes)
    fill(&batch, meta: [(.env, "a")], metrics: [(.measured, 1)])
    batch.sideArena.append(repeating: 1, count: 3 << 20)
    batch.chunks.append(ChunkRecord())
    batch.payload.env = ByteSlice(bodyOffset: 0, length: 2)
    batch.end()
    let counts = [
      batch.spans.count, batch.chunks.count, batch.meta.count, batch.metrics.count, batch.sideArena.count,
      batch.addedMetrics.count, Int(batch.payload.env.length),
    ]
    #expect(counts == [0, 0, 0, 0, 0, 0, 0])
    let (arena, spans) = (batch.sideArena.allocatedBytes, batch.spans.allocatedBytes)
    #expect(arena <= SpanBatch.keptBytesPerArray)
    #expect(spans > 0)
  }

  static let ends: [(start: Int64, duration: Int64, end: Int64)] = [
    (0, 0, 0), (10, 5, 15), (.max, 1, .max), (.max - 1, 1, .max), (-5, 3, -2),
  ]

  @Test(arguments: ends)
  func `knows where a span ends without overflowing`(start: Int64, duration: Int64, end: Int64) {
    var span = SpanRecord()
    (span.startNs, span.durationNs) = (start, duration)
    #expect(span.endNs == end)
  }
}

import TraceModel

/// Cuts what the intake would refuse for its length.
struct TruncatingStep: ProcessingStep {
  let name = "truncate"
  var worksOnStatistics: Bool { true }
  /// Longest resource in bytes, as in `ProcessingConfiguration`.
  let resourceBytesMax: Int

  mutating func process(
    _ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext
  ) -> RemovalReason? {
    for index in batch.chunks[chunk].spans.range { truncate(&batch, batch.spans[index], index) }
    return nil
  }

  @inline(__always) private func truncate(_ batch: inout SpanBatch, _ span: SpanRecord, _ index: Int) {
    if span.resource.length > resourceBytesMax {
      batch.spans[index].resource = IntakeLimits.prefix(span.resource, batch, bytesMax: resourceBytesMax)
    }
    batch.changeOwnName(ofSpanAt: index) { IntakeLimits.prefix($0, $1, bytesMax: resourceBytesMax) }
    if Self.hasLong(batch.meta.pointer[span.meta.range]) {
      for entry in span.meta.range { truncateMeta(&batch, entry) }
    }
    for entry in span.metrics.range where batch.metrics[entry].key.length > IntakeLimits.metricKeyBytesMax {
      let key = batch.metrics[entry].key
      batch.metrics[entry].key = shortened(key, &batch, limit: IntakeLimits.metricKeyBytesMax)
    }
  }

  /// Whether an attribute is too long, as nearly none is.
  @inline(__always) private static func hasLong(_ entries: Slice<UnsafeBufferPointer<MetaEntry>>) -> Bool {
    var isLong = false
    for entry in UnsafeBufferPointer(rebasing: entries) {
      isLong =
        entry.value.length > IntakeLimits.metaValueBytesMax || entry.key.length > IntakeLimits.metaKeyBytesMax || isLong
    }
    return isLong
  }

  @inline(__always) private func truncateMeta(_ batch: inout SpanBatch, _ entry: Int) {
    let meta = batch.meta[entry]
    if meta.value.length > IntakeLimits.metaValueBytesMax, !Self.isStructured(batch.bytes(meta.key)) {
      batch.meta[entry].value = shortened(meta.value, &batch, limit: IntakeLimits.metaValueBytesMax)
    }
    if meta.key.length > IntakeLimits.metaKeyBytesMax {
      batch.meta[entry].key = shortened(meta.key, &batch, limit: IntakeLimits.metaKeyBytesMax)
    }
  }

  /// Documents that a cut would break: `_dd.….json`, `.msgpack`, `.protobuf`.
  private static func isStructured(_ key: UnsafeRawBufferPointer) -> Bool {
    key.count > 4 && key.starts(with: "_dd.".utf8)
      && [".json", ".msgpack", ".protobuf"].contains {
        key.count >= $0.utf8.count && key.suffix($0.utf8.count).elementsEqual($0.utf8)
      }
  }

  /// The beginning of a text with `...` behind it.
  private func shortened(_ slice: ByteSlice, _ batch: inout SpanBatch, limit: Int) -> ByteSlice {
    let kept = IntakeLimits.prefix(slice, batch, bytesMax: limit)
    return batch.addBytes(Array(batch.bytes(kept)) + Array("...".utf8))
  }
}

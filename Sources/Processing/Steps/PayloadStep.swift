import TraceModel

/// Fills what the payload does not say itself from the first chunk that has it.
struct PayloadStep: ProcessingStep {
  let name = "payload"

  mutating func process(
    _ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext
  ) -> RemovalReason? {
    let root = batch.spans[Int(batch.chunks[chunk].root)]
    let spans = batch.chunks[chunk].spans.range
    if batch.payload.hostname.isEmpty, let hostname = batch.meta(.hostname, of: root) {
      batch.payload.hostname = hostname
    }
    if batch.payload.env.isEmpty { batch.payload.env = Self.rootFirst(.env, batch, root, spans) }
    if batch.payload.appVersion.isEmpty { batch.payload.appVersion = Self.rootFirst(.version, batch, root, spans) }
    if batch.payload.gitCommitSha.isEmpty {
      batch.payload.gitCommitSha = Self.rootFirst(.gitCommitSha, batch, root, spans)
    }
    if batch.payload.processTags.isEmpty,
      let tags = batch.meta(.processTags, of: batch.spans[spans.lowerBound])
    {
      batch.payload.processTags = tags
    }
    return nil
  }

  private static func rootFirst(
    _ key: KnownKey, _ batch: borrowing SpanBatch, _ root: SpanRecord, _ spans: Range<Int>
  ) -> ByteSlice {
    if let value = batch.meta(key, of: root), !value.isEmpty { return value }
    for index in spans {
      if let value = batch.meta(key, of: batch.spans[index]), !value.isEmpty { return value }
    }
    return .empty
  }
}

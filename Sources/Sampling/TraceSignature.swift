import TraceModel

/// What makes two traces alike for the samplers without priority: the same root and the same set of spans.
package struct TraceSignature: ~Copyable {
  private var hashes = GrowableBuffer<UInt32>()

  package init() {}

  /// The root's hash combined with each distinct span hash of the chunk.
  package mutating func signature(
    _ batch: borrowing SpanBatch, chunk: ChunkRecord, env: UnsafeRawBufferPointer
  ) -> UInt32 {
    hashes.removeAll(keepingBytes: 1 << 16)
    for index in chunk.spans.range {
      hashes.append(Self.spanHash(batch, batch.spans[index], env: env, withResource: false))
    }
    var sorted = hashes.mutablePointer
    sorted.sort()
    var result = Self.spanHash(batch, batch.spans[Int(chunk.root)], env: env, withResource: true)
    for index in sorted.indices where index == 0 || sorted[index] != sorted[index - 1] { result ^= sorted[index] }
    return result
  }

  /// FNV-1a over env, service, name, error and, where present, resource, HTTP status and error type.
  package static func spanHash(
    _ batch: borrowing SpanBatch, _ span: SpanRecord, env: UnsafeRawBufferPointer, withResource: Bool
  ) -> UInt32 {
    var hash = FNV1a32()
    hash.combine(env)
    hash.combine(batch.bytes(span.service))
    hash.combine(batch.bytes(span.name))
    hash.combine(UInt8(truncatingIfNeeded: span.error))
    if withResource { hash.combine(batch.bytes(span.resource)) }
    if let status = batch.meta(.httpStatusCode, of: span) { hash.combine(batch.bytes(status)) }
    if let type = batch.meta(.errorType, of: span) { hash.combine(batch.bytes(type)) }
    return hash.value
  }
}

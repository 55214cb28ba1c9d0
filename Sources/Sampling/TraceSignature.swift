import TraceModel

/// What makes two traces alike for the samplers without priority: the same root and the same set of spans.
///
/// The kinds are those of the Datadog agent. Its hash (FNV-1a, 32 bits) is not: with a hash that can be foreseen, one
/// service could send traces that count as those of another.
package struct TraceSignature: ~Copyable {
  private var hashes = GrowableBuffer<UInt64>()
  private let seed: TableSeed

  package init(seed: TableSeed = .random()) { self.seed = seed }

  /// The root's hash combined with each distinct span hash of the chunk.
  package mutating func signature(
    _ batch: borrowing SpanBatch, chunk: ChunkRecord, env: UnsafeRawBufferPointer
  ) -> UInt64 {
    hashes.removeAll(keepingBytes: 1 << 16)
    for index in chunk.spans.range {
      hashes.append(spanHash(batch, batch.spans[index], env: env, withResource: false))
    }
    var sorted = hashes.mutablePointer
    sorted.sort()
    var result = spanHash(batch, batch.spans[Int(chunk.root)], env: env, withResource: true)
    for index in sorted.indices where index == 0 || sorted[index] != sorted[index - 1] { result ^= sorted[index] }
    return result
  }

  /// Of env, service, name, error and, where present, resource, HTTP status and error type; these two not of v1.0.
  private func spanHash(
    _ batch: borrowing SpanBatch, _ span: SpanRecord, env: UnsafeRawBufferPointer, withResource: Bool
  ) -> UInt64 {
    var hash = seed.hash(env)
    hash = seed.hash(batch.bytes(span.service), after: hash)
    hash = seed.hash(batch.bytes(span.name), after: hash)
    hash = seed.hash(UInt64(truncatingIfNeeded: span.error) ^ hash)
    if withResource { hash = seed.hash(batch.bytes(span.resource), after: hash) }
    // As in the Datadog agent, which of v1.0 looks at no attributes.
    if batch.isIndexed { return hash }
    if let status = batch.meta(.httpStatusCode, of: span) { hash = seed.hash(batch.bytes(status), after: ~hash) }
    if let type = batch.meta(.errorType, of: span) { hash = seed.hash(batch.bytes(type), after: hash) }
    return hash
  }
}

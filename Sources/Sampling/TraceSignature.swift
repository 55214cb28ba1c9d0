import TraceModel

/// What makes two traces alike for the samplers without priority: the same root and the same set of spans.
package struct TraceSignature: ~Copyable {
  private var hashes = GrowableBuffer<UInt64>()
  private let spans: SpanSignature

  package init(seed: TableSeed = .random()) { spans = SpanSignature(seed: seed) }

  /// The root's hash combined with each distinct span hash of the chunk.
  package mutating func signature(
    _ batch: borrowing SpanBatch, chunk: ChunkRecord, env: UnsafeRawBufferPointer
  ) -> UInt64 {
    hashes.removeAll(keepingBytes: 1 << 16)
    for index in chunk.spans.range {
      hashes.append(spans.hash(batch, batch.spans[index], env: env, withResource: false))
    }
    var sorted = hashes.mutablePointer
    sorted.sort()
    var result = spans.hash(batch, batch.spans[Int(chunk.root)], env: env, withResource: true)
    for index in sorted.indices where index == 0 || sorted[index] != sorted[index - 1] { result ^= sorted[index] }
    return result
  }
}

import TraceModel

/// What makes two spans alike for the samplers.
///
/// The kinds are those of the Datadog agent. Its hash (FNV-1a, 32 bits) is not: with a hash that can be foreseen, one
/// service could send traces that count as those of another.
struct SpanSignature: Sendable {
  let seed: TableSeed

  /// Of env, service, name, error and, where present, resource, HTTP status and error type; these two not of v1.0.
  func hash(
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

/// Everything one request carried, in flat arrays that are reused from request to request.
///
/// Spans are fixed-size records; every string is a slice of the request body, or of the side arena for what roost
/// repairs, rewrites or adds. No span costs a heap allocation once the arrays have grown. The body is borrowed: a
/// batch may be read only while the request that filled it is being handled.
@safe
package struct SpanBatch: ~Copyable {
  /// Memory kept between requests, for each array; what a larger request needed is given back after it.
  package static let keptBytesPerArray = 1 << 20

  @usableFromInline var body = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
  @usableFromInline package var sideArena = GrowableBuffer<UInt8>()

  package var chunks = GrowableBuffer<ChunkRecord>()
  package var spans = GrowableBuffer<SpanRecord>()
  package var meta = GrowableBuffer<MetaEntry>()
  package var metrics = GrowableBuffer<MetricEntry>()
  package var metaStruct = GrowableBuffer<MetaEntry>()
  package var links = GrowableBuffer<LinkRecord>()
  package var linkAttributes = GrowableBuffer<MetaEntry>()
  package var events = GrowableBuffer<EventRecord>()
  package var eventAttributes = GrowableBuffer<EventAttribute>()
  package var arrayValues = GrowableBuffer<AnyValueRecord>()
  package var addedMeta = GrowableBuffer<AddedMeta>()
  package var addedMetrics = GrowableBuffer<AddedMetric>()

  /// What the payload says of its sender.
  package var payload = PayloadAttributes()

  package init() {}

  /// Empties the batch and lends it the bytes of the next request.
  package mutating func begin(body: UnsafeRawBufferPointer) {
    unsafe self.body = body
    sideArena.removeAll(keepingBytes: Self.keptBytesPerArray)
    chunks.removeAll(keepingBytes: Self.keptBytesPerArray)
    spans.removeAll(keepingBytes: Self.keptBytesPerArray)
    meta.removeAll(keepingBytes: Self.keptBytesPerArray)
    metrics.removeAll(keepingBytes: Self.keptBytesPerArray)
    metaStruct.removeAll(keepingBytes: Self.keptBytesPerArray)
    links.removeAll(keepingBytes: Self.keptBytesPerArray)
    linkAttributes.removeAll(keepingBytes: Self.keptBytesPerArray)
    events.removeAll(keepingBytes: Self.keptBytesPerArray)
    eventAttributes.removeAll(keepingBytes: Self.keptBytesPerArray)
    arrayValues.removeAll(keepingBytes: Self.keptBytesPerArray)
    addedMeta.removeAll()
    addedMetrics.removeAll()
    payload = PayloadAttributes()
  }

  /// Takes the borrowed body away again, so that no slice can outlive its request unnoticed.
  package mutating func end() {
    unsafe begin(body: UnsafeRawBufferPointer(start: nil, count: 0))
  }
}

/// The sender's description of itself, for all chunks of a request.
package struct PayloadAttributes: BitwiseCopyable, Sendable {
  package var containerID = ByteSlice.empty
  package var languageName = ByteSlice.empty
  package var languageVersion = ByteSlice.empty
  package var tracerVersion = ByteSlice.empty
  package var runtimeID = ByteSlice.empty
  package var env = ByteSlice.empty
  package var hostname = ByteSlice.empty
  package var appVersion = ByteSlice.empty
  package var gitCommitSha = ByteSlice.empty
  package var processTags = ByteSlice.empty

  @inlinable package init() {}
}

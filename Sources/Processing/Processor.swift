import TraceModel

/// What processing needs to know of the agent.
package struct ProcessingConfiguration: Sendable {
  /// Longest resource in bytes: 5,000, or 15,000 with feature `big_resource`.
  package var resourceBytesMax = 5_000
  /// Feature `component2name`: a span's name is its `component` attribute, where it has one.
  package var usesComponentAsName = false

  package init() {}
}

/// What processing needs to know of a request.
package struct RequestFacts: Sendable {
  /// Now, in ns since 1970.
  package var nowNs: Int64
  /// The tracer's language, for the name of spans without a service.
  package var language: ByteSlice
  /// The tracer marked top-level spans itself (`Datadog-Client-Computed-Top-Level`).
  package var clientComputedTopLevel: Bool

  package init(nowNs: Int64, language: ByteSlice, clientComputedTopLevel: Bool) {
    self.nowNs = nowNs
    self.language = language
    self.clientComputedTopLevel = clientComputedTopLevel
  }
}

/// Takes decoded traces through normalizing, root and top-level detection and truncation.
///
/// One per receiving thread; it owns the scratch memory that these steps need.
package struct Processor: ~Copyable, Sendable {
  let configuration: ProcessingConfiguration
  var tags = TagNormalizer()
  var names = NameNormalizer()
  var spanIDs = SpanIDIndex()
  /// The name for spans without a service, written once a request.
  var fallbackService: ByteSlice?

  package init(configuration: ProcessingConfiguration) {
    self.configuration = configuration
  }

  /// Processes every chunk of the batch in place. Chunks that are refused are marked `isDropped`.
  package mutating func process(
    _ batch: inout SpanBatch, _ request: RequestFacts, counts: inout ProcessingCounts
  ) {
    fallbackService = nil
    normalizePayloadEnv(&batch)
    for chunk in 0..<batch.chunks.count {
      if let reason = normalizeTrace(&batch, chunk: chunk, request, counts: &counts) {
        counts.add(reason, spans: Int(batch.chunks[chunk].spans.count))
        batch.chunks[chunk].isDropped = true
        continue
      }
      findRoot(&batch, chunk: chunk)
      readChunkAttributes(&batch, chunk: chunk)
      readPayloadAttributes(&batch, chunk: chunk)
      copyClientRate(&batch, chunk: chunk)
      truncate(&batch, chunk: chunk)
      markTopLevel(&batch, chunk: chunk, clientComputed: request.clientComputedTopLevel)
    }
  }

  private mutating func normalizePayloadEnv(_ batch: inout SpanBatch) {
    if let changed = tags.normalizeTagValue(batch.bytes(batch.payload.env)) {
      batch.payload.env = batch.addBytes(changed)
    }
  }
}

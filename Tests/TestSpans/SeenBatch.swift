import Decoding
import TraceModel

/// What a batch holds, as values that outlive it.
package struct SeenBatch: Sendable {
  package var env: String
  package var hostname: String
  package var appVersion: String
  package var gitCommitSha: String
  package var processTags: String
  package var chunks: [SeenChunk] = []

  package init(_ batch: borrowing SpanBatch) {
    env = batch.text(batch.payload.env)
    hostname = batch.text(batch.payload.hostname)
    appVersion = batch.text(batch.payload.appVersion)
    gitCommitSha = batch.text(batch.payload.gitCommitSha)
    processTags = batch.text(batch.payload.processTags)
    for index in 0..<batch.chunks.count { chunks.append(SeenChunk(batch, batch.chunks[index])) }
  }

  /// Spans of all chunks.
  package var spans: [SeenSpan] { chunks.flatMap(\.spans) }
}

/// One chunk of a batch.
package struct SeenChunk: Sendable {
  package var priority: Int32
  package var origin: String
  package var decisionMaker: String
  package var removal: ChunkRemoval?
  package var isKept: Bool
  package var sentPart: SentPart
  package var sentSpanCount: Int
  /// Texts alone.
  package var attributes: [String: String] = [:]
  /// Id of the root span.
  package var root: UInt64?
  package var spans: [SeenSpan]

  init(_ batch: borrowing SpanBatch, _ chunk: ChunkRecord) {
    priority = chunk.priority
    origin = batch.text(chunk.origin)
    decisionMaker = batch.text(chunk.decisionMaker)
    removal = chunk.removal
    isKept = chunk.isKept
    sentPart = chunk.sentPart
    sentSpanCount = chunk.sentSpanCount
    for index in chunk.attributes.range where batch.typedAttributes[index].value.type == 0 {
      attributes[batch.text(batch.typedAttributes[index].key)] = batch.text(batch.typedAttributes[index].value.string)
    }
    let range = chunk.spans.range
    root = range.contains(Int(chunk.root)) ? batch.spans[Int(chunk.root)].spanID : nil
    spans = []
    for index in range { spans.append(SeenSpan(batch, batch.spans[index])) }
  }
}

/// One span of a batch, with what roost removed left out and what it added put in.
package struct SeenSpan: Sendable {
  package var service: String
  package var name: String
  package var resource: String
  package var type: String
  package var spanID: UInt64
  package var parentID: UInt64
  package var startNs: Int64
  package var durationNs: Int64
  package var meta: [String: String] = [:]
  package var metrics: [String: Double] = [:]
  /// Texts of the attributes of all links, in order.
  package var linkAttributes: [String] = []
  package var flags: SpanFlags

  init(_ batch: borrowing SpanBatch, _ span: SpanRecord) {
    service = batch.text(span.service)
    name = batch.text(span.name)
    resource = batch.text(span.resource)
    type = batch.text(span.type)
    spanID = span.spanID
    parentID = span.parentID
    startNs = span.startNs
    durationNs = span.durationNs
    flags = span.flags
    for index in span.meta.range where batch.meta[index].known != .removed {
      meta[batch.text(batch.meta[index].key)] = batch.text(batch.meta[index].value)
    }
    for index in span.metrics.range where batch.metrics[index].known != .removed {
      metrics[batch.text(batch.metrics[index].key)] = batch.metrics[index].value
    }
    var next = span.addedMetrics
    while next >= 0 {
      let added = batch.addedMetrics[Int(next)]
      metrics[batch.text(added.entry.key)] = added.entry.value
      next = added.next
    }
    for link in span.links.range {
      for index in batch.links[link].attributes.range {
        linkAttributes.append(batch.text(batch.linkAttributes[index].value))
      }
    }
  }
}

/// Decodes traces and lends the batch to a test.
package func withBatch<Result>(
  _ traces: [[TestSpan]], keys: KeyTable = KeyTable(peerTags: []), _ use: (inout SpanBatch) throws -> Result
) throws -> Result {
  let body = TestPayload.v04(traces)
  return try body.withUnsafeBytes { raw in
    var batch = SpanBatch()
    batch.begin(body: raw)
    defer { batch.end() }
    var scratch = DecodingScratch()
    try TracesV04.decode(raw.bytes, keys: keys, scratch: &scratch, into: &batch)
    let result = try use(&batch)
    // Whatever a stage did to it.
    let violations = batch.invariantViolations()
    precondition(violations.isEmpty, "broken batch: \(violations)")
    return result
  }
}

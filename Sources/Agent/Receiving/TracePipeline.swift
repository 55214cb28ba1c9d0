import Compression
import Decoding
import Exporting
import Processing
import Sampling
import Statistics
import TraceModel

/// What the stages need that is the same for all receiving threads.
struct PipelineParts: Sendable {
  let keys: KeyTable
  /// In the order in which they run; each thread has a copy.
  var processing: [any ProcessingStep]
  let concentrator: ConcentratorConfiguration
  let samplers: Samplers
  let identity: AgentIdentity
  let compression: PayloadCompression
  /// `nil` when nothing is forwarded.
  let forwarder: Forwarder?
}

/// A body with traces and what is known of it. Lives no longer than its request.
struct TracePayload {
  let body: UnsafeRawBufferPointer
  let client: ClientMetadata
  /// When it came, in ns since 1970.
  let nowNs: Int64
}

/// What became of a payload that was decoded.
struct AcceptedTraces: Sendable {
  /// As they came, whatever processing and sampling made of them.
  let traces: Int
  let spans: Int
  /// The sampling rates, when they are others than after the payload before.
  let newRates: PublishedRates?
  /// Kept traces that could not be written for the intake.
  let failure: TraceWriterError?
}

/// The way of traces from their bytes to an output, on one thread.
struct TracePipeline: ~Copyable, Sendable {
  /// The payload at hand: valid from `run` until `release`.
  private(set) var batch = SpanBatch()
  private(set) var concentrator: Concentrator
  private(set) var samplingCounts = SamplingCounts()
  private let parts: PipelineParts
  private var scratch = DecodingScratch()
  private var processor: Processor
  private var writer: TraceWriter
  private var lastFlushNs: Int64
  private var ratesChanges: UInt64

  init(_ parts: PipelineParts, nowNs: Int64) {
    self.parts = parts
    processor = Processor(steps: parts.processing)
    concentrator = Concentrator(configuration: parts.concentrator, keys: parts.keys, nowNs: nowNs)
    writer = TraceWriter(identity: parts.identity, compression: parts.compression)
    lastFlushNs = nowNs
    ratesChanges = parts.samplers.publishedRates.changes
  }

  /// Takes a payload through all stages. Payloads for the intake that became full are put into the outbox.
  mutating func run(
    _ payload: TracePayload, _ format: TraceFormat, _ outbox: inout Outbox
  ) throws(DecodeError) -> AcceptedTraces {
    try decode(payload, format)
    let (traces, spans) = (batch.chunks.count, batch.spans.count)
    process(payload)
    concentrator.add(batch, nowNs: payload.nowNs, isForwarded: !payload.client.computedStatistics)
    let newRates = sample(payload)
    let failure = output(nowNs: payload.nowNs, &outbox)
    return AcceptedTraces(traces: traces, spans: spans, newRates: newRates, failure: failure)
  }

  /// Lets go of the payload's body.
  mutating func release() { batch.end() }

  private mutating func decode(_ payload: TracePayload, _ format: TraceFormat) throws(DecodeError) {
    batch.begin(body: payload.body)
    try format.decode(payload.body.bytes, parts.keys, &scratch, &batch)
  }

  private mutating func process(_ payload: TracePayload) {
    payload.client.fill(&batch)
    let facts = RequestFacts(
      nowNs: payload.nowNs, language: batch.payload.languageName,
      clientComputedTopLevel: payload.client.computedTopLevel)
    processor.process(&batch, facts)
    payload.client.fillProcessTags(&batch)
  }

  /// Decides which chunks are kept. Returns the rates for tracers when they have changed.
  private mutating func sample(_ payload: TracePayload) -> PublishedRates? {
    let sampled = parts.samplers.sample(
      &batch, clientDroppedTraces: payload.client.droppedTraces, nowSeconds: payload.nowNs / 1_000_000_000)
    samplingCounts.add(sampled.counts)
    guard sampled.ratesChanges != ratesChanges else { return nil }
    let rates = parts.samplers.publishedRates
    ratesChanges = rates.changes
    return rates
  }

  private mutating func output(nowNs: Int64, _ outbox: inout Outbox) -> TraceWriterError? {
    guard parts.forwarder != nil else { return nil }
    var failure: TraceWriterError?
    do throws(TraceWriterError) {
      try writer.add(batch) { outbox.send($0) }
    } catch {
      failure = error
    }
    if !outbox.payloads.isEmpty { lastFlushNs = nowNs }
    return failure
  }
}

/// What others than the receiving thread ask for.
extension TracePipeline {
  /// Takes closed buckets out; all of them when the agent ends.
  mutating func takeBuckets(nowNs: Int64, all: Bool) -> [StatsBucket] {
    concentrator.takeBuckets(nowNs: nowNs, all: all)
  }

  /// What processing has removed and repaired since the start.
  var processingCounts: ProcessingCounts { processor.counts }

  /// What is in the unfinished payload: kept, and not handed to the forwarder yet.
  var pending: PayloadCounts { writer.pending }

  /// Finishes the payload at hand when it is older than `periodNs`.
  mutating func flush(nowNs: Int64, periodNs: Int64, _ outbox: inout Outbox) throws(TraceWriterError) {
    guard parts.forwarder != nil, nowNs &- lastFlushNs >= periodNs else { return }
    lastFlushNs = nowNs
    if writer.isEmpty { return writer.release() }
    if let payload = try writer.finish() { outbox.send(payload) }
  }
}

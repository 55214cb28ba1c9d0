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
  /// What takes their place when the configuration has changed.
  let changedProcessing = ChangedProcessing()
  let concentrator: ConcentratorConfiguration
  let samplers: Samplers
  /// What traces and statistics become behind sampling.
  var outputs: AgentOutputs
  /// `nil` when nothing is forwarded.
  let forwarder: Forwarder?
  /// `nil` when no traces are stored.
  var storing: TraceStoring?
  let containers: ContainerResolver
  /// `nil` where nothing is known of how tracing was installed.
  let installTags: InstallTags?
  /// What spans of OpenTelemetry become, and how their traces are sampled.
  let otlp: OTLPMapping
  let otlpSampler: OTLPSampler
  /// What all threads may take together.
  var memory: MemoryLimit
}

/// A body with traces and what is known of it. Lives no longer than its request.
struct TracePayload {
  let body: UnsafeRawBufferPointer
  let client: ClientMetadata
  /// When it came, in ns since 1970.
  let nowNs: Int64
  /// Its client counts its spans itself.
  var hasComputedStatistics: Bool
  /// Its client marked top-level spans itself.
  var hasComputedTopLevel: Bool
  /// What is kept of its traces is sent; not where an earlier agent has sent them.
  var isSent = true
  /// Its spans count in statistics; not where an earlier agent has sent these.
  var isCounted = true

  init(body: UnsafeRawBufferPointer, client: ClientMetadata, nowNs: Int64) {
    self.body = body
    self.client = client
    self.nowNs = nowNs
    hasComputedStatistics = client.computedStatistics
    hasComputedTopLevel = client.computedTopLevel
  }
}

/// What became of a payload that was decoded.
struct AcceptedTraces: Sendable {
  /// As they came, whatever processing and sampling made of them.
  let traces: Int
  let spans: Int
  /// The sampling rates, when they are others than after the payload before.
  let newRates: PublishedRates?
  /// Traces that an output had and could not make a payload of.
  let losses: [OutputResults.Loss]
  /// Traces of the batch whose ids or parents make no sense.
  var faults: [FaultyTraces] = []
  /// Of the spans, those of traces whose ids make no sense.
  var malformedSpans = 0
  /// The request has another part behind it, with which it is counted.
  var isFollowed = false
}

/// The way of traces from their bytes to an output, on one thread.
struct TracePipeline: ~Copyable, Sendable {
  /// The payload at hand: valid from `run` until `release`.
  private(set) var batch = SpanBatch()
  private(set) var concentrator: Concentrator
  private(set) var samplingCounts = SamplingCounts()
  private let parts: PipelineParts
  private var scratch: DecodingScratch
  /// What the payload at hand claims of the agent's memory.
  let memory: MemoryClaim
  private var processor: Processor
  /// What processing had counted before its steps were replaced.
  private var countsBefore = ProcessingCounts()
  /// Which of the changed steps these are.
  private var stepsVersion = 0
  private var outputs: BatchOutputs
  private let gatherer: TraceGatherer?
  private var ratesChanges: UInt64
  private var installedServices = InstallTags.SeenServices()

  init(_ parts: PipelineParts, nowNs: Int64) {
    self.parts = parts
    memory = MemoryClaim(parts.memory)
    var mapping = parts.otlp
    mapping.keepsOwnNames = parts.outputs.writesOTLP
    scratch = DecodingScratch(memory: memory, otlp: mapping)
    processor = Processor(steps: parts.processing)
    concentrator = Concentrator(configuration: parts.concentrator, keys: parts.keys, nowNs: nowNs)
    gatherer = parts.storing.map { TraceGatherer($0) }
    outputs = BatchOutputs(parts.outputs.batches, nowNs: nowNs, encodedChunks: gatherer)
    ratesChanges = parts.samplers.publishedRates.changes
  }

  /// Takes a payload through all stages. Payloads that became full are put into the outbox.
  mutating func run(
    _ payload: TracePayload, _ decoder: TracesDecoder, _ outbox: inout Outbox
  ) throws(DecodeError) -> AcceptedTraces {
    try decode(payload, decoder)
    return take(payload, &outbox)
  }

  /// Takes other steps over where the configuration has changed.
  private mutating func takeChangedSteps() {
    let version = parts.changedProcessing.version
    guard version != stepsVersion else { return }
    stepsVersion = version
    countsBefore.add(processor.counts)
    processor = Processor(steps: parts.changedProcessing.steps)
  }

  /// From the decoded batch to an output.
  private mutating func take(_ payload: TracePayload, _ outbox: inout Outbox) -> AcceptedTraces {
    let (traces, spans) = (batch.chunks.count, batch.chunkedSpans.count)
    process(payload)
    if payload.isCounted {
      concentrator.add(batch, nowNs: payload.nowNs, isForwarded: !payload.hasComputedStatistics)
    }
    guard payload.isSent else { return AcceptedTraces(traces: traces, spans: spans, newRates: nil, losses: []) }
    let newRates = sample(payload)
    let losses = output(payload, &outbox)
    return AcceptedTraces(traces: traces, spans: spans, newRates: newRates, losses: losses, faults: processor.faults)
  }

  /// Counts statistics that a client computed itself. They end here: the traces that they are of come by themselves.
  mutating func count(_ payload: TracePayload) throws(DecodeError) {
    takeChangedSteps()
    batch.begin(body: payload.body)
    var statistics = ClientStatistics()
    try ClientStatisticsV06.decode(
      payload.body.bytes, keys: parts.keys, scratch: &scratch, into: &batch, &statistics)
    guard memory.reserve(laterBytes(payload, spans: batch.spans.count)) else { throw DecodeError.noMemory }
    payload.client.fillStatistics(&batch)
    let facts = RequestFacts(nowNs: payload.nowNs, language: batch.payload.languageName, clientComputedTopLevel: true)
    processor.processStatistics(&batch, facts, isObfuscated: payload.client.obfuscatedStatistics)
    concentrator.add(statistics, batch, nowNs: payload.nowNs)
  }

  /// Lets go of the payload's body, and gives back what more memory than usual it took.
  mutating func release() {
    batch.end()
    scratch.removeAll()
  }

  private mutating func decode(_ payload: TracePayload, _ decoder: TracesDecoder) throws(DecodeError) {
    takeChangedSteps()
    batch.begin(body: payload.body)
    try decoder(payload.body.bytes, parts.keys, &scratch, &batch)
    guard memory.reserve(laterBytes(payload, spans: batch.spans.count)) else { throw DecodeError.noMemory }
  }

  /// Bytes of memory that the stages behind decoding take at most, nearly: they cannot refuse a payload any more.
  private func laterBytes(_ payload: TracePayload, spans: Int) -> Int {
    // In OTLP each span may have a resource of its own.
    let bytesPerSpan = parts.outputs.writesOTLP ? 1_536 : 512
    return 4 << 20 &+ 2 &* payload.body.count &+ bytesPerSpan &* spans
  }

  private mutating func process(_ payload: TracePayload) {
    payload.client.fill(&batch)
    let facts = RequestFacts(
      nowNs: payload.nowNs, language: batch.payload.languageName,
      clientComputedTopLevel: payload.hasComputedTopLevel)
    processor.process(&batch, facts)
    payload.client.fillProcessTags(&batch)
  }

  /// Decides which chunks are kept. Returns the rates for tracers when they have changed.
  private mutating func sample(_ payload: TracePayload) -> PublishedRates? {
    let sampled = parts.samplers.sample(
      &batch, clientDroppedTraces: payload.client.droppedTraces, nowSeconds: payload.nowNs / 1_000_000_000)
    samplingCounts.add(sampled.counts)
    parts.installTags?.mark(&batch, &installedServices)
    guard sampled.ratesChanges != ratesChanges else { return nil }
    let rates = parts.samplers.publishedRates
    ratesChanges = rates.changes
    return rates
  }

  private mutating func output(_ payload: TracePayload, _ outbox: inout Outbox) -> [OutputResults.Loss] {
    var results = OutputResults()
    gatherer?.begin(batch, bodyBytes: payload.body.count, nowNs: payload.nowNs)
    outputs.add(batch, nowNs: payload.nowNs, &results)
    for block in gatherer?.end(batch) ?? [] { outbox.store(block) }
    parts.storing?.noteArrival()
    outbox.send(results.payloads)
    return results.losses
  }
}

/// OTLP, whose requests have a part for each process or host that spans come from.
extension TracePipeline {
  /// Decodes a request, so that no part is taken of one that is refused.
  /// - Returns: how many parts it has.
  mutating func decodeParts(of payload: TracePayload, _ encoding: TracesOTLP.Encoding) throws(DecodeError) -> Int {
    takeChangedSteps()
    batch.begin(body: payload.body)
    let count = try TracesOTLP.findParts(
      of: payload.body.bytes, encoding, keys: parts.keys, scratch: &scratch, batch)
    try TracesOTLP.decodeParts(
      of: payload.body.bytes, encoding, keys: parts.keys, scratch: &scratch, into: &batch)
    guard memory.reserve(laterBytes(payload, spans: batch.spans.count)) else { throw DecodeError.noMemory }
    return count
  }

  /// Takes one of the parts that were decoded through all stages.
  mutating func run(part: Int, of payload: TracePayload, _ outbox: inout Outbox) -> AcceptedTraces {
    var payload = payload
    let hasComputedStatistics = TracesOTLP.select(part: part, scratch: &scratch, &batch)
    payload.hasComputedStatistics = payload.hasComputedStatistics || hasComputedStatistics
    payload.hasComputedTopLevel = payload.hasComputedTopLevel || parts.otlp.usesKindForTopLevel
    parts.otlpSampler.setPriorities(of: &batch)
    var accepted = take(payload, &outbox)
    if !accepted.faults.isEmpty {
      for index in 0..<batch.chunks.count where batch.chunks[index].removal == .malformed {
        accepted.malformedSpans += Int(batch.chunks[index].spans.count)
      }
    }
    return accepted
  }
}

/// What others than the receiving thread ask for.
extension TracePipeline {
  /// Takes closed buckets out; all of them when the agent ends.
  mutating func takeBuckets(nowNs: Int64, all: Bool) -> [StatsBucket] {
    concentrator.takeBuckets(nowNs: nowNs, all: all)
  }

  /// What processing has removed and repaired since the start.
  var processingCounts: ProcessingCounts {
    var counts = countsBefore
    counts.add(processor.counts)
    return counts
  }

  /// What is in the unfinished payloads, by kind.
  var pending: [OutgoingPayload.Kind: PayloadCounts] { outputs.pending }

  /// Whether traces are gathered for several kinds of destinations, each by itself.
  var hasSeveralOutputs: Bool { parts.outputs.batches.count > 1 }

  /// Whether no traces wait in unfinished payloads.
  var isEmpty: Bool { outputs.pending.values.allSatisfy { $0.traces == 0 } }

  /// What became of traces on the way to the store.
  var storedCounts: StoredTraceCounts { gatherer?.counts ?? StoredTraceCounts() }

  /// Hands what was gathered to the store.
  func handOverTraces(_ outbox: inout Outbox) { outbox.store(gatherer?.takeBlock()) }

  /// Finishes the payloads that have waited long enough, or all.
  mutating func flush(nowNs: Int64, force: Bool, _ outbox: inout Outbox) -> [OutputResults.Loss] {
    var results = OutputResults()
    outputs.flush(nowNs: nowNs, force: force, &results)
    outbox.send(results.payloads)
    return results.losses
  }
}

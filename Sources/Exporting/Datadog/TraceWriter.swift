import Compression
import TraceModel

/// What an `AgentPayload` says of the agent that sends it.
package struct AgentIdentity: Sendable {
  package var hostname: String
  package var env: String
  package var version: String
  /// Traces a second that sampling aims at now, and traces with errors beyond them.
  package var targets: @Sendable () -> (traces: Double, errors: Double)
  package var hasRareSampler: Bool
  /// Of the machine. Values of a key that stands twice are joined.
  package var tags: [(key: String, value: String)]

  package init(
    hostname: String, env: String, version: String, targetTPS: Double, errorTPS: Double, hasRareSampler: Bool = false,
    tags: [(key: String, value: String)] = []
  ) {
    self.hostname = hostname
    self.tags = tags
    self.env = env
    self.version = version
    targets = { (targetTPS, errorTPS) }
    self.hasRareSampler = hasRareSampler
  }
}

/// Gathers the kept chunks of one receiving thread into compressed payloads for the intake.
///
/// Chunks go through the encoder into the compressor at once: what waits here is compressed already.
package struct TraceWriter: ~Copyable, Sendable, TraceGathering {
  /// Uncompressed bytes of a payload at most, unless a single chunk is larger; the intake's own limit is 3.2 MB.
  package static let payloadBytesMax = 3_200_000

  /// Of the two targets, which may be 0 now and are left out then.
  private static let targetBytesMax = 18

  private let identity: AgentIdentity
  /// What comes before the tracer payloads, at most.
  private let headerBytes: Int
  private let compression: PayloadCompression
  private var encoder: TracerPayloadEncoder
  /// For what came in v1.0. Both forms may stand in one payload.
  private var indexedEncoder = IdxPayloadEncoder()
  /// Gets each chunk as it was encoded, but for those of v1.0, which stores do not read; `nil` when nobody wants them.
  private let encodedChunks: (any EncodedChunkReceiver)?
  private var compressor: PayloadCompressor
  private var counts = PayloadCounts()
  private var languages: [String] = []
  private var bytes = 0

  /// - Parameter encodedChunks: gets each chunk as it was encoded.
  package init(
    identity: AgentIdentity, compression: PayloadCompression, encodedChunks: (any EncodedChunkReceiver)? = nil
  ) {
    self.identity = identity
    self.encodedChunks = encodedChunks
    encoder = TracerPayloadEncoder(notesChunks: encodedChunks != nil)
    headerBytes = Self.header(identity).count + Self.targetBytesMax
    self.compression = compression
    compressor = PayloadCompressor(compression)
  }

  /// Whether no trace waits in the unfinished payload.
  package var isEmpty: Bool { counts.traces == 0 }

  /// What is inside of the unfinished payload.
  package var pending: PayloadCounts { counts }

  /// Adds the kept chunks of a batch. A payload that gets too large is finished and handed to `send`.
  ///
  /// - Throws: when the compressor fails; then the unfinished payload is lost, and `lost` in the error says what was in
  ///   it and what of the batch was not handed to `send` before.
  package mutating func add(
    _ batch: borrowing SpanBatch, send: (OutgoingPayload) -> Void
  ) throws(TraceWriterError) {
    // The next batch may never come, and would not give back what this one took.
    defer {
      encoder.removeAll()
      if batch.isIndexed { indexedEncoder.removeAll() }
    }
    var rest = 0..<batch.chunks.count
    while !rest.isEmpty {
      let written = encode(batch, chunks: rest)
      rest = written.rest
      guard written.counts.traces > 0 else { return }
      let encodedBytes = batch.isIndexed ? indexedEncoder.buffer.count : encoder.buffer.count
      do throws(TraceWriterError) {
        if !isEmpty, bytes + encodedBytes > Self.payloadBytesMax, let payload = try finish() { send(payload) }
        try append(written.counts, isIndexed: batch.isIndexed)
      } catch {
        var lost = error.lost
        lost += PayloadCounts(traces: written.counts.traces, spans: written.counts.spans)
        lost += .kept(of: batch, rest)
        throw TraceWriterError(cause: error.cause, lost: lost)
      }
      note(batch.bytes(batch.payload.languageName))
    }
  }

  /// Encodes as many chunks as fit a payload, in the form that the intake has for what they came in.
  private mutating func encode(
    _ batch: borrowing SpanBatch, chunks: Range<Int>
  ) -> (rest: Range<Int>, counts: TracerPayloadEncoder.Counts) {
    let bytesMax = Self.payloadBytesMax - headerBytes
    if batch.isIndexed { return indexedEncoder.encode(batch, chunks: chunks, bytesMax: bytesMax) }
    let written = encoder.encode(batch, chunks: chunks, bytesMax: bytesMax)
    if let encodedChunks { encoder.forEachChunk { encodedChunks.take(chunk: $0, message: $1, of: batch) } }
    return written
  }

  /// Ends the payload and hands it over; `nil` when nothing was added.
  package mutating func finish() throws(TraceWriterError) -> OutgoingPayload? {
    guard !isEmpty else { return nil }
    let inside = counts
    let uncompressed = bytes
    let spoken = languages
    reset()
    do {
      let body = try compressor.finish()
      return .datadogTraces(
        body: body, compression: compression, reportedLanguages: spoken, counts: inside,
        uncompressedBytes: uncompressed)
    } catch {
      throw TraceWriterError(cause: error, lost: inside)
    }
  }

  /// Gives the compressor's memory back, when nothing is coming.
  package mutating func release() {
    if isEmpty { compressor.release() }
  }

  /// Bytes of memory that are held for the encoding of the next batch.
  var encoderBytes: Int { encoder.buffer.allocatedBytes }

  /// Compresses what was encoded. After an error it is not counted among what was in the payload.
  private mutating func append(
    _ added: TracerPayloadEncoder.Counts, isIndexed: Bool
  ) throws(TraceWriterError) {
    do {
      if isEmpty {
        let header = Self.header(identity)
        try header.withBytes { (bytes) throws(CompressionError) in try compressor.append(bytes) }
        bytes += header.count
      }
      try compressor.append(isIndexed ? indexedEncoder.buffer.bytes : encoder.buffer.bytes)
      counts.traces += added.traces
      counts.spans += added.spans
      bytes += isIndexed ? indexedEncoder.buffer.count : encoder.buffer.count
    } catch {
      let lost = counts
      reset()
      throw TraceWriterError(cause: error, lost: lost)
    }
  }

  /// The fields of `AgentPayload` around the tracer payloads: host 1, env 2, tags 6, version 7, target TPS 8, error TPS 9,
  /// rare sampler 10.
  private static func header(_ identity: AgentIdentity) -> ReverseProtobufBuffer {
    var buffer = ReverseProtobufBuffer()
    if identity.hasRareSampler { buffer.prepend(field: 0x50, varint: 1) }
    let targets = identity.targets()
    if targets.errors != 0 { buffer.prepend(field: 0x49, double: targets.errors) }
    if targets.traces != 0 { buffer.prepend(field: 0x41, double: targets.traces) }
    buffer.prepend(field: 0x3A, text: identity.version)
    // A map: an entry for each key.
    let tags = Dictionary(identity.tags.map { ($0.key, $0.value) }) { "\($0),\($1)" }
    for tag in tags.sorted(by: { $0.key > $1.key }) {
      let mark = buffer.count
      buffer.prepend(field: 0x12, text: tag.value)
      buffer.prepend(field: 0x0A, text: tag.key)
      buffer.closeMessage(field: 0x32, since: mark)
    }
    buffer.prepend(field: 0x12, text: identity.env)
    buffer.prepend(field: 0x0A, text: identity.hostname)
    return buffer
  }

  private mutating func reset() {
    counts = PayloadCounts()
    bytes = 0
    languages.removeAll(keepingCapacity: true)
  }

  /// Names of languages in one payload at most; clients may call themselves anything.
  private static let languagesMax = 16

  private mutating func note(_ language: UnsafeRawBufferPointer) {
    guard language.count > 0, languages.count < Self.languagesMax else { return }
    for known in languages where known.utf8.count == language.count && known.utf8.elementsEqual(language) { return }
    guard language.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "|") }) else { return }
    languages.append(String(decoding: language, as: UTF8.self))
  }
}

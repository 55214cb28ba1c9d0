import Compression
import TraceModel

/// Gathers the kept chunks of one receiving thread into compressed `ExportTraceServiceRequest`s.
///
/// Chunks go through the encoder into the compressor at once: what waits here is compressed already.
package struct OTLPWriter: ~Copyable, Sendable, TraceGathering {
  /// Uncompressed bytes of a payload, nearly, at most, unless a single chunk is larger. Receivers take 4 MiB and more unless
  /// told otherwise.
  package static let payloadBytesMax = 3_000_000

  private let compression: PayloadCompression
  private var encoder: OTLPTracesEncoder
  private var compressor: PayloadCompressor
  private var counts = PayloadCounts()
  private var bytes = 0

  /// - Parameter identity: whose host and environment spans get that say nothing of theirs.
  package init(identity: AgentIdentity, compression: PayloadCompression) {
    self.compression = compression
    encoder = OTLPTracesEncoder(identity: identity)
    compressor = PayloadCompressor(compression)
  }

  package var pending: PayloadCounts { counts }

  package mutating func add(
    _ batch: borrowing SpanBatch, send: (OutgoingPayload) -> Void
  ) throws(TraceWriterError) {
    // The next batch may never come, and would not give back what this one took.
    defer { encoder.removeAll() }
    var rest = 0..<batch.chunks.count
    while !rest.isEmpty {
      let written = encoder.encode(batch, chunks: rest, bytesMax: Self.payloadBytesMax)
      rest = written.rest
      guard written.counts.traces > 0 else { return }
      do throws(TraceWriterError) {
        let isFull = counts.traces > 0 && bytes + encoder.buffer.count > Self.payloadBytesMax
        if isFull, let payload = try finish() { send(payload) }
        try append(written.counts)
      } catch {
        var lost = error.lost
        lost += PayloadCounts(traces: written.counts.traces, spans: written.counts.spans)
        lost += .kept(of: batch, rest)
        throw TraceWriterError(cause: error.cause, lost: lost)
      }
    }
  }

  package mutating func finish() throws(TraceWriterError) -> OutgoingPayload? {
    guard counts.traces > 0 else { return nil }
    let (inside, uncompressed) = (counts, bytes)
    reset()
    do {
      return .otlpTraces(
        body: try compressor.finish(), compression: compression, counts: inside, uncompressedBytes: uncompressed)
    } catch {
      throw TraceWriterError(cause: error, lost: inside)
    }
  }

  package mutating func release() {
    if counts.traces == 0 { compressor.release() }
  }

  /// Compresses what was encoded. After an error it is not counted among what was in the payload.
  private mutating func append(_ added: TracerPayloadEncoder.Counts) throws(TraceWriterError) {
    do {
      try compressor.append(encoder.buffer.bytes)
      counts += PayloadCounts(traces: added.traces, spans: added.spans)
      bytes += encoder.buffer.count
    } catch {
      let lost = counts
      reset()
      throw TraceWriterError(cause: error, lost: lost)
    }
  }

  private mutating func reset() {
    counts = PayloadCounts()
    bytes = 0
  }
}

import TraceModel

/// A part of all traces, chosen by their ids alone, so that agents with the same seed keep the same ones.
package struct ProbabilisticSamplerConfiguration: Sendable {
  /// The part of all traces that is kept, 0 to 100.
  package var percentage: Double
  package var seed: UInt32
  /// Feature `probabilistic_sampler_full_trace_id`: all 128 bits of the id decide, not the lower half.
  package var usesWholeTraceID: Bool

  package init(percentage: Double, seed: UInt32 = 0, usesWholeTraceID: Bool = false) {
    self.percentage = percentage
    self.seed = seed
    self.usesWholeTraceID = usesWholeTraceID
  }
}

/// Keeps a trace by the hash of its id, as OpenTelemetry collectors do.
struct ProbabilisticSampler: Sendable {
  /// Of the 14 bits of the hash that decide, in hundredths.
  private static let placesPerPercent: Float = 163.84

  private let configuration: ProbabilisticSamplerConfiguration
  private let placesKept: UInt32

  init(_ configuration: ProbabilisticSamplerConfiguration) {
    self.configuration = configuration
    let percentage = Float(max(0, min(configuration.percentage, 100)))
    placesKept = UInt32(percentage * Self.placesPerPercent)
  }

  /// Part of the traces that is kept, 0 to 1.
  var rate: Double { configuration.percentage / 100 }

  /// Whether a chunk's trace is kept.
  func isKept(_ batch: borrowing SpanBatch, _ chunk: ChunkRecord) -> Bool {
    let root = batch.spans[Int(chunk.root)]
    guard configuration.usesWholeTraceID else { return isKept(first: root.traceID, second: 0) }
    if let text = batch.meta(.otelTraceID, of: root), let id = Self.halves(batch.bytes(text)) {
      return isKept(first: id.high, second: id.low)
    }
    return isKept(first: batch.traceIDHigh(of: chunk), second: root.traceID)
  }

  /// FNV-1a of the seed, lowest byte first, and of both halves, highest byte first.
  func isKept(first: UInt64, second: UInt64) -> Bool {
    var hash: UInt32 = 2_166_136_261
    func add(_ byte: UInt8) { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    for shift in stride(from: 0 as UInt32, to: 32, by: 8) {
      add(UInt8(truncatingIfNeeded: configuration.seed >> shift))
    }
    for half in [first, second] {
      for shift in stride(from: 56 as UInt64, through: 0, by: -8) { add(UInt8(truncatingIfNeeded: half >> shift)) }
    }
    return hash & 0x3FFF < placesKept
  }

  /// The id of 32 hexadecimal digits.
  private static func halves(_ text: UnsafeRawBufferPointer) -> (high: UInt64, low: UInt64)? {
    guard text.count == 32, let high = HexText.unsigned(UnsafeRawBufferPointer(rebasing: text[..<16])),
      let low = HexText.unsigned(UnsafeRawBufferPointer(rebasing: text[16...]))
    else { return nil }
    return (high, low)
  }
}

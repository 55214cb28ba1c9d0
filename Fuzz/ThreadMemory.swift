import Decoding
import TestTraces
import TraceModel

/// What a receiving thread keeps from payload to payload, kept here from input to input: a batch, and what decoders remember
/// of keys. There are two such memories: one is new for each input, the other is kept as long as the process, so that it fills
/// and has to forget. The first byte of an input says which one it meets; where nobody asks it is the kept one. What an input
/// of the kept one depends on is in the `History`.
final class ThreadMemory {
  static let keys = KeyTable(peerTags: ["peer.service", "db.instance", "messaging.kafka.bootstrap.servers"])
  private let mapping: OTLPMapping
  /// The memory that is not in use, and which one that is.
  private var resting: DecodingScratch
  private var isKept = true
  var batch = SpanBatch()
  var scratch: DecodingScratch

  /// - Parameter otlp: what spans of OpenTelemetry become.
  init(otlp mapping: OTLPMapping = OTLPMapping()) {
    self.mapping = mapping
    scratch = DecodingScratch(otlp: mapping)
    resting = DecodingScratch(otlp: mapping)
  }

  /// Before each input whose first byte says which memory it meets.
  func begin(_ choice: Int) {
    let keeps = choice & 0x80 != 0
    if keeps != isKept { swap(&scratch, &resting) }
    if !keeps { scratch = DecodingScratch(otlp: mapping) }
    isKept = keeps
  }

  /// Reads a body into the batch, which is sound then.
  ///
  /// - Returns: why it is refused, which has to be at one of its bytes; `nil` where it is not.
  func read(_ body: UnsafeRawBufferPointer, _ decode: TracesDecoder) -> DecodeError? {
    batch.begin(body: body)
    defer { scratch.removeAll() }
    do throws(DecodeError) {
      try decode(body.bytes, Self.keys, &scratch, &batch)
    } catch {
      Self.requirePlace(of: error, in: body)
      return error
    }
    batch.requireSound(keys: Self.keys)
    return nil
  }

  /// The spans by trace; `nil` where the body is refused.
  func spans(of body: UnsafeRawBufferPointer, _ decode: TracesDecoder) -> [[PlainSpan]]? {
    read(body, decode) == nil ? spansByTrace : nil
  }

  /// The spans that the batch holds.
  var spansByTrace: [[PlainSpan]] {
    (0..<batch.chunks.count).map { chunk in
      batch.chunks[chunk].spans.range.map { PlainSpan(batch.spans[$0], of: batch) }
    }
  }

  static func requirePlace(of error: DecodeError, in body: UnsafeRawBufferPointer) {
    guard (0...body.count).contains(error.byteOffset) else { stop("\(error) in \(body.count) bytes") }
  }
}

/// An input: what its first byte says, and the body behind it. The memory of an input ends with it, so that
/// AddressSanitizer sees a read beyond.
/// - Returns: `nil` for an input without a byte.
func takeApart(_ start: UnsafePointer<UInt8>?, _ count: Int) -> (choice: Int, body: UnsafeRawBufferPointer)? {
  guard let start, count > 0 else { return nil }
  history.note(start, count)
  return (Int(start[0]), UnsafeRawBufferPointer(start: start + 1, count: count - 1))
}

nonisolated(unsafe) private var history = History()

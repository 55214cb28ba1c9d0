import Decoding
import TestTraces
import TraceModel

/// What a receiving thread keeps from payload to payload, kept here from input to input: a batch, and what decoders remember
/// of keys. The first byte of an input says whether it meets what earlier ones have left there or nothing; one that fails only
/// behind others fails again with the same `-seed` and corpus.
final class ThreadMemory {
  static let keys = KeyTable(peerTags: ["peer.service", "db.instance", "messaging.kafka.bootstrap.servers"])
  private let mapping: OTLPMapping
  var batch = SpanBatch()
  var scratch: DecodingScratch

  /// - Parameter otlp: what spans of OpenTelemetry become.
  init(otlp mapping: OTLPMapping = OTLPMapping()) {
    self.mapping = mapping
    scratch = DecodingScratch(otlp: mapping)
  }

  /// Before each input; forgets all keys unless its first byte says otherwise.
  func begin(_ choice: Int) {
    if choice & 0x80 == 0 { scratch = DecodingScratch(otlp: mapping) }
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
  return (Int(start[0]), UnsafeRawBufferPointer(start: start + 1, count: count - 1))
}

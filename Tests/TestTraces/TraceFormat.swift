import Decoding
import TraceModel

/// The formats of trace payloads that there are decoders for.
package enum TraceFormat: String, CaseIterable, Sendable {
  /// An array of traces, each an array of span maps; `/v0.3/traces` is the same.
  case v04 = "v0.4"
  /// A table of strings, and spans as arrays of 12.
  case v05 = "v0.5"

  /// Begins a batch with `body` and decodes it into the batch.
  package func decode(
    _ body: UnsafeRawBufferPointer, keys: KeyTable, into batch: inout SpanBatch
  ) throws(DecodeError) {
    batch.begin(body: body)
    var scratch = DecodingScratch()
    try decoder(body.bytes, keys, &scratch, &batch)
  }

  /// The format's decoder.
  package var decoder: TracesDecoder {
    switch self {
    case .v04: TracesV04.decode
    case .v05: TracesV05.decode
    }
  }

  /// The traces of a payload, as roost's decoder reads them.
  package func traces(of bytes: [UInt8], peerTags: [String] = []) throws(DecodeError) -> [[PlainSpan]] {
    let keys = KeyTable(peerTags: peerTags)
    let body = ExactBytes(bytes)
    var batch = SpanBatch()
    try decode(body.bytes, keys: keys, into: &batch)
    defer { batch.end() }
    batch.requireSound(keys: keys)
    var traces: [[PlainSpan]] = []
    for chunk in 0..<batch.chunks.count {
      var trace: [PlainSpan] = []
      for span in batch.chunks[chunk].spans.range { trace.append(PlainSpan(batch.spans[span], of: batch)) }
      traces.append(trace)
    }
    return traces
  }
}

extension SpanBatch {
  /// Ends the test or the fuzzer when an invariant of the batch is broken.
  package func requireSound(keys: KeyTable? = nil) {
    let violations = invariantViolations(keys: keys)
    precondition(violations.isEmpty, "broken batch: \(violations)")
  }
}

/// Bytes in a piece of memory of exactly their size, so that AddressSanitizer sees a read one byte to either side.
/// An array has its header in front and often room behind.
package struct ExactBytes: ~Copyable {
  private let memory: UnsafeMutableRawBufferPointer

  package init(_ bytes: [UInt8]) {
    memory = .allocate(byteCount: bytes.count, alignment: 1)
    memory.copyBytes(from: bytes)
  }

  deinit { memory.deallocate() }

  /// Valid as long as the owner lives.
  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory) }
}

import Decoding
import MessagePack
import TraceModel

/// The formats of trace payloads that there are decoders for.
package enum TraceFormat: String, CaseIterable, Sendable {
  /// An array of traces, each an array of span maps; `/v0.3/traces` is the same.
  case v04 = "v0.4"
  /// A table of strings, and spans as arrays of 12.
  case v05 = "v0.5"
  /// What is said of the sender, and chunks of span maps.
  case v07 = "v0.7"
  /// The same with numbers for keys, texts that stand in it once, and attributes of every type.
  case v10 = "v1.0"

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
    case .v07: TracesV07.decode
    case .v10: TracesV10.decode
    }
  }

  /// A payload of these traces, which says nothing else of them. They stand there as v0.4 has them, those of v0.5 as v0.5
  /// has. `table`: the strings that spans of v0.5 refer to.
  package func payload(_ traces: MessagePackValue, table: [MessagePackValue] = [""]) -> MessagePackValue {
    switch self {
    case .v04: return traces
    case .v05: return [.array(table), traces]
    case .v07:
      let chunks = (traces.array ?? []).map { $0.isNull ? MessagePackValue.null : ["spans": $0] }
      return ["chunks": .array(chunks)]
    case .v10:
      var writer = WriterV10()
      return writer.payload(traces)
    }
  }

  /// The traces of a payload, as roost's decoder reads them.
  package func traces(of bytes: [UInt8], peerTags: [String] = []) throws(DecodeError) -> [[PlainSpan]] {
    try payload(of: bytes, peerTags: peerTags).traces
  }

  /// All that a payload says, as roost's decoder reads it.
  package func payload(of bytes: [UInt8], peerTags: [String] = []) throws(DecodeError) -> PlainPayload {
    let keys = KeyTable(peerTags: peerTags)
    let body = ExactBytes(bytes)
    var batch = SpanBatch()
    try decode(body.bytes, keys: keys, into: &batch)
    defer { batch.end() }
    batch.requireSound(keys: keys)
    return PlainPayload(batch)
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

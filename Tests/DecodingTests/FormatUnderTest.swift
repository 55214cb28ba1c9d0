import TestTraces
import TraceModel

@testable import Decoding

/// Decodes a body with a format of these tests, checks the batch, and lends it.
func withDecoded<Result>(
  _ bytes: [UInt8], _ decode: TracesDecoder, _ use: (borrowing SpanBatch) throws -> Result
) throws -> Result {
  let body = ExactBytes(bytes)
  let keys = KeyTable(peerTags: ["db.instance"])
  var batch = SpanBatch()
  var scratch = DecodingScratch()
  batch.begin(body: body.bytes)
  defer { batch.end() }
  try decode(body.bytes.bytes, keys, &scratch, &batch)
  batch.requireSound(keys: keys)
  return try use(batch)
}

extension SpanBatch {
  /// All spans, by chunk.
  var plainTraces: [[PlainSpan]] {
    PlainPayload(self).traces
  }
}

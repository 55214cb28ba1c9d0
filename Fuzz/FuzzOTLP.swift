import Decoding
import TestTraces
import TraceModel

/// What libFuzzer calls with every input it thinks of. The last byte chooses the encoding, the rest is the body: OTLP as
/// protobuf or as JSON.
///
/// What is read whole has to be what its parts are, each read for itself. The parts are read second, with all keys of the
/// body remembered. What is refused has to be refused at a byte of the body. Reads outside of it are AddressSanitizer's
/// business; overflows, bad indices and failed expectations trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = [UInt8](UnsafeBufferPointer(start: start, count: count))
  guard let choice = input.last else { return 0 }
  let body = Array(input.dropLast())
  let isJSON = choice & 1 == 1
  var mapping = OTLPMapping()
  (mapping.usesNewerNames, mapping.usesKindForTopLevel) = (choice & 2 == 0, choice & 4 != 0)
  // Of this input alone, so that an input that fails does so whatever came before it.
  var scratch = DecodingScratch(otlp: mapping)
  let whole = read(body, isJSON ? TracesOTLP.decodeJSON : TracesOTLP.decodeProtobuf, &scratch)
  let parts = readParts(body, isJSON ? .json : .protobuf, &scratch)
  if whole != parts { stop("\(String(describing: whole)) is not \(String(describing: parts))") }
  return 0
}

private let keys = KeyTable(peerTags: ["peer.service", "db.instance", "messaging.kafka.bootstrap.servers"])

/// The spans by trace; `nil` where the body is refused.
private func read(
  _ bytes: [UInt8], _ decode: TracesDecoder, _ scratch: inout DecodingScratch
) -> [[PlainSpan]]? {
  let body = ExactBytes(bytes)
  var batch = SpanBatch()
  batch.begin(body: body.bytes)
  defer { batch.end() }
  defer { scratch.removeAll() }
  do throws(DecodeError) {
    try decode(body.bytes.bytes, keys, &scratch, &batch)
  } catch {
    guard (0...bytes.count).contains(error.byteOffset) else { stop("\(error) in \(bytes.count) bytes") }
    return nil
  }
  batch.requireSound(keys: keys)
  return PlainPayload(batch).traces
}

private func readParts(
  _ bytes: [UInt8], _ encoding: TracesOTLP.Encoding, _ scratch: inout DecodingScratch
) -> [[PlainSpan]]? {
  let body = ExactBytes(bytes)
  var batch = SpanBatch()
  defer { scratch.removeAll() }
  batch.begin(body: body.bytes)
  var traces: [[PlainSpan]] = []
  do throws(DecodeError) {
    let count = try TracesOTLP.findParts(of: body.bytes.bytes, encoding, keys: keys, scratch: &scratch, batch)
    try TracesOTLP.decodeParts(of: body.bytes.bytes, encoding, keys: keys, scratch: &scratch, into: &batch)
    batch.requireSound(keys: keys)
    for part in 0..<count {
      _ = TracesOTLP.select(part: part, scratch: &scratch, &batch)
      traces += PlainPayload(batch).traces
    }
  } catch {
    return nil
  }
  return traces
}

private func stop(_ why: String) -> Never {
  preconditionFailure(why)
}

import Decoding
import TestTraces
import TraceModel

/// What libFuzzer calls with every input it thinks of. The last byte chooses the encoding, the rest is the body: OTLP as
/// protobuf or as JSON.
///
/// What is read whole has to be what its parts are, each read for itself, with what is remembered of the inputs before; what
/// is refused has to be refused at a byte of the body. Reads outside of it are AddressSanitizer's business; overflows, bad indices and failed expectations trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = [UInt8](UnsafeBufferPointer(start: start, count: count))
  guard let choice = input.last else { return 0 }
  let body = Array(input.dropLast())
  let isJSON = choice & 1 == 1
  var mapping = OTLPMapping()
  (mapping.usesNewerNames, mapping.usesKindForTopLevel) = (choice & 2 == 0, choice & 4 != 0)
  let whole = read(body, isJSON ? TracesOTLP.decodeJSON : TracesOTLP.decodeProtobuf, mapping)
  let parts = readParts(body, isJSON ? .json : .protobuf, mapping)
  if whole != parts { stop("\(String(describing: whole)) is not \(String(describing: parts))") }
  return 0
}

private let keys = KeyTable(peerTags: ["peer.service", "db.instance", "messaging.kafka.bootstrap.servers"])

/// The spans by trace; `nil` where the body is refused.
private func read(_ bytes: [UInt8], _ decode: TracesDecoder, _ mapping: OTLPMapping) -> [[PlainSpan]]? {
  let body = ExactBytes(bytes)
  var batch = SpanBatch()
  var scratch = DecodingScratch(otlp: mapping)
  batch.begin(body: body.bytes)
  defer { batch.end() }
  do throws(DecodeError) {
    try decode(body.bytes.bytes, keys, &scratch, &batch)
  } catch {
    guard (0...bytes.count).contains(error.byteOffset) else { stop("\(error) in \(bytes.count) bytes") }
    return nil
  }
  batch.requireSound(keys: keys)
  return PlainPayload(batch).traces
}

/// Keys of attributes are remembered from request to request. libFuzzer has one thread.
nonisolated(unsafe) private var lasting = DecodingScratch()

private func readParts(
  _ bytes: [UInt8], _ encoding: TracesOTLP.Encoding, _ mapping: OTLPMapping
) -> [[PlainSpan]]? {
  if mapping == OTLPMapping() { return readParts(bytes, encoding, &lasting) }
  var scratch = DecodingScratch(otlp: mapping)
  return readParts(bytes, encoding, &scratch)
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
    for part in 0..<count {
      batch.begin(body: body.bytes)
      _ = try TracesOTLP.decode(
        part: part, of: body.bytes.bytes, encoding, keys: keys, scratch: &scratch, into: &batch)
      batch.requireSound(keys: keys)
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

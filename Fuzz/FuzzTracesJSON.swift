import Decoding
import MessagePack
import TestTraces
import TraceModel

/// What libFuzzer calls with every input it thinks of. The last byte chooses the format, the rest is the body: JSON of v0.4,
/// JSON of v0.1, or MessagePack of v0.4, which is written as JSON and has to be read as the same spans.
///
/// What is refused has to be refused at a byte of the body. Reads outside of it are AddressSanitizer's business; overflows,
/// bad indices and failed expectations trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = [UInt8](UnsafeBufferPointer(start: start, count: count))
  guard let choice = input.last else { return 0 }
  let body = Array(input.dropLast())
  switch choice % 3 {
  case 0: _ = read(body, TracesJSON.decode)
  case 1: expectGroups(body)
  default: expectTwin(body, seed: UInt64(choice))
  }
  return 0
}

private let keys = KeyTable(peerTags: ["peer.service", "db.instance", "messaging.kafka.bootstrap.servers"])

/// The spans by trace; `nil` where the body is refused.
private func read(_ bytes: [UInt8], _ decode: TracesDecoder) -> [[PlainSpan]]? {
  let body = ExactBytes(bytes)
  var batch = SpanBatch()
  var scratch = DecodingScratch()
  batch.begin(body: body.bytes)
  defer { batch.end() }
  do throws(DecodeError) {
    try decode(body.bytes.bytes, keys, &scratch, &batch)
  } catch {
    guard (0...bytes.count).contains(error.byteOffset) else { stop("\(error) in \(bytes.count) bytes") }
    return nil
  }
  batch.requireSound(keys: keys)
  return (0..<batch.chunks.count).map { chunk in
    batch.chunks[chunk].spans.range.map { PlainSpan(batch.spans[$0], of: batch) }
  }
}

/// Each trace once, in the order of its first span, and no span lost: as one trace of all of them has them.
private func expectGroups(_ body: [UInt8]) {
  let grouped = read(body, TracesV01.decode)
  let together = read(Array("[".utf8) + body + Array("]".utf8), TracesJSON.decode)
  guard let grouped, let spans = together?.first else { return }
  var expected: [[PlainSpan]] = []
  for span in spans {
    if let trace = expected.firstIndex(where: { $0[0].traceID == span.traceID }) {
      expected[trace].append(span)
    } else {
      expected.append([span])
    }
  }
  if grouped != expected { stop("grouped \(grouped), expected \(expected)") }
}

private func expectTwin(_ body: [UInt8], seed: UInt64) {
  guard let payload = try? MessagePackValue.unpack(body).value.finite,
    let expected = try? TraceFormat.v04.traces(of: payload.pack())
  else { return }
  let json = JSONTwin.bytes(payload, seed: seed)
  if read(json, TracesJSON.decode) != expected { stop("\(String(decoding: json, as: UTF8.self)): not \(expected)") }
}

private func stop(_ why: String) -> Never {
  preconditionFailure(why)
}

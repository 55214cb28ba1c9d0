import TestTraces
import TraceModel

/// What libFuzzer calls with every input it thinks of. The last byte chooses the format, the rest is the body.
///
/// A body has to be read as the reference reads it, and what was read has to survive the way to the intake's protobuf.
/// Reads outside the body are AddressSanitizer's business; overflows, bad indices and failed expectations trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = [UInt8](UnsafeBufferPointer(start: start, count: count))
  guard let choice = input.last else { return 0 }
  let format = TraceFormat.allCases[Int(choice) % TraceFormat.allCases.count]
  let body = Array(input.dropLast())
  switch Verdict(on: body, as: format) {
  case .bothAccept, .undecided: expectRoundTrip(body, format)
  case .bothRefuse: break
  case .differ(let how): stop("the readers differ: \(how)")
  }
  return 0
}

private let keys = KeyTable(peerTags: ["peer.service", "db.instance", "messaging.kafka.bootstrap.servers"])

private func expectRoundTrip(_ bytes: [UInt8], _ format: TraceFormat) {
  do {
    let body = ExactBytes(bytes)
    var batch = SpanBatch()
    try format.decode(body.bytes, keys: keys, into: &batch)
    for index in 0..<batch.chunks.count { batch.chunks[index].isKept = true }
    var encoder = TracerPayloadEncoder()
    _ = encoder.encode(batch, chunks: 0..<batch.chunks.count, bytesMax: .max)
    let payload = try ReadAgentPayload(Array(encoder.buffer.bytes))
    let expected = try format.traces(of: bytes)
    guard format == .v10 else {
      let read = payload.chunks.map(\.spans)
      if read != expected { stop("sent \(expected), arrived \(read)") }
      return
    }
    // The form above, in which stores have it, has texts in place of what it has no types for.
    var indexedEncoder = IdxPayloadEncoder()
    _ = indexedEncoder.encode(batch, chunks: 0..<batch.chunks.count, bytesMax: .max)
    let payloads = try ReadAgentPayload(Array(indexedEncoder.buffer.bytes)).idxPayloads
    let read = payloads.flatMap(\.chunks).map { $0.spans.map(\.settled) }
    if read != expected.map({ $0.map(\.settled) }) { stop("sent \(expected), arrived \(read)") }
    for payload in payloads where payload.referredTo.count != payload.strings.count {
      stop("of \(payload.strings.count) texts \(payload.referredTo.count) are referred to")
    }
  } catch {
    stop("what was accepted could not be read back: \(error)")
  }
}

private func stop(_ why: String) -> Never {
  preconditionFailure(why)
}

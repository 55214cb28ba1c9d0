import Decoding
import TestTraces
import TraceModel

/// What libFuzzer calls with every input it thinks of. The first byte chooses the format and what is made sure of, the rest is
/// the body.
///
/// A body has to make a sound batch, or to be refused at one of its bytes. One in four is read by the reference too, and has
/// to come to the same; another one has to survive the way to the intake's protobuf. Overflows, bad indices and failed
/// expectations trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let (choice, body) = takeApart(start, count) else { return 0 }
  let format = TraceFormat.allCases[choice & 3]
  thread.begin(choice)
  let refusal = thread.read(body, format.decoder)
  switch choice >> 2 & 3 {
  case 2: expectReference(body, format, refusal)
  case 3 where refusal == nil: expectRoundTrip(format, bytesMax: choice & 0x10 == 0 ? .max : 64)
  default: break
  }
  thread.batch.end()
  return 0
}

nonisolated(unsafe) private let thread = ThreadMemory()
nonisolated(unsafe) private var encoder = TracerPayloadEncoder()
nonisolated(unsafe) private var indexedEncoder = IdxPayloadEncoder()

private func expectReference(_ body: UnsafeRawBufferPointer, _ format: TraceFormat, _ refusal: DecodeError?) {
  let read = refusal.map(Result.failure) ?? .success(PlainPayload(thread.batch))
  if case .differ(let how) = Verdict(read, of: Array(body), as: format) { stop("the readers differ: \(how)") }
}

private func expectRoundTrip(_ format: TraceFormat, bytesMax: Int) {
  let expected = thread.spansByTrace
  for index in 0..<thread.batch.chunks.count { thread.batch.chunks[index].isKept = true }
  do {
    let payloads = try encodeAll(bytesMax: bytesMax) {
      (encoder.encode(thread.batch, chunks: $0, bytesMax: $1).rest, Array(encoder.buffer.bytes))
    }
    guard format == .v10 else {
      let read = payloads.flatMap { $0.chunks.map(\.spans) }
      if read != expected { stop("sent \(expected), arrived \(read)") }
      return
    }
    // The form above, in which stores have it, has texts in place of what it has no types for.
    let indexed = try encodeAll(bytesMax: bytesMax) {
      (indexedEncoder.encode(thread.batch, chunks: $0, bytesMax: $1).rest, Array(indexedEncoder.buffer.bytes))
    }.flatMap(\.idxPayloads)
    let read = indexed.flatMap(\.chunks).map { $0.spans.map(\.settled) }
    if read != expected.map({ $0.map(\.settled) }) { stop("sent \(expected), arrived \(read)") }
    for payload in indexed where payload.referredTo.count != payload.strings.count {
      stop("of \(payload.strings.count) texts \(payload.referredTo.count) are referred to")
    }
  } catch {
    stop("what was accepted could not be read back: \(error)")
  }
}

/// All chunks of the batch, in as many payloads as the limit makes of them; the last chunks are written first.
private func encodeAll(
  bytesMax: Int, _ encode: (Range<Int>, Int) -> (rest: Range<Int>, bytes: [UInt8])
) throws -> [ReadAgentPayload] {
  var payloads: [ReadAgentPayload] = []
  var rest = 0..<thread.batch.chunks.count
  repeat {
    let before = rest.count
    let (left, bytes) = encode(rest, bytesMax)
    payloads.insert(try ReadAgentPayload(bytes), at: 0)
    guard left.count < before || left.isEmpty else { stop("nothing of \(before) chunks was written") }
    rest = left
  } while !rest.isEmpty
  return payloads
}

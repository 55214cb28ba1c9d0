import Decoding
import JSON
import TestTraces
import TraceModel

/// What libFuzzer calls with every input it thinks of. The first byte chooses the encoding and what is made sure of, the rest
/// is the body: OTLP as protobuf or as JSON.
///
/// What is refused has to be refused at a byte of the body, and what is read is sound. Beyond that, one in four bodies has to
/// come to the same read whole and in its parts, which are read second, with all keys of the body remembered; and JSON that
/// is read has to be JSON. Overflows, bad indices and failed expectations trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let (choice, body) = takeApart(start, count) else { return 0 }
  let encoding: TracesOTLP.Encoding = choice & 1 == 0 ? .protobuf : .json
  let decode: TracesDecoder = choice & 1 == 0 ? TracesOTLP.decodeProtobuf : TracesOTLP.decodeJSON
  let thread = threads[choice >> 1 & 3]
  thread.begin(choice)
  switch choice >> 3 & 3 {
  case 0: _ = thread.read(body, decode)
  case 1: _ = thread.forEachPart(of: body, encoding) {}
  case 2: expectParts(of: body, encoding, decode, thread)
  default:
    if thread.read(body, decode) == nil, choice & 1 == 1 { requireJSON(body) }
  }
  thread.batch.end()
  return 0
}

/// One for each way to read OTLP.
nonisolated(unsafe) private let threads = (0..<4).map { choice in
  var mapping = OTLPMapping()
  (mapping.usesNewerNames, mapping.usesKindForTopLevel) = (choice & 1 == 0, choice & 2 != 0)
  return ThreadMemory(otlp: mapping)
}

private func expectParts(
  of body: UnsafeRawBufferPointer, _ encoding: TracesOTLP.Encoding, _ decode: TracesDecoder, _ thread: ThreadMemory
) {
  let whole = thread.spans(of: body, decode)
  var traces: [[PlainSpan]] = []
  let isRead = thread.forEachPart(of: body, encoding) { traces += thread.spansByTrace }
  let parts = isRead ? traces : nil
  if whole != parts { stop("\(String(describing: whole)) is not \(String(describing: parts))") }
}

extension ThreadMemory {
  /// Reads a body part by part, as the agent does, and calls `use` with the batch of each.
  ///
  /// - Returns: false where the body is refused.
  fileprivate func forEachPart(
    of body: UnsafeRawBufferPointer, _ encoding: TracesOTLP.Encoding, _ use: () -> Void
  ) -> Bool {
    batch.begin(body: body)
    defer { scratch.removeAll() }
    do throws(DecodeError) {
      let count = try TracesOTLP.findParts(of: body.bytes, encoding, keys: Self.keys, scratch: &scratch, batch)
      try TracesOTLP.decodeParts(of: body.bytes, encoding, keys: Self.keys, scratch: &scratch, into: &batch)
      batch.requireSound(keys: Self.keys)
      for part in 0..<count {
        _ = TracesOTLP.select(part: part, scratch: &scratch, &batch)
        use()
      }
    } catch {
      Self.requirePlace(of: error, in: body)
      return false
    }
    return true
  }
}

import Decoding
import MessagePack
import TestTraces
import TraceModel

/// What libFuzzer calls with every input it thinks of. The first byte chooses the format and what is made sure of, the rest is
/// the body: JSON of v0.4, JSON of v0.1, or MessagePack of v0.4, which is written as JSON and has to be read as the same spans.
///
/// What is refused has to be refused at a byte of the body; what is read is sound. Some of it has to be what the same spans
/// are as one trace, or JSON for another reader. Overflows, bad indices and failed expectations trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let (choice, body) = takeApart(start, count) else { return 0 }
  thread.begin(choice)
  switch choice & 7 {
  case 0...2: _ = thread.read(body, TracesJSON.decode)
  case 3: if thread.read(body, TracesJSON.decode) == nil { requireJSON(body) }
  case 4, 5: _ = thread.read(body, TracesV01.decode)
  case 6: expectGroups(body)
  default: expectTwin(body, seed: UInt64(choice))
  }
  thread.batch.end()
  return 0
}

nonisolated(unsafe) private let thread = ThreadMemory()

/// Each trace once, in the order of its first span, and no span lost: as one trace of all of them has them.
private func expectGroups(_ body: UnsafeRawBufferPointer) {
  guard let grouped = thread.spans(of: body, TracesV01.decode),
    let spans = spans(of: Array("[".utf8) + body + Array("]".utf8), TracesJSON.decode)?.first
  else { return }
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

private func expectTwin(_ body: UnsafeRawBufferPointer, seed: UInt64) {
  guard let payload = try? MessagePackValue.unpack(Array(body)).value.finite,
    let expected = spans(of: payload.pack(), TracesV04.decode)
  else { return }
  let json = JSONTwin.bytes(payload, seed: seed)
  if spans(of: json, TracesJSON.decode) != expected {
    stop("\(String(decoding: json, as: UTF8.self)): not \(expected)")
  }
}

/// The spans of a body that was made here.
private func spans(of bytes: [UInt8], _ decode: TracesDecoder) -> [[PlainSpan]]? {
  let body = ExactBytes(bytes)
  let spans = thread.spans(of: body.bytes, decode)
  thread.batch.end()
  return spans
}

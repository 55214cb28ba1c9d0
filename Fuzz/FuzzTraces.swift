import JSON
import Traces

/// What libFuzzer calls with every input it thinks of. The last byte chooses: the rest is what a tracer wrote into a tag
/// of links or events, or a whole trace as `roost.trace.v1` has it.
///
/// A tag that is left out has to be links or events as a whole; and whatever a trace holds, it is drawn, each span once,
/// and written in every format. Overflows, bad indices and failed expectations trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = [UInt8](UnsafeBufferPointer(start: start, count: count))
  guard let choice = input.last else { return 0 }
  let bytes = Array(input.dropLast())
  switch choice & 3 {
  case 0: expectLossless(tag: "_dd.span_links", String(decoding: bytes, as: UTF8.self))
  case 1: expectLossless(tag: "events", String(decoding: bytes, as: UTF8.self))
  default:
    guard let json = try? JSONValue.parse(bytes) else { return 0 }
    expectEveryForm(Trace(json: json).readingTaggedLists)
  }
  return 0
}

private func expectLossless(tag: String, _ text: String) {
  var span = TraceSpan(spanID: 1, service: "s", operation: "o", resource: "r", startNs: 5, durationNs: 7, isError: true)
  span.meta = [(tag, text)]
  let trace = Trace(id: TraceID(high: 0, low: 1), spans: [span], isKept: true, keptBy: "").readingTaggedLists
  let read = trace.spans[0].links.count + trace.spans[0].events.count
  if trace.spans[0].meta.isEmpty {
    guard let elements = try? JSONValue.parse(text).elements, elements.count == read, read > 0 else {
      stop("\(text) was left out, \(read) were read")
    }
  }
  expectEveryForm(trace)
}

private func expectEveryForm(_ trace: Trace) {
  let tree = TraceTree(trace)
  let order = tree.inOrder.map(\.span)
  let copies = tree.oddities.values.count { $0 == .copy }
  guard Set(order).count == order.count, order.count + copies == trace.spans.count else {
    stop("\(trace.spans.count) spans, \(order) in the tree")
  }
  for span in order where !(0...tree.times[span].durationNs).contains(tree.selfNs[span]) { stop("own time of \(span)") }
  _ = TraceOutline(tree, rowsMax: 20).rows
  _ = tree.markdown(startText: "")
  for stack in tree.foldedStacks where stack.contains("\n") { stop("\(stack) is several lines") }
  _ = trace.otlp.compactText
  // What is written is read back, and then written the same.
  let written = JSONValue.object(trace.jsonMembers).compactText
  guard let json = try? JSONValue.parse(written) else { stop("\(written) cannot be read") }
  let again = JSONValue.object(Trace(json: json).jsonMembers).compactText
  if again != written { stop("wrote \(written), then \(again)") }
}

private func stop(_ why: String) -> Never {
  preconditionFailure(why)
}

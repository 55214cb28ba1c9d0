import JSON
import Traces

/// What libFuzzer calls with every input it thinks of. The first byte chooses: the rest is what a tracer wrote into a tag of
/// links or events, a whole trace as `roost.trace.v1` has it, or a query; and what is then made of the trace.
///
/// A tag that is left out has to be links or events as a whole; whatever a trace holds, it is drawn, each span once, and
/// written in every format; and a query that is read has a usual form that is read as the same. Overflows, bad indices and
/// failed expectations trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count > 0 else { return 0 }
  let bytes = [UInt8](UnsafeBufferPointer(start: start + 1, count: count - 1))
  let form = Form(choice: start[0] >> 2 & 7, inputBytes: bytes.count)
  switch start[0] & 3 {
  case 0: expectLossless(tag: "_dd.span_links", String(decoding: bytes, as: UTF8.self), form)
  case 1: expectLossless(tag: "events", String(decoding: bytes, as: UTF8.self), form)
  case 2:
    guard let json = try? JSONValue.parse(bytes) else { return 0 }
    form?.expect(of: Trace(json: json).readingTaggedLists)
  default: expectUsualForm(ofQuery: String(decoding: bytes.prefix(queryBytesMax), as: UTF8.self))
  }
  return 0
}

private func expectLossless(tag: String, _ text: String, _ form: Form?) {
  var span = TraceSpan(spanID: 1, service: "s", operation: "o", resource: "r", startNs: 5, durationNs: 7, isError: true)
  span.meta = [(tag, text)]
  let trace = Trace(id: TraceID(high: 0, low: 1), spans: [span], isKept: true, keptBy: "").readingTaggedLists
  let read = trace.spans[0].links.count + trace.spans[0].events.count
  if trace.spans[0].meta.isEmpty {
    guard let elements = try? JSONValue.parse(text).elements, elements.count == read, read > 0 else {
      stop("\(text) was left out, \(read) were read")
    }
  }
  form?.expect(of: trace)
}

/// What becomes of a trace: one of them for each input, as all would take a hundred times as long as reading it.
private enum Form: UInt8 {
  case outline, markdown, folded, otlp, json

  /// A trace that is written, read and written again takes three times as long as the others.
  private static let jsonBytesMax = 512

  /// - Parameter choice: 0 to 7, of which the last one is no form.
  init?(choice: UInt8, inputBytes: Int) {
    guard choice < 7, let form = Form(rawValue: choice % 5) else { return nil }
    self = form == .json && inputBytes > Self.jsonBytesMax ? .outline : form
  }

  func expect(of trace: Trace) {
    switch self {
    case .otlp: _ = trace.otlp.compactText
    case .json: expectSameAgain(trace)
    case .outline:
      let tree = TraceTree(trace)
      expectEachSpanOnce(tree)
      _ = TraceOutline(tree, rowsMax: 3).rows
    case .markdown: _ = TraceTree(trace).markdown(startText: "")
    case .folded:
      for stack in TraceTree(trace).foldedStacks where stack.contains("\n") { stop("\(stack) is several lines") }
    }
  }
}

private func expectEachSpanOnce(_ tree: TraceTree) {
  let order = tree.inOrder.map(\.span)
  let copies = tree.oddities.values.count { $0 == .copy }
  guard Set(order).count == order.count, order.count + copies == tree.trace.spans.count else {
    stop("\(tree.trace.spans.count) spans, \(order) in the tree")
  }
  for span in order where !(0...tree.times[span].durationNs).contains(tree.selfNs[span]) { stop("own time of \(span)") }
}

/// What is written is read back, and then written the same.
private func expectSameAgain(_ trace: Trace) {
  let written = JSONValue.object(trace.jsonMembers).compactText
  guard let json = try? JSONValue.parse(written) else { stop("\(written) cannot be read") }
  let again = JSONValue.object(Trace(json: json).jsonMembers).compactText
  if again != written { stop("wrote \(written), then \(again)") }
}

/// A query takes a hundred times as long as other texts of its length.
private let queryBytesMax = 80

private func expectUsualForm(ofQuery text: String) {
  let filter: TraceFilter
  do throws(TraceQueryError) {
    filter = try TraceFilter(parsing: text)
  } catch {
    guard (0...text.unicodeScalars.count).contains(error.position) else {
      stop("\(error) at \(error.position) of \(text)")
    }
    return
  }
  let usual = filter.description
  if (try? TraceFilter(described: usual)) != filter { stop("\(text) became \(usual), which is another query or none") }
  _ = filter.matches(searched)
}

/// A trace that queries are asked of.
private let searched: Trace = {
  var span = TraceSpan(
    spanID: 1, service: "shop", operation: "flask.request", resource: "GET /cart", startNs: 5, durationNs: 7,
    isError: true)
  span.meta = [("env", "prod"), ("http.status_code", "500"), ("error.message", "no such item: 7")]
  span.metrics = [("retries", 2.5)]
  span.events = [
    TraceSpanEvent(timeNs: 6, name: "exception", attributes: [TraceAttribute("exception.type", .text("E"))])
  ]
  return Trace(id: TraceID(high: 0, low: 1), spans: [span], isKept: true, keptBy: "")
}()

import Processing
import Scrubbing
import TraceModel
import Traces

/// How they are described to a person. Holds no secrets.
extension FaultyTraces {
  /// The service's name; empty where there is none.
  func shownService(in batch: borrowing SpanBatch) -> String { Self.shown(service, batch) }

  /// The first of them: its id, the span that makes no sense, and what differs.
  func example(in batch: borrowing SpanBatch) -> String {
    let spans = batch.chunks[firstChunk].spans.range
    guard let first = spans.first else { return "a trace without spans" }
    let traceID = batch.spans[first].traceID
    let trace = "trace " + TraceID.hex(traceID)
    if let span { return "\(trace) has \(Self.lineage(of: span, batch))" }
    for index in spans {
      let span = batch.spans[index]
      guard span.traceID != traceID || span.traceID == 0 || span.spanID == 0 else { continue }
      if span.traceID != traceID {
        return "\(trace) came with \(Self.named(span, batch)) of trace \(TraceID.hex(span.traceID))"
      }
      if span.traceID == 0 { return "\(Self.named(span, batch)) has 0 for its trace's id" }
      return "\(trace) has a span with the id 0 (\(Self.kind(of: span, batch)))"
    }
    return trace
  }

  /// A span that is among its own ancestors.
  private static func lineage(of index: Int, _ batch: borrowing SpanBatch) -> String {
    let span = batch.spans[index]
    return named(span, batch)
      + (span.parentID == span.spanID
        ? ", which names itself as its parent"
        : ", whose parent is \(TraceID.hex(span.parentID)) and whose parents lead back to it")
  }

  private static func named(_ span: SpanRecord, _ batch: borrowing SpanBatch) -> String {
    "span \(TraceID.hex(span.spanID)) (\(kind(of: span, batch)))"
  }

  private static func kind(of span: SpanRecord, _ batch: borrowing SpanBatch) -> String {
    "\(shown(span.name, batch)) of \(shown(span.service, batch))"
  }

  private static func shown(_ text: ByteSlice, _ batch: borrowing SpanBatch) -> String {
    Scrubber.scrub(batch.bytes(text), shownMax: ClientLossTable.textMax)
  }
}

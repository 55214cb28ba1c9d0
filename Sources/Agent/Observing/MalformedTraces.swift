import Processing
import Scrubbing
import TraceModel
import Traces

/// Traces of one payload that were dropped for the same reason and are of the same service.
struct MalformedTraces {
  let reason: String
  /// As the first span of the first of them names it; empty for a trace without spans.
  let service: String
  /// Position of the first of them in the batch.
  let firstChunk: Int
  var traces: UInt64 = 1

  /// Where that name lies, as it came.
  private let sentService: ByteSlice

  /// Services that are told apart in one payload; what is beyond them is counted without one.
  private static let groupsMax = 16

  /// Puts the dropped traces of a payload together. Runs only for payloads that have some.
  static func grouped(_ removed: [RemovedChunk], in batch: borrowing SpanBatch) -> [MalformedTraces] {
    var groups: [MalformedTraces] = []
    for chunk in removed {
      let reason = chunk.reason.name
      var service = service(of: batch.chunks[chunk.index], batch)
      var place = index(of: reason, service, in: groups, batch)
      if place == nil, groups.count >= groupsMax {
        service = .empty
        place = index(of: reason, service, in: groups, batch)
      }
      if let place {
        groups[place].traces &+= 1
      } else {
        groups.append(
          MalformedTraces(
            reason: reason, service: shown(service, batch), firstChunk: chunk.index, sentService: service))
      }
    }
    return groups
  }

  private init(reason: String, service: String, firstChunk: Int, sentService: ByteSlice) {
    self.reason = reason
    self.service = service
    self.firstChunk = firstChunk
    self.sentService = sentService
  }

  private static func index(
    of reason: String, _ service: ByteSlice, in groups: [MalformedTraces], _ batch: borrowing SpanBatch
  ) -> Int? {
    for (index, group) in groups.enumerated()
    where group.reason == reason && ByteString.equal(batch.bytes(group.sentService), batch.bytes(service)) {
      return index
    }
    return nil
  }

  private static func service(of chunk: ChunkRecord, _ batch: borrowing SpanBatch) -> ByteSlice {
    guard let first = chunk.spans.range.first else { return .empty }
    return batch.spans[first].service
  }

  private static func shown(_ text: ByteSlice, _ batch: borrowing SpanBatch) -> String {
    Scrubber.scrub(batch.bytes(text), shownMax: ClientLossTable.textMax)
  }

  /// The first of them for a person: its id, the span that makes no sense, and what differs. Holds no secrets.
  func example(in batch: borrowing SpanBatch) -> String {
    let spans = batch.chunks[firstChunk].spans.range
    guard let first = spans.first else { return "a trace without spans" }
    let traceID = batch.spans[first].traceID
    let trace = "trace " + TraceID.hex(traceID)
    for index in spans {
      let span = batch.spans[index]
      guard span.traceID != traceID || span.traceID == 0 || span.spanID == 0 else { continue }
      let name = Self.shown(span.name, batch)
      let service = Self.shown(span.service, batch)
      let named = "span \(TraceID.hex(span.spanID)) (\(name) of \(service))"
      if span.traceID != traceID { return "\(trace) came with \(named) of trace \(TraceID.hex(span.traceID))" }
      if span.traceID == 0 { return "\(named) has 0 for its trace's id" }
      return "\(trace) has a span with the id 0 (\(name) of \(service))"
    }
    return trace
  }
}

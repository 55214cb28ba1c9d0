import JSON
import Traces

/// One trace, whole: the document `roost.trace.v1`.
///
/// It may have megabytes, so it is coded by hand, without the detour through `Codable`.
package struct TraceAnswer: Sendable, Equatable {
  /// Name and version of the document's shape.
  package static let schema = "roost.trace.v1"
  /// Texts of a trace's spans at most, in bytes as they are kept in memory. With the members' names and escapes around them
  /// a document stays below `ControlProtocol.answerBytesMax`.
  package static let textBytesMax = 16 * 1024 * 1024
  /// Spans at most, which have names, numbers and signs around their texts.
  package static let spansMax = 50_000

  /// The spans that the document has.
  package let trace: Trace
  /// Spans that were left out because there are too many or their texts are too large.
  package let leftOutSpans: Int
  /// The search for it ended early, to answer in time: another trace may fit better.
  package let isSearchCut: Bool
  /// Receiving threads that did not end a request in time: spans that they have and did not hand to the store yet are not
  /// in here. `nil` when none is missing.
  package var missingThreads: UInt64?

  /// Leaves out the last spans of a trace that is too large.
  package init(_ trace: Trace, isSearchCut: Bool = false) {
    self.isSearchCut = isSearchCut
    var texts = 0
    let fitting = trace.spans.prefix(Self.spansMax).prefix { span in
      texts += span.textBytes
      return texts <= Self.textBytesMax
    }
    let cut = trace.spans.count - fitting.count
    leftOutSpans = cut + trace.unreadSpans
    var part = trace
    part.spans = Array(fitting)
    self.trace = cut == 0 ? trace : part
  }

  /// Reads a document; what is missing or of another type is empty.
  package init(document: JSONValue) {
    trace = Trace(json: document)
    leftOutSpans = Int(clamping: document["left_out_spans"]?.integer ?? 0)
    isSearchCut = document["search_ended_early"]?.bool ?? false
    missingThreads = document["missing_threads"]?.integer.flatMap { $0 > 0 ? UInt64($0) : nil }
  }

  /// What programs get: the trace's members, and each span's.
  package var document: JSONValue {
    let leftOut: [(String, JSONValue)] = leftOutSpans == 0 ? [] : [("left_out_spans", .int(Int64(leftOutSpans)))]
    let cut: [(String, JSONValue)] = isSearchCut ? [("search_ended_early", .bool(true))] : []
    let missing: [(String, JSONValue)] = missingThreads.map { [("missing_threads", .int(Int64(clamping: $0)))] } ?? []
    return .object([("schema", .string(Self.schema))] + leftOut + cut + missing + trace.jsonMembers)
  }
}

/// Why there is no single trace for what was asked.
package struct NoTraceAnswer: Sendable, Equatable, Codable {
  /// Ids that all begin as was typed, hexadecimal, at most twenty; empty when none does.
  package var candidates: [String]
  /// True when the search ended early, to answer in time, so that not all traces were looked at; else `nil`.
  package var searchEndedEarly: Bool?
  /// Receiving threads that did not end a request in time: traces that they have and did not hand to the store yet are not
  /// looked at. `nil` when none is missing.
  package var missingThreads: UInt64?

  /// No trace when there are no candidates, else several.
  package init(candidates: [TraceID] = [], isSearchCut: Bool = false) {
    self.candidates = candidates.map(\.hex)
    searchEndedEarly = isSearchCut ? true : nil
  }
}

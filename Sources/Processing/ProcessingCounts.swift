/// Why a trace was refused. Names as in the Datadog agent's metric `normalizer.traces_dropped`.
package enum TraceDropReason: String, CaseIterable, Sendable {
  case emptyTrace = "empty_trace"
  case traceIDZero = "trace_id_zero"
  case spanIDZero = "span_id_zero"
  case foreignSpan = "foreign_span"
}

/// What was wrong with a span that was mended. Names as in the Datadog agent's metric `normalizer.spans_malformed`.
package enum SpanMalformation: String, CaseIterable, Sendable {
  case duplicateSpanID = "duplicate_span_id"
  case serviceEmpty = "service_empty"
  case serviceTruncate = "service_truncate"
  case serviceInvalid = "service_invalid"
  case peerServiceTruncate = "peer_service_truncate"
  case peerServiceInvalid = "peer_service_invalid"
  case baseServiceTruncate = "base_service_truncate"
  case baseServiceInvalid = "base_service_invalid"
  case spanNameEmpty = "span_name_empty"
  case spanNameTruncate = "span_name_truncate"
  case spanNameInvalid = "span_name_invalid"
  case resourceEmpty = "resource_empty"
  case typeTruncate = "type_truncate"
  case invalidStartDate = "invalid_start_date"
  case invalidDuration = "invalid_duration"
  case invalidHTTPStatusCode = "invalid_http_status_code"
}

/// Counts of what processing refused and mended.
package struct ProcessingCounts: Sendable {
  /// Traces and spans of a refused kind.
  package struct Drops: Equatable, Sendable {
    package var traces: UInt64 = 0
    package var spans: UInt64 = 0
  }

  /// By `TraceDropReason` and `SpanMalformation`, in the order of their cases.
  package private(set) var drops = [Drops](repeating: Drops(), count: TraceDropReason.allCases.count)
  package private(set) var malformed = [UInt64](repeating: 0, count: SpanMalformation.allCases.count)

  package init() {}

  /// Counts one mended span.
  package mutating func add(_ malformation: SpanMalformation) {
    malformed[malformation.index] &+= 1
  }

  /// Counts one refused trace with its spans.
  package mutating func add(_ reason: TraceDropReason, spans: Int) {
    let index = reason.index
    drops[index].traces &+= 1
    drops[index].spans &+= UInt64(spans)
  }

  package subscript(_ reason: TraceDropReason) -> Drops { drops[reason.index] }
  package subscript(_ malformation: SpanMalformation) -> UInt64 { malformed[malformation.index] }

  /// Adds the counts of another thread.
  package mutating func add(_ other: ProcessingCounts) {
    for index in drops.indices {
      drops[index].traces &+= other.drops[index].traces
      drops[index].spans &+= other.drops[index].spans
    }
    for index in malformed.indices { malformed[index] &+= other.malformed[index] }
  }
}

extension TraceDropReason {
  /// Place in the order of declaration, which is how the compiler numbers cases without values.
  fileprivate var index: Int { Int(unsafeBitCast(self, to: UInt8.self)) }
}

extension SpanMalformation {
  /// As `TraceDropReason.index`: a count on the hot way must not search the list of cases.
  fileprivate var index: Int { Int(unsafeBitCast(self, to: UInt8.self)) }
}

import TraceModel

/// Why a trace cannot be used. Names as in the Datadog agent's metric `normalizer.traces_dropped`.
enum TraceDropReason: String, CaseIterable, Sendable {
  case emptyTrace = "empty_trace"
  case traceIDZero = "trace_id_zero"
  case spanIDZero = "span_id_zero"
  case foreignSpan = "foreign_span"

  /// The same for the processor.
  var removal: RemovalReason { RemovalReason(rawValue, .malformed) }
}

/// What was wrong with a span that was repaired. Names as in the Datadog agent's metric `normalizer.spans_malformed`.
enum SpanMalformation: String, CaseIterable, Sendable {
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

  /// Place in the order of declaration, which is how the compiler numbers cases without values: a count on the hot way
  /// must not search the list of cases.
  var index: Int { Int(unsafeBitCast(self, to: UInt8.self)) }
}

/// How often each malformation was repaired; counting one is an addition.
struct RepairCounts: Sendable {
  private var spans = [UInt64](repeating: 0, count: SpanMalformation.allCases.count)

  mutating func add(_ malformation: SpanMalformation) { spans[malformation.index] &+= 1 }

  /// As the processor reports them, in the order of the cases.
  func repairs(step: String) -> [ProcessingCounts.Repair] {
    SpanMalformation.allCases.map {
      ProcessingCounts.Repair(step: step, name: $0.rawValue, spans: spans[$0.index])
    }
  }
}

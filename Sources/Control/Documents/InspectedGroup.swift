import JSON

/// A group of a payload of statistics, as the tracer that computed them sent it.
package struct InspectedGroup: Sendable, Equatable {
  /// Start of the tracer's bucket in ns since 1970, and its width in ns; 0 where the reading ended before them.
  package var bucketStartNs: UInt64 = 0
  package var bucketWidthNs: UInt64 = 0
  package var service = "", operation = "", resource = "", type = ""
  /// What else tells it from other groups, by the names of the format, such as `SpanKind`; what it does not say is left out.
  package var dimensions: [(key: String, value: String)] = []
  package var hits: UInt64 = 0
  /// Of the hits, those of spans that enter their service.
  package var topLevelHits: UInt64 = 0
  package var errors: UInt64 = 0
  /// Sum of the spans' durations in ns.
  package var durationNs: UInt64 = 0
  /// Of all spans, good and failed; the maximum is an estimate, too.
  package var latency = LatencyQuantiles()

  /// A group of which nothing was read yet.
  package init() {}

  package static func == (a: InspectedGroup, b: InspectedGroup) -> Bool {
    a.bucketStartNs == b.bucketStartNs && a.bucketWidthNs == b.bucketWidthNs && a.service == b.service
      && a.operation == b.operation && a.resource == b.resource && a.type == b.type
      && a.dimensions.elementsEqual(b.dimensions, by: ==) && a.hits == b.hits && a.topLevelHits == b.topLevelHits
      && a.errors == b.errors && a.durationNs == b.durationNs && a.latency == b.latency
  }
}

extension InspectedGroup {
  /// What programs get of it, in the order of `roost resources --json` as far as that has it.
  var document: JSONValue {
    func number(_ value: UInt64) -> JSONValue { .int(Int64(clamping: value)) }
    return .object([
      ("bucket_start_ns", number(bucketStartNs)), ("bucket_duration_ns", number(bucketWidthNs)),
      ("service", .string(service)), ("operation", .string(operation)), ("resource", .string(resource)),
      ("type", .string(type)), ("dimensions", .object(dimensions.map { ($0.key, .string($0.value)) })),
      ("hits", number(hits)), ("top_level_hits", number(topLevelHits)), ("errors", number(errors)),
      ("duration_ns", number(durationNs)), ("p50_ns", number(latency.p50Ns)), ("p75_ns", number(latency.p75Ns)),
      ("p95_ns", number(latency.p95Ns)), ("p99_ns", number(latency.p99Ns)), ("max_ns", number(latency.maxNs)),
    ])
  }
}

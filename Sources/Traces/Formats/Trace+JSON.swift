import JSON

extension Trace {
  /// The members of `roost.trace.v1`, with each span's own time and whether it is on the critical path.
  package var jsonMembers: [(String, JSONValue)] {
    let tree = TraceTree(self)
    let summary = TraceSummary(self)
    return [
      ("trace_id", .string(id.hex)), ("start_ns", .int(summary.startNs)), ("duration_ns", .int(summary.durationNs)),
      ("kept", .bool(isKept)), ("kept_by", .string(keptBy)),
      (
        "spans",
        .array(spans.indices.map { spans[$0].json(selfNs: tree.selfNs[$0], isCritical: tree.isCritical[$0]) })
      ),
    ]
  }

  /// Reads what `jsonMembers` say; what is missing or of another type is empty.
  package init(json: JSONValue) {
    self.init(
      id: TraceID(json: json["trace_id"]), spans: (json["spans"]?.elements ?? []).map(TraceSpan.init(json:)),
      isKept: json["kept"]?.bool ?? false, keptBy: json["kept_by"]?.string ?? "")
  }
}

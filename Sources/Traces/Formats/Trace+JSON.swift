import JSON

extension Trace {
  /// The members of `roost.trace.v1`, with what follows from the whole of it: each span's place in the tree and on the time
  /// axis, its own time, whether it is on the critical path, and which siblings are of one kind.
  package var jsonMembers: [(String, JSONValue)] {
    let tree = TraceTree(self)
    let summary = TraceSummary(self)
    return [
      ("trace_id", .string(id.hex)), ("start_ns", .int(summary.startNs)), ("duration_ns", .int(summary.durationNs)),
      ("kept", .bool(isKept)), ("kept_by", .string(keptBy)), ("env", .string(summary.env)),
      ("status_code", .string(summary.statusCode)), ("services", .array(tree.services.map(JSONValue.string))),
      ("notes", .array(tree.notes.map(JSONValue.string))), ("repeated", .array(tree.repeated.map(\.json))),
      ("spans", .array(spans.indices.map { spans[$0].json($0, of: tree) })),
    ]
  }

  /// Reads what `jsonMembers` say; what is missing or of another type is empty.
  package init(json: JSONValue) {
    self.init(
      id: TraceID(json: json["trace_id"]), spans: (json["spans"]?.elements ?? []).map(TraceSpan.init(json:)),
      isKept: json["kept"]?.bool ?? false, keptBy: json["kept_by"]?.string ?? "")
  }
}

extension RepeatedSpans {
  /// Spans are named by their place in the document's `spans`.
  fileprivate var json: JSONValue {
    .object([
      ("span_indices", .array(spans.map { .int(Int64($0)) })), ("slowest_index", .int(Int64(slowest))),
      ("total_ns", .int(totalNs)), ("resource", .string(resource)), ("n_plus_one", .bool(looksLikeNPlusOne)),
    ])
  }
}

extension TraceFilter {
  /// Whether a trace is one of those that are looked for.
  package func matches(_ trace: Trace) -> Bool {
    switch self {
    case .and(let filters): filters.allSatisfy { $0.matches(trace) }
    case .or(let filters): filters.contains { $0.matches(trace) }
    case .not(let filter): !filter.matches(trace)
    case .condition(let condition): condition.matches(trace)
    }
  }
}

extension TraceCondition {
  /// Whether a trace fulfils the condition.
  func matches(_ trace: Trace) -> Bool {
    switch self {
    case .number(.duration, let comparison, let value): comparison.holds(TraceSummary(trace).durationNs, value)
    case .number(.spans, let comparison, let value): comparison.holds(Int64(trace.spans.count), value)
    case .number(.errors, let comparison, let value):
      comparison.holds(Int64(trace.spans.count(where: \.isError)), value)
    case .hasError(let wanted): trace.spans.contains(where: \.isError) == wanted
    case .isKept(let wanted): trace.isKept == wanted
    case .traceID(let prefix): trace.id.hex.hasPrefix(prefix) || TraceID.hex(trace.id.low).hasPrefix(prefix)
    case .field(.env, let pattern) where pattern.fitsNoEnv:
      trace.spans.contains { matches($0) } || trace.spans.allSatisfy { $0[.env].isEmpty }
    default: trace.spans.contains { matches($0) }
    }
  }

  /// Whether a span fulfils a condition on spans, whatever others of its trace are; true for conditions on traces.
  package func matches(_ span: TraceSpan) -> Bool {
    switch self {
    case .words(let words): span.searchedTexts.contains { words.stand(in: $0) }
    case .field(.env, let pattern): span.meta.contains { $0.key == "env" && pattern.matches($0.value) }
    case .field(let field, let pattern): pattern.matches(span[field])
    case .tag(let key, let pattern):
      span.meta.contains { $0.key == key && pattern.matches($0.value) }
        || span.metrics.contains { $0.key == key && pattern.matches(TraceSpan.text(of: $0.value)) }
    case .tagNumber(let key, let comparison, let value):
      span.hasNumber(key) { comparison.holds($0, value) }
    case .tagRange(let key, let range): span.hasNumber(key) { range.contains($0) }
    case .number, .hasError, .isKept, .traceID: true
    }
  }
}

extension [TraceAttribute] {
  /// The texts of a link or an event that a search of words looks through.
  fileprivate var searchedTexts: [String] {
    lazy.filter { TraceSpan.isSearched(tag: $0.key) }.flatMap(\.value.texts)
  }
}

extension TraceAttributeValue {
  /// The texts in it. As with tags, numbers are not among them.
  fileprivate var texts: [String] {
    switch self {
    case .text(let text): [text]
    case .array(let values): values.flatMap(\.texts)
    case .bool, .int, .double: []
    }
  }
}

extension TraceSpan {
  /// The texts that a search of words looks through.
  package var searchedTexts: [String] {
    var texts = [service, resource, operation]
    for (key, value) in meta {
      if TraceSpan.isSearched(tag: key) {
        texts.append(value)
      } else if key == "_dd.span_links" {
        texts += TraceSpan.searchedTexts(ofLinks: value)
      }
    }
    for link in links { texts += link.attributes.searchedTexts }
    for event in events { texts += [event.name] + event.attributes.searchedTexts }
    return texts
  }

  /// The texts that a search of words looks through in links that came as the tag `_dd.span_links`: those of links that came
  /// natively, and neither ids nor names, which its JSON has, too.
  package static func searchedTexts(ofLinks tag: String) -> [String] {
    links(ofTag: tag).flatMap(\.attributes.searchedTexts)
  }

  /// Whether a search of words looks through the values of a tag: not where every trace has other ones that nobody
  /// searches, as tracers' own marks do.
  package static func isSearched(tag key: String) -> Bool { !key.hasPrefix("_dd.") && key != "runtime-id" }

  /// Whether an attribute of that key is a number, or a text that is one, for which `condition` holds.
  fileprivate func hasNumber(_ key: String, where condition: (Double) -> Bool) -> Bool {
    metrics.contains { $0.key == key && condition($0.value) }
      || meta.contains { $0.key == key && Double($0.value).map(condition) ?? false }
  }

  /// A number as people write it: without a fraction where it has none.
  package static func text(of number: Double) -> String {
    Int64(exactly: number).map(String.init) ?? String(number)
  }

  /// The text of a field; the environment is a tag.
  package subscript(field: TraceField) -> String {
    switch field {
    case .service: service
    case .resource: resource
    case .operation: operation
    case .type: type
    case .env: meta("env") ?? ""
    }
  }
}

import Text
import Traces

/// The options of `roost traces` that narrow its query, as parts of the filter that the words make.
package struct TraceQueryOptions: Sendable, Equatable {
  /// Conditions of the options, to be joined with the query's.
  package var filter = TraceFilter.all
  /// What the list is sorted by, the greatest first.
  package var order = TracesQuery.Order.start
  /// Traces that are listed at most.
  package var limit = 50
  /// How long ago traces began at least, in ns; `nil` sets no limit.
  package var untilAgoNs: Int64?

  /// What they are called, for the model.
  package static let models: [OptionModel] = [
    OptionModel("errors", help: "List traces with a failed span only."),
    OptionModel("min", value: "DURATION", help: "List traces that took this long at least: 100ms, 1.5s."),
    OptionModel("max", value: "DURATION", help: "List traces that took this long at most."),
    OptionModel(
      "service", value: "NAME", help: "List traces with a span of this service; * stands for any characters."),
    OptionModel("resource", value: "NAME", help: "List traces with a span of this resource."),
    OptionModel("operation", value: "NAME", help: "List traces with a span of this operation."),
    OptionModel("env", value: "NAME", help: "List traces with a span of this environment."),
    OptionModel(
      "tag", value: "KEY=VALUE",
      help: "List traces with a span that has this tag; KEY alone takes any value. May come several times."),
    OptionModel("since", value: "AGE", help: "List traces that began in the last 90s, 15m or 1h; all by default."),
    OptionModel("until", value: "AGE", help: "List traces that began this long ago, or earlier."),
    OptionModel("limit", value: "N", help: "List N traces at most; 50 by default."),
    OptionModel(
      "sort", value: "ORDER", choices: TracesQuery.Order.allCases.map(\.rawValue),
      help: "Sort by start (the newest first), duration or spans."),
  ]

  /// Reads the values out of what was typed.
  package init(_ parsed: ParsedArguments) throws(UsageError) {
    var parts: [TraceFilter] = []
    if parsed.has("errors") { parts.append(.condition(.hasError(true))) }
    parts += try Self.durations(parsed)
    for field in [TraceField.service, .resource, .operation, .env] {
      if let text = parsed.value(field.rawValue) { parts.append(.condition(.field(field, TextPattern(text)))) }
    }
    for text in parsed.options["tag"] ?? [] {
      let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let key = pair.first, !key.isEmpty else {
        throw UsageError("--tag takes KEY=VALUE, not \"\(text)\"", command: parsed.command)
      }
      parts.append(.condition(.tag(key: key, TextPattern(pair.count > 1 ? pair[1] : "*"))))
    }
    filter = .allOf(parts)
    order = parsed.value("sort").flatMap(TracesQuery.Order.init) ?? .start
    if let rows = try TableOptions(parsed).limit { limit = rows }
    untilAgoNs = try Self.until(parsed)
  }

  /// The durations between `--min` and `--max`, as conditions.
  private static func durations(_ parsed: ParsedArguments) throws(UsageError) -> [TraceFilter] {
    var bounds: [Int64] = []
    var parts: [TraceFilter] = []
    for (option, comparison) in [("min", Comparison.atLeast), ("max", .atMost)] {
      guard let text = parsed.value(option) else { continue }
      guard let ns = QueryDuration.ns(text) else {
        throw UsageError(
          "--\(option) takes a number and a unit, such as 100ms or 1.5s, not \"\(text)\"", command: parsed.command)
      }
      bounds.append(ns)
      parts.append(.condition(.number(.duration, comparison, ns)))
    }
    if bounds.count == 2, bounds[0] > bounds[1] {
      throw UsageError("no trace takes at least --min and at most --max: --min is longer", command: parsed.command)
    }
    return parts
  }

  /// `--until`, which has to be longer ago than now and less long ago than `--since`.
  private static func until(_ parsed: ParsedArguments) throws(UsageError) -> Int64? {
    guard let text = parsed.value("until") else { return nil }
    guard let ns = AgeText.ns(text) else {
      throw UsageError(
        "--until takes a number and a unit, such as 90s, 15m or 1h, not \"\(text)\"", command: parsed.command)
    }
    if let since = parsed.value("since"), let sinceNs = AgeText.ns(since), sinceNs <= ns {
      throw UsageError(
        "--since \(since) begins no earlier than --until \(text) ends: --since is the longer of the two",
        command: parsed.command)
    }
    return ns
  }
}

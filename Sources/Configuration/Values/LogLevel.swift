/// How much is logged: a level shows itself and what is graver.
package enum LogLevel: String, Sendable, Equatable, CaseIterable, Comparable {
  case trace, debug, info, warn, error, critical, off

  /// Case does not matter, and `warning` is `warn`, as in the Datadog trace-agent.
  package init(reading text: String) throws(BadValue) {
    let lower = text.lowercased()
    guard let level = LogLevel(rawValue: lower == "warning" ? "warn" : lower) else {
      throw BadValue(
        "\(QuotedText.quoted(text)) is not one of \(Self.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    self = level
  }

  /// Graver is greater; `off` is greatest.
  package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

  /// The place among all levels; a graver one has a higher one.
  package var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension LogEvidence {
  /// The agent that the line is about. Lines of old tracers name none; then it was the default of all tracers.
  package var target: Place? {
    guard let url else { return Place(host: "localhost", port: 8126) }
    return Place(url)
  }

  /// A tracer wrote it about something else than traces on their way, and nothing is wrong.
  package var isAside: Bool { LogPattern.find(pattern)?.isAside == true }

  /// `line 3 of the log: …`.
  package var quote: String { "line \(line)\(Self.quoteMark)\(text)" }

  /// The quote and what it means: lines of evidence.
  package var quoted: [String] { [quote] + (meaning.isEmpty ? [] : [Self.meaningMark + meaning]) }

  private static let quoteMark = " of the log: "
  private static let meaningMark = "it means: "

  /// Whether a line of evidence is such a quote, or the meaning of one.
  package static func isQuote(_ line: String) -> Bool {
    line.hasPrefix("line ") && line.contains(quoteMark) || line.hasPrefix(meaningMark)
  }
}

extension Evidence {
  /// Log lines with this error, by the address they are about.
  package func log(_ errorName: String, at isAddress: (Place) -> Bool = { _ in true }) -> [LogEvidence] {
    log.filter { $0.errorName == errorName && ($0.target.map(isAddress) ?? false) }
  }
}

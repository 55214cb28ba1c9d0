extension LogEvidence {
  /// The agent that the line is about. Lines of old tracers name none; then it was the default of all tracers.
  package var target: Place? {
    guard let url else { return Place(host: "localhost", port: 8126) }
    return Place(url)
  }

  /// `line 3 of the log: …`.
  package var quote: String { "line \(line) of the log: \(text)" }
}

extension Evidence {
  /// Log lines with this error, by the address they are about.
  package func log(_ errorName: String, at isAddress: (Place) -> Bool = { _ in true }) -> [LogEvidence] {
    log.filter { $0.errorName == errorName && ($0.target.map(isAddress) ?? false) }
  }
}

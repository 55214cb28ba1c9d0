extension Evidence {
  /// What the agent saw clients do of these kinds.
  package func clientIssues(_ kinds: String...) -> [ClientIssueEvidence] {
    (agent?.clientIssues ?? []).filter { kinds.contains($0.kind) && $0.count > 0 }
  }

  /// How much it matters now. What was last seen long ago is a note: nobody may do it any more. Beside one app that was
  /// asked about, what some client of the agent does is a warning at most.
  package func severity(_ usual: Severity, of rows: [ClientIssueEvidence]) -> Severity {
    if !rows.isEmpty, rows.allSatisfy(\.isPast) { return .note }
    return question.isAboutApps ? min(usual, .warning) : usual
  }
}

extension ClientIssueEvidence {
  /// A client that still does it would have done it again by now; tracers send every few seconds.
  static let recentSeconds = 60.0

  /// Nobody may do it any more.
  package var isPast: Bool { lastSeenSecondsAgo > Self.recentSeconds }

  /// `last seen 12 min ago`; nothing while it goes on.
  package var age: [String] { isPast ? ["last seen \(ConnectionRules.span(lastSeenSecondsAgo)) ago"] : [] }

  /// What it was about, and when it was last seen where that is long ago: lines of evidence.
  package var details: [String] { (detail.isEmpty ? [] : [detail]) + age }
}

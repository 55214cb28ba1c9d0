extension Evidence {
  /// What the agent saw clients do of these kinds.
  package func clientIssues(_ kinds: String...) -> [ClientIssueEvidence] {
    (agent?.clientIssues ?? []).filter { kinds.contains($0.kind) && $0.count > 0 }
  }

  /// How much it matters now. What was last seen long ago, or by a client whose successor sends by now, is a note. Beside
  /// an app that was asked about, what some other client of the agent does is a warning at most.
  package func severity(_ usual: Severity, of rows: [ClientIssueEvidence]) -> Severity {
    if !rows.isEmpty, rows.allSatisfy({ ($0.isPast && !isAllThatCame($0)) || isMended($0) }) { return .note }
    return severityNow(usual, of: rows)
  }

  /// How much it matters while it lasts, however long ago it was last seen.
  package func severityNow(_ usual: Severity, of rows: [ClientIssueEvidence]) -> Severity {
    question.isAboutApps && !rows.contains(where: isOfAskedApp) ? min(usual, .warning) : usual
  }

  /// All that a process which still runs has sent was lost so: it may send seldom, and no better for that.
  private func isAllThatCame(_ row: ClientIssueEvidence) -> Bool {
    guard row.isOfTracer, row.isLoss, let agent else { return false }
    let hasCome = agent.clients.contains { $0.traces > 0 && row.client == $0.name }
    return !hasCome && processes.contains { isSuspect($0, of: row) }
  }

  /// A process that began to send after the issue was last seen, and no process is left that could still have it.
  private func isMended(_ row: ClientIssueEvidence) -> Bool {
    row.lastSeenSecondsAgo >= ClientIssueEvidence.pauseSeconds
      && (agent?.senders ?? []).contains { sender in
        sender.firstSeenSecondsAgo < row.lastSeenSecondsAgo && row.mayBe(of: sender)
      } && !processes.contains { isSuspect($0, of: row) }
  }

  /// The process was there when the issue was last seen, and nothing acquits it: traces that arrived from it do where
  /// the issue comes from settings, which stay as they are.
  private func isSuspect(_ process: ProcessEvidence, of row: ClientIssueEvidence) -> Bool {
    guard row.mayBe(of: process), process.ageSeconds.map({ $0 >= row.lastSeenSecondsAgo }) ?? true else { return false }
    return row.isOfPayload || arrival(from: process) == nil
  }

  /// An address with a path too many is seen in the settings of whoever has it.
  private func isOfAskedApp(_ row: ClientIssueEvidence) -> Bool {
    !row.client.isEmpty && !UnservedPathRules.isDoubled(row.detail)
      && processes.contains { row.mayBe(of: $0) && arrival(from: $0) == nil }
  }
}

extension ClientIssueEvidence {
  /// A client that still does it would have done it again by now; tracers send every few seconds.
  static let recentSeconds = 60.0
  /// A tracer that tries every second or two has stopped after this.
  static let pauseSeconds = 3.0

  /// Nobody may do it any more.
  package var isPast: Bool { lastSeenSecondsAgo > Self.recentSeconds }

  /// `last seen 12 min ago`; nothing while it goes on.
  package var age: [String] { isPast ? ["last seen \(ConnectionRules.span(lastSeenSecondsAgo)) ago"] : [] }

  /// What it was about, and when it was last seen where that is long ago: lines of evidence.
  package var details: [String] { (detail.isEmpty ? [] : [detail]) + age }

  /// It depends on what is sent and not on how the client is set up, so that it may come again after a success.
  var isOfPayload: Bool {
    [
      "too_large", "undecodable", "memory_limit", "trace_count_mismatch", "rootless_trace", "clock_skew",
      "malformed_trace",
    ].contains(kind)
  }

  /// Traces were in what it is about.
  var isLoss: Bool { ["too_large", "undecodable", "memory_limit", "refused_payload"].contains(kind) }

  /// Language and version of a tracer; `nil` for clients that are named otherwise, or not at all.
  private var tracer: (language: String, version: String)? {
    let words = client.split(separator: " ")
    guard words.count == 2, words[1].first?.isNumber == true else { return nil }
    return (String(words[0]), String(words[1]))
  }

  /// The client says that it is a tracer; others may be a person with curl.
  var isOfTracer: Bool { tracer != nil }

  /// True where it is not known whose it is.
  fileprivate func mayBe(of sender: SenderEvidence) -> Bool {
    tracer.map { $0.language == sender.language && $0.version == sender.tracerVersion } ?? true
  }

  /// True where it is not known whose it is.
  fileprivate func mayBe(of process: ProcessEvidence) -> Bool {
    guard let tracer else { return true }
    guard ProcessEvidence.languageName(ofTracer: tracer.language) == process.language else { return false }
    guard let version = process.anyTracer?.version, !version.isEmpty else { return true }
    return version == tracer.version
  }
}

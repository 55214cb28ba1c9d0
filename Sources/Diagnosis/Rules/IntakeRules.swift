/// RST047: the key or the site is wrong. RST052–RST055: the intake does not take what roost forwards.
enum IntakeRules {
  static func wrongKeyOrSite(_ evidence: Evidence) -> [Finding] {
    refusedBySetting(evidence) + malformedKey(evidence) + refusedKey(evidence)
  }

  static func unreachable(_ evidence: Evidence) -> [Finding] {
    byEndpoint(evidence) { $0.status == nil }.map { endpoint, troubles in
      let isSilent = troubles.allSatisfy { $0.text.hasPrefix("no answer") }
      let text = troubles.first.map(\.text) ?? ""
      let past = pastFailure(troubles, evidence)
      return Finding(
        "RST052", past == nil ? severity(of: troubles, evidence) : .note,
        past.map { "The intake \(endpoint) could not be reached for \(kinds(troubles)), last \($0) ago: \(text)" }
          ?? (isSilent
            ? "The intake \(endpoint) has not answered yet, after \(span(troubles))"
            : "The intake \(endpoint) cannot be reached: \(text)"),
        because: because(troubles, evidence),
        fix: ["curl -sv -o /dev/null \(shellWord(webAddress(endpoint)))   # on the agent's machine"]
          + (isOfDatadog(endpoint)
            ? ["set DD_PROXY_HTTPS=http://PROXY:3128 for roost (where only a proxy leads out)"]
            : isOTLP(endpoint)
              ? ["set DD_LOCAL_DESTINATIONS=otlp+http://HOST:4318 for roost (if the receiver is elsewhere)"]
              : ["set DD_APM_DD_URL=http://HOST:PORT for roost (if the intake is elsewhere)"]),
        explains: ["RST055"])
    }
  }

  static func answersWithErrors(_ evidence: Evidence) -> [Finding] {
    byEndpoint(evidence) { $0.state != "refusing" && $0.status != nil }.map { endpoint, troubles in
      let status = troubles.first?.status ?? 0
      let past = pastFailure(troubles, evidence)
      return Finding(
        "RST053", past == nil ? severity(of: troubles, evidence) : .note,
        past.map { "The intake \(endpoint) answered \(status) to the last payload of \(kinds(troubles)), \($0) ago" }
          ?? "The intake \(endpoint) has been answering \(status) for \(span(troubles))",
        because: because(troubles, evidence),
        fix: ["roost info   # what waits and what was lost"]
          + (status == 429
            ? ["set DD_APM_TARGET_TPS=5 for roost (forwards fewer traces)"]
            : [
              "curl -sv -o /dev/null \(shellWord(webAddress(endpoint)))   # on the agent's machine: who answers there?"
            ]),
        explains: ["RST055"])
    }
  }

  static func refusesPayloads(_ evidence: Evidence) -> [Finding] {
    byEndpoint(evidence) {
      $0.state == "refusing" && (isOTLP($0.endpoint) || ![401, 403].contains($0.status ?? 0))
    }.map { endpoint, troubles in
      let status = troubles.first?.status ?? 0
      let past = pastRefusal(troubles, evidence)
      return Finding(
        "RST054", past == nil ? .problem : .note,
        past.map { "The intake \(endpoint) refused the last payload of \(kinds(troubles)) with \(status), \($0) ago" }
          ?? "The intake \(endpoint) refuses \(kinds(troubles)) with \(status): they are lost",
        because: because(troubles, evidence), fix: fix(ofRefusal: status, endpoint), explains: ["RST055"])
    }
  }

  /// How long ago the last refusal was, when it is so long that nobody knows whether the next payload would be refused
  /// too: nothing waits that would be tried. Otherwise `nil`.
  static func pastRefusal(_ troubles: [IntakeTroubleEvidence], _ evidence: Evidence) -> String? {
    guard evidence.agent?.intake.waitingPayloads == 0, let last = lastAttempt(troubles), last > patienceSeconds else {
      return nil
    }
    return ConnectionRules.span(last)
  }

  /// The same for payloads that were tried until they were given up. Besides, an intake that has taken another kind of
  /// payload since is there.
  private static func pastFailure(_ troubles: [IntakeTroubleEvidence], _ evidence: Evidence) -> String? {
    guard evidence.agent?.intake.waitingPayloads == 0, troubles.allSatisfy({ $0.state == "failing" }) else {
      return nil
    }
    return pastRefusal(troubles, evidence) ?? disproved(troubles, evidence)
  }

  /// How long ago the last attempt was, when the intake has taken a payload of another kind since. One that still fails
  /// would have been tried again by then. Otherwise `nil`.
  static func disproved(_ troubles: [IntakeTroubleEvidence], _ evidence: Evidence) -> String? {
    guard let taken = evidence.agent?.intake.lastSuccessSecondsAgo, let last = lastAttempt(troubles), taken < last,
      last > betweenPayloadsSeconds
    else { return nil }
    return ConnectionRules.span(last)
  }

  /// Since the last of all attempts; `nil` where one is under way.
  private static func lastAttempt(_ troubles: [IntakeTroubleEvidence]) -> Double? {
    troubles.map { $0.lastSecondsAgo ?? 0 }.min()
  }

  private static func fix(ofRefusal status: Int, _ endpoint: String) -> [String] {
    let look = "curl -sv -o /dev/null \(shellWord(webAddress(endpoint)))   # on the agent's machine: who answers there?"
    if isOTLP(endpoint) { return fix(ofRefusalByReceiver: status, endpoint) + [look] }
    return switch status {
    case 413: ["client_max_body_size 16m;   # in nginx before the intake; other proxies have such a limit too", look]
    case 404, 405:
      [
        "set DD_APM_DD_URL=http://HOST:PORT for roost (without a path: /api/v0.2/traces is appended)",
        look,
      ]
    case 400, 415: ["set DD_APM_COMPRESSION=gzip for roost (where the intake does not know zstd)", look]
    case 407: ["set DD_PROXY_HTTPS=http://USER:PASSWORD@PROXY:3128 for roost", look]
    default: [look]
    }
  }

  /// A receiver of OTLP takes another path, other headers or another compression.
  private static func fix(ofRefusalByReceiver status: Int, _ endpoint: String) -> [String] {
    func setting(_ more: String) -> String {
      let json = #"[{"url": "\#(endpoint)", \#(more)}]"#
      return "set DD_LOCAL_DESTINATIONS=\(shellWord(json)) for roost"
    }
    return switch status {
    case 401, 403:
      [
        setting(#""headers": {"authorization": "Bearer YOUR_TOKEN"}"#)
          + " (with the headers that it asks for, and your other destinations)"
      ]
    case 404, 405: ["set DD_LOCAL_DESTINATIONS=otlp+http://HOST:4318/PATH for roost (where it takes traces over HTTP)"]
    case 400, 415:
      [
        setting(#""compression": "none""#)
          + " (where it reads no compressed bodies; with headers and other destinations)"
      ]
    default: []
    }
  }

  /// Whether traces go there as OTLP.
  static func isOTLP(_ endpoint: String) -> Bool { endpoint.hasPrefix("otlp+") }

  /// The address as other programs take it.
  private static func webAddress(_ endpoint: String) -> String {
    isOTLP(endpoint) ? String(endpoint.dropFirst("otlp+".count)) : endpoint
  }

  /// What was kept and is lost, whoever is to blame. Lately it is a problem, unless the intake has taken payloads since.
  static func losses(_ evidence: Evidence) -> [Finding] {
    guard let agent = evidence.agent else { return [] }
    let lost = agent.intake.lost.filter { $0.value != LossEvidence() }
    let since = agent.intake.lastLossSecondsAgo
    let isSlow = agent.intake.troubles.isEmpty && (agent.intake.waitingSeconds ?? 0) >= Self.patienceSeconds
    guard !lost.isEmpty || isSlow else { return [] }
    let counts = lost.sorted { $0.key < $1.key }.map { lossLine($0.key, $0.value) }
    let waiting = waitingLine(agent.intake)
    guard let since, !lost.isEmpty else {
      return [
        Finding(
          "RST055", isSlow ? .problem : .note,
          isSlow ? "The intake takes less than comes: payloads wait longer and longer" : "Traces were lost",
          because: counts + waiting + successLine(agent.intake), fix: ["roost info   # what waits and what was lost"])
      ]
    }
    let taken = agent.intake.lastSuccessSecondsAgo.map { $0 < since } ?? false
    let severity: Severity = since <= 10 || isSlow ? .problem : since <= 60 ? (taken ? .warning : .problem) : .note
    return [
      Finding(
        "RST055", severity,
        "What was kept was lost before the intake took it, \(severity == .note ? "last" : "just") \(ConnectionRules.span(since)) ago",
        because: counts + waiting + successLine(agent.intake),
        fix: [
          "roost info   # what waits and what was lost",
          "set DD_APM_CONFIG_TRACE_WRITER_QUEUE_MAX_BYTES=100000000 for roost (lets more wait, in memory)",
        ])
    ]
  }
}

// MARK: What several rules say

extension IntakeRules {
  /// An intake that has not taken what waits for so long takes too little.
  private static let patienceSeconds = 60.0
  /// Traces are sent every 5 s and statistics every 10 s, as long as there are any.
  private static let betweenPayloadsSeconds = 15.0

  private static func byEndpoint(
    _ evidence: Evidence, where isMeant: (IntakeTroubleEvidence) -> Bool
  ) -> [(String, [IntakeTroubleEvidence])] {
    let troubles = (evidence.agent?.intake.troubles ?? []).filter(isMeant)
    return troubles.map(\.endpoint).uniqued().map { endpoint in (endpoint, troubles.filter { $0.endpoint == endpoint })
    }
  }

  /// A single attempt that failed just now may be repaired by the next one.
  private static func severity(of troubles: [IntakeTroubleEvidence], _ evidence: Evidence) -> Severity {
    let isLasting = troubles.contains { $0.seconds >= 5 || $0.attempts >= 4 }
    return isLasting || evidence.agent?.intake.lastSuccessSecondsAgo == nil ? .problem : .warning
  }

  private static func span(_ troubles: [IntakeTroubleEvidence]) -> String {
    ConnectionRules.span(troubles.map(\.seconds).max() ?? 0)
  }

  private static func kinds(_ troubles: [IntakeTroubleEvidence]) -> String {
    troubles.map { trouble in
      trouble.payloads == "stats" ? "statistics" : trouble.payloads.hasPrefix("otlp") ? "traces" : trouble.payloads
    }.uniqued().joined(separator: " and ")
  }

  static func because(_ troubles: [IntakeTroubleEvidence], _ evidence: Evidence) -> [String] {
    let lines = troubles.map { trouble in
      "\(kinds([trouble])): \(trouble.text), \(time(of: trouble))"
        + (trouble.attempts > 1 ? ", \(trouble.attempts) attempts" : "")
    }
    guard let intake = evidence.agent?.intake else { return lines }
    let lost = intake.lost.filter { $0.value != LossEvidence() }.sorted { $0.key < $1.key }
    return lines + successLine(intake) + waitingLine(intake) + lost.map { lossLine($0.key, $0.value) }
  }

  /// After a refusal nothing is tried again, so that the time ends with the last one.
  private static func time(of trouble: IntakeTroubleEvidence) -> String {
    guard trouble.state == "refusing", let last = trouble.lastSecondsAgo else {
      return "for \(ConnectionRules.span(trouble.seconds))"
    }
    let attempts = trouble.attempts > 1 ? "for \(ConnectionRules.span(max(0, trouble.seconds - last))), the last " : ""
    return attempts + "\(ConnectionRules.span(last)) ago"
  }

  private static func successLine(_ intake: IntakeEvidence) -> [String] {
    [
      intake.lastSuccessSecondsAgo.map { "it last took a payload \(ConnectionRules.span($0)) ago" }
        ?? "it has not taken anything since roost started"
    ]
  }

  private static func waitingLine(_ intake: IntakeEvidence) -> [String] {
    guard intake.waitingPayloads > 0 else { return [] }
    let count = intake.waitingPayloads == 1 ? "1 payload waits" : "\(intake.waitingPayloads) payloads wait"
    let age = intake.waitingSeconds.map { ", the oldest for \(ConnectionRules.span($0))" } ?? ""
    return ["\(count) (\(RequestRules.size(Double(intake.waitingBytes))))\(age)"]
  }

  private static func lossLine(_ reason: String, _ loss: LossEvidence) -> String {
    let payloads = loss.payloads == 1 ? "1 payload" : "\(loss.payloads) payloads"
    let traces = loss.traces == 1 ? " with 1 trace" : loss.traces > 1 ? " with \(loss.traces) traces" : ""
    return "lost since the start: \(payloads)\(traces), \(reason)"
  }
}

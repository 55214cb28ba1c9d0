import Addresses

/// RST047: a key or a site that cannot be right. Where an agent runs, what it says it does counts, and not the
/// configuration that the doctor found.
extension IntakeRules {
  /// What roost itself does not take, and does not start with.
  static func refusedBySetting(_ evidence: Evidence) -> [Finding] {
    guard evidence.agent == nil, !evidence.isAgentHidden else { return [] }
    return evidence.configuration.problems.filter { $0.hasPrefix("error") && isAboutIntake($0) }.map { problem in
      Finding(
        "RST047", .problem, "roost does not start: the setting of the site or the key is none",
        because: [problem], fix: [fix(ofSetting: problem)], explains: ["RST001"])
    }
  }

  private static func fix(ofSetting problem: String) -> String {
    // The message says which site is meant, or has it in place of what was written. One in an example is neither.
    let message = problem.firstRange(of: "such as ").map { problem[..<$0.lowerBound] } ?? problem[...]
    let words = message.split { $0 == " " || $0 == "\"" || $0 == "…" }
    let meant = words.compactMap { DatadogSite.site(of: String($0)) }.last
    if problem.contains("DD_SITE") || problem.contains("site:") {
      return meant.map { "set DD_SITE=\($0) for roost" }
        ?? "set DD_SITE=YOUR_SITE for roost (the bare domain of your account's site)"
    }
    if problem.contains("DD_API_KEY") || problem.contains("api_key") {
      return "set DD_API_KEY=YOUR_KEY for roost (from Organization Settings, API Keys)"
    }
    return meant.map { "set DD_APM_DD_URL=https://trace.agent.\($0) for roost" }
      ?? "set DD_APM_DD_URL=http://HOST:PORT for roost (or unset it, to send to the intake of DD_SITE)"
  }

  private static func isAboutIntake(_ problem: String) -> Bool {
    ["DD_SITE", "site:", "DD_API_KEY", "api_key", "apm_dd_url", "DD_APM_DD_URL", "dd_url"].contains(
      where: problem.contains)
  }

  /// Other intakes than Datadog's have keys of any form.
  static func malformedKey(_ evidence: Evidence) -> [Finding] {
    guard !evidence.isAgentHidden else { return [] }
    let isWellFormed = evidence.agent?.isAPIKeyWellFormed ?? evidence.configuration.isAPIKeyWellFormed
    guard !isWellFormed, let url = intakeURL(evidence), isOfDatadog(url) else { return [] }
    return [
      Finding(
        "RST047", .problem, "The API key does not look like one",
        because: ["an API key has 32 hexadecimal digits; this one has not", "sent to \(url)"],
        fix: ["set DD_API_KEY=YOUR_KEY for roost (from Organization Settings, API Keys)"])
    ]
  }

  static func refusedKey(_ evidence: Evidence) -> [Finding] {
    let refusals = (evidence.agent?.intake.troubles ?? []).filter {
      $0.state == "refusing" && [401, 403].contains($0.status ?? 0) && !isOTLP($0.endpoint)
    }
    guard let trouble = refusals.first, let status = trouble.status else { return [] }
    if let past = pastRefusal(refusals, evidence) ?? disproved(refusals, evidence) {
      return [
        Finding(
          "RST047", .note, "The intake \(trouble.endpoint) refused the API key with \(status), \(past) ago",
          because: because(refusals, evidence),
          fix: ["set DD_API_KEY=YOUR_KEY for roost (if the next payload is refused too)"], explains: ["RST055"])
      ]
    }
    let seen = ["sent to \(trouble.endpoint)", "status \(status)"]
    guard let site = DatadogSite.site(ofTraceIntake: trouble.endpoint) else {
      return [
        Finding(
          "RST047", .problem, "The intake \(trouble.endpoint) answers \(status): it does not take the API key",
          because: seen,
          fix: ["set DD_API_KEY=YOUR_KEY for roost (one that this intake takes)"], explains: ["RST055"])
      ]
    }
    let isWellFormed = evidence.agent?.isAPIKeyWellFormed ?? true
    return [
      Finding(
        "RST047", .problem, "The intake answers \(status): the API key is not one of \(site)",
        because: seen
          + (isWellFormed ? ["the key has the right form, so that the site is the likelier fault"] : []),
        fix: DatadogSite.known.filter { $0 != site }.map { "set DD_SITE=\($0) for roost" }, explains: ["RST055"])
    ]
  }

  /// Where roost sends, or would send; `nil` when it forwards nothing.
  private static func intakeURL(_ evidence: Evidence) -> String? {
    if let agent = evidence.agent { return agent.isForwarding ? agent.forwardingTo : nil }
    return evidence.configuration.hasAPIKey ? evidence.configuration.intakeURL : nil
  }

  /// Whether a URL is of Datadog's intake, whatever the site.
  static func isOfDatadog(_ url: String) -> Bool { DatadogSite.site(ofTraceIntake: url) != nil }
}

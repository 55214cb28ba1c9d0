/// RST047: a key or a site that cannot be right. Where an agent runs, what it says it does counts, and not the
/// configuration that the doctor found.
extension IntakeRules {
  /// The sites that there are.
  static let sites = [
    "datadoghq.com", "datadoghq.eu", "us5.datadoghq.com", "us3.datadoghq.com", "ap1.datadoghq.com",
    "ap2.datadoghq.com", "ddog-gov.com", "us2.ddog-gov.com",
  ]

  /// What roost itself does not take, and does not start with.
  static func refusedBySetting(_ evidence: Evidence) -> [Finding] {
    guard evidence.agent == nil else { return [] }
    return evidence.configuration.problems.filter { $0.hasPrefix("error") && isAboutIntake($0) }.map { problem in
      // The message says which site is meant, where that shows.
      let meant = sites.filter(problem.contains).max { $0.utf8.count < $1.utf8.count }
      return Finding(
        "RST047", .problem, "roost does not start: the setting of the site or the key is none",
        because: [problem],
        fix: [
          meant.map { "set DD_SITE=\($0) for roost" }
            ?? "set DD_SITE=datadoghq.com for roost (the bare domain of your account's site)"
        ],
        explains: ["RST001"])
    }
  }

  private static func isAboutIntake(_ problem: String) -> Bool {
    ["DD_SITE", "site:", "DD_API_KEY", "api_key", "apm_dd_url", "DD_APM_DD_URL", "dd_url"].contains(
      where: problem.contains)
  }

  /// Other intakes than Datadog's have keys of any form.
  static func malformedKey(_ evidence: Evidence) -> [Finding] {
    let isWellFormed = evidence.agent?.isAPIKeyWellFormed ?? evidence.configuration.isAPIKeyWellFormed
    guard !isWellFormed, let url = intakeURL(evidence), isOfDatadog(url) else { return [] }
    return [
      Finding(
        "RST047", .problem, "The API key does not look like one",
        because: ["an API key has 32 hexadecimal digits; this one has not", "sent to \(url)"],
        fix: ["set DD_API_KEY=YOUR_KEY for roost (from Organization Settings, API Keys)"])
    ]
  }

  static func wrongSite(_ evidence: Evidence) -> [Finding] {
    let configuration = evidence.configuration
    guard evidence.agent == nil, configuration.hasAPIKey, !sites.contains(configuration.site) else { return [] }
    let bare = bareSite(configuration.site)
    guard bare != configuration.site, sites.contains(bare) else { return [] }
    return [
      Finding(
        "RST047", .problem, "DD_SITE is not a bare domain: \(configuration.site)",
        because: ["site is \(configuration.site)"],
        fix: ["set DD_SITE=\(bare) for roost"])
    ]
  }

  /// The domain in a setting that holds a URL: `datadoghq.eu` for `https://app.datadoghq.eu/`.
  static func bareSite(_ text: String) -> String {
    var rest = text.lowercased()[...]
    if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
    rest = rest.prefix { $0 != "/" }
    for prefix in ["app.", "www.", "api.", "trace.agent."] where rest.hasPrefix(prefix) {
      rest = rest.dropFirst(prefix.count)
    }
    return String(rest)
  }

  static func refusedKey(_ evidence: Evidence) -> [Finding] {
    let troubles = evidence.agent?.intake.troubles ?? []
    guard let trouble = troubles.first(where: { $0.state == "refusing" && [401, 403].contains($0.status ?? 0) }),
      let status = trouble.status
    else { return [] }
    let seen = ["sent to \(trouble.endpoint)", "status \(status)"]
    guard let site = site(of: trouble.endpoint) else {
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
        fix: sites.filter { $0 != site }.map { "set DD_SITE=\($0) for roost" }, explains: ["RST055"])
    ]
  }

  /// Where roost sends, or would send; `nil` when it forwards nothing.
  private static func intakeURL(_ evidence: Evidence) -> String? {
    if let agent = evidence.agent { return agent.isForwarding ? agent.forwardingTo : nil }
    return evidence.configuration.hasAPIKey ? evidence.configuration.intakeURL : nil
  }

  /// Whether a URL is of Datadog's intake, whatever the site.
  static func isOfDatadog(_ url: String) -> Bool { site(of: url) != nil }

  /// The site that a URL of Datadog's intake is of; `nil` for other intakes.
  private static func site(of url: String) -> String? {
    sites.first { url == "https://trace.agent.\($0)" || url.hasPrefix("https://trace.agent.\($0)/") }
  }
}

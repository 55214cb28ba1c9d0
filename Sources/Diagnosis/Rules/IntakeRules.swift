/// RST047: the intake does not take what roost forwards.
enum IntakeRules {
  static func refusedByIntake(_ evidence: Evidence) -> [Finding] {
    var findings: [Finding] = []
    let configuration = evidence.configuration
    if configuration.hasAPIKey, !configuration.isAPIKeyWellFormed {
      findings.append(
        Finding(
          "RST047", .problem, "The API key does not look like one",
          because: ["an API key has 32 hexadecimal digits; this one has not"],
          fix: ["DD_API_KEY=YOUR_KEY   # from Organization Settings, API Keys"]))
    }
    findings += refusedBySetting(configuration)
    if let finding = wrongSite(configuration) { findings.append(finding) }
    if let finding = refused(evidence) { findings.append(finding) }
    return findings
  }

  /// The sites that there are.
  static let sites = [
    "datadoghq.com", "datadoghq.eu", "us5.datadoghq.com", "us3.datadoghq.com", "ap1.datadoghq.com",
    "ap2.datadoghq.com", "ddog-gov.com", "us2.ddog-gov.com",
  ]

  /// What roost itself does not take, and does not start with.
  private static func refusedBySetting(_ configuration: ConfigurationEvidence) -> [Finding] {
    configuration.problems.filter { $0.hasPrefix("error") && isAboutIntake($0) }.map { problem in
      Finding(
        "RST047", .problem, "roost does not start: the setting of the site or the key is none",
        because: [problem], fix: ["DD_SITE=datadoghq.com   # the bare domain of your account's site"],
        explains: ["RST001"])
    }
  }

  private static func isAboutIntake(_ problem: String) -> Bool {
    ["DD_SITE", "site:", "DD_API_KEY", "api_key", "apm_dd_url", "DD_APM_DD_URL", "dd_url"].contains(
      where: problem.contains)
  }

  private static func wrongSite(_ configuration: ConfigurationEvidence) -> Finding? {
    guard configuration.hasAPIKey, !configuration.site.isEmpty, !sites.contains(configuration.site) else { return nil }
    let bare = bareSite(configuration.site)
    guard bare != configuration.site, sites.contains(bare) else { return nil }
    return Finding(
      "RST047", .problem, "DD_SITE is not a bare domain: \(configuration.site)",
      because: ["site is \(configuration.site)"],
      fix: ["DD_SITE=\(bare)"])
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

  private static func refused(_ evidence: Evidence) -> Finding? {
    guard let status = evidence.agent?.intakeStatus, [401, 403].contains(status) else { return nil }
    let configuration = evidence.configuration
    let site = configuration.site.isEmpty ? "datadoghq.com" : configuration.site
    let others = sites.filter { $0 != site }
    return Finding(
      "RST047", .problem, "The intake answers \(status): the API key is not one of \(site)",
      because: ["sent to \(configuration.intakeURL.isEmpty ? site : configuration.intakeURL)", "status \(status)"]
        + (configuration.isAPIKeyWellFormed
          ? ["the key has the right form, so that the site is the likelier fault"] : []),
      fix: others.map { "DD_SITE=\($0)" })
  }
}

/// RST056: settings of the agent that change nothing.
enum AgentSettingRules {
  static func withoutEffect(_ evidence: Evidence) -> [Finding] {
    guard let agent = evidence.agent else {
      // What a roost would not do here; whether one is wanted is not known.
      return finding(evidence.configuration.settingsWithoutEffect, .note, "would have no effect")
    }
    func settings(_ reasons: String...) -> [SettingEvidence] {
      agent.settingsWithoutEffect.filter { reasons.contains($0.reason) }
    }
    return finding(
      settings("not_hidden"), agent.isForwarding ? .problem : .warning,
      agent.isForwarding
        ? "to hide or drop data have no effect, and the data is forwarded as it came"
        : "to hide or drop data have no effect")
      + finding(settings("not_yet", "unknown"), .warning, "have no effect")
      + finding(settings("no_meaning"), .note, "have no effect in roost")
  }

  /// Most settings that are listed with what they are about.
  private static let listedMax = 12

  private static func finding(_ settings: [SettingEvidence], _ severity: Severity, _ what: String) -> [Finding] {
    let settings = settings.filter { $0.reason != "other_program" }
    guard let first = settings.first else { return [] }
    let more = settings.count - listedMax
    let title =
      settings.count == 1
      ? "The setting \(first.name) \(singular(what))" : "\(settings.count) settings \(what)"
    return [
      Finding(
        "RST056", severity, title,
        because: settings.prefix(listedMax).map(line) + (more > 0 ? ["and \(more) more"] : []),
        fix: fixes(settings) + ["roost info -v   # lists them, with what each would be about"])
    ]
  }

  private static func singular(_ what: String) -> String { what.replacing("have no", with: "has no") }

  private static func line(_ setting: SettingEvidence) -> String {
    let place = setting.origin.isEmpty || setting.origin == setting.name ? "" : " (\(setting.origin))"
    return "\(setting.name)\(place)" + (setting.about.isEmpty ? "" : ": \(setting.about)")
  }

  /// A misspelt variable is renamed, as far as the message says what it should be.
  private static func fixes(_ settings: [SettingEvidence]) -> [String] {
    settings.filter { $0.reason == "unknown" && $0.name == $0.origin }.compactMap { setting in
      guard let hint = setting.about.firstRange(of: "did you mean ") else { return nil }
      let meant = setting.about[hint.upperBound...].prefix { $0 != "?" }
      return "export \(meant)=\"$\(setting.name)\"; unset \(setting.name)"
    }
  }
}

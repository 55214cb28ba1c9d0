/// RST056: settings of the agent that change nothing.
enum AgentSettingRules {
  static func withoutEffect(_ evidence: Evidence) -> [Finding] {
    guard let agent = evidence.agent else {
      // The one that runs has a configuration of its own, which is not known.
      guard !evidence.isAgentHidden else { return [] }
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
        fix: fixes(settings))
    ]
  }

  private static func singular(_ what: String) -> String { what.replacing("have no", with: "has no") }

  private static func line(_ setting: SettingEvidence) -> String {
    let place = setting.origin.isEmpty || setting.origin == setting.name ? "" : " (\(setting.origin))"
    return "\(setting.name)\(place)" + (setting.about.isEmpty ? "" : ": \(setting.about)")
  }

  /// Settings that have a line each of what to do; more are read in the list.
  private static let repairedMax = 4

  private static func fixes(_ settings: [SettingEvidence]) -> [String] {
    let hiding =
      settings.contains { $0.reason == "not_hidden" }
      ? ["take what must not leave this machine out of the spans in the app, or unset DD_API_KEY for roost"] : []
    let more = settings.count - repairedMax
    return hiding + settings.prefix(repairedMax).map(fix)
      + (more > 0 ? ["take out the other \(more) in the same way   # roost info -v lists all, with their places"] : [])
  }

  /// A misspelt setting is renamed, as far as the message says what it should be; any other is taken out. The doctor's
  /// shell is not where roost was started, so nothing is to be typed there.
  private static func fix(_ setting: SettingEvidence) -> String {
    let isVariable = setting.origin.isEmpty || setting.origin == setting.name
    let place = isVariable ? "what roost is started with" : setting.origin
    guard setting.reason == "unknown", let hint = setting.about.firstRange(of: "did you mean ") else {
      return "take \(setting.name) out of \(place)"
    }
    let meant = setting.about[hint.upperBound...].prefix { $0 != "?" }
    return isVariable
      ? "set \(meant) for roost to the value of \(setting.name), take \(setting.name) out, and start roost as before"
      : "write \(meant) in place of \(setting.name) in \(place)"
  }
}

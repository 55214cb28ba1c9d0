/// A setting that somebody wrote and that changes nothing here.
package struct SettingWithoutEffect: Sendable, Equatable {
  /// Why a setting changes nothing, the gravest first.
  package enum Reason: String, Sendable, Equatable, CaseIterable {
    /// It is to keep data from leaving the machine, and roost does not do that yet.
    case notHidden = "not_hidden"
    /// The Datadog trace-agent obeys it and roost does not do that yet: somebody counts on it in vain.
    case notYet = "not_yet"
    /// Nobody reads a setting of this name.
    case unknown
    /// The Datadog trace-agent obeys it, and there is nothing in roost that it could change.
    case noMeaning = "no_meaning"
    /// It is for another program: a tracer, or another part of the Datadog agent.
    case otherProgram = "other_program"
  }

  /// The key's path or the variable, as it can be printed: `apm_config.replace_tags`, `DD_APM_REPLACE_TAGS`.
  package let name: String
  /// The file and line, or the variable or flag.
  package let origin: ConfigurationOrigin
  package let reason: Reason
  /// What it would be about: `rewriting tags by regular expressions`.
  package let about: String
}

extension SettingWithoutEffect: CustomStringConvertible {
  /// `apm_config.replace_tags (datadog.yaml:14)`; a variable stands alone, its name says where it is.
  package var description: String {
    origin == .variable(name) ? name : "\(name) (\(origin))"
  }
}

extension AcceptedKey {
  /// Why a setting that this row accepts changes nothing.
  var reason: SettingWithoutEffect.Reason {
    switch fate {
    case .notHidden: .notHidden
    case .notYet: .notYet
    case .noMeaning: .noMeaning
    case .otherProgram: .otherProgram
    }
  }
}

extension LoadedConfiguration {
  /// Most that are listed; a file with more is the wrong file.
  private static let listedMax = 200

  mutating func addWithoutEffect(
    _ name: String, _ origin: ConfigurationOrigin, _ reason: SettingWithoutEffect.Reason, _ about: String
  ) {
    guard withoutEffect.count < Self.listedMax else { return }
    let setting = SettingWithoutEffect(
      name: QuotedText.escaped(name), origin: origin, reason: reason, about: about)
    if !withoutEffect.contains(setting) { withoutEffect.append(setting) }
  }
}

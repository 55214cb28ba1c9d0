/// A configuration with where each value came from, and what is to be said about it.
package struct LoadedConfiguration: Sendable {
  /// The values. When there are errors the options concerned hold their defaults.
  package internal(set) var value = AgentConfiguration()
  /// Origin by option name, only for options that someone set.
  package internal(set) var origins: [String: ConfigurationOrigin] = [:]
  /// Errors and warnings in the order found: file first, then variables and flags.
  package internal(set) var problems: [ConfigurationProblem] = []
  /// What is in order and could be written better, such as names that have a newer one.
  package internal(set) var hints: [ConfigurationProblem] = []
  /// Settings that were found and change nothing, in the order found: file first, then variables. At most 200.
  package internal(set) var withoutEffect: [SettingWithoutEffect] = []

  /// Options of which a part is kept elsewhere. Where the program was not asked they hold their defaults.
  package internal(set) var secretOptions: Set<String> = []

  /// An option's value as it may be shown: of one that is kept elsewhere no more than is shown of any secret.
  package func shownText(of option: ConfigurationOption) -> String {
    option.slot.shownText(in: value, isSecret: secretOptions.contains(option.name))
  }

  /// False when the agent must not start.
  package var isUsable: Bool { !problems.contains { $0.severity == .error } }

  /// Where an option's value came from.
  package func origin(of option: String) -> ConfigurationOrigin { origins[option] ?? .standard }

  mutating func note(_ origin: ConfigurationOrigin, _ option: String?, _ message: String) {
    hints.append(ConfigurationProblem(severity: .note, origin: origin, option: option, message: message))
  }

  mutating func report(
    _ severity: ConfigurationProblem.Severity, _ origin: ConfigurationOrigin, _ option: String?, _ message: String
  ) {
    problems.append(
      ConfigurationProblem(severity: severity, origin: origin, option: option, message: message))
  }
}

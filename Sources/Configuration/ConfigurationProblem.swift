/// Something about the configuration that a person should know. Never holds a secret.
package struct ConfigurationProblem: Sendable, Equatable {
  /// An error means that the agent must not start (exit code 78); a warning is logged; a note is no problem, only advice.
  package enum Severity: String, Sendable, Equatable {
    case note, warning, error
  }

  /// Whether the agent can start in spite of it.
  package let severity: Severity
  /// The file and line, variable or flag that holds the offending text.
  package let origin: ConfigurationOrigin
  /// The option or key concerned, such as `apm_config.receiver_port`; nil when it is the whole file.
  package let option: String?
  /// What is wrong and what to do, without a final stop.
  package let message: String
}

extension ConfigurationProblem: CustomStringConvertible {
  /// `datadog.yaml:14: apm_config.receiver_prot: unknown key; did you mean receiver_port?`
  package var description: String {
    guard let option, option != origin.description else { return "\(origin): \(message)" }
    return "\(origin): \(option): \(message)"
  }
}

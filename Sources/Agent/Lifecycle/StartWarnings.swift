import Configuration
import Platform

/// What is wrong with the configuration that shows only where the agent runs: names of files and groups of this machine.
package enum StartWarnings {
  /// What the agent would warn of and start all the same, one line each.
  package static func of(_ configuration: AgentConfiguration) -> [String] {
    [ReportedHostname(configuration).warning, unknownGroup(configuration)].compactMap(\.self)
  }

  /// `local.control_group` without a group of that name.
  static func unknownGroup(_ configuration: AgentConfiguration) -> String? {
    guard let name = configuration.controlGroup, SystemAccounts.groupID(named: name) == nil else { return nil }
    return "local.control_group has no effect: there is no group \"\(name)\""
  }
}

import Configuration
import Platform

/// What the agent warns of at the start beside the problems of the configuration itself: settings that change nothing, and
/// what shows only where it runs, such as names of files and groups of this machine.
package enum StartWarnings {
  /// What the agent would warn of and start all the same, one line each.
  package static func of(_ loaded: LoadedConfiguration) -> [String] {
    ConfigurationNotices.warnings(of: loaded)
      + [ReportedHostname(loaded.value).warning, unknownGroup(loaded.value)].compactMap(\.self)
  }

  /// Without them containers are known only where clients name them, as in the Datadog agent. Other systems have none.
  static func hiddenControlGroups(_ containers: ContainerResolver) -> String? {
    #if os(Linux)
      if !containers.seesControlGroups {
        return "control groups cannot be read: the containers of clients are known only where they say them"
      }
    #endif
    return nil
  }

  /// `local.durability: strict` where nothing is forwarded, or nothing may wait on disk.
  static func withoutDurability(hasIntake: Bool) -> String {
    "local.durability: strict has no effect: "
      + (hasIntake ? "there is no folder for what waits (local.spool)" : "nothing is forwarded")
  }

  /// `local.control_group` without a group of that name.
  static func unknownGroup(_ configuration: AgentConfiguration) -> String? {
    guard let name = configuration.controlGroup, SystemAccounts.groupID(named: name) == nil else { return nil }
    return "local.control_group has no effect: there is no group \"\(name)\""
  }
}

/// Where an agent keeps statistics and traces.
package enum StorePlace: Sendable, Equatable {
  /// Nowhere; statistics of the last hour are in memory all the same.
  case off
  /// In memory, until the agent ends.
  case memory
  case file(String)

  /// Where it is as configured, or where it is when nothing is: `$XDG_STATE_HOME/roost/roost.db`, for root
  /// `/var/lib/roost/roost.db`, else `~/.local/state/roost/roost.db` (on macOS
  /// `~/Library/Application Support/roost/roost.db`); in memory for an agent of `roost run`, which ends with its command,
  /// and for a user without a home.
  package static func choose(
    configured: String?, environment: [String: String], uid: UInt32, isForRun: Bool,
    platform: ControlSocketPath.Platform = .current
  ) -> StorePlace {
    switch configured {
    case "off": return .off
    case ":memory:": return .memory
    case let path?: return .file(path)
    case nil: break
    }
    func absolute(_ variable: String) -> String? {
      guard var path = environment[variable], path.hasPrefix("/") else { return nil }
      while path.count > 1, path.hasSuffix("/") { path.removeLast() }
      return path == "/" ? nil : path
    }
    if isForRun { return .memory }
    if let state = absolute("XDG_STATE_HOME") { return .file("\(state)/roost/roost.db") }
    switch platform {
    case .linux where uid == 0: return .file("/var/lib/roost/roost.db")
    case .linux: return absolute("HOME").map { .file("\($0)/.local/state/roost/roost.db") } ?? .memory
    case .darwin:
      return absolute("HOME").map { .file("\($0)/Library/Application Support/roost/roost.db") } ?? .memory
    }
  }
}

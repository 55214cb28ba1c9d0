import Control
import Terminal

/// Where the agent of a run and the commands meet: where the configuration says, or, if no socket can be made there and
/// nobody asked for that place, where one can.
struct ControlPlace {
  let path: String
  /// What the other commands need to be told to find it; empty when they do by themselves.
  let settings: [String: String]
  /// What the user has to know of it, a line each.
  let notes: [String]

  /// - Parameter port: of an agent that is told another port than the configured one.
  static func choose(_ configuration: ConfigurationInForce, port: Int? = nil) throws(CommandFailure) -> ControlPlace {
    let paths = try configuration.controlPaths(port: port)
    let usual = paths[0]
    guard paths.count > 1, let problem = ControlFolder.problem(forSocket: usual),
      let path = paths.dropFirst().first(where: { ControlFolder.problem(forSocket: $0) == nil })
    else { return ControlPlace(path: usual, settings: [:], notes: []) }
    return ControlPlace(
      path: path, settings: ["ROOST_CONTROL_SOCKET": path],
      notes: [
        "no control socket can be made in the usual place (\(problem))",
        "to ask this agent from another shell: ROOST_CONTROL_SOCKET=\(path) roost services",
      ])
  }
}

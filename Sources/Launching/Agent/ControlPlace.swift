import Control

/// Where the agent of a run and the commands meet: where the configuration says, or, if no socket can be made there and
/// nobody asked for that place, where one can.
package struct ControlPlace: Sendable, Equatable {
  let path: String
  /// Variables that the other commands need to find it; empty when they do by themselves.
  let settings: [String: String]
  /// What the user has to know of it, a line each.
  let notes: [String]

  /// The first of `paths`, one or more, where a socket can be made; the first at all when there is none.
  ///
  /// - Parameters:
  ///   - paths: the usual place, then those that may be taken instead of it.
  ///   - problem: what keeps a socket from being made at a path.
  package static func choose(
    _ paths: [String], problem: (String) -> ControlError? = ControlFolder.problem(forSocket:)
  ) -> ControlPlace {
    let usual = paths[0]
    guard paths.count > 1, let why = problem(usual), let path = paths.dropFirst().first(where: { problem($0) == nil })
    else { return ControlPlace(path: usual, settings: [:], notes: []) }
    return ControlPlace(
      path: path, settings: ["ROOST_CONTROL_SOCKET": path],
      notes: [
        "no control socket can be made in the usual place (\(why))",
        "to ask this agent from another shell: ROOST_CONTROL_SOCKET=\(path) roost services",
      ])
  }
}

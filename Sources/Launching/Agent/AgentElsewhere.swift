import Addresses

/// An agent that has the port of the configuration and does not answer on its control socket: another user's, or one that
/// was started where another session keeps sockets.
package struct AgentElsewhere: Sendable, Equatable {
  /// Where it takes the traces of everybody.
  package let target: SocketAddress
  /// Its process; 0 for one that cannot be seen.
  package let pid: Int64
  /// The control socket on which it answers this user; `nil` when it answers there to others only.
  package let controlPath: String?
  /// Such as `the agent of dd-agent (roost 0.1.0, pid 812)`.
  package let name: String
  /// Why this user cannot query it, and what to type; empty where it can be.
  package let notes: [String]

  /// An agent as it was found on its port.
  package init(target: SocketAddress, pid: Int64, controlPath: String?, name: String, notes: [String] = []) {
    self.target = target
    self.pid = pid
    self.controlPath = controlPath
    self.name = name
    self.notes = notes
  }
}

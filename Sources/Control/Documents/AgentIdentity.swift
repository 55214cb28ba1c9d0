import JSON

/// Which roost it is, and where it can be queried: the member `roost` of the `/info` document on the trace port, which
/// tracers pass over. Commands that find no agent at their own control socket look there. It is a claim of whatever has
/// the port, to be checked before it is followed. Other machines are told the version and the commit only.
package struct AgentIdentity: Sendable, Equatable, Codable {
  /// The name of the member that holds it.
  package static let infoMember = "roost"

  /// The agent's version, never empty for a roost.
  package var version: String
  /// Empty when the build did not know it.
  package var commit: String
  /// Its process, in its own pid namespace; 0 where it does not say.
  package var pid: Int64
  /// Name of the user that it runs as; empty when the machine has none for the number.
  package var user: String
  /// Number of the user that it runs as; that of nobody, the highest, where it does not say.
  package var uid: UInt32
  /// Path of the control socket; `nil` for an agent without one.
  package var controlSocket: String?

  /// An agent with all that it says of itself.
  package init(version: String, commit: String, pid: Int64, user: String, uid: UInt32, controlSocket: String?) {
    self.version = version
    self.commit = commit
    self.pid = pid
    self.user = user
    self.uid = uid
    self.controlSocket = controlSocket
  }

  /// What an `/info` document says; `nil` for one of another agent.
  package init?(infoDocument bytes: [UInt8]) {
    guard let document = try? JSONValue.parse(bytes), let member = document[Self.infoMember],
      let program = try? JSONValueDecoder.decode(Program.self, from: member, reading: .lenient),
      !program.version.isEmpty
    else { return nil }
    guard member["pid"] != nil else {
      self.init(
        version: program.version, commit: program.commit, pid: 0, user: "", uid: .max, controlSocket: nil)
      return
    }
    guard let identity = try? JSONValueDecoder.decode(AgentIdentity.self, from: member, reading: .lenient),
      identity.pid > 0
    else { return nil }
    self = identity
  }

  /// What everybody may know of it.
  package struct Program: Sendable, Codable {
    /// The version, never empty for a roost.
    let version: String
    /// Empty when the build did not know it.
    let commit: String
  }

  /// The part of it that is the same on all machines.
  package var program: Program { Program(version: version, commit: commit) }
}

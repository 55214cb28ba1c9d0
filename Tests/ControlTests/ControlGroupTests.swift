import Foundation
import Platform
import Testing

@testable import Control

@Suite struct `A control socket that a group may query` {
  private func owner(_ path: String) throws -> (group: gid_t, mode: Int) {
    let facts = try FileManager.default.attributesOfItem(atPath: path)
    let group = try #require(facts[.groupOwnerAccountID] as? NSNumber)
    return (group.uint32Value, try #require(facts[.posixPermissions] as? Int))
  }

  @Test func `is the group's, and its folder lets the group pass and nothing else`() throws {
    let place = try Place()
    // Root may give files away; others have the groups they are in.
    let group: gid_t = geteuid() == 0 ? 65_534 : getegid()
    let server = try ControlServer(path: place.socket, group: group, answering: FixedAnswers())
    #expect(server.groupFailure == nil)
    #expect(try owner(place.socket) == (group, 0o660))
    #expect(try owner(place.folder) == (group, 0o710))
    #expect(try ControlClient(path: place.socket).query(.ping) == .pong)
    server.stop()
    // The next agent, of no group, has its socket to itself again.
    let next = try ControlServer(path: place.socket, answering: FixedAnswers())
    #expect(try owner(place.socket).mode == 0o600)
    next.stop()
  }

  @Test func `stays its user's alone where the folder is not roost's own, and that is said`() throws {
    let outer = try Place()
    try outer.makeFolder()
    let folder = outer.folder + "/private"
    let server = try ControlServer(path: folder + "/a.sock", group: 65_533, answering: FixedAnswers())
    let detail = "members of the group may not pass through it"
    #expect(server.groupFailure == .notPermitted(path: folder, detail: detail))
    #expect(try owner(folder + "/a.sock").mode == 0o600)
    #expect(try owner(folder).mode == 0o700)
    #expect(try ControlClient(path: folder + "/a.sock").query(.ping) == .pong)
    server.stop()
  }

  @Test(
    arguments: [
      (0o700, 7, false), (0o710, 7, true), (0o710, 8, false), (0o701, 8, true), (0o701, 7, false), (0o755, 8, true),
    ] as [(UInt32, gid_t, Bool)])
  func `is reached through folders that the group may pass`(mode: UInt32, group: gid_t, isReached: Bool) {
    #expect(ControlFolder.mayPass(mode: mode, owner: 7, group: group) == isReached)
  }
}

@Suite struct `A control socket that an agent names` {
  private func identity(pid: Int32 = getpid(), uid: UInt32 = geteuid()) -> AgentIdentity {
    AgentIdentity(version: "1", commit: "", pid: Int64(pid), user: "", uid: uid, controlSocket: nil)
  }

  @Test func `is asked only when that agent's process listens on it`() throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    #expect(try ControlClient(path: place.socket, of: identity()).query(.ping) == .pong)
    for other in [identity(pid: 1), identity(uid: geteuid() + 1)] {
      let client = ControlClient(path: place.socket, of: other)
      let error = ControlError.notPermitted(
        path: place.socket, detail: "another process listens there than the agent that names it")
      #expect(throws: error) { try client.query(.ping) }
      #expect(client.problem() == error)
    }
    #expect(ControlClient(path: place.socket).problem() == nil)
    server.stop()
    #expect(ControlClient(path: place.socket).problem() == .noAgent(path: place.socket))
  }
}

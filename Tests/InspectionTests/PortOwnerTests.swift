import Foundation
import Testing

@testable import Inspection

@Suite struct `What a process on a port says of itself` {
  private static let row = "00000000:00000000 00:00000000 00000000"

  /// A machine on which process 20 of user 33 runs, a roost, and root's process 1, which is none; what process 20 has
  /// open can be seen, or not.
  private static func machine(
    in folder: borrowing TemporaryFolder, tcp: [String], descriptors: [String]?, name: String = "roost",
    program: String = ""
  ) throws -> LinuxMachine {
    try folder.write("  sl  local_address rem_address\n" + tcp.map { "   0: \($0)\n" }.joined(), to: "proc/net/tcp")
    try folder.write("Name:\t\(name)\nUid:\t33\t33\t33\t33\n", to: "proc/20/status")
    if !program.isEmpty { try folder.write("\(program)\0serve\0", to: "proc/20/cmdline") }
    try folder.write("Name:\tsystemd\nUid:\t0\t0\t0\t0\n", to: "proc/1/status")
    for (index, target) in (descriptors ?? []).enumerated() { try folder.link("proc/20/fd/\(index)", to: target) }
    return LinuxMachine(proc: "\(folder.path)/proc", root: folder.path, ownPid: 1)
  }

  @Test(
    arguments: [
      // Its own descriptors decide where they can be seen.
      (["0100007F:1FBE 00000000:0000 0A \(row) 0 0 77 1"], ["socket:[77]"], 20, 33, true),
      (["0100007F:1FBE 00000000:0000 0A \(row) 33 0 77 1"], ["socket:[78]", "/dev/null"], 20, 33, false),
      // A connection to the port is not the port.
      (["0100007F:1FBE 0100007F:9C41 01 \(row) 33 0 77 1"], ["socket:[77]"], 20, 33, false),
      (["0100007F:1FBF 00000000:0000 0A \(row) 33 0 77 1"], ["socket:[77]"], 20, 33, false),
      // Else the user who made the listening socket.
      (["0100007F:1FBE 00000000:0000 0A \(row) 33 0 77 1"], nil, 20, 33, true),
      (["0100007F:1FBE 00000000:0000 0A \(row) 34 0 77 1"], nil, 20, 33, false),
      (["0100007F:1FBE 00000000:0000 0A \(row) 34 0 77 1"], nil, 20, 34, false),
      (["0100007F:1FBE 00000000:0000 0A \(row) 33 0 77 1"], nil, 21, 33, false),
      ([], nil, 20, 33, false),
      // Process 1 of a container's own, behind a proxy of root's; here that number is the first process of the machine.
      (["0100007F:1FBE 00000000:0000 0A \(row) 0 0 77 1"], nil, 1, 0, false),
    ] as [([String], [String]?, Int64, UInt32, Bool)])
  func `is believed when the system agrees`(
    tcp: [String], descriptors: [String]?, pid: Int64, uid: UInt32, isTrue: Bool
  ) throws {
    let folder = try TemporaryFolder()
    let machine = try Self.machine(in: folder, tcp: tcp, descriptors: descriptors)
    #expect(PortOwner.isListening(port: 8126, pid: pid, uid: uid, on: machine) == isTrue)
  }

  @Test(
    arguments: [
      ("roost", "", true), ("a", "/opt/roost/bin/roost", true), ("a", "roost", true), ("a", "", false),
      ("roost-like", "/opt/roost/bin/docker-proxy", false),
    ])
  func `is believed unseen of a roost only`(name: String, program: String, isTrue: Bool) throws {
    let folder = try TemporaryFolder()
    let socket = "0100007F:1FBE 00000000:0000 0A \(Self.row) 33 0 77 1"
    let machine = try Self.machine(in: folder, tcp: [socket], descriptors: nil, name: name, program: program)
    #expect(PortOwner.isListening(port: 8126, pid: 20, uid: 33, on: machine) == isTrue)
  }

  @Test(
    arguments: [
      (["0A \(row) 0"], true), (["0A \(row) 33"], true), (["0A \(row) 0", "0A \(row) 33"], true),
      // One address of another user's is enough to lose traces to.
      (["0A \(row) 34"], false), (["0A \(row) 0", "0A \(row) 34"], false),
      // A connection is no listener, and what nobody is seen to listen on may be anybody's.
      (["01 \(row) 33"], false), ([], false),
    ])
  func `a port is safe to send to when root or the user has it`(_ sockets: [String], isSafe: Bool) throws {
    let folder = try TemporaryFolder()
    let tcp = sockets.enumerated().map { "0100007F:1FBE 00000000:0000 \($1) 0 \(77 + $0) 1" }
    let machine = try Self.machine(in: folder, tcp: tcp, descriptors: nil)
    #expect(PortOwner.isOfRoot(port: 8126, or: 33, on: machine) == isSafe)
  }
}

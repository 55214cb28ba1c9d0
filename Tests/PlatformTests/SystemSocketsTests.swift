import Platform
import Testing

@testable import Platform

@Suite struct `A unix address` {
  @Test(arguments: [
    ("/run/a.sock", true), (String(repeating: "p", count: SystemSockets.unixPathBytesMax), true),
    (String(repeating: "p", count: SystemSockets.unixPathBytesMax + 1), false),
    (String(repeating: "ü", count: SystemSockets.unixPathBytesMax / 2 + 1), false), ("", false), ("/run/\0a", false),
  ])
  func `holds every path that fits with its closing zero, and no other`(path: String, isFitting: Bool) {
    let address = SystemAddress(.unix(path: path))
    #expect((address != nil) == isFitting)
    guard let address else { return }
    #expect(address.address == .unix(path: path))
    #expect(address.family == AF_UNIX)
  }

  @Test func `leads two sockets to each other, and each knows the process and the user of the other`() throws {
    let path = "/tmp/roost-test-\(UInt32.random(in: 0 ... .max)).sock"
    let address = try #require(SystemAddress(.unix(path: path)))
    let listener = socket(AF_UNIX, SystemSockets.stream, 0)
    let client = socket(AF_UNIX, SystemSockets.stream, 0)
    defer {
      close(listener)
      close(client)
      unlink(path)
    }
    #expect(address.withPointer { bind(listener, $0, $1) } == 0)
    #expect(listen(listener, 1) == 0)
    #expect(address.withPointer { connect(client, $0, $1) } == 0)
    let peer = try #require(SystemSockets.peer(client))
    #expect(peer == (getpid(), geteuid()))
  }
}

@Suite struct `A prepared socket` {
  @Test func `does not block, is not inherited, and says nothing when its peer is gone`() throws {
    var ends: [CInt] = [-1, -1]
    try #require(socketpair(AF_UNIX, SystemSockets.stream, 0, &ends) == 0)
    defer { close(ends[0]) }
    SystemSockets.prepare(ends[0])
    #expect(fcntl(ends[0], F_GETFD) & FD_CLOEXEC != 0)
    var byte: UInt8 = 0
    #expect(recv(ends[0], &byte, 1, 0) == -1 && errno == EAGAIN)
    close(ends[1])
    // A signal would end the tests.
    #expect(send(ends[0], &byte, 1, SystemSockets.sendFlags) == -1 && errno == EPIPE)
  }

  @Test func `that is no socket of the unix family tells of nobody`() {
    #expect(SystemSockets.peer(-1) == nil)
  }
}

import Addresses
import Platform
import Testing

@testable import Receiver

@Suite("Listeners")
struct ListenerTests {
  private func configuration(_ hosts: [SocketAddress], unix: String? = nil) -> ReceiverConfiguration {
    ServerUnderTest.configuration {
      $0.tcp = hosts
      $0.unixSocketPath = unix
    }
  }

  private func isAnswering(_ listener: SocketAddress) throws -> Bool {
    let client = try Client(listener)
    client.post("/info", [1, 2, 3])
    return try client.response().body == "3"
  }

  @Test("localhost means both loopback addresses on one port")
  func dualStack() throws {
    let tested = try ServerUnderTest(configuration([.tcp(host: "localhost", port: 0)]))
    let ports = tested.server.listeners.map { listener in
      if case .tcp(_, let port) = listener { port } else { UInt16(0) }
    }
    #expect(Set(ports).count == 1)
    // A machine without IPv6 has one listener and a note, never an error.
    #expect(tested.server.listeners.count + tested.server.listenerFailures.count == 2)
    #expect(tested.server.listenerFailures.allSatisfy { $0.severity == .note && $0.address.hasPrefix("[::1]") })
    for listener in tested.server.listeners { #expect(try isAnswering(listener)) }
    for seen in tested.recorder.seen {
      guard case .loopback(let port) = seen.peer else {
        Issue.record("peer \(seen.peer)")
        continue
      }
      #expect(port != 0)
    }
  }

  @Test("a name that does not exist is fatal and says so")
  func unknownName() {
    // The top-level domain `invalid` is reserved and never resolves.
    let unknown = configuration([.tcp(host: "roost.invalid", port: 8126)])
    let error = #expect(throws: ReceiverError.self) {
      try HTTPServer(configuration: unknown) { _ in .now(Answer(status: 200, text: "")) }
    }
    #expect(error.map { "\($0)".contains("host roost.invalid port 8126: the name has no address") } == true)
  }

  @Test("a taken port for OTLP stops nothing, and is an error only where it was asked for", arguments: [true, false])
  func takenOTLPPort(isOptional: Bool) throws {
    let first = try ServerUnderTest()
    let tested = try ServerUnderTest(
      ServerUnderTest.configuration {
        $0.otlp = [
          OTLPListener(.tcp(host: "127.0.0.1", port: first.port), isOptional: isOptional),
          OTLPListener(.tcp(host: "127.0.0.1", port: 0), isOptional: isOptional),
        ]
      })
    #expect(tested.server.listeners.count == 2)
    for listener in tested.server.listeners { #expect(try isAnswering(listener)) }
    #expect(tested.server.listenerFailures.map(\.severity) == [isOptional ? .taken : .error])
    #expect(tested.server.listenerFailures.map(\.address) == ["127.0.0.1:\(first.port)"])
  }

  @Test("A port for calls of gRPC is opened only where they can be taken", arguments: [true, false])
  func forCalls(_ takesCalls: Bool) throws {
    let tested = try ServerUnderTest(
      ServerUnderTest.configuration {
        $0.otlp = [OTLPListener(.tcp(host: "127.0.0.1", port: 0), isForCalls: true)]
        if takesCalls { $0.calls = CallSettings() }
      })
    #expect(tested.server.listeners.count == (takesCalls ? 2 : 1))
    #expect(tested.server.listenerFailures.map(\.severity) == (takesCalls ? [] : [.error]))
  }

  @Test("a taken port is fatal and the error names host, port, cause and what to do")
  func takenPort() throws {
    let first = try ServerUnderTest()
    let taken = configuration([.tcp(host: "127.0.0.1", port: first.port)])
    let error = #expect(throws: ReceiverError.self) {
      try HTTPServer(configuration: taken) { _ in .now(Answer(status: 200, text: "")) }
    }
    #expect(
      error.map { "\($0)" }
        == "cannot listen on host 127.0.0.1 port \(first.port): Address already in use "
        + "(another process has the port; is an agent running already?)")
  }

  @Test("an address that the machine does not have is fatal unless it is loopback beside another")
  func missingAddress() throws {
    // 192.0.2.1 is reserved for documentation.
    let missing = configuration([.tcp(host: "192.0.2.1", port: 0)])
    let error = #expect(throws: ReceiverError.self) {
      try HTTPServer(configuration: missing) { _ in .now(Answer(status: 200, text: "")) }
    }
    #expect(error.map { "\($0)".hasPrefix("cannot listen on host 192.0.2.1 port 0: ") } == true)
  }

  @Test("a configuration without any listener is refused")
  func nothing() {
    #expect(throws: ReceiverError.nothingToListenOn([])) {
      try HTTPServer(configuration: configuration([])) { _ in .now(Answer(status: 200, text: "")) }
    }
  }

  @Test("the unix socket answers, has its mode, tells the peer, and is removed at stop")
  func unixSocket() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/apm.socket"
    let tested = try ServerUnderTest(configuration([], unix: path))
    #expect(tested.server.listenerFailures.isEmpty)
    #expect(tested.server.listeners == [.unix(path: path)])
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o722)
    #expect(try isAnswering(.unix(path: path)))
    #expect(tested.recorder.seen.map(\.peer) == [.unix(pid: getpid(), uid: getuid())])
    tested.server.stop()
    #expect(lstat(path, &status) != 0)
  }

  @Test("a stale socket file is replaced")
  func stale() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/apm.socket"
    try leaveStaleSocket(path)
    let tested = try ServerUnderTest(configuration([.tcp(host: "127.0.0.1", port: 0)], unix: path))
    #expect(tested.server.listenerFailures.isEmpty)
    #expect(try isAnswering(.unix(path: path)))
  }

  @Test("a live socket is never touched, and TCP goes on without it")
  func live() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/apm.socket"
    let first = try ServerUnderTest(configuration([], unix: path))
    let second = try ServerUnderTest(configuration([.tcp(host: "127.0.0.1", port: 0)], unix: path))
    #expect(second.server.listenerFailures.map(\.address) == [path])
    #expect(second.server.listenerFailures.map(\.reason.isEmpty) == [false])
    #expect(try isAnswering(second.server.listeners[0]))
    second.server.stop()
    #expect(try isAnswering(.unix(path: path)))
    #expect(first.recorder.seen.count == 1)
  }

  @Test("a file that is not a socket is never touched")
  func regularFile() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/file"
    let file = open(path, O_CREAT | O_WRONLY, 0o600)
    #expect(write(file, "kept", 4) == 4)
    close(file)
    let tested = try ServerUnderTest(configuration([.tcp(host: "127.0.0.1", port: 0)], unix: path))
    #expect(tested.server.listenerFailures.map(\.reason) == ["exists and is not a socket, so it is left alone"])
    tested.server.stop()
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_size == 4)
  }

  @Test(
    "a path that cannot be is a failure with its reason, and TCP goes on",
    arguments: [
      ("/tmp/roost-no-such-folder/apm.socket", "the directory does not exist"),
      ("/tmp/" + String(repeating: "a", count: 200), "a socket path may have 1 to"),
      ("", "a socket path may have 1 to"),
    ])
  func badPath(_ path: String, _ reason: String) throws {
    let tested = try ServerUnderTest(configuration([.tcp(host: "127.0.0.1", port: 0)], unix: path))
    #expect(tested.server.listenerFailures.count == 1)
    #expect(tested.server.listenerFailures.allSatisfy { $0.reason.contains(reason) && $0.severity == .error })
    #expect(try isAnswering(tested.server.listeners[0]))
  }

  @Test("a socket file that somebody else put there meanwhile survives the stop")
  func replacedFile() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/apm.socket"
    let tested = try ServerUnderTest(configuration([], unix: path))
    #expect(rename(path, "\(folder.path)/other.socket") == 0)
    try leaveStaleSocket(path)
    tested.server.stop()
    var status = stat()
    #expect(lstat(path, &status) == 0)
  }

  @Test("a unix socket among the TCP addresses is a failure, and the others go on")
  func unixAmongTCP() throws {
    let tested = try ServerUnderTest(configuration([.unix(path: "/tmp/a.socket"), .tcp(host: "127.0.0.1", port: 0)]))
    #expect(tested.server.listenerFailures.map(\.address) == ["/tmp/a.socket"])
    #expect(tested.server.listenerFailures.allSatisfy { $0.severity == .error })
    #expect(tested.server.listeners.count == 1)
    #expect(try isAnswering(tested.server.listeners[0]))
  }

  @Test("a listening descriptor is adopted instead of binding, and a wrong one is reported and bound instead")
  func adopted() throws {
    let number = socket(AF_INET, SystemSockets.stream, 0)
    #expect(listen(number, 8) == 0)
    var taken = configuration([.tcp(host: "127.0.0.1", port: 0)])
    taken.adoptedDescriptors.tcp = number
    let tested = try ServerUnderTest(taken)
    #expect(tested.server.listenerFailures.isEmpty)
    #expect(tested.server.listeners.count == 1)
    #expect(try Client(port: tested.port).send("GET"))

    var wrong = configuration([.tcp(host: "127.0.0.1", port: 0)])
    wrong.adoptedDescriptors = AdoptedDescriptors(tcp: 9_999)
    let other = try ServerUnderTest(wrong)
    #expect(other.server.listenerFailures.map(\.address) == ["descriptor 9999"])
    #expect(try isAnswering(other.server.listeners[0]))
  }

  @Test("a descriptor for calls takes the place of the addresses for calls, and of no other")
  func adoptedForCalls() throws {
    let number = socket(AF_INET, SystemSockets.stream, 0)
    #expect(listen(number, 8) == 0)
    let any = SocketAddress.tcp(host: "127.0.0.1", port: 0)
    var configured = configuration([any])
    configured.calls = CallSettings(messageBytesMax: 1 << 20, callsMax: 4)
    configured.otlp = [OTLPListener(any), OTLPListener(any, isForCalls: true), OTLPListener(any, isForCalls: true)]
    configured.adoptedDescriptors.calls = number
    let tested = try ServerUnderTest(configured)
    #expect(tested.server.listenerFailures.isEmpty)
    #expect(tested.server.listeners.count == 3)
    let adopted = try #require(SystemAddress(boundTo: number)).address
    #expect(tested.server.listeners.contains(adopted))

    configured.adoptedDescriptors.calls = 9_999
    let other = try ServerUnderTest(configured)
    #expect(other.server.listenerFailures.map(\.address) == ["descriptor 9999"])
    #expect(other.server.listeners.count == 4)
  }

  private func leaveStaleSocket(_ path: String) throws {
    let number = socket(AF_UNIX, SystemSockets.stream, 0)
    let address = try #require(SystemAddress(.unix(path: path)))
    #expect(address.withPointer { systemBind(number, $0, $1) } == 0)
    close(number)
  }
}

@Suite("Peers")
struct PeerTests {
  @Test(
    "an address reads as people write it",
    arguments: [
      (PeerIdentity(high: 0, low: 0xffff_7f00_0001, port: 1), "loopback port 1"),
      (PeerIdentity(high: 0, low: 0xffff_7f01_0203, port: 1), "loopback port 1"),
      (PeerIdentity(high: 0, low: 1, port: 2), "loopback port 2"),
      (PeerIdentity(high: 0, low: 0xffff_0a00_0102, port: 3), "10.0.1.2:3"),
      (PeerIdentity(high: 0x2001_0db8_0000_0000, low: 0xff, port: 4), "[2001:db8:0:0:0:0:0:ff]:4"),
      (.unix(pid: 7, uid: 0), "process 7 of user 0"), (.unknown, "unknown"),
    ])
  func text(_ peer: PeerIdentity, _ expected: String) {
    #expect(peer.description == expected)
  }
}

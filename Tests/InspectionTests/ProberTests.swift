import Addresses
import Diagnosis
import Foundation
import Testing

@testable import Inspection

@Suite("Probes of real sockets")
struct ProberTests {
  private static var limits: CollectionLimits {
    var limits = CollectionLimits()
    limits.connecting = .milliseconds(300)
    limits.answering = .milliseconds(300)
    limits.greeting = .milliseconds(300)
    return limits
  }

  private func probe(_ place: SocketAddress) -> ProbeResult? {
    Prober.probe([place: "host:1"], limits: Self.limits)[place]
  }

  private func probe(_ manner: LocalServer.Manner) throws -> (ProbeResult?, LocalServer) {
    let server = try LocalServer(manner)
    defer { server.stop() }
    return (probe(.tcp(host: "127.0.0.1", port: UInt16(server.port))), server)
  }

  @Test func `an HTTP answer is read, and only /info is asked for`() throws {
    let (result, server) = try probe(.answer("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nServer: x\r\n\r\nnope"))
    #expect(result?.outcome == .answered)
    #expect(result?.answer?.status == 404)
    #expect(result?.answer?.header("server") == "x")
    #expect(
      server.received == [
        "GET /info HTTP/1.1\r\nHost: host:1\r\nUser-Agent: roost-doctor\r\nAccept: application/json\r\n"
          + "Connection: close\r\n\r\n"
      ])
  }

  @Test func `nobody there is refused`() throws {
    let server = try LocalServer(.close)
    server.stop()
    let result = probe(.tcp(host: "127.0.0.1", port: UInt16(server.port)))
    #expect(result?.outcome == .refused)
    #expect(result?.errorName == "ECONNREFUSED")
  }

  @Test func `an end before a byte is told from silence`() throws {
    #expect(try probe(.close).0?.outcome == .closedAtOnce)
    let reset = try probe(.reset).0
    #expect(reset?.outcome == .closedAtOnce)
    #expect(try probe(.keepSilent).0?.outcome == .silent)
  }

  @Test(
    arguments: [
      (Array("SSH-2.0-OpenSSH_9.2\r\n".utf8), "ssh"), ([0x15, 3, 1, 0, 2, 2, 80], "tls"),
      ([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 5, 0, 0, 64, 0], "http2"), (Array("blah".utf8), nil as String?),
    ]) func `what is no HTTP is told by its first bytes`(bytes: [UInt8], spoken: String?) throws
  {
    let result = try probe(.speakFirst(bytes)).0
    #expect(result?.outcome == .notHTTP)
    #expect(result?.spoken == spoken)
  }

  @Test func `a server that waits for TLS is told from one behind which nothing is`() throws {
    let server = try LocalServer(.awaitTLS)
    defer { server.stop() }
    let result = probe(.tcp(host: "127.0.0.1", port: UInt16(server.port)))
    #expect(result?.outcome == .notHTTP)
    #expect(result?.spoken == "tls")
  }

  @Test func `the start of a TLS handshake has the lengths that it says`() {
    let hello = ProbeRequest.tlsHello
    #expect(hello.prefix(3) == [0x16, 3, 1])
    #expect(Int(hello[3]) << 8 | Int(hello[4]) == hello.count - 5)
    #expect(hello[5] == 1)
    #expect(Int(hello[6]) << 16 | Int(hello[7]) << 8 | Int(hello[8]) == hello.count - 9)
  }

  @Test func `a full queue that takes no more connections times out`() throws {
    let server = try LocalServer(.ignore, backlog: 0)
    defer { server.stop() }
    let place = SocketAddress.tcp(host: "127.0.0.1", port: UInt16(server.port))
    // They fill the queue and stay.
    let fillers = (0..<4).map { _ in ProbeConnection(place, sending: ProbeRequest.info("h"), limits: Self.limits) }
    let result = probe(place)
    #if os(Linux)
      #expect(result?.outcome == .timedOut)
      #expect(result?.errorName == "ETIMEDOUT")
    #endif
    #expect(fillers.count == 4)
  }

  @Test func `an address that this machine has no way to is unreachable`() {
    // A documentation prefix of IPv6 inside a link that does not exist.
    let result = probe(.tcp(host: "255.255.255.255", port: 9))
    #expect([.unreachable, .notPermitted, .timedOut].contains(result?.outcome))
  }

  @Test func `unix sockets: answered, missing, stale, datagram, file, too long`() throws {
    let folder = try TemporaryFolder()
    let live = try LocalServer(.answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), path: "\(folder.path)/live")
    defer { live.stop() }
    try LocalServer(.close, path: "\(folder.path)/stale").stop()
    let datagram = socket(AF_UNIX, LocalServer.datagram, 0)
    #expect(LocalServer.bind(datagram, to: "\(folder.path)/datagram"))
    defer { close(datagram) }
    try folder.write("", to: "file")
    let expected: [(String, ProbeEvidence.Outcome, String?)] = [
      ("live", .answered, nil), ("missing", .missing, "ENOENT"), ("missing/x", .missing, "ENOENT"),
      ("file/x", .missing, "ENOTDIR"), ("stale", .refused, "ECONNREFUSED"), ("datagram", .wrongType, "EPROTOTYPE"),
      (String(repeating: "x", count: 120), .pathTooLong, "ENAMETOOLONG"),
    ]
    let places = expected.map { SocketAddress.unix(path: "\(folder.path)/\($0.0)") }
    let results = Prober.probe(Dictionary(uniqueKeysWithValues: places.map { ($0, "h") }), limits: Self.limits)
    for (place, (name, outcome, error)) in zip(places, expected) {
      #expect(results[place]?.outcome == outcome, "\(name)")
      #expect(results[place]?.errorName == error, "\(name)")
    }
  }

  @Test func `dead places do not hold up each other`() throws {
    let servers = try (0..<24).map { _ in try LocalServer(.keepSilent) }
    defer { servers.forEach { $0.stop() } }
    let places = servers.map { (SocketAddress.tcp(host: "127.0.0.1", port: UInt16($0.port)), "h") }
    var limits = Self.limits
    limits.answering = .seconds(1)
    let start = ContinuousClock.now
    let results = Prober.probe(Dictionary(uniqueKeysWithValues: places), limits: limits)
    #expect(results.count == 24)
    #expect(results.values.allSatisfy { $0.outcome == .silent })
    // One after the other they would take 24 seconds; a slow machine has room enough below that.
    #expect(start.duration(to: .now) < .seconds(12))
  }
}

import Foundation
import Platform
import Synchronization
import Testing

@testable import Agent

@Suite struct `Whoever watches the agent` {
  private final class Hands: Sendable {
    let seconds = Atomic<Int>(0)
    let start = ContinuousClock.now
    var now: ContinuousClock.Instant { start + .seconds(seconds.load(ordering: .relaxed)) }
  }

  @Test func `learns which part gives no sign of life, and whether traces are taken`() {
    let hands = Hands()
    let health = AgentHealth { hands.now }
    let all = ["main-loop", "receiving-threads", "receiver"]
    #expect(health.report(includingReceiver: true) == .init(healthy: Array(all.prefix(2)), unhealthy: ["receiver"]))
    health.setListening(true)
    #expect(health.report(includingReceiver: true) == .init(healthy: all, unhealthy: []))
    hands.seconds.store(29, ordering: .relaxed)
    health.see(areThreadsFree: false)
    hands.seconds.store(30, ordering: .relaxed)
    #expect(!health.isAlive)
    #expect(
      health.report(includingReceiver: false) == .init(healthy: ["main-loop"], unhealthy: ["receiving-threads"]))
    health.see(areThreadsFree: true)
    #expect(health.isAlive)
    hands.seconds.store(60, ordering: .relaxed)
    #expect(health.report(includingReceiver: false).unhealthy == ["main-loop", "receiving-threads"])
    health.setListening(false)
    #expect(health.report(includingReceiver: true).unhealthy == all)
  }

  @Test func `gets 200 or 500 at the health port, with the names of the parts`() async throws {
    let hands = Hands()
    let health = AgentHealth { hands.now }
    let server = try HealthServer(port: 0, health: health)
    defer { server.stop() }
    guard case .tcp(_, let port)? = server.listeners.first else { throw CocoaError(.fileNoSuchFile) }
    func get(_ path: String) throws -> String { try plainHTTP(port: port, "GET \(path) HTTP/1.1\r\nHost: a") }
    #expect(try get("/ready").hasPrefix("HTTP/1.1 500"))
    for path in ["/live", "/", "/anything"] {
      let answer = try get(path)
      #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("application/json"))
      #expect(answer.hasSuffix("{\"Healthy\":[\"main-loop\",\"receiving-threads\"],\"Unhealthy\":[]}\n"))
    }
    health.setListening(true)
    #expect(try get("/ready").hasPrefix("HTTP/1.1 200") && get("/startup").hasPrefix("HTTP/1.1 200"))
    hands.seconds.store(31, ordering: .relaxed)
    #expect(try get("/live").hasSuffix("\"Unhealthy\":[\"main-loop\",\"receiving-threads\"]}\n"))
  }

  /// One request, and all that comes until the server closes the connection.
  private func plainHTTP(port: UInt16, _ head: String) throws -> String {
    let descriptor = socket(AF_INET, SystemSockets.stream, 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw CocoaError(.fileReadUnknown) }
    let bytes = Array("\(head)\r\nConnection: close\r\n\r\n".utf8)
    _ = write(descriptor, bytes, bytes.count)
    var text = ""
    var piece = [UInt8](repeating: 0, count: 4_096)
    while case let count = read(descriptor, &piece, piece.count), count > 0 {
      text += String(decoding: piece.prefix(count), as: UTF8.self)
    }
    return text
  }

  /// Only Linux has names that are no files.
  private static let kindsOfNames: [Bool] = {
    #if os(Linux)
      [false, true]
    #else
      [false]
    #endif
  }()

  @Test(arguments: kindsOfNames)
  func `is told by datagrams, as systemd wants it, when the agent is ready, reloads, lives and ends`(
    isAbstract: Bool
  ) throws {
    let name = "/tmp/roost-notify-\(UInt32.random(in: 0 ... .max)).sock"
    let taken = isAbstract ? try Datagrams(abstractName: name) : try Datagrams(path: name)
    let notices = ServiceNotices(
      environment: ["NOTIFY_SOCKET": isAbstract ? "@\(name)" : name, "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "7"],
      processID: 7)
    #expect(notices.watchdogInterval == .seconds(1))
    notices.ready("listening")
    #expect(taken.next() == "READY=1\nSTATUS=listening")
    notices.reloading()
    #expect(taken.next().hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
    notices.alive()
    notices.stopping()
    #expect(taken.next() == "WATCHDOG=1" && taken.next() == "STOPPING=1\nSTATUS=stopping")
  }

  @Test func `is told ten times a second that the agent lives, however short it waits`() {
    let notices = ServiceNotices(environment: ["NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "3"], processID: 7)
    #expect(notices.watchdogInterval == .milliseconds(100))
  }

  @Test(arguments: [
    [:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "vsock:2:1"], ["NOTIFY_SOCKET": "/nowhere/at/all"],
    ["NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "no"], ["NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "-1"],
    ["NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "5", "WATCHDOG_PID": "8"], ["WATCHDOG_USEC": "5"],
    ["NOTIFY_SOCKET": "@" + String(repeating: "n", count: 200)],
  ])
  func `that is not there, or waits for another process, costs nothing`(environment: [String: String]) {
    let notices = ServiceNotices(environment: environment, processID: 7)
    notices.ready("x")
    #expect(notices.watchdogInterval == nil)
  }
}

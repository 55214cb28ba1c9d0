import Addresses
import Platform
import Receiver
import Synchronization
import Testing

/// An intake that answers everything with the status it is told to.
final class IntakeUnderTest: Sendable {
  private final class Status: Sendable {
    let code: Atomic<UInt16>
    init(_ code: UInt16) { self.code = Atomic(code) }
  }

  private let status: Status
  private let server: HTTPServer
  let url: String

  init(status: UInt16) throws {
    let told = Status(status)
    self.status = told
    server = try HTTPServer(
      configuration: ReceiverConfiguration(tcp: [.tcp(host: "127.0.0.1", port: 0)]), note: { _ in },
      handler: { _ in .now(Answer(status: told.code.load(ordering: .relaxed), text: "")) }, rejected: { _ in })
    guard case .tcp(_, let port) = try #require(server.listeners.first) else { throw AgentUnderTest.Broken() }
    url = "http://127.0.0.1:\(port)"
  }

  deinit { server.stop(deadline: .seconds(2)) }

  /// From now on.
  func answer(_ code: UInt16) { status.code.store(code, ordering: .relaxed) }
}

/// Waits for a condition that another thread brings about; false when it does not come about.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
  for _ in 0..<20_000 {
    if try condition() { return true }
    var nothing = pollfd(fd: -1, events: 0, revents: 0)
    poll(&nothing, 1, 1)
  }
  return false
}

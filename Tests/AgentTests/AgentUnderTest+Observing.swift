import Control
import Platform
import Testing

@testable import Agent

/// What the tests of observations ask and do.
extension AgentUnderTest {
  var observed: ObservationsAnswer { queries.observed() }

  /// Rows of one kind.
  func clientIssues(_ kind: ClientIssueKind) -> [ClientIssueRow] {
    observed.clientIssues.filter { $0.kind == kind.rawValue }
  }

  /// Waits for what a closing connection brings about.
  func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<10_000 {
      if condition() { return true }
      var nothing = pollfd(fd: -1, events: 0, revents: 0)
      poll(&nothing, 1, 1)
    }
    return false
  }

  /// One request as a tracer would send it; the status of its answer.
  @discardableResult
  func request(
    _ path: String, _ body: [UInt8] = [], method: String = "PUT", client: String = "python", version: String = "4.16.0",
    headers: [String: String] = [:]
  ) throws -> Int {
    var headers = headers
    if !client.isEmpty {
      headers["Datadog-Meta-Lang"] = client
      headers["Datadog-Meta-Tracer-Version"] = version
    }
    if method == "PUT" { headers["Content-Type"] = "application/msgpack" }
    return try post(path, body, headers, method: method).status
  }
}

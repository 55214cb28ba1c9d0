import Foundation
import Testing

@testable import Exporting

@Suite struct `A destination` {
  private static let logs = OutgoingPayload.Kind(rawValue: "logs")

  private static func log(_ number: Int) -> OutgoingPayload {
    OutgoingPayload(
      kind: logs, path: "/v1/logs", body: .memory([UInt8]("\(number);".utf8)), contentType: "application/json",
      contentEncoding: "", headers: [HTTPHeader("X-Part", "\(number)")], counts: PayloadCounts(spans: 1),
      uncompressedBytes: 2)
  }

  @Test func `is one value, with headers, a kind of payload and a patience of its own`() throws {
    let other = try FaultyIntake([.status(503)])
    let datadog = try FaultyIntake()
    var destination = try Destination(
      baseURL: other.url + "/in/", headers: [HTTPHeader("Authorization", "Bearer a b"), HTTPHeader("X-Org", "7")],
      userAgent: "roost", takes: [Self.logs: Destination.LaneLimits(connectionsMax: 1, queueBytesMax: 100)])
    destination.retry.retriesMax = 0
    let log = OutcomeLog()
    let forwarder = try Forwarder(
      destinations: [
        .datadog(baseURL: datadog.url, apiKey: testKey, version: "1", commit: ""), destination,
      ], onOutcome: { log.add($0, $1) })
    forwarder.enqueue(Self.log(1))
    #expect(log.waitForFinals(1))
    forwarder.enqueue(Self.log(2))
    forwarder.enqueue(tracesPayload(3))
    forwarder.stop(deadline: .later)

    #expect(log.finals.count == 3)
    #expect(other.requests.map(\.line) == ["POST /in/v1/logs HTTP/1.1", "POST /in/v1/logs HTTP/1.1"])
    let request = try #require(other.requests.last)
    #expect(request.headers["authorization"] == "Bearer a b" && request.headers["x-org"] == "7")
    #expect(request.headers["user-agent"] == "roost" && request.headers["x-part"] == "2")
    #expect(request.headers["dd-api-key"] == nil && request.headers["content-encoding"] == nil)
    #expect(datadog.requests.map(\.line) == ["POST /api/v0.2/traces HTTP/1.1"])
    let counters = forwarder.counters.destinations
    #expect(counters.map { Set($0.kinds.keys) } == [[.traces, .stats], [Self.logs]])
    #expect(counters[1][Self.logs].dropped == [.retriesExhausted: 1] && counters[1][Self.logs].sentPayloads == 1)
    #expect(forwarder.counters.attempts == 2 && forwarder.counters[.traces].sentPayloads == 1)
  }

  static let headers: [(header: HTTPHeader, isValid: Bool, line: String?)] = [
    (HTTPHeader("X-A", "b c"), true, "X-A: b c"),
    (HTTPHeader("X-A", ""), false, nil),
    (HTTPHeader("X-A", "b\r\nX-B: c"), false, "X-A: bX-B: c"),
    (HTTPHeader("X-A:\r\nX-B", "c"), false, nil),
    (HTTPHeader("X-A", "ü"), false, nil),
    (HTTPHeader("", "b"), false, nil),
  ]

  @Test(arguments: headers.indices)
  func `has headers that cannot begin another one`(index: Int) throws {
    let (header, isValid, line) = Self.headers[index]
    #expect(header.isValid == isValid && header.line == line)
    let destination = Result { () throws(ForwarderError) in
      try Destination(baseURL: "http://x", headers: [header], userAgent: "", takes: [:])
    }
    #expect(((try? destination.get()) != nil) == isValid)
  }
}

import Compression
import Control
import Platform
import Processing
import TestCalls
import TestSpans
import Testing
import TraceModel

@testable import Agent

@Suite struct `Large requests` {
  /// A payload of more than half a MiB whose only trace is of this service.
  private static func payload(_ id: UInt64, service: String) -> [UInt8] {
    TestPayload.v04([
      [
        TestSpan(id).with {
          $0.service = service
          $0.meta = [("text", String(repeating: "x", count: 600_000))]
        }
      ]
    ])
  }

  /// Compressed it has few bytes when it comes.
  @Test(arguments: [nil, PayloadCompression.gzip(), .zstd()])
  func `leave the receiving thread to small ones, and are counted like them`(compression: PayloadCompression?) throws {
    let stuck = try StuckStep()
    let agent = try AgentUnderTest(threads: 1, steps: [stuck] + ProcessingConfiguration().steps)
    var body = Self.payload(7, service: "stuck")
    var head = "PUT /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/msgpack\r\n"
    if let compression {
      body = try compression.compressed(body)
      head += "Content-Encoding: \(compression.contentEncoding)\r\n"
      #expect(body.count < 16_000)
    }
    try agent.holding(Array("\(head)Content-Length: \(body.count)\r\n\r\n".utf8) + body) { () throws in
      #expect(stuck.began.waitUntilWoken(atMost: .seconds(60)))
      #expect(try agent.request("/v0.4/traces", TestPayload.v04([[TestSpan(1)]])) == 200)
      #expect(agent.info.received.traces == 1)
      stuck.mayEnd.wake()
    }
    #expect(agent.eventually { agent.info.received.traces == 2 })
    #expect(try agent.request("/v0.4/traces", Self.payload(8, service: "web")) == 200)
    #expect(agent.info.received.traces == 3 && agent.info.received.spans == 3)
    #expect(try agent.request("/v0.4/traces", [UInt8](repeating: 0xC1, count: 600_000)) == 400)
    #expect(agent.info.refused.values.reduce(0, +) == 1)
  }

  @Test func `are calls of gRPC too`() throws {
    let stuck = try StuckStep()
    let agent = try AgentUnderTest(
      threads: 1, steps: [stuck] + ProcessingConfiguration().steps, takesCalls: true)
    let body = AgentUnderTest.export(trace: 7, service: "stuck", textBytes: 600_000)
    try agent.holding(ClientFrame.opening + ClientFrame.call(1, AgentUnderTest.exportPath, body)) { () throws in
      #expect(stuck.began.waitUntilWoken(atMost: .seconds(60)))
      #expect(try agent.call(AgentUnderTest.export(trace: 8, service: "web")).status == 0)
      #expect(agent.info.received.traces == 1)
      stuck.mayEnd.wake()
    }
    #expect(agent.eventually { agent.info.received.traces == 2 })
    #expect(try agent.call(AgentUnderTest.export(trace: 9, service: "web", textBytes: 600_000)).status == 0)
    #expect(agent.info.received.traces == 3 && agent.info.received.spans == 3)
    let refused = try agent.call([UInt8](repeating: 0xFF, count: 600_000))
    #expect(refused.status == 3 && agent.info.refused.values.reduce(0, +) == 1)
  }

  @Test func `that have not begun when the agent stops are counted as refused`() throws {
    let stuck = try StuckStep()
    let agent = try AgentUnderTest(threads: 1, steps: [stuck] + ProcessingConfiguration().steps)
    let body = Self.payload(7, service: "stuck")
    let head =
      "PUT /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/msgpack\r\nX-Datadog-Trace-Count: 1\r\n"
    let bytes = Array("\(head)Content-Length: \(body.count)\r\n\r\n".utf8) + body
    try agent.holding(bytes) { () throws in
      #expect(stuck.began.waitUntilWoken(atMost: .seconds(60)))
      try agent.holding(bytes) { () throws in
        #expect(agent.eventually { agent.server.connectionCounters.lateAnswers.outstanding == 2 })
        agent.server.drain(deadline: .milliseconds(100))
        #expect(!agent.receiver.stopLargeRequests(deadline: .soon))
        #expect(agent.info.dropped["stopping"]?.traces == 1, "while the other one is still at work")
        stuck.mayEnd.wake()
      }
    }
    #expect(agent.eventually { agent.info.missingThreads == nil })
    let info = agent.info
    #expect(info.received.traces == 2 && info.kept.traces == 1)
    #expect(info.dropped["stopping"]?.traces == 1)
  }
}

import Configuration
import Decoding
import Patterns
import TestSpans
import Testing
import TraceModel

@testable import Agent
@testable import Receiver

/// Requests of OpenTelemetry's collector, which have spans of many programs.
@Suite struct `Parts of an OTLP request` {
  /// A request of several resources with a span each.
  private static func request(parts: Int, textBytes: Int) -> [UInt8] {
    (0..<parts).flatMap { _ in AgentUnderTest.export(trace: 1, service: "shop", textBytes: textBytes) }
  }

  @Test func `leave nothing of what rules made of them in memory for the next ones`() throws {
    var configuration = AgentConfiguration()
    configuration.replaceRules = [
      try ReplaceRule(name: "*", pattern: Pattern("x"), replacement: String(repeating: "y", count: 100))
    ]
    let parts = PipelineParts(configuration, hostname: "box", peerTags: [], version: "1", forwarder: nil)
    var pipeline = TracePipeline(parts, nowNs: TestSpan.someTimeNs)
    var outbox = Outbox()
    let body = Self.request(parts: 20, textBytes: 500)
    try RequestHeaders.with([:]) { headers throws in
      try body.withUnsafeBytes { body in
        let payload = TracePayload(body: body, client: ClientMetadata(headers), nowNs: TestSpan.someTimeNs)
        let count = try pipeline.decodeParts(of: payload, .protobuf)
        let decoded = (pipeline.batch.sideArena.count, pipeline.batch.meta.count)
        var sizes: [[Int]] = []
        for part in 0..<count {
          _ = pipeline.run(part: part, of: payload, &outbox)
          let batch = (pipeline.batch.sideArena.count, pipeline.batch.meta.count, pipeline.batch.addedMetrics.count)
          sizes.append([batch.0, batch.1, batch.2])
        }
        // The first of all spans may get a little more than others, as one that the samplers have not seen before.
        let added = sizes[0][0] - decoded.0
        #expect(sizes.count == 20 && sizes.allSatisfy { $0[0] <= decoded.0 + added + 1_000 })
        // The rule worked, and stages added attributes.
        #expect(sizes[0][0] > decoded.0 + 50_000 && sizes[0][2] > 0)
        pipeline.release()
      }
    }
  }

  @Test(arguments: [false, true])
  func `are refused together when there is no memory for all of them`(isCall: Bool) throws {
    let memory = MemoryLimit(bytesMax: 2 << 20, resident: { 0 }, giveBack: {})
    let agent = try AgentUnderTest(takesCalls: true, memory: memory)
    func send(parts: Int) throws -> Int? {
      let body = Self.request(parts: parts, textBytes: 1)
      if isCall { return try agent.call(body).status }
      return try agent.post("/v1/traces", body, ["Content-Type": "application/x-protobuf"]).status
    }
    // Each of them would find its memory.
    #expect(try send(parts: 9_000) == (isCall ? 14 : 429))
    #expect(agent.info.refused == ["memory_limit": 1])
    #expect(agent.info.received.traces == 0 && agent.info.kept.traces == 0)
    #expect(try agent.services().isEmpty)
    // What it had claimed is there again.
    #expect(try send(parts: 50) == (isCall ? 0 : 200))
    let info = agent.info
    #expect(info.received.traces == 50 && info.received.spans == 50)
    #expect(info.received.traces == info.kept.traces + info.dropped.values.reduce(0) { $0 + $1.traces })
    #expect(try agent.services().map(\.service) == ["shop"])
  }
}

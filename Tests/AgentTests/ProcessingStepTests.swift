import Processing
import TestSpans
import Testing
import TraceModel

@testable import Agent

/// Removes the traces of one service.
private struct ServiceFilter: ProcessingStep {
  static let reason = RemovalReason("unwanted_service", .filtered)
  let name = "service_filter"
  let service: StaticString

  var removalReasons: [RemovalReason] { [Self.reason] }

  func process(_ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext) -> RemovalReason? {
    batch.equal(batch.spans[Int(batch.chunks[chunk].root)].service, service) ? Self.reason : nil
  }
}

@Suite struct ProcessingStepTests {
  @Test func `a step that is one value more runs in the agent, and what it removes is accounted for`() throws {
    var steps = ProcessingConfiguration().steps
    steps.insert(ServiceFilter(service: "cron"), at: 2)
    let agent = try AgentUnderTest(steps: steps)
    let cron = TestSpan(2).with { $0.service = "cron" }
    let kept = TestSpan().metric("_sampling_priority_v1", 1)
    for _ in 0..<4 {
      let response = try agent.post("/v0.4/traces", TestPayload.v04([[cron, TestSpan(3, parent: 2)], [kept], []]))
      #expect(response.status == 200)
    }
    let info = agent.info
    #expect(info.received.traces == 12 && info.kept.traces == 4)
    #expect(info.dropped["unwanted_service"]?.traces == 4 && info.dropped["unwanted_service"]?.spans == 8)
    #expect(info.dropped["empty_trace"]?.traces == 4)
    #expect(info.dropped.values.reduce(0) { $0 + $1.traces } + info.kept.traces == info.received.traces)
    #expect(info.malformed == [:])
    #expect(try agent.services().map(\.service) == ["web"])
  }
}

import Configuration
import TestSpans
import Testing

@testable import Agent

@Suite struct `Rules that have changed` {
  private static let messagePack = ["Content-Type": "application/msgpack"]

  private func steps(_ yaml: String) -> AgentConfiguration {
    ConfigurationLoader.load(file: ConfigurationFile(path: "x", bytes: Array(yaml.utf8))).value
  }

  @Test func `hold from the next payload on, and what was counted before stays`() throws {
    let agent = try AgentUnderTest(threads: 1)
    let payload = TestPayload.v04([
      [TestSpan(1).with { $0.resource = "GET /ping" }], [TestSpan(2).with { $0.traceID = 0 }],
    ])
    func post() throws { _ = try agent.post("/v0.4/traces", payload, Self.messagePack) }
    try post()
    #expect(agent.info.dropped["ignore_resources"] == nil && agent.info.dropped["trace_id_zero"]?.traces == 1)
    let changed = steps("apm_config: {ignore_resources: [\"^GET /ping$\"]}")
    agent.receiver.parts.pipeline.changedProcessing.replace(by: PipelineParts.steps(changed, threads: 1))
    try post()
    #expect(agent.info.dropped["ignore_resources"]?.traces == 1 && agent.info.dropped["trace_id_zero"]?.traces == 2)
    agent.receiver.parts.pipeline.changedProcessing.replace(by: PipelineParts.steps(steps(""), threads: 1))
    try post()
    #expect(agent.info.dropped["ignore_resources"]?.traces == 1 && agent.info.dropped["trace_id_zero"]?.traces == 3)
  }
}

import Foundation
import TestFixtures
import Testing

@testable import Agent

/// OTLP over HTTP, as its specification wants it answered.
@Suite struct `Requests of OTLP` {
  private static let json = ["Content-Type": "application/json"]
  private static let protobuf = ["Content-Type": "application/x-protobuf"]

  /// A request with one span of each of these ids.
  private static func request(_ ids: [(trace: String, span: String)], service: String = "shop") -> [UInt8] {
    let spans = ids.map { id in
      #"{"traceId":"\#(id.trace)","spanId":"\#(id.span)","name":"a","kind":2,"startTimeUnixNano":"1750000000000000000","#
        + #""endTimeUnixNano":"1750000000005000000"}"#
    }
    let resource = #"{"attributes":[{"key":"service.name","value":{"stringValue":"\#(service)"}}]}"#
    let part = #"{"resource":\#(resource),"scopeSpans":[{"spans":[\#(spans.joined(separator: ","))]}]}"#
    return Array(#"{"resourceSpans":[\#(part)]}"#.utf8)
  }

  private static let trace = "5b8aa5a2d2c872e8321cf37308d69df2"
  private static let good = request([(trace, "00000000000000a1")])

  private static func rich() throws -> [UInt8] {
    let document = try #require(try Fixtures.json("otlp/rich.json") as? [String: Any])
    return Array(try #require(Data(base64Encoded: document["protobuf"] as? String ?? "")))
  }

  @Test func `are answered with an empty message in their own encoding, and counted`() throws {
    let agent = try AgentUnderTest()
    let answer = try agent.post("/v1/traces", Self.good, Self.json)
    #expect((answer.status, answer.body, answer.headers["content-type"]) == (200, "{}", "application/json"))
    let other = try agent.post("/v1/traces", [], Self.protobuf)
    #expect((other.status, other.body, other.headers["content-type"]) == (200, "", "application/x-protobuf"))
    #expect(try agent.services().map(\.service) == ["shop"])
    #expect(agent.info.clients.map(\.endpoint) == ["otlp", "otlp"])
    #expect(agent.info.received.payloads == 2)
  }

  @Test func `with several resources are one payload of several senders`() throws {
    let agent = try AgentUnderTest()
    #expect(try agent.post("/v1/traces", try Self.rich(), Self.protobuf).status == 200)
    let received = agent.info.received
    #expect((received.payloads, received.traces, received.spans) == (1, 3, 5))
    #expect(received.bytes == UInt64(try Self.rich().count))
    #expect(Set(agent.info.clients.map { "\($0.language) \($0.tracerVersion)" }) == ["python otlp-1.45.2", "go otlp-"])
    #expect(Set(try agent.services().map(\.service)).contains("otlpresourcenoservicename"))
  }

  @Test func `of which one part is broken are refused as a whole`() throws {
    let agent = try AgentUnderTest()
    let answer = try agent.post("/v1/traces", try Self.rich() + [0x0A, 0x02, 0x12, 0x7F], Self.protobuf)
    #expect(answer.status == 400 && answer.headers["content-type"] == "application/x-protobuf")
    #expect(answer.body.hasPrefix("\u{8}\u{3}\u{12}"))
    #expect(try agent.services().isEmpty)
    #expect(agent.info.refused == ["msgp_short_bytes": 1])
  }

  @Test func `whose ids are impossible are taken in part`() throws {
    let agent = try AgentUnderTest()
    let zero = String(repeating: "0", count: 32)
    let body = Self.request([(Self.trace, "00000000000000a1"), (zero, "00000000000000a2")])
    let answer = try agent.post("/v1/traces", body, Self.json)
    #expect(answer.status == 200)
    let expected =
      #"{"partialSuccess":{"rejectedSpans":"1","errorMessage":"1 spans of traces with impossible ids"}}"#
    #expect(answer.body == expected)
    #expect(agent.info.dropped["trace_id_zero"]?.traces == 1)
  }

  @Test(
    arguments: [
      ("/v1/traces", "{", json, 400, #"{"code":3,"message":"#), ("/v1/traces", "", json, 400, #"{"code":3,"message":"#),
      ("/v1/traces", "{}", ["Content-Type": "text/plain"], 415, "\u{8}\u{3}\u{12}"),
      ("/v1/traces", "{}", json.merging(["Content-Encoding": "br"]) { $1 }, 415, #"{"code":3,"message":"#),
      ("/v1/traces", "{}", json.merging(["Content-Encoding": "gzip"]) { $1 }, 400, #"{"code":3,"message":"#),
      ("/v1/metrics", "{}", json, 501, #"{"code":12,"message":"roost takes traces, and no OpenTelemetry metrics"}"#),
      ("/v1/logs", "", protobuf, 501, "\u{8}\u{C}\u{12}"),
    ] as [(String, String, [String: String], Int, String)])
  func `that it cannot take get a status in their encoding`(
    _ path: String, _ body: String, _ headers: [String: String], _ status: Int, _ answer: String
  ) throws {
    let agent = try AgentUnderTest()
    let response = try agent.post(path, Array(body.utf8), headers)
    #expect(response.status == status && response.body.hasPrefix(answer), "\(response)")
    #expect(response.headers["datadog-agent-version"] == "1.2.3")
  }

  @Test func `are refused while there is no memory, so that exporters try again`() throws {
    let agent = try AgentUnderTest()
    agent.receiver.setOverloaded(true)
    let answer = try agent.post("/v1/traces", Self.good, Self.json)
    #expect(answer.status == 429 && answer.body.hasPrefix(#"{"code":8,"#))
  }
}

import Compression
import Foundation
import TestCalls
import TestFixtures
import Testing

@testable import Agent

/// OTLP over gRPC, as its specification wants it answered.
@Suite struct `Calls of OTLP` {
  private static func rich() throws -> [UInt8] {
    let document = try #require(try Fixtures.json("otlp/rich.json") as? [String: Any])
    return Array(try #require(Data(base64Encoded: document["protobuf"] as? String ?? "")))
  }

  /// A span with these ids, of a service called shop.
  private static func span(trace: [UInt8], span: [UInt8]) -> [UInt8] {
    func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }
    let resource = field(1, field(1, Array("service.name".utf8)) + field(2, field(1, Array("shop".utf8))))
    let record = field(1, trace) + field(2, span) + field(5, Array("GET /".utf8))
    return field(1, field(1, resource) + field(2, field(2, record)))
  }

  private static let good = span(trace: Array(1...16), span: Array(1...8))

  @Test func `are answered with an empty message, and counted like requests over HTTP`() throws {
    let agent = try AgentUnderTest(takesCalls: true)
    let answer = try agent.call(Self.good)
    #expect(answer.status == 0 && answer.data == [0, 0, 0, 0, 0])
    #expect(try agent.services().map(\.service) == ["shop"])
    #expect(try agent.call(try Self.rich()).status == 0)
    #expect(try agent.post("/v1/traces", try Self.rich(), ["Content-Type": "application/x-protobuf"]).status == 200)
    let received = agent.info.received
    #expect((received.payloads, received.traces, received.spans) == (3, 7, 11))
    #expect(received.bytes == UInt64(try Self.good.count + 2 * Self.rich().count))
    #expect(Set(agent.info.clients.map(\.endpoint)) == ["otlp"])
    #expect(agent.server.connectionCounters.requests == 3)
  }

  @Test func `may be compressed`() throws {
    let agent = try AgentUnderTest(takesCalls: true)
    for (name, format) in [("gzip", PayloadCompression.gzip(level: 1)), ("zstd", .zstd(level: 1))] {
      let body = try format.compressed(Self.good)
      let answer = try agent.call(body, flag: 1, [("grpc-encoding", name)])
      #expect(answer.status == 0, "\(name): \(answer)")
    }
    #expect(try agent.services().map(\.hits) == [2])
  }

  @Test func `whose ids are impossible are taken in part`() throws {
    let agent = try AgentUnderTest(takesCalls: true)
    let zero = [UInt8](repeating: 0, count: 16)
    let answer = try agent.call(Self.good + Self.span(trace: zero, span: Array(1...8)))
    #expect(answer.status == 0)
    // `rejected_spans` is the first field of `partial_success`, behind its head.
    #expect(answer.message.dropFirst(2).starts(with: [0x08, 0x01, 0x12]), "\(answer.message)")
    #expect(String(decoding: answer.message, as: UTF8.self).hasSuffix("1 spans of traces with impossible ids"))
    #expect(agent.info.dropped["trace_id_zero"]?.traces == 1)
  }

  /// The method, the message and its encoding, the status, what its message begins with, and what is counted as refused.
  private static let refusals: [(String, [UInt8], String?, Int, String, String)] = [
    (AgentUnderTest.exportPath, [0x0A, 0x05, 0x12], nil, 3, "", "msgp_short_bytes"),
    (AgentUnderTest.exportPath, good, "br", 12, "", "unsupported_content_encoding"),
    (AgentUnderTest.exportPath, good, "gzip", 3, "", "corrupt_content_encoding"),
    (
      "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", [], nil, 12,
      "roost takes traces, and no OpenTelemetry metrics", "not_offered"
    ),
    (
      "/opentelemetry.proto.collector.logs.v1.LogsService/Export", [], nil, 12,
      "roost takes traces, and no OpenTelemetry logs", "not_offered"
    ),
    ("/v1/traces", good, nil, 12, "roost has no such method", "not_found"),
    ("/info", [], nil, 12, "roost has no such method", "not_found"),
  ]

  @Test(arguments: refusals)
  func `that it cannot take end with the status that says why`(
    _ path: String, _ body: [UInt8], _ encoding: String?, _ status: Int, _ message: String, _ reason: String
  ) throws {
    let agent = try AgentUnderTest(takesCalls: true)
    let answer = try agent.call(
      body, path: path, flag: encoding == nil ? 0 : 1, encoding.map { [("grpc-encoding", $0)] } ?? [])
    #expect(answer.status == status && answer.headers["grpc-message"]?.hasPrefix(message) == true, "\(answer)")
    #expect(answer.headers["grpc-accept-encoding"] == "identity,gzip,zstd")
    #expect(agent.info.refused == [reason: 1])
  }

  @Test func `are too large, compressed or not, and not sent again`() throws {
    let agent = try AgentUnderTest(takesCalls: true) { $0.maxPayloadBytes = 10_000 }
    let large = [UInt8](repeating: 0, count: 20_000)
    #expect(try agent.call(large).status == 8)
    let body = try PayloadCompression.gzip(level: 1).compressed(large)
    #expect(try agent.call(body, flag: 1, [("grpc-encoding", "gzip")]).status == 8)
    #expect(agent.info.refused == ["payload_too_large": 2])
  }

  @Test func `are refused while there is no memory, so that exporters try again`() throws {
    let agent = try AgentUnderTest(takesCalls: true)
    agent.receiver.setOverloaded(true)
    #expect(try agent.call(Self.good).status == 14)
    #expect(agent.info.refused == ["memory_limit": 1])
  }

  @Test func `of a web page are none`() throws {
    let agent = try AgentUnderTest(takesCalls: true)
    #expect(try agent.call(Self.good, [("origin", "https://shop.example")]).status == 7)
    #expect(agent.info.refused == ["cross_site": 1])
  }

  @Test func `are no methods of HTTP`() throws {
    let agent = try AgentUnderTest(takesCalls: true)
    #expect(try agent.post(AgentUnderTest.exportPath, Self.good, ["Content-Type": "application/grpc"]).status == 404)
  }
}

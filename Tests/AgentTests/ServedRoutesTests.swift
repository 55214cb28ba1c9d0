import Control
import Decoding
import Foundation
import Platform
import Receiver
import TestFixtures
import TestSpans
import Testing
import TraceModel

@testable import Agent

@Suite struct `A format of traces` {
  private static let messagePack = ["Content-Type": "application/msgpack"]
  private static let body = TestPayload.v04([[TestSpan(1), TestSpan(2, parent: 1)]])

  /// v0.4, but that the service of the first span is the client's language.
  private static func format(
    encoding: (@escaping TracesDecoder) -> TraceFormat.Encoding = TraceFormat.Encoding.messagePack,
    answer: TraceFormat.AnswerPolicy = .rates, client: TraceFormat.ClientDescription = .body
  ) -> TraceFormat {
    TraceFormat(
      name: "v9.9", paths: [.listed("/v9.9/traces"), .hidden("/spans/9")],
      encoding: encoding { (body, keys, scratch, batch) throws(DecodeError) in
        try TracesV04.decode(body, keys: keys, scratch: &scratch, into: &batch)
        if batch.spans.count > 0 { batch.payload.languageName = batch.spans[0].service }
      }, answer: answer, client: client, shapes: [.arrayOfTraces])
  }

  private static func agent(_ format: TraceFormat) throws -> AgentUnderTest {
    var routes = ServedRoutes.standard
    routes.rows.append(.init(format))
    return try AgentUnderTest(routes: routes)
  }

  @Test func `is served, offered and labelled once it is in the table`() throws {
    let agent = try Self.agent(Self.format())
    let headers = Self.messagePack.merging(["Datadog-Meta-Tracer-Version": "7", "Datadog-Meta-Lang": "go"]) { $1 }
    let response = try agent.post("/v9.9/traces", Self.body, headers)
    #expect(response.status == 200 && response.body.hasPrefix(#"{"rate_by_service":"#))
    #expect(try agent.post("/spans/9", Self.body, headers).status == 200)
    #expect(try agent.services().map(\.hits) == [2])

    let document = try agent.post("/info", [], method: "GET").body
    let fields = try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any]
    let endpoints = try #require(fields?["endpoints"] as? [String])
    #expect(endpoints.last == "/v9.9/traces" && endpoints == agent.info.endpoints)

    let client = try #require(agent.info.clients.first)
    #expect(agent.info.clients.count == 1 && client.endpoint == "v9.9" && client.received.traces == 2)
  }

  @Test func `whose payloads describe their client is filled in from headers`() throws {
    let headers = ["Datadog-Meta-Tracer-Version": "7", "Datadog-Meta-Lang": "go"]
    for (client, language) in [(TraceFormat.ClientDescription.body, "web"), (.headers, "go")] {
      let agent = try Self.agent(Self.format(client: client))
      _ = try agent.post("/v9.9/traces", Self.body, headers)
      let row = try #require(agent.info.clients.first)
      #expect(row.language == language && row.tracerVersion == "7")
      #expect(agent.info.processes.map(\.language) == [language])
    }
  }

  @Test func `that does not fit is named with its label and its path`() throws {
    let agent = try Self.agent(Self.format())
    let response = try agent.post("/spans/9", [0x91, 0x91, 0xc1], traces: 3, Self.messagePack)
    #expect(response.status == 400 && response.body.hasPrefix("byte 2"))
    #expect(agent.info.dropped["decoding_error"]?.traces == 3)
    #expect(agent.clientIssues(.undecodable).first?.detail.hasPrefix("/v9.9/traces: byte 2") == true)
    #expect(agent.info.lastErrors.first?.message.hasPrefix("cannot decode a v9.9 payload of 3 bytes") == true)
  }

  @Test func `is answered as it says`() throws {
    #expect(try Self.agent(Self.format(answer: .okText)).post("/v9.9/traces", Self.body).body == "OK\n")
    #expect(try Self.agent(Self.format()).post("/v9.9/traces", Self.body).body != "OK\n")
  }

  /// What is declared, what comes, and how it is answered and counted.
  struct Body: Sendable {
    var path: String
    var type: String?
    var bytes: [UInt8]
    var status: Int
    var refusal: String?

    init(_ path: String, _ type: String?, _ bytes: [UInt8], _ status: Int = 200, _ refusal: String? = nil) {
      (self.path, self.type, self.bytes, self.status, self.refusal) = (path, type, bytes, status, refusal)
    }

    /// What the answer begins with.
    var answer: String {
      switch refusal {
      case nil: path > "/v0.4" ? #"{"rate_by_service":{"# : "OK\n"
      case "unsupported_media_type": "this endpoint takes JSON, not MessagePack\n"
      case "unexpected_eof" where bytes.isEmpty: "unexpected-eof"
      default: "byte "
      }
    }
  }

  static let bodies: [Body] = {
    let span =
      #"{"TRACE_ID":"18446744073709551615","span_id":9007199254740993,"service":"web","name":"n","resource":"r"}"#
    let (flat, json) = (Array("[\(span)]".utf8), Array("[[\(span)]]".utf8))
    let cut = Array(json.dropLast(2))
    var bodies: [Body] = []
    for path in ["/v0.3/traces", "/v0.4/traces"] {
      for type in [nil, "", "application/json", "text/json; charset=utf-8", "Application/JSON", "text/plain", "x"] {
        bodies.append(Body(path, type, json))
        bodies.append(Body(path, type, [], 400, "unexpected_eof"))
        bodies.append(Body(path, type, cut, 400, "unexpected_eof"))
        bodies.append(Body(path, type, flat, 400, "decoding_error"))
      }
      for type in [nil, "text/plain", "application/msgpackx"] { bodies.append(Body(path, type, body)) }
      for type in ["application/msgpack", "Application/MsgPack;v=1"] {
        bodies.append(Body(path, type, body))
        bodies.append(Body(path, type, [], 400, "msgp_short_bytes"))
        bodies.append(Body(path, type, json, 400, "decoding_error"))
      }
      bodies.append(Body(path, "application/json", body, 400, "decoding_error"))
    }
    for (path, good, bad) in [
      ("/v0.2/traces", json, flat), ("/v0.1/spans", flat, json), ("/spans", flat, json),
    ] {
      for type in [nil, "application/json", "text/plain"] {
        bodies.append(Body(path, type, good))
        bodies.append(Body(path, type, bad, 400, "decoding_error"))
        bodies.append(Body(path, type, body, 400, "decoding_error"))
        bodies.append(Body(path, type, [], 400, "unexpected_eof"))
      }
      for bytes in [good, body, []] {
        bodies.append(Body(path, "application/msgpack", bytes, 415, "unsupported_media_type"))
      }
    }
    for type in [nil, "application/json"] {
      bodies.append(Body("/v0.5/traces", type, [0x92, 0x91, 0xA0, 0x90]))
      bodies.append(Body("/v0.5/traces", type, [], 400, "msgp_short_bytes"))
      bodies.append(Body("/v0.5/traces", type, json, 400, "decoding_error"))
      for path in ["/v0.7/traces", "/v1.0/traces"] {
        bodies.append(Body(path, type, [0x80]))
        bodies.append(Body(path, type, [], 400, "msgp_short_bytes"))
        bodies.append(Body(path, type, body, 400, "decoding_error"))
      }
    }
    // Values in values, far deeper than any stack.
    let depth = 100_000
    let packed: [UInt8] = [0x91, 0x91, 0x81, 0xA1, 0x78] + [UInt8](repeating: 0x91, count: depth)
    bodies.append(Body("/v0.4/traces", "application/msgpack", packed, 400, "decoding_error"))
    let text = Array((#"[[{"x":"# + String(repeating: "[", count: depth)).utf8)
    bodies.append(Body("/v0.4/traces", "application/json", text, 400, "decoding_error"))
    return bodies
  }()

  @Test func `is read as it is declared, else as its first byte says`() throws {
    let agent = try AgentUnderTest()
    var refused: [String: UInt64] = [:]
    for body in Self.bodies {
      let headers = body.type.map { ["Content-Type": $0] } ?? [:]
      let response = try agent.post(body.path, body.bytes, headers)
      #expect(response.status == body.status && response.body.hasPrefix(body.answer), "\(body): \(response.body)")
      let isDocument = response.body.hasPrefix("{")
      #expect(response.headers["content-type"] == (isDocument ? "application/json" : "text/plain; charset=utf-8"))
      if let refusal = body.refusal { refused[refusal, default: 0] += 1 }
      #expect(agent.info.refused == refused, "\(body)")
    }
  }

  @Test func `is counted and answered alike as MessagePack and as JSON`() throws {
    let agent = try AgentUnderTest()
    let json = Array(
      """
      [[{"trace_id":7,"span_id":1,"service":"web","name":"n","resource":"r","start":\(TestSpan.someTimeNs),\
      "duration":5,"metrics":{"_sampling_priority_v1":1}}]]
      """.utf8)
    #expect(try agent.post("/v0.4/traces", json, traces: 1).body.hasPrefix(#"{"rate_by_service":"#))
    for path in ["/v0.2/traces", "/v0.3/traces"] { #expect(try agent.post(path, json, traces: 1).body == "OK\n") }
    #expect(try agent.post("/spans", Array(json.dropFirst().dropLast()), traces: 1).body == "OK\n")
    #expect(try agent.services().map(\.hits) == [4])
    #expect(agent.info.received.traces == 4 && agent.info.kept.traces == 4 && agent.info.dropped.isEmpty)
    #expect(Set(agent.info.clients.map(\.endpoint)) == ["v0.1", "v0.2", "v0.3", "v0.4"])
  }
}

@Suite struct `What clients hear when there is no memory for a body` {
  @Test func `is what each format answers, but for those that refuse openly and what brings no traces`() {
    let answers = ServedRoutes.standard.unchangedAnswers
    let texts = Dictionary(answers.map { ($0.path, $0.text) }) { $1 }
    #expect(texts.count == answers.count)
    let ok = ["/v0.1/spans", "/spans", "/v0.2/traces", "/v0.3/traces"], rates = ["/v0.4", "/v0.5", "/v0.7"]
    var expected = Dictionary(uniqueKeysWithValues: ok.map { ($0, "OK\n") })
    for version in rates { expected[version + "/traces"] = "{}" }
    #expect(texts == expected)
  }
}

@Suite struct `A product's endpoint` {
  /// Takes what it is sent, as an aggregator of client statistics or a proxy does.
  private final class Taker: ProductEndpoint {
    let bodies = Lock<[[UInt8]]>([])
    let outcome: ProductReply.Outcome
    let status: UInt16

    init(_ outcome: ProductReply.Outcome, status: UInt16 = 200) {
      self.outcome = outcome
      self.status = status
    }

    func noteBroken(_ request: borrowing RejectedRequest) {}

    func receive(_ request: borrowing Request, headers: [AnswerHeader]) -> ProductReply {
      let body = Array(request.body)
      bodies.withLock { $0.append(body) }
      return ProductReply(outcome: outcome, reply: .now(Answer(status: status, text: "heard")))
    }
  }

  /// Answers from another thread, as a proxy does when its upstream has.
  private struct LateTaker: ProductEndpoint {
    func noteBroken(_ request: borrowing RejectedRequest) {}

    func receive(_ request: borrowing Request, headers: [AnswerHeader]) -> ProductReply {
      let reply = request.answerLater { ticket in
        Thread.detachNewThread { ticket.complete(with: Answer(status: 202, text: "later")) }
      }
      return ProductReply(outcome: .taken, reply: reply)
    }
  }

  private static func agent(_ path: String, _ taker: any ProductEndpoint) throws -> AgentUnderTest {
    // Without the endpoints that the agent has there.
    var routes = ServedRoutes.standard
    routes.rows.append(.init([.listed(path)], .product(taker)))
    return try AgentUnderTest(routes: routes)
  }

  @Test func `gets what is for another intake`() throws {
    let taker = Taker(.taken)
    let agent = try Self.agent("/v0.1/pipeline_stats", taker)
    let response = try agent.post("/v0.1/pipeline_stats", [1, 2, 3])
    #expect(response.status == 200 && response.body == "heard")
    #expect(taker.bodies.withLock { $0 } == [[1, 2, 3]])
    #expect(agent.info.received == TrafficCounts() && agent.info.dropped.isEmpty)
    #expect(agent.info.endpoints.last == "/v0.1/pipeline_stats" && agent.observed.tcpRequests == 1)
  }

  @Test func `gets all that is below its path`() throws {
    let taker = Taker(.taken)
    let agent = try Self.agent("/telemetry/proxy/", taker)
    #expect(try agent.post("/telemetry/proxy/api/v2/apmtelemetry", [7]).status == 200)
    #expect(try agent.post("/telemetry", [7]).status == 404)
    #expect(taker.bodies.withLock { $0 } == [[7]])
    #expect(agent.info.refused == ["not_found": 1])
  }

  @Test func `may answer later`() throws {
    let agent = try Self.agent("/evp_proxy/v4/", LateTaker())
    let response = try agent.post("/evp_proxy/v4/api/v2/citestcycle", [7, 8])
    #expect(response.status == 202 && response.body == "later")
    #expect(agent.info.received == TrafficCounts())
  }

  @Test func `may refuse, and is out of reach for other sites`() throws {
    let taker = Taker(.refused(reason: "no_upstream"), status: 502)
    let agent = try Self.agent("/profiling/v1/input", taker)
    #expect(try agent.post("/profiling/v1/input", [7]).status == 502)
    #expect(try agent.post("/profiling/v1/input", [7], ["Sec-Fetch-Site": "cross-site"]).status == 403)
    #expect(agent.info.refused == ["no_upstream": 1, "cross_site": 1] && agent.info.received == TrafficCounts())
  }
}

@Suite struct `The table of routes` {
  @Test func `has no path twice, and a name for each format`() throws {
    let routes = try AgentUnderTest().receiver.routes
    let paths = routes.rows.flatMap(\.paths).map(\.text)
    #expect(Set(paths).count == paths.count)
    #expect(
      routes.formats.map(\.name) == ["v0.1", "v0.2", "v0.3", "v0.4", "v0.5", "v0.7", "v1.0", "v0.6/stats", "otlp"])
    #expect(routes.formats.allSatisfy { !$0.path.isEmpty })
  }

  /// The rows of the table in docs/protocol.md.
  private static func documented() throws -> [(paths: [String], carries: String, answer: String, isListed: Bool)] {
    let file = Fixtures.folder.deletingLastPathComponent().appending(path: "docs/protocol.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let section = text.split(separator: "## Endpoints", maxSplits: 1).last?.split(separator: "\n## ", maxSplits: 1)
      .first
    return try #require(section).split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      return (cells[0].matches(of: /`([^`]+)`/).map { String($0.1) }, cells[1], cells[2], cells[3] == "yes")
    }
  }

  @Test func `is the one in docs/protocol.md`() throws {
    let rows = try Self.documented()
    let documented = rows.flatMap { row in
      row.paths.map {
        ServedPath(text: $0, isListed: row.isListed, isCall: $0.hasPrefix("/opentelemetry."))
      }
    }
    let routes = try AgentUnderTest().receiver.routes
    let served = routes.rows.flatMap(\.paths)
    let byText = { (one: ServedPath, other: ServedPath) in one.text < other.text }
    #expect(documented.sorted(by: byText) == served.sorted(by: byText))
    for format in routes.formats {
      let row = try #require(rows.first { $0.paths.contains(format.path) })
      #expect(row.carries.hasPrefix(format.name + ":"))
      switch format.answer {
      case .okText: #expect(row.answer == "`OK`, text")
      case .rates: #expect(row.answer == "sampling rates, JSON")
      case .empty: #expect(row.answer == "nothing")
      case .otlp: #expect(row.answer == "an ExportTraceServiceResponse, in the encoding of the request")
      }
    }
  }
}

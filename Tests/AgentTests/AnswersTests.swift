import Configuration
import Control
import Foundation
import Receiver
import Testing

@testable import Agent
@testable import Sampling

@Suite struct AnswersTests {
  @Test(
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func `SHA-256 gives the known answers`(text: String, digest: String) {
    #expect(SHA256.hex(Array(text.utf8)) == digest)
  }

  @Test func `SHA-256 of a million letters is the known one`() {
    let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(SHA256.hex(million) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func `SHA-256 pads every length around a block to whole blocks`() {
    let digests = (50...70).map { SHA256.hex([UInt8](repeating: 0, count: $0)) }
    #expect(Set(digests).count == digests.count && digests.allSatisfy { $0.count == 64 })
    // 64 zero bytes.
    #expect(digests[14] == "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b")
  }

  private static func bytes(_ text: String, _ use: (UnsafeRawBufferPointer) -> Answer) -> Answer {
    Array(text.utf8).withUnsafeBytes(use)
  }

  @Test func `a client that has the rates gets none`() {
    var rates = PublishedRates()
    _ = rates.update(["service:,env:": 1, "service:web,env:prod": 0.25], nowSeconds: 255)
    #expect(rates.version == "ff-1")
    let answers = RatesAnswers(rates, headers: [])
    let full = #"{"rate_by_service":{"service:,env:":1,"service:web,env:prod":0.25}}"#.utf8.count
    #expect(answers.answer(clientVersion: nil).body.count == full)
    #expect(Self.bytes("") { answers.answer(clientVersion: $0) }.body === answers.answer(clientVersion: nil).body)
    #expect(Self.bytes("ff-0") { answers.answer(clientVersion: $0) }.body.count == full)
    #expect(Self.bytes("ff-0") { answers.answer(clientVersion: $0) }.body !== answers.answer(clientVersion: nil).body)
    #expect(Self.bytes("ff-1") { answers.answer(clientVersion: $0) }.body.count == 2)
  }

  @Test func `before there are rates every client gets the same answer`() {
    let answers = RatesAnswers(PublishedRates(), headers: [])
    #expect(answers.answer(clientVersion: nil).body.count == #"{"rate_by_service":{}}"#.utf8.count)
    #expect(Self.bytes("x") { answers.answer(clientVersion: $0) }.body === answers.answer(clientVersion: nil).body)
  }

  private static let identity = AgentIdentity(
    version: "1.2", commit: "c0ffee", pid: 812, user: "dd-agent", uid: 998, controlSocket: "/run/roost/8126.sock")

  @Test func `info says which process answers, and where it can be queried`() throws {
    let text = try Self.document().text
    #expect(AgentIdentity(infoDocument: Array(text.utf8)) == Self.identity)
    // Another machine learns which roost it is, and nothing of the process.
    let abroad = try Self.document(for: .network)
    #expect(
      AgentIdentity(infoDocument: Array(abroad.text.utf8))
        == AgentIdentity(version: "1.2", commit: "c0ffee", pid: 0, user: "", uid: .max, controlSocket: nil))
    for word in ["dd-agent", "998", "8126.sock", "pid", "uid"] { #expect(!abroad.text.contains(word), "\(word)") }
    #expect(abroad.state == SHA256.hex(Array(abroad.text.utf8)))
    for other in ["", "[]", #"{"version":"7.81.0"}"#, #"{"roost":{"version":"1","pid":0}}"#, #"{"roost":{"pid":"x"}}"#]
    {
      #expect(AgentIdentity(infoDocument: Array(other.utf8)) == nil)
    }
  }

  private static func document(
    for reader: InfoDocument.Reader = .thisMachine, _ change: (inout AgentConfiguration) -> Void = { _ in }
  ) throws -> (
    fields: [String: Any], state: String, text: String
  ) {
    var configuration = AgentConfiguration()
    change(&configuration)
    let info = InfoDocument(
      configuration: configuration, routes: .standard, peerTags: ["a", "b"], identity: identity, for: reader)
    let fields = try JSONSerialization.jsonObject(with: Data(info.bytes)) as? [String: Any]
    return (try #require(fields), info.stateHash, String(decoding: info.bytes, as: UTF8.self))
  }

  @Test func `info says what tracers ask for`() throws {
    let fields = try Self.document().fields
    #expect(fields["version"] as? String == "1.2" && fields["git_commit"] as? String == "c0ffee")
    let endpoints = try #require(fields["endpoints"] as? [String])
    #expect(
      Array(endpoints.prefix(7)) == [
        "/v0.3/traces", "/v0.3/services", "/v0.4/traces", "/v0.4/services", "/v0.5/traces", "/v0.7/traces",
        "/v1.0/traces",
      ])
    #expect(!endpoints.contains("/info") && !endpoints.contains("/services"))
    // A tracer may drop traces itself only where it can send its own statistics.
    #expect(fields["client_drop_p0s"] as? Bool == endpoints.contains("/v0.6/stats"))
    for key in ["span_meta_structs", "long_running_spans", "span_events"] {
      #expect(fields[key] as? Bool == true, "\(key)")
    }
    #expect(fields["peer_tags"] as? [String] == ["a", "b"])
    #expect(
      (fields["span_kinds_stats_computed"] as? [String])?.sorted() == ["client", "consumer", "producer", "server"])
    #expect(fields["feature_flags"] == nil)
    #expect(fields["obfuscation_version"] as? Int == 1)
    let config = try #require(fields["config"] as? [String: Any])
    #expect(config["default_env"] as? String == "none" && config["target_tps"] as? Double == 10)
    #expect(config["receiver_port"] as? Int == 8126 && config["receiver_timeout"] as? Int == 5)
    #expect(config["max_request_bytes"] as? Int == 26_214_400)
    #expect(config["receiver_socket"] as? String == "/var/run/datadog/apm.socket")
  }

  @Test func `info follows the configuration, and its state with it`() throws {
    let plain = try Self.document()
    let other = try Self.document {
      $0.features = ["b", "a"]
      $0.peerTagsAggregation = false
      $0.computeStatsBySpanKind = false
      $0.defaultEnv = "prod"
    }
    #expect(other.fields["feature_flags"] as? [String] == ["a", "b"])
    #expect(other.fields["peer_tags"] is NSNull && other.fields["span_kinds_stats_computed"] == nil)
    let kept = try Self.document { $0.obfuscation.sql.keepsNull = true }
    let anew = try Self.document { $0.probabilisticSamplerEnabled = true }
    #expect(anew.fields["client_drop_p0s"] as? Bool == false)
    #expect(kept.fields["obfuscation_version"] as? Int == 2, "tracers hide what this agent keeps")
    #expect(other.state != plain.state && plain.state == SHA256.hex(Array(plain.text.utf8)))
    #expect(try Self.document().state == plain.state)
  }

  @Test func `info names the spans that are analytics events`() throws {
    func spans(_ change: (inout AgentConfiguration) -> Void) throws -> [String: [String: Double]]? {
      let config = try Self.document(change).fields["config"] as? [String: Any]
      return config?["analyzed_spans_by_service"] as? [String: [String: Double]]
    }
    #expect(try spans { _ in } == [:])
    let rates = [("web", "rack.request", 1), ("db", "query", 0.5), ("web", "render", 0)] as [(String, String, Double)]
    let found = try spans {
      $0.analyzedSpans = rates.map { NamedRate(service: $0.0, operation: $0.1, rate: $0.2) }
    }
    #expect(found == ["web": ["rack.request": 1, "render": 0], "db": ["query": 0.5]])
  }

  @Test func `info follows targets that change while the agent runs, and every answer names its new state`() throws {
    let agent = try AgentUnderTest(threads: 1)
    func state(_ path: String, method: String = "PUT", length: Int = 0) throws -> String? {
      let head = "\(method) \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(length)\r\n\r\n"
      return try agent.converse([Array(head.utf8)], .closesSending).first?.headers["datadog-agent-state"]
    }
    func states() throws -> Set<String?> {
      [
        try state("/info", method: "GET"), try state("/v0.3/services"), try state("/nowhere"),
        try state("/v0.4/traces", length: 1 << 30), try state("/v0.4/traces"),
      ]
    }
    let before = try states()
    var configuration = AgentConfiguration()
    configuration.maxMemoryBytes = 1 << 40
    configuration.targetTPS = 3.5
    agent.receiver.answer(by: configuration, agent.server)
    let info = try agent.post("/info", [], method: "GET")
    #expect(info.body.contains("\"target_tps\": 3.5"))
    #expect(before.count == 1 && info.headers["datadog-agent-state"] == SHA256.hex(Array(info.body.utf8)))
    #expect(try states() == [info.headers["datadog-agent-state"]] && before != states())
  }

  @Test func `no key is in info`() throws {
    let text = try Self.document { $0.apiKey = APIKey("0123456789abcdef0123456789abcdef") }.text
    #expect(!text.contains("0123456789abcdef"))
  }
}

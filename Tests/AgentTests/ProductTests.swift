import Control
import Foundation
import Platform
import Receiver
import Testing

@testable import Agent
@testable import Configuration

/// Keeps what requests of products came to it, and answers as it is told.
private final class ProductIntakeUnderTest: Sendable {
  struct Seen: Sendable {
    var path: String
    var headers: [String: String]
    var body: [UInt8]
  }

  private final class All: Sendable {
    let list = Lock<[Seen]>([])
  }

  private let all: All
  private let server: HTTPServer
  let url: String

  init(status: UInt16) throws {
    let all = All()
    self.all = all
    server = try HTTPServer(
      configuration: ReceiverConfiguration(tcp: [.tcp(host: "127.0.0.1", port: 0)]), note: { _ in },
      handler: { request in
        let headers = Dictionary(request.allHeaders().map { ($0.name.lowercased(), $0.value) }) { one, _ in one }
        let seen = Seen(
          path: String(decoding: request.path, as: UTF8.self), headers: headers, body: Array(request.body))
        all.list.withLock { $0.append(seen) }
        return .now(Answer(status: status, text: "told", headers: Self.answerHeaders))
      }, rejected: { _ in })
    guard case .tcp(_, let port) = try #require(server.listeners.first) else { throw AgentUnderTest.Broken() }
    url = "http://127.0.0.1:\(port)"
  }

  private static let answerHeaders = [
    AnswerHeader("Retry-After", "7"), AnswerHeader("Set-Cookie", "a=b"), AnswerHeader("X-RateLimit-Limit", "9"),
    AnswerHeader("Location", "http://elsewhere"),
  ]

  var seen: [Seen] { all.list.withLock { $0 } }

  deinit { server.stop(deadline: .seconds(2)) }
}

@Suite struct `Requests of other products` {
  private static let key = "0123456789abcdef0123456789abcdef"
  private static let paths = [
    "/profiling/v1/input", "/telemetry/proxy/api/v2/apmtelemetry", "/v0.1/pipeline_stats",
    "/openlineage/api/v1/lineage", "/evp_proxy/v1/api/v2/x", "/evp_proxy/v4/api/v2/x", "/debugger/v1/input",
    "/debugger/v1/diagnostics", "/debugger/v2/input", "/symdb/v1/input", "/tracer_flare/v1",
  ]

  @Test func `are taken without a key, counted by product and thrown away`() throws {
    let agent = try AgentUnderTest()
    for path in Self.paths {
      let response = try agent.post(path, [1, 2, 3])
      #expect(response.status == 200 && response.body == "{}", "\(path)")
      #expect(response.headers["content-type"] == "application/json")
      #expect(response.headers["datadog-agent-state"]?.count == 64)
    }
    let rows = agent.info.products
    #expect(
      rows.map(\.product) == [
        "profiling", "telemetry", "data_streams", "openlineage", "event_platform", "dynamic_instrumentation",
        "symbol_database", "tracer_flare",
      ])
    #expect(rows.map(\.received.requests).reduce(0, +) == UInt64(Self.paths.count))
    for row in rows {
      #expect(row.discarded == row.received && row.received.bytes == 3 * row.received.requests && row.underWay == 0)
      #expect(row.lastSeenNs == agent.nowNs)
    }
    let info = agent.info
    #expect(
      info.received == TrafficCounts() && info.refused.isEmpty && info.dropped.isEmpty && info.clientIssues.isEmpty)
  }

  @Test func `are passed on with a key, and the answer comes back`() throws {
    let intake = try ProductIntakeUnderTest(status: 202)
    let agent = try AgentUnderTest {
      $0.apiKey = APIKey(Self.key)
      $0.intakeURL = try? HTTPURL(intake.url)
      $0.products.profiling.url = try? HTTPURL(intake.url + "/p")
    }
    let sent = try agent.post("/v0.1/pipeline_stats", [1, 2, 3], ["Content-Type": "a/b", "DD-API-KEY": "client's"])
    #expect(sent.status == 202 && sent.body == "told")
    #expect(sent.headers["retry-after"] == "7" && sent.headers["x-ratelimit-limit"] == "9")
    #expect(sent.headers["set-cookie"] == nil && sent.headers["datadog-agent-version"] == "1.2.3")
    // Profilers know no 202.
    #expect(try agent.post("/profiling/v1/input", [7]).status == 200)
    let seen = intake.seen
    #expect(seen.map(\.path) == ["/api/v0.1/pipeline_stats", "/p"] && seen.map(\.body) == [[1, 2, 3], [7]])
    #expect(seen[0].headers["dd-api-key"] == Self.key && seen[0].headers["content-type"] == "a/b")
    let row = try #require(agent.info.products.last)
    #expect(row.product == "data_streams" && row.forwarded == RequestCounts(requests: 1, bytes: 3))
    #expect(row.underWay == 0 && row.discarded == RequestCounts())
  }

  @Test func `leave with the keys that were read last`() throws {
    let intake = try ProductIntakeUnderTest(status: 200)
    var configuration = AgentConfiguration()
    let agent = try AgentUnderTest {
      $0.apiKey = APIKey(Self.key)
      $0.intakeURL = try? HTTPURL(intake.url)
      $0.products.symbols.url = try? HTTPURL(intake.url)
      $0.products.symbols.key = APIKey("symbols")
      configuration = $0
    }
    for path in ["/v0.1/pipeline_stats", "/symdb/v1/input"] { #expect(try agent.post(path, [1]).status == 200) }
    configuration.apiKey = APIKey("new")
    configuration.products.symbols.key = APIKey("newer")
    agent.products.replaceRules(by: configuration)
    for path in ["/v0.1/pipeline_stats", "/symdb/v1/input"] { #expect(try agent.post(path, [1]).status == 200) }
    #expect(intake.seen.map { $0.headers["dd-api-key"] } == [Self.key, "symbols", "new", "newer"])
    // Of another configuration nothing is taken.
    configuration.products.takesTelemetry = false
    configuration.apiKey = APIKey("none")
    agent.products.replaceRules(by: configuration)
    #expect(try agent.post("/v0.1/pipeline_stats", [1]).status == 200)
    #expect(intake.seen.last?.headers["dd-api-key"] == "new")
  }

  @Test func `that wait for a slow intake take nobody else's place`() throws {
    let agent = try AgentUnderTest {
      $0.apiKey = APIKey(Self.key)
      $0.products.symbols.url = try? HTTPURL("http://127.0.0.1:1")
      $0.products.profiling.url = try? HTTPURL("http://127.0.0.1:1")
    }
    for _ in 0..<ProductLimits.requestsMax { #expect(agent.products.limits.take(.events, bytes: 0)) }
    // All four versions are one product.
    for version in 1...4 {
      let path = "/evp_proxy/v\(version)/a"
      #expect(try agent.post(path, [1], ["X-Datadog-EVP-Subdomain": "a"]).status == 429)
    }
    #expect(try agent.post("/symdb/v1/input", [1]).status == 502)
    let waiting = ReceiverConfiguration(AgentConfiguration(), threads: 1).lateAnswersMax
    #expect(waiting >= Product.allCases.count * ProductLimits.requestsMax + ReceiverConfiguration().lateAnswersMax)
  }

  @Test func `whose intake sends them elsewhere have reached nobody`() throws {
    let intake = try ProductIntakeUnderTest(status: 307)
    let agent = try AgentUnderTest {
      $0.apiKey = APIKey(Self.key)
      $0.products.symbols.url = try? HTTPURL(intake.url)
    }
    let response = try agent.post("/symdb/v1/input", [1])
    #expect(response.status == 307 && response.headers["location"] == nil)
    #expect(agent.info.products.first?.refused == ["307": RequestCounts(requests: 1, bytes: 1)])
  }

  @Test func `travel without a file of certificates that cannot be read`() {
    var configuration = AgentConfiguration()
    for (file, taken) in [("/none/at/all.pem", nil), ("/dev/null", "/dev/null")] as [(String, String?)] {
      configuration.certificatesFile = file
      #expect(Forwarding.transport(configuration).certificatesFile == taken)
    }
  }

  @Test(
    arguments: [("/none/at/all", nil), ("/none/at/all:/dev:", "/dev"), ("/dev:/proc", "/dev:/proc")]
      as [(String, String?)])
  func `travel with those folders of certificates that can be read`(folders: String, taken: String?) {
    var configuration = AgentConfiguration()
    configuration.certificatesFolders = folders
    #expect(Forwarding.transport(configuration).certificatesFolders == taken)
  }

  @Test func `whose intake refuses them are answered so, and counted by status`() throws {
    let intake = try ProductIntakeUnderTest(status: 403)
    let agent = try AgentUnderTest {
      $0.apiKey = APIKey(Self.key)
      $0.products.symbols.url = try? HTTPURL(intake.url)
    }
    #expect(try agent.post("/symdb/v1/input", [1]).status == 403)
    #expect(agent.info.products.first?.refused == ["403": RequestCounts(requests: 1, bytes: 1)])
    #expect(agent.info.lastErrors.first?.message.contains("the symbol database: its intake answered 403") == true)
  }

  @Test(arguments: [(401, true), (403, true), (202, false), (400, false), (503, false)])
  func `say that a key is refused, once for each time, so that it is asked for anew`(status: UInt16, isRefused: Bool)
    throws
  {
    let intake = try ProductIntakeUnderTest(status: status)
    let agent = try AgentUnderTest {
      $0.apiKey = APIKey(Self.key)
      $0.products.symbols.url = try? HTTPURL(intake.url)
    }
    for _ in 0..<2 {
      #expect(!agent.products.keyRefusal.take())
      _ = try agent.post("/symdb/v1/input", [1])
      #expect(agent.products.keyRefusal.take() == isRefused)
    }
  }

  @Test func `say so of a further intake too`() throws {
    let (intake, other) = (try ProductIntakeUnderTest(status: 200), try ProductIntakeUnderTest(status: 403))
    let further = IntakeEndpoint(url: try HTTPURL(other.url), key: try #require(APIKey(Self.key)))
    let agent = try AgentUnderTest {
      $0.apiKey = APIKey(Self.key)
      $0.products.symbols.url = try? HTTPURL(intake.url)
      $0.products.symbols.additional = [further]
    }
    _ = try agent.post("/symdb/v1/input", [1])
    #expect(eventually { agent.products.keyRefusal.take() })
  }

  @Test func `whose intake is away get 502`() throws {
    let agent = try AgentUnderTest {
      $0.apiKey = APIKey(Self.key)
      $0.products.symbols.url = try? HTTPURL("http://u:hunter2@127.0.0.1:1/x")
    }
    let response = try agent.post("/symdb/v1/input", [1])
    #expect(response.status == 502 && !response.body.contains("hunter2"))
    #expect(agent.info.products.first?.dropped == ["intake_unreachable": RequestCounts(requests: 1, bytes: 1)])
    #expect(agent.info.lastErrors.allSatisfy { !$0.message.contains("hunter2") && !$0.message.contains(Self.key) })
  }

  @Test func `of telemetry are answered before they are sent`() throws {
    let agent = try AgentUnderTest {
      $0.apiKey = APIKey(Self.key)
      $0.products.telemetry.url = try? HTTPURL("http://127.0.0.1:1")
    }
    let response = try agent.post("/telemetry/proxy/api/v2/apmtelemetry", [1])
    #expect(response.status == 200 && response.body == "{}")
    #expect(eventually { agent.info.products.first?.dropped["intake_unreachable"]?.requests == 1 })
  }

  @Test func `go to further intakes too, whose answers nobody hears`() throws {
    let (main, further) = (try ProductIntakeUnderTest(status: 200), try ProductIntakeUnderTest(status: 500))
    let agent = try AgentUnderTest {
      $0.apiKey = APIKey(Self.key)
      $0.products.profiling.url = try? HTTPURL(main.url)
      $0.products.profiling.additional = [main.url, further.url].compactMap { url in
        (try? HTTPURL(url)).flatMap { url in APIKey("other").map { IntakeEndpoint(url: url, key: $0) } }
      }
    }
    #expect(try agent.post("/profiling/v1/input", [1, 2]).status == 200)
    #expect(eventually { agent.info.products.first.map { $0.copies == 1 && $0.lostCopies == 1 } == true })
    #expect(Set(main.seen.compactMap { $0.headers["dd-api-key"] }) == [Self.key, "other"])
    #expect(further.seen.map(\.body) == [[1, 2]])
    #expect(agent.info.products.first?.forwarded.requests == 1)
  }

  @Test func `that are not passed on are refused at once, and counted`() throws {
    let agent = try AgentUnderTest {
      $0.apiKey = APIKey(Self.key)
      $0.products.eventBytesMax = 4
    }
    #expect(try agent.post("/evp_proxy/v2/a", [1]).status == 502)
    #expect(try agent.post("/evp_proxy/v2/a", [1], ["X-Datadog-EVP-Subdomain": "a"], method: "PATCH").status == 405)
    #expect(try agent.post("/evp_proxy/v2/a", [1, 2, 3, 4, 5]).status == 413)
    let row = try #require(agent.info.products.first)
    #expect(row.dropped.mapValues(\.requests) == ["invalid_request": 2, "payload_too_large": 1] && row.underWay == 0)
    #expect(agent.info.refused == ["invalid_request": 2, "payload_too_large": 1])
  }

  @Test func `that a web page may have made a browser read are refused`() throws {
    let agent = try AgentUnderTest { $0.apiKey = APIKey(Self.key) }
    func status(_ method: String, _ host: String) throws -> Int? {
      let head = "\(method) /evp_proxy/v2/a HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
      return try agent.converse([Array(head.utf8)]).first?.status
    }
    for host in ["evil.example:8126", "a.b.com.", "x.test.org"] { #expect(try status("GET", host) == 403, "\(host)") }
    // Without a subdomain they are refused as well, and later.
    for host in ["localhost:8126", "127.0.0.1", "[::1]:8126", "agent", "agent.default.svc.cluster.local", "a.internal"]
    {
      #expect(try status("GET", host) == 502, "\(host)")
    }
    #expect(try status("POST", "evil.example") == 502)
  }

  @Test func `that are turned off are refused, and not offered`() throws {
    let agent = try AgentUnderTest {
      $0.products.takesEvents = false
      $0.products.takesLineage = false
      $0.products.takesTelemetry = false
      $0.products.answersRemoteConfiguration = false
    }
    for (path, status) in [
      ("/evp_proxy/v3/a", 405), ("/openlineage/api/v1/lineage", 500), ("/telemetry/proxy/a", 404),
      ("/v0.7/config", 404),
    ] {
      #expect(try agent.post(path, [1]).status == status, "\(path)")
      #expect(!agent.info.endpoints.contains { path.hasPrefix($0) })
    }
    #expect(agent.info.products.map(\.product) == ["openlineage", "event_platform"])
    #expect(try !agent.post("/info", [], method: "GET").body.contains("DD-EVP-ORIGIN"))
  }

  @Test func `that never come whole are counted with their product`() throws {
    let agent = try AgentUnderTest()
    let head = "POST /profiling/v1/input HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n"
    #expect(try agent.converse([Array(head.utf8)], .closesSending).map(\.status) == [413])
    let row = try #require(agent.info.products.first)
    #expect(row.product == "profiling" && row.dropped["payload_too_large"]?.requests == 1 && row.underWay == 0)
  }

  @Test func `get 429 where there is no memory for them`() throws {
    let agent = try AgentUnderTest {
      $0.apiKey = APIKey(Self.key)
      // Less than is resident.
      $0.maxMemoryBytes = 1_000
    }
    #expect(try agent.post("/symdb/v1/input", [1]).status == 429)
    #expect(try agent.post("/v0.7/config", Array("{}".utf8)).status == 429)
    let telemetry = try agent.post("/telemetry/proxy/api/v2/apmtelemetry", [1])
    #expect(telemetry.status == 429 && telemetry.body == "{}")
    #expect(agent.info.products.allSatisfy { $0.dropped.mapValues(\.requests) == ["memory_limit": 1] })
  }

  @Test func `for remote configuration hear that nothing is set`() throws {
    let agent = try AgentUnderTest()
    let response = try agent.post("/v0.7/config", Array(#"{"client":{"id":"x"}}"#.utf8))
    #expect(response.status == 200 && response.body == "{}" && response.headers["content-type"] == "application/json")
    for body in ["", "[]", "{"] { #expect(try agent.post("/v0.7/config", Array(body.utf8)).status == 400) }
    let row = try #require(agent.info.products.first)
    #expect(row.answered.requests == 1 && row.dropped["invalid_request"]?.requests == 3 && row.underWay == 0)
  }

  @Test func `with metrics become datagrams, a line each`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString.prefix(8)).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/d"
    let dogStatsD = try Datagrams(path: path)
    let agent = try AgentUnderTest { $0.dogStatsDSocket = path }
    let body = Array("a:1|c\n\nb:2|g|#x:y\n".utf8)
    for version in [1, 2] { #expect(try agent.post("/dogstatsd/v\(version)/proxy", body).status == 200) }
    #expect((0..<4).map { _ in dogStatsD.next() } == ["a:1|c", "b:2|g|#x:y", "a:1|c", "b:2|g|#x:y"])
    #expect(
      eventually {
        agent.info.products.first?.forwarded == RequestCounts(requests: 2, bytes: UInt64(2 * body.count))
      })
    let away = try AgentUnderTest { $0.dogStatsDSocket = path + "-none" }
    #expect(try away.post("/dogstatsd/v2/proxy", body).status == 200)
    #expect(
      eventually {
        away.info.products.first?.dropped == ["no_dogstatsd": RequestCounts(requests: 1, bytes: UInt64(body.count))]
      })
    let off = try AgentUnderTest { $0.usesDogStatsD = false }
    #expect(try off.post("/dogstatsd/v2/proxy", body).status == 503)
    #expect(off.info.products.first?.dropped["no_dogstatsd"]?.requests == 1)
  }

  @Test func `with metrics are counted by what left of them, however many lines they have`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString.prefix(8)).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/d"
    let dogStatsD = try Datagrams(path: path)
    let agent = try AgentUnderTest { $0.dogStatsDSocket = path }
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: DatagramDelivery.lineBytesMax + 1)
    #expect(try agent.post("/dogstatsd/v2/proxy", Array("a:1|c\n".utf8) + long + Array("\nb:1|c".utf8)).status == 200)
    #expect(dogStatsD.next() == "a:1|c" && dogStatsD.next() == "b:1|c")
    #expect(eventually { agent.info.products.first?.underWay == 0 })
    var row = try #require(agent.info.products.first)
    #expect(row.forwarded == RequestCounts(requests: 0, bytes: 12))
    #expect(row.dropped == ["line_too_long": RequestCounts(requests: 1, bytes: UInt64(long.count))])

    // Nobody reads these: what the socket holds has left, and the rest is lost.
    let lines = (0..<100_000).flatMap { _ in "a\n".utf8 }
    #expect(try agent.post("/dogstatsd/v2/proxy", lines).status == 200)
    #expect(eventually { agent.info.products.first?.underWay == 0 })
    row = try #require(agent.info.products.first)
    let lost = try #require(row.dropped["no_dogstatsd"])
    #expect(lost.requests == 1 && lost.bytes > 0 && lost.bytes < UInt64(lines.count))
    #expect(row.forwarded.bytes + lost.bytes + UInt64(long.count) == row.received.bytes)

    let large = [UInt8](repeating: UInt8(ascii: "\n"), count: DogStatsDRelay.bodyBytesMax + 1)
    #expect(try agent.post("/dogstatsd/v2/proxy", large).status == 413)
    #expect(agent.info.products.first?.dropped["payload_too_large"]?.requests == 1)
  }

  @Test func `are named in /info in the order of the trace-agent, with what clients may send`() throws {
    let agent = try AgentUnderTest { $0.dogStatsDPort = 8_130 }
    let document = try agent.post("/info", [], method: "GET").body
    let fields = try #require(try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any])
    #expect(
      fields["endpoints"] as? [String] == [
        "/v0.3/traces", "/v0.3/services", "/v0.4/traces", "/v0.4/services", "/v0.5/traces", "/v0.7/traces",
        "/v1.0/traces", "/profiling/v1/input", "/telemetry/proxy/", "/v0.6/stats", "/v0.1/pipeline_stats",
        "/openlineage/api/v1/lineage", "/evp_proxy/v1/", "/evp_proxy/v2/", "/evp_proxy/v3/", "/evp_proxy/v4/",
        "/debugger/v1/input", "/debugger/v1/diagnostics", "/debugger/v2/input", "/symdb/v1/input",
        "/dogstatsd/v1/proxy", "/dogstatsd/v2/proxy", "/tracer_flare/v1", "/v0.7/config",
      ])
    #expect(fields["evp_proxy_allowed_headers"] as? [String] == ProductRule.eventHeaders)
    #expect((fields["config"] as? [String: Any])?["statsd_port"] as? Int == 8_130)
  }
}

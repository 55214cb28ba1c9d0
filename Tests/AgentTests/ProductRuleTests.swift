import Receiver
import Testing

@testable import Agent
@testable import Configuration
@testable import Exporting

/// Where requests of products go and with what, without a network.
@Suite struct `A product that is passed on` {
  private static let key = "0123456789abcdef0123456789abcdef"

  private static func configuration(_ change: (inout AgentConfiguration) throws -> Void = { _ in }) rethrows
    -> AgentConfiguration
  {
    var configuration = AgentConfiguration()
    configuration.apiKey = APIKey(key)
    configuration.defaultEnv = "prod"
    try change(&configuration)
    return configuration
  }

  private static func rules(_ configuration: AgentConfiguration) -> [ProductRule] {
    ProductRule.all(configuration, ProductSender(configuration, hostname: "box", version: "1.2.3"))
  }

  private static func rule(_ path: String, _ configuration: AgentConfiguration) throws -> ProductRule {
    try #require(
      rules(configuration).first {
        $0.paths.contains { $0.text == path || ($0.text.hasSuffix("/") && path.hasPrefix($0.text)) }
      })
  }

  /// The address of the first intake, and the headers of a request to it.
  private static func sent(
    _ request: ProductRequest, _ configuration: AgentConfiguration
  ) throws -> (url: String, headers: [String: String], body: [UInt8]) {
    let rule = try rule(request.path, configuration)
    let departure = try rule.depart(request)
    let intake = try #require(rule.intakes.first)
    let lines = (departure.headers + [intake.keyLine]).compactMap(\.line).map { line in
      line.split(separator: ":", maxSplits: 1).map { $0.drop { $0 == " " } }
    }
    let headers = Dictionary(lines.map { ($0[0].lowercased(), $0.count > 1 ? String($0[1]) : "") }) { one, _ in one }
    return (intake.url(departure), headers, departure.body)
  }

  static let places: [(path: String, headers: [Request.Field], url: String)] = [
    ("/profiling/v1/input", [], "https://intake.profile.datadoghq.eu/api/v2/profile"),
    (
      "/telemetry/proxy/api/v2/apmtelemetry", [],
      "https://instrumentation-telemetry-intake.datadoghq.eu/api/v2/apmtelemetry"
    ),
    ("/v0.1/pipeline_stats", [], "https://trace.agent.datadoghq.eu/api/v0.1/pipeline_stats"),
    ("/openlineage/api/v1/lineage", [], "https://data-obs-intake.datadoghq.eu/api/v1/lineage"),
    (
      "/evp_proxy/v4/api/v2/citestcycle", [Request.Field("X-Datadog-EVP-Subdomain", "citestcycle-intake")],
      "https://citestcycle-intake.datadoghq.eu/api/v2/citestcycle"
    ),
    (
      "/debugger/v1/input", [],
      "https://http-intake.logs.datadoghq.eu/api/v2/logs?ddtags=host:box,default_env:prod,agent_version:1.2.3"
    ),
    (
      "/debugger/v1/diagnostics", [],
      "https://debugger-intake.datadoghq.eu/api/v2/debugger?ddtags=host:box,default_env:prod,agent_version:1.2.3"
    ),
    (
      "/debugger/v2/input", [],
      "https://debugger-intake.datadoghq.eu/api/v2/debugger?ddtags=host:box,default_env:prod,agent_version:1.2.3"
    ),
    (
      "/symdb/v1/input", [],
      "https://debugger-intake.datadoghq.eu/api/v2/debugger?ddtags=host:box,default_env:prod,agent_version:1.2.3"
    ),
    ("/tracer_flare/v1", [], "https://1-2-3-flare.datadoghq.eu/api/ui/support/serverless/flare"),
  ]

  @Test(arguments: places.indices)
  func `goes to the intake of its site, with the key and a mark of the agent`(_ index: Int) throws {
    let place = Self.places[index]
    let configuration = Self.configuration { $0.site = "datadoghq.eu" }
    let given = [Request.Field("dd-api-key", "client's"), Request.Field("Connection", "close, x-hop")]
    let request = ProductRequest(
      path: place.path,
      headers: place.headers + given
        + [Request.Field("X-Hop", "1"), Request.Field("Host", "agent"), Request.Field("Content-Type", "a/b")],
      body: [1, 2])
    let sent = try Self.sent(request, configuration)
    #expect(sent.url == place.url)
    let isLineage = place.path.hasPrefix("/openlineage/")
    #expect(sent.headers["dd-api-key"] == (isLineage ? nil : Self.key))
    #expect(sent.headers["authorization"] == (isLineage ? "Bearer \(Self.key)" : nil))
    #expect(sent.headers["via"] == "trace-agent 1.2.3" && sent.headers["content-type"] == "a/b")
    #expect(sent.headers["x-hop"] == nil && sent.headers["connection"] == nil && sent.headers["host"] == nil)
    #expect(sent.body == [1, 2])
  }

  static let oddNames = [
    "Content-Length!", "Host~", "DD-API-KEY!", "Transfer-Encoding!", "X.Y", "X\u{e9}", "DD_API_KEY", "content_length",
    "x_hop",
  ]

  @Test(arguments: oddNames)
  func `goes without a client's header that could be taken for another one`(name: String) throws {
    let headers = [Request.Field(name, "5"), Request.Field("Connection", "X-Hop"), Request.Field("X_Own", "1")]
    for path in ["/profiling/v1/input", "/telemetry/proxy/a", "/debugger/v1/input", "/tracer_flare/v1"] {
      let departure = try Self.rule(path, Self.configuration()).depart(ProductRequest(path: path, headers: headers))
      #expect(!departure.headers.contains { $0.value == "5" }, "\(path)")
      #expect(departure.headers.contains { $0.isNamed("X_Own") })
    }
  }

  @Test func `goes where it is told to, with the key for that, and to further intakes`() throws {
    let configuration = try Self.configuration {
      $0.products.profiling.url = try HTTPURL("http://127.0.0.1:1/p")
      $0.products.profiling.additional = [
        IntakeEndpoint(url: try HTTPURL("http://127.0.0.1:2/q"), key: try #require(APIKey("other")))
      ]
      $0.products.debugger.key = APIKey("own")
      $0.products.lineage.url = try HTTPURL("http://127.0.0.1:3")
      $0.products.lineageVersion = 2
      $0.products.events.url = try HTTPURL("HTTPS://u:p@intake.test:4")
      $0.intakeURL = try HTTPURL("http://127.0.0.1:5")
      $0.additionalEndpoints = $0.products.profiling.additional
    }
    let rule = try Self.rule("/profiling/v1/input", configuration)
    #expect(rule.intakes.map(\.address) == ["http://127.0.0.1:1/p", "http://127.0.0.1:2/q"])
    #expect(rule.intakes.map(\.key) == [Self.key, "other"])
    #expect(try Self.rule("/debugger/v1/input", configuration).intakes.map(\.key) == ["own"])
    let lineage = try Self.sent(ProductRequest(path: "/openlineage/api/v1/lineage"), configuration)
    #expect(lineage.url == "http://127.0.0.1:3?api-version=2")
    let event = ProductRequest(
      path: "/evp_proxy/v2/a", headers: [Request.Field("X-Datadog-EVP-Subdomain", "s")])
    #expect(try Self.sent(event, configuration).url == "HTTPS://u:p@s.intake.test:4/a")
    let events = try Self.rule("/evp_proxy/v2/a", configuration)
    #expect(events.intakes.first?.place(try events.depart(event)) == "https://s.intake.test:4")
    #expect(
      try Self.rule("/v0.1/pipeline_stats", configuration).intakes.map(\.address)
        == ["http://127.0.0.1:5/api/v0.1/pipeline_stats", "http://127.0.0.1:2/q/api/v0.1/pipeline_stats"])
  }

  @Test func `of OpenLineage goes to the intake of a domain, at its port`() throws {
    for domain in ["datadoghq.eu", "datadoghq.eu:8443"] {
      let configuration = try Self.configuration {
        var url = try HTTPURL("https://" + domain)
        url.isDomain = true
        $0.products.lineage.url = url
      }
      #expect(
        try Self.rule("/openlineage/api/v1/lineage", configuration).intakes.map(\.address)
          == ["https://data-obs-intake.\(domain)/api/v1/lineage"])
    }
  }

  @Test func `goes nowhere without a key, unless it has one of its own`() throws {
    let configuration = Self.configuration {
      $0.apiKey = nil
      $0.products.symbols.key = APIKey("own")
    }
    for rule in Self.rules(configuration) { #expect(rule.intakes.isEmpty == (rule.product != .symbols)) }
  }

  @Test func `tells its intake of host, environment and container`() throws {
    let container = KnownContainer(id: String(repeating: "ab", count: 32), description: nil)
    let tags = "container_id:\(container.id)"
    let configuration = Self.configuration {
      $0.isOnFargate = true
      $0.isOnECS = true
      $0.installID = "i-1"
    }
    func headers(_ path: String) throws -> [String: String] {
      let subdomain = [Request.Field("X-Datadog-EVP-Subdomain", "s")]
      return try Self.sent(ProductRequest(path: path, headers: subdomain, container: container), configuration).headers
    }
    for path in ["/profiling/v1/input", "/v0.1/pipeline_stats", "/openlineage/api/v1/lineage"] {
      let found = try headers(path)
      #expect(
        found["x-datadog-additional-tags"]
          == "host:box,default_env:prod,agent_version:1.2.3,orchestrator:fargate_ecs")
      #expect(found["x-datadog-container-tags"] == tags)
    }
    let telemetry = try headers("/telemetry/proxy/api/v2/apmtelemetry")
    #expect(telemetry["dd-agent-hostname"] == "box" && telemetry["dd-agent-env"] == "prod")
    #expect(telemetry["dd-agent-install-id"] == "i-1" && telemetry["datadog-container-id"] == container.id)
    let events = try headers("/evp_proxy/v1/a")
    #expect(events["x-datadog-hostname"] == "box" && events["x-datadog-agentdefaultenv"] == "prod")
    #expect(events["datadog-container-id"] == container.id && events["x-datadog-container-tags"] == tags)
  }

  @Test func `of the event platform has only the headers that /info names`() throws {
    let allowed = ProductRule.eventHeaders.map { Request.Field($0, "v") }
    let other = ["Cookie", "X-Other", "Authorization", "X-Forwarded-For"].map { Request.Field($0, "v") }
    let request = ProductRequest(
      path: "/evp_proxy/v3/a/b", arguments: [Request.Field("q", "a+b [c]"), Request.Field("r", "")],
      headers: allowed + other + [Request.Field("x-datadog-evp-subdomain", "s.t-u_v")])
    let sent = try Self.sent(request, Self.configuration())
    #expect(sent.url == "https://s.t-u_v.datadoghq.com/a/b?q=a%2Bb%20%5Bc%5D&r=")
    let own: Set = ["via", "x-datadog-hostname", "x-datadog-agentdefaultenv", "dd-api-key"]
    #expect(Set(sent.headers.keys) == own.union(ProductRule.eventHeaders.map { $0.lowercased() }))
  }

  static let refused: [(path: String, headers: [String: String], query: String?, reason: ProductDropReason)] = [
    ("/evp_proxy/v1/a", [:], nil, .invalid), ("/evp_proxy/v1/a", ["X-Datadog-EVP-Subdomain": "a/b"], nil, .invalid),
    ("/evp_proxy/v1/a", ["X-Datadog-EVP-Subdomain": "a@b"], nil, .invalid),
    ("/evp_proxy/v1/a/../b", ["X-Datadog-EVP-Subdomain": "a"], nil, .invalid),
    ("/evp_proxy/v1/a%", ["X-Datadog-EVP-Subdomain": "a"], nil, .invalid),
    ("/evp_proxy/v1/a", ["X-Datadog-EVP-Subdomain": "a"], "a;b", .invalid),
    (
      "/evp_proxy/v1/a", ["X-Datadog-EVP-Subdomain": "a", "X-Datadog-NeedsAppKey": "TRUE"], nil, .noApplicationKey
    ), ("/telemetry/proxy/../a", [:], nil, .invalid),
  ]

  @Test(arguments: refused.indices)
  func `is refused where it could go astray`(_ index: Int) throws {
    let (path, headers, query, reason) = Self.refused[index]
    let request = ProductRequest(
      path: path, arguments: query.map { [Request.Field("q", $0)] } ?? [],
      headers: headers.map { Request.Field($0.key, $0.value) })
    let rule = try Self.rule(path, Self.configuration())
    let refusal = #expect(throws: ProductRefusal.self) { try rule.depart(request) }
    #expect(refusal?.reason == reason && refusal?.status == (path.hasPrefix("/telemetry") ? 400 : 502))
  }

  @Test func `gets the application key where its client needs one`() throws {
    let configuration = Self.configuration { $0.products.applicationKey = APIKey("app-key") }
    for (needs, key) in [("true", "app-key"), ("false", nil)] {
      let request = ProductRequest(
        path: "/evp_proxy/v2/a",
        headers: [Request.Field("X-Datadog-EVP-Subdomain", "a"), Request.Field("X-Datadog-NeedsAppKey", needs)])
      #expect(try Self.sent(request, configuration).headers["dd-application-key"] == key)
    }
  }

  @Test func `of dynamic instrumentation has all tags in its query, within bounds`() throws {
    let request = ProductRequest(
      path: "/debugger/v1/input", arguments: [Request.Field("ddtags", "a:b"), Request.Field("x", "y z")],
      headers: [Request.Field("X-Datadog-Additional-Tags", "c:d")])
    let sent = try Self.sent(request, Self.configuration())
    #expect(sent.url.hasSuffix("/logs?x=y%20z&ddtags=host:box,default_env:prod,agent_version:1.2.3,c:d,a:b"))
    #expect(sent.headers["dd-evp-origin"] == "agent-debugger" && sent.headers["x-datadog-additional-tags"] == "c:d")
    let id = try #require(sent.headers["dd-request-id"])
    #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
    var long = request
    long.arguments = [Request.Field("ddtags", String(repeating: "t", count: 9_000))]
    let query = try #require(try Self.sent(long, Self.configuration()).url.split(separator: "=").last)
    #expect(query.utf8.count == ProductRule.debuggerTagsMax)
  }

  @Test func `of a tracer flare goes to the host of the agent's version`() {
    for (site, version, host) in [
      ("datadoghq.com", "7.50.0", "7-50-0-flare.datadoghq.com"),
      ("us3.datadoghq.com", "7.50.0-rc.1", "7-50-0-flare.us3.datadoghq.com"),
      ("app.datadoghq.eu", "1.2.3", "1-2-3-flare.datadoghq.eu"), ("datadoghq.com", "dev", "app.datadoghq.com"),
    ] {
      #expect(ProductRule.flareHost(site: site, version: version) == host)
    }
  }

  @Test func `has the fewer paths the more is turned off, in the order of the trace-agent`() {
    func paths(_ change: (inout AgentConfiguration) -> Void = { _ in }) -> [String] {
      Self.rules(Self.configuration(change)).flatMap { $0.paths.map(\.text) }
    }
    #expect(
      paths() == [
        "/profiling/v1/input", "/telemetry/proxy/", "/v0.1/pipeline_stats", "/openlineage/api/v1/lineage",
        "/evp_proxy/v1/", "/evp_proxy/v2/", "/evp_proxy/v3/", "/evp_proxy/v4/", "/debugger/v1/input",
        "/debugger/v1/diagnostics", "/debugger/v2/input", "/symdb/v1/input", "/tracer_flare/v1",
      ])
    let few = paths {
      $0.products.takesTelemetry = false
      $0.products.takesEvents = false
      $0.products.takesLineage = false
    }
    #expect(few.count == 7 && !few.contains { $0.contains("proxy") || $0.contains("lineage") })
  }

  @Test func `has room for so many requests, and for one of any size`() {
    var limits = ProductLimits()
    func takes(_ bytes: Int) -> Bool { limits.take(bytes: bytes) }
    #expect(takes(ProductLimits.bytesMax * 2))
    #expect(!takes(1))
    limits.release(bytes: ProductLimits.bytesMax * 2)
    for _ in 0..<ProductLimits.requestsMax { #expect(takes(10)) }
    #expect(!takes(0))
    limits.release(bytes: 10)
    #expect(!takes(ProductLimits.bytesMax))
    #expect(takes(10))
  }
}

@Suite struct `A report of an injector` {
  static let documents: [(given: String, sent: String)] = [
    (
      #"{ "payload":{"command_line":["app","--password=hunter2","x"] , "metadata":{"API_KEY" : "abc","n": 1.50}}}"#,
      #"{ "payload":{"command_line":["app","--password=********","x"] , "metadata":{"API_KEY" : "********","n": 1.50}}}"#
    ),
    (
      #"{"other":{"password":"hunter2"},"metadata":{},"token":"t"}"#,
      #"{"other":{"password":"hunter2"},"metadata":{},"token":"t"}"#
    ),
    (
      #"{"metadata":[{"a":"u\u0073er"},"DD_API_KEY=abc\"d"],"x":"y"}"#,
      #"{"metadata":[{"a":"u\u0073er"},"DD_API_KEY=********\"d"],"x":"y"}"#
    ),
    ("no json \"at all", "no json \"at all"), ("", ""),
  ]

  @Test(arguments: documents.indices)
  func `loses the secrets of the program, and nothing else`(_ index: Int) {
    let (given, sent) = Self.documents[index]
    #expect(String(decoding: InjectionMetadata.scrubbed(Array(given.utf8)), as: UTF8.self) == sent)
  }
}

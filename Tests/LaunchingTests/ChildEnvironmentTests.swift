import Addresses
import Testing

@testable import Launching

@Suite struct `The environment of a command` {
  private static let here = SocketAddress.tcp(host: "127.0.0.1", port: 8126)
  private static let addresses = [
    "DD_TRACE_AGENT_URL": "http://127.0.0.1:8126", "DD_AGENT_HOST": "127.0.0.1", "DD_TRACE_AGENT_PORT": "8126",
    "DATADOG_TRACE_AGENT_HOSTNAME": "127.0.0.1", "DATADOG_TRACE_AGENT_PORT": "8126",
  ]

  private func prepared(_ base: [String: String], _ target: SocketAddress = here) -> ChildEnvironment {
    ChildEnvironment.prepare(base: base, target: target)
  }

  private func added(_ base: [String: String], _ target: SocketAddress = here) -> [String: String] {
    prepared(base, target).variables.filter { base[$0.key] != $0.value }
  }

  @Test func `leads tracers of all ages to the agent, and makes them keep everything`() {
    let keeping = [
      "DD_TRACE_SAMPLING_RULES": #"[{"sample_rate":1}]"#, "DD_TRACE_SAMPLE_RATE": "1", "DD_TRACE_RATE_LIMIT": "100000",
    ]
    var expected = Self.addresses.merging(keeping) { $1 }
    expected["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:8126"
    #expect(added(["PATH": "/bin"]) == expected)
    #expect(prepared([:]).notes.isEmpty)
  }

  @Test(
    arguments: [
      ["DD_TRACE_AGENT_URL": "http://10.0.0.5:8126"], ["DD_AGENT_HOST": "agent"], ["DD_TRACE_AGENT_PORT": "9126"],
      ["DATADOG_TRACE_AGENT_HOSTNAME": "10.0.0.5"], ["DATADOG_TRACE_AGENT_PORT": "1"],
      ["DD_TRACE_AGENT_URL": "unix:///var/run/datadog/apm.socket"], ["DD_TRACE_AGENT_URL": "nonsense"],
    ])
  func `keeps a setting that leads elsewhere, adds none that could overrule it, and says so`(
    _ base: [String: String]
  ) throws {
    let result = prepared(base)
    #expect(result.variables.filter { Self.addresses[$0.key] != nil } == base)
    let name = try #require(base.keys.first)
    #expect(result.notes.count == 1)
    #expect(result.notes[0].hasPrefix("\(name) is set and leads elsewhere, not to 127.0.0.1:8126"))
    #expect(result.notes[0].contains("env -u \(name) roost run"))
  }

  @Test(
    arguments: [
      ([:], "http://127.0.0.1:8126"), (["OTEL_EXPORTER_OTLP_ENDPOINT": ""], "http://127.0.0.1:8126"),
      (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317"], "http://collector:4317"),
      (["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4317"], nil),
      (["DD_AGENT_HOST": "agent"], "http://127.0.0.1:8126"),
    ] as [([String: String], String?)])
  func `leads exporters of OpenTelemetry to the agent, unless they are told otherwise`(
    _ base: [String: String], _ endpoint: String?
  ) {
    #expect(prepared(base).variables["OTEL_EXPORTER_OTLP_ENDPOINT"] == endpoint)
    #expect(
      prepared(base, .unix(path: "/a")).variables == prepared(base, .unix(path: "/a")).variables.merging(base) { $1 })
  }

  /// What is set, and where traces and all signals are led.
  @Test(
    arguments: [
      (["OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"], "http://127.0.0.1:8126", nil),
      (["OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"], "http://127.0.0.1:8126/v1/traces", nil),
      (["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json"], "http://127.0.0.1:8126/v1/traces", nil),
      (
        ["OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc"],
        "http://127.0.0.1:8126", nil
      ),
      (["OTEL_EXPORTER_OTLP_PROTOCOL": ""], nil, "http://127.0.0.1:8126"),
      (
        ["OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317"], nil,
        "http://collector:4317"
      ),
    ] as [([String: String], String?, String?)])
  func `leaves metrics and logs where they went, where it is known what the exporter speaks`(
    _ base: [String: String], _ traces: String?, _ all: String?
  ) {
    let variables = prepared(base).variables
    #expect(variables["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] == traces)
    #expect(variables["OTEL_EXPORTER_OTLP_ENDPOINT"] == all)
  }

  @Test func `names every setting that leads elsewhere, and repeats no value, for it may hold a password`() {
    let notes = prepared([
      "DD_TRACE_AGENT_URL": "http://user:hunter2@elsewhere:8126", "DD_AGENT_HOST": "elsewhere",
      "DD_TRACE_AGENT_PORT": "8126",
    ]).notes
    #expect(notes.count == 2)
    #expect(!notes.joined().contains("hunter2"))
  }

  @Test(
    arguments: [
      ["DD_AGENT_HOST": "localhost"], ["DD_TRACE_AGENT_URL": "http://localhost:8126/"],
      ["DD_TRACE_AGENT_PORT": "8126", "DATADOG_TRACE_AGENT_HOSTNAME": "::1"], ["DD_TRACE_AGENT_URL": ""],
    ])
  func `fills in what is missing beside settings that lead here`(_ base: [String: String]) {
    let result = prepared(base)
    #expect(result.notes.isEmpty)
    for (name, value) in base where !value.isEmpty { #expect(result.variables[name] == value) }
    for name in Self.addresses.keys { #expect(result.variables[name]?.isEmpty == false, "\(name)") }
  }

  @Test func `gives a host without a port the port of an agent that is elsewhere than usual`() {
    let result = prepared(["DD_AGENT_HOST": "127.0.0.1"], .tcp(host: "127.0.0.1", port: 43_211))
    #expect(result.variables["DD_TRACE_AGENT_PORT"] == "43211")
    #expect(result.notes.isEmpty)
    #expect(prepared(["DD_TRACE_AGENT_PORT": "8126"], .tcp(host: "127.0.0.1", port: 43_211)).notes.count == 1)
  }

  @Test func `has only a URL for an agent on a socket`() {
    let target = SocketAddress.unix(path: "/run/apm.socket")
    let names = added([:], target).keys.filter { Self.addresses[$0] != nil }
    #expect(names == ["DD_TRACE_AGENT_URL"])
    #expect(prepared(["DD_AGENT_HOST": "localhost"], target).notes.count == 1)
  }

  @Test(
    arguments: [
      ["DD_TRACE_SAMPLE_RATE": "0.1"], ["DD_TRACE_SAMPLING_RULES": "[]"], ["OTEL_TRACES_SAMPLER": "always_off"],
      ["DD_TRACE_SAMPLE_RATE": ""],
    ])
  func `leaves sampling alone when the user set any of it`(_ base: [String: String]) {
    #expect(Set(added(base).keys) == Set(Self.addresses.keys).union(["OTEL_EXPORTER_OTLP_ENDPOINT"]))
  }

  @Test func `keeps a rate limit that the user set`() {
    #expect(prepared(["DD_TRACE_RATE_LIMIT": "5"]).variables["DD_TRACE_RATE_LIMIT"] == "5")
  }
}

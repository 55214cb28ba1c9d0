import Addresses

/// The environment of a command whose traces are to reach one agent, all of them.
///
/// Nothing that the user set is changed. What it takes is set where it is missing, for tracers of all ages; where a
/// setting of the user leads elsewhere, no other setting is added that could overrule it, and a note says so.
package struct ChildEnvironment: Sendable, Equatable {
  package let variables: [String: String]
  /// What the user has to know, a sentence each.
  package let notes: [String]

  /// The variable that all current tracers read first.
  static let url = "DD_TRACE_AGENT_URL"
  /// A host and a port variable each. The older names are those of 2018, which ddtrace 0.x reads.
  static let pairs = [
    (host: "DD_AGENT_HOST", port: "DD_TRACE_AGENT_PORT"),
    (host: "DATADOG_TRACE_AGENT_HOSTNAME", port: "DATADOG_TRACE_AGENT_PORT"),
  ]
  /// Where an exporter of OpenTelemetry sends: the first is for traces alone, and goes before the other.
  static let exporters = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"]
  /// What it speaks, in the same order.
  static let exporterProtocols = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"]
  /// Of current tracers' variables, those that decide which traces are kept. When the user set one, all are left alone.
  static let sampling = ["DD_TRACE_SAMPLING_RULES", "DD_TRACE_SAMPLE_RATE", "OTEL_TRACES_SAMPLER"]
  /// What makes a tracer keep everything. The rate is for tracers without rules; the limit, traces a second, is 100
  /// otherwise.
  static let keepingAll = [
    ("DD_TRACE_SAMPLING_RULES", #"[{"sample_rate":1}]"#), ("DD_TRACE_SAMPLE_RATE", "1"),
    ("DD_TRACE_RATE_LIMIT", "100000"),
  ]

  /// - Parameters:
  ///   - base: the environment that the command would have had.
  ///   - target: where the agent is.
  package static func prepare(base: [String: String], target: SocketAddress) -> ChildEnvironment {
    var variables = base
    let elsewhere = Self.elsewhere(base, target)
    if elsewhere.isEmpty {
      for (name, value) in addresses(target) where isUnset(name, base) { variables[name] = value }
    }
    // An exporter cannot send to a unix socket.
    if case .tcp = target, exporters.allSatisfy({ isUnset($0, base) }) {
      let (name, value) = exporterAddress(base, target)
      variables[name] = value
    }
    if sampling.allSatisfy({ base[$0] == nil }) {
      for (name, value) in keepingAll where base[name] == nil { variables[name] = value }
    }
    return ChildEnvironment(variables: variables, notes: elsewhere.map { note($0, target) })
  }

  /// An empty address is none: tracers take it for unset.
  private static func isUnset(_ name: String, _ base: [String: String]) -> Bool { base[name]?.isEmpty ?? true }

  /// Traces alone are led to the agent where it is known what the exporter speaks; metrics and logs go where they went.
  ///
  /// The address for traces has a path over HTTP and none over gRPC, and SDKs differ in what they speak when they are told
  /// nothing: then only the address for all signals fits both.
  private static func exporterAddress(
    _ base: [String: String], _ target: SocketAddress
  ) -> (name: String, value: String) {
    let spoken = exporterProtocols.lazy.compactMap { isUnset($0, base) ? nil : base[$0] }.first
    return switch spoken {
    case "grpc": (exporters[0], target.url)
    case "http/protobuf", "http/json": (exporters[0], target.url + "/v1/traces")
    default: (exporters[1], target.url)
    }
  }

  private static func addresses(_ target: SocketAddress) -> [(String, String)] {
    var settings = [(url, target.url)]
    if case .tcp(let host, let port) = target {
      for pair in pairs { settings += [(pair.host, host), (pair.port, String(port))] }
    }
    return settings
  }

  /// Settings of the user that lead to another place than the target.
  private static func elsewhere(_ base: [String: String], _ target: SocketAddress) -> [String] {
    var names: [String] = []
    if let text = base[url], !text.isEmpty, !target.isURL(text) { names.append(url) }
    for pair in pairs {
      if let host = base[pair.host], !host.isEmpty, !target.isHost(host) { names.append(pair.host) }
      if let port = base[pair.port], !port.isEmpty, !isPort(port, target) { names.append(pair.port) }
    }
    return names
  }

  private static func isPort(_ text: String, _ target: SocketAddress) -> Bool {
    guard case .tcp(_, let port) = target else { return false }
    return UInt16(text) == port
  }

  /// The value is not repeated: it may hold a password.
  private static func note(_ name: String, _ target: SocketAddress) -> String {
    "\(name) is set and leads elsewhere, not to \(target); it stays, so traces may not come here. "
      + "To send them here: env -u \(name) roost run -- COMMAND"
  }
}

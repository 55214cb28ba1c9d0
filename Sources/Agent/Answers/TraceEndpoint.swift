import Receiver

/// What the agent serves, and under which paths.
enum TraceEndpoint: Sendable {
  case tracesV03, tracesV04, tracesV05
  /// What old tracers tell of their services; nobody asks for it any more.
  case services
  /// Logs and snapshots of a tracer's debugger. Taken and counted, not sent on: ddtrace 4 warns its user about an agent
  /// that does not offer this, whether or not it has anything to send.
  case debugger
  case info

  /// The paths, in the order of the Datadog agent's `/info`; `isListed` says which are named there.
  static let paths: [(path: String, endpoint: TraceEndpoint, isListed: Bool)] = [
    ("/services", .services, false),
    ("/v0.1/services", .services, false),
    ("/v0.2/services", .services, false),
    ("/v0.3/traces", .tracesV03, true),
    ("/v0.3/services", .services, true),
    ("/v0.4/traces", .tracesV04, true),
    ("/v0.4/services", .services, true),
    ("/v0.5/traces", .tracesV05, true),
    ("/debugger/v1/input", .debugger, true),
    ("/debugger/v1/diagnostics", .debugger, true),
    ("/debugger/v2/input", .debugger, true),
    ("/info", .info, false),
  ]

  static var listedPaths: [String] { paths.filter(\.isListed).map(\.path) }

  static func routes(headers: [AnswerHeader]) -> RoutingTable<TraceEndpoint> {
    RoutingTable(
      paths.map { Endpoint($0.path, $0.endpoint, allowsCrossSite: $0.endpoint == .info) }, headers: headers)
  }

  /// The name clients are listed with in `roost info`.
  var name: String {
    switch self {
    case .tracesV03: "v0.3"
    case .tracesV04: "v0.4"
    case .tracesV05: "v0.5"
    case .services: "services"
    case .debugger: "debugger"
    case .info: "info"
    }
  }

  /// The path that current clients use; empty where there are several.
  var path: String {
    switch self {
    case .tracesV03: "/v0.3/traces"
    case .tracesV04: "/v0.4/traces"
    case .tracesV05: "/v0.5/traces"
    case .info: "/info"
    case .services, .debugger: ""
    }
  }

  var takesTraces: Bool {
    switch self {
    case .tracesV03, .tracesV04, .tracesV05: true
    case .services, .debugger, .info: false
    }
  }
}

/// What a command wants to know of the running agent; one connection carries one. All only read: where a group may query
/// the agent, its members can change nothing.
package enum ControlQuery: Sendable, Equatable {
  /// Is there an agent? Answered with `ControlAnswer.pong`.
  case ping
  /// Counters, clients and configuration; answered with `ControlAnswer.info`.
  case info
  /// Client issues, sampling by tracers, processes and services; answered with `ControlAnswer.observations`.
  case observations
  /// The table of services; answered with `ControlAnswer.services`.
  case services(ServicesQuery)
  /// The table of resources; answered with `ControlAnswer.resources`.
  case resources(ResourcesQuery)
  /// Two parts of the statistics compared; answered with `ControlAnswer.diff`.
  case diff(DiffQuery)
}

/// Which statistics a table of services is made of.
package struct ServicesQuery: Sendable, Equatable, Codable {
  /// How far back from now, in nanoseconds; `nil` is everything that is kept (the last hour).
  package var windowNs: Int64?
  /// Only this environment; `nil` is all of them.
  package var env: String?
  /// Whether the service of `roost send-test` has a row too.
  package var includesTests: Bool

  /// Everything of apps that is kept unless it is narrowed.
  package init(windowNs: Int64? = nil, env: String? = nil, includesTests: Bool = false) {
    self.windowNs = windowNs
    self.env = env
    self.includesTests = includesTests
  }
}

/// Which statistics a table of resources is made of.
package struct ResourcesQuery: Sendable, Equatable, Codable {
  /// As spans name it, after normalizing; `nil` is every service but that of `roost send-test`.
  package var service: String?
  /// How far back from now, in nanoseconds; `nil` is everything that is kept (the last hour).
  package var windowNs: Int64?
  /// Only this environment; `nil` is all of them.
  package var env: String?
  /// False counts only service-entry (top-level) spans: those through which a trace enters the service. True counts
  /// every span that has statistics (measured spans and span kinds as well).
  package var allSpans: Bool

  /// Service-entry spans of everything that is kept unless it says otherwise.
  package init(service: String?, windowNs: Int64? = nil, env: String? = nil, allSpans: Bool = false) {
    self.service = service
    self.windowNs = windowNs
    self.env = env
    self.allSpans = allSpans
  }
}

extension ControlQuery {
  /// What is written to the control socket: a kind, and a body where it has one.
  var message: ControlMessage {
    get throws(ControlError) {
      switch self {
      case .ping: ControlMessage("ping")
      case .info: ControlMessage("info")
      case .observations: ControlMessage("observations")
      case .services(let query): try ControlMessage("services", query)
      case .resources(let query): try ControlMessage("resources", query)
      case .diff(let query): try ControlMessage("diff", query)
      }
    }
  }

  /// Throws `refused` when the query is not known.
  init(_ message: ControlMessage) throws(ControlError) {
    switch message.kind {
    case "ping": self = .ping
    case "info": self = .info
    case "observations": self = .observations
    case "services": self = .services(try message.body())
    case "resources": self = .resources(try message.body())
    case "diff": self = .diff(try message.body())
    case let name: throw .refused("this agent does not know the question \"\(name)\"")
    }
  }
}

import MessagePack

/// What a command asks the running agent; one connection carries one.
package enum ControlQuestion: Sendable, Equatable {
  /// Is there an agent? Answered with `ControlAnswer.pong`.
  case ping
  /// Counters, clients and configuration; answered with `ControlAnswer.info`.
  case info
  /// Client issues, sampling by tracers, processes and services; answered with `ControlAnswer.observations`.
  case observations
  /// The table of services; answered with `ControlAnswer.services`.
  case services(ServicesQuestion)
  /// The table of one service's resources; answered with `ControlAnswer.resources`.
  case resources(ResourcesQuestion)
}

/// Which statistics a table of services is made of.
package struct ServicesQuestion: Sendable, Equatable {
  /// How far back from now, in nanoseconds; `nil` is everything that is kept (the last hour).
  package var windowNs: Int64?
  /// Only this environment; `nil` is all of them.
  package var env: String?

  /// Everything that is kept unless it is narrowed.
  package init(windowNs: Int64? = nil, env: String? = nil) {
    self.windowNs = windowNs
    self.env = env
  }
}

/// Which statistics a table of resources is made of.
package struct ResourcesQuestion: Sendable, Equatable {
  /// As spans name it, after normalizing.
  package var service: String
  /// How far back from now, in nanoseconds; `nil` is everything that is kept (the last hour).
  package var windowNs: Int64?
  /// Only this environment; `nil` is all of them.
  package var env: String?
  /// False counts only entry spans: those through which a trace enters the service (top level). True counts every
  /// span that has statistics (measured spans and span kinds as well).
  package var allSpans: Bool

  /// Entry spans of everything that is kept unless it says otherwise.
  package init(service: String, windowNs: Int64? = nil, env: String? = nil, allSpans: Bool = false) {
    self.service = service
    self.windowNs = windowNs
    self.env = env
    self.allSpans = allSpans
  }
}

extension ControlQuestion {
  /// One MessagePack map with the protocol version.
  var packed: MessagePackValue {
    var fields = FieldWriter()
    fields.set("v", ControlProtocol.version)
    switch self {
    case .ping: fields.set("q", "ping")
    case .info: fields.set("q", "info")
    case .observations: fields.set("q", "observations")
    case .services(let question):
      fields.set("q", "services")
      fields.set("window_ns", question.windowNs)
      fields.set("env", question.env)
    case .resources(let question):
      fields.set("q", "resources")
      fields.set("service", question.service)
      fields.set("window_ns", question.windowNs)
      fields.set("env", question.env)
      fields.set("all_spans", question.allSpans)
    }
    return fields.value
  }

  /// Throws when the version differs or the question is not known.
  static func unpack(_ value: MessagePackValue) throws(ControlError) -> ControlQuestion {
    let fields = FieldReader(value)
    let version = fields.unsigned("v")
    guard version == ControlProtocol.version else { throw .versionMismatch(theirs: version) }
    let window = fields.optionalSigned("window_ns").map { max(0, $0) }
    let env = fields.optionalText("env")
    switch fields.text("q") {
    case "ping": return .ping
    case "info": return .info
    case "observations": return .observations
    case "services": return .services(ServicesQuestion(windowNs: window, env: env))
    case "resources":
      return .resources(
        ResourcesQuestion(
          service: fields.text("service"), windowNs: window, env: env, allSpans: fields.flag("all_spans")))
    case let name: throw .refused("this agent does not know the question \"\(name)\"")
    }
  }
}

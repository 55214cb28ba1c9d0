/// What the running agent says to a `ControlQuery`.
package enum ControlAnswer: Sendable, Equatable {
  case pong
  case info(InfoAnswer)
  case observations(ObservationsAnswer)
  case services(ServicesAnswer)
  case resources(ResourcesAnswer)
  case series(SeriesAnswer)
  case histogram(HistogramAnswer)
  case traces(TracesAnswer)
  case trace(TraceAnswer)
  /// There is no trace as was asked for, or more than one.
  case noTrace(NoTraceAnswer)
  case diff(DiffAnswer)
  case badPayload(BadPayloadAnswer)
  /// The agent cannot answer; the text says why and is shown to the person.
  case refused(String)
  /// The agent has too much to do to answer now; the text says with what.
  case busy(String)
}

extension ControlAnswer {
  /// What is written to the control socket: a kind, and a body where it has one.
  var message: ControlMessage {
    get throws(ControlError) {
      switch self {
      case .pong: ControlMessage("pong")
      case .info(let answer): try ControlMessage("info", answer)
      case .observations(let answer): try ControlMessage("observations", answer)
      case .services(let answer): try ControlMessage("services", answer)
      case .resources(let answer): try ControlMessage("resources", answer)
      case .series(let answer): try ControlMessage("series", answer)
      case .histogram(let answer): try ControlMessage("histogram", answer)
      case .traces(let answer): try ControlMessage("traces", answer)
      case .trace(let answer): ControlMessage("trace", document: answer.document)
      case .noTrace(let answer): try ControlMessage("no_trace", answer)
      case .diff(let answer): try ControlMessage("diff", answer)
      case .badPayload(let answer): try ControlMessage("bad_payload", answer)
      case .refused(let why): try ControlMessage("refused", why)
      case .busy(let why): try ControlMessage("busy", why)
      }
    }
  }

  /// Throws when the kind of answer is not known.
  init(_ message: ControlMessage) throws(ControlError) {
    switch message.kind {
    case "pong": self = .pong
    case "info": self = .info(try message.body())
    case "observations": self = .observations(try message.body())
    case "services": self = .services(try message.body())
    case "resources": self = .resources(try message.body())
    case "series": self = .series(try message.body())
    case "histogram": self = .histogram(try message.body())
    case "traces": self = .traces(try message.body())
    case "trace": self = .trace(TraceAnswer(document: message.body))
    case "no_trace": self = .noTrace(try message.body())
    case "diff": self = .diff(try message.body())
    case "bad_payload": self = .badPayload(try message.body())
    case "refused": self = .refused(try message.body())
    case "busy": self = .busy(try message.body())
    case let name: throw .malformed("an answer of the unknown kind \"\(name)\"")
    }
  }
}

/// The agent's side of the control protocol.
package protocol ControlAnswering: Sendable {
  /// Called on the control thread, one query at a time, and should take well under `ControlProtocol.timeout` there; what
  /// may take long is called on other threads beside it.
  func answer(_ query: ControlQuery) -> ControlAnswer

  /// Whether the answer may take long. Called on the control thread and the page's, and has to be quick.
  func mayTakeLong(_ query: ControlQuery) -> Bool

  /// Claims the memory that an answer may take; `nil` when the agent must not take so much now.
  func claim(bytes: Int) -> AnswerClaim?
}

extension ControlAnswering {
  /// As if the statistics of the last hour were in memory.
  package func mayTakeLong(_ query: ControlQuery) -> Bool { query.mayTakeLong() }

  /// As if there were no limit.
  package func claim(bytes: Int) -> AnswerClaim? { AnswerClaim {} }
}

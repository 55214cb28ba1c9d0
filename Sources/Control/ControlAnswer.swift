/// What the running agent says to a `ControlQuery`.
package enum ControlAnswer: Sendable, Equatable {
  case pong
  case info(InfoAnswer)
  case observations(ObservationsAnswer)
  case services(ServicesAnswer)
  case resources(ResourcesAnswer)
  case diff(DiffAnswer)
  /// The agent cannot answer; the text says why and is shown to the person.
  case refused(String)
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
      case .diff(let answer): try ControlMessage("diff", answer)
      case .refused(let why): try ControlMessage("refused", why)
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
    case "diff": self = .diff(try message.body())
    case "refused": self = .refused(try message.body())
    case let name: throw .malformed("an answer of the unknown kind \"\(name)\"")
    }
  }
}

/// The agent's side of the control protocol.
package protocol ControlAnswering: Sendable {
  /// Called on the control thread, one query at a time; should take well under `ControlProtocol.timeout`.
  func answer(_ query: ControlQuery) -> ControlAnswer
}

import MessagePack

/// What the running agent says to a `ControlQuestion`.
package enum ControlAnswer: Sendable, Equatable {
  case pong
  case info(InfoAnswer)
  case observations(ObservationsAnswer)
  case services(ServicesAnswer)
  case resources(ResourcesAnswer)
  /// The agent cannot answer; the text says why and is shown to the person.
  case refused(String)
}

extension ControlAnswer {
  /// One MessagePack map with the protocol version.
  var packed: MessagePackValue {
    var fields = FieldWriter()
    fields.set("v", ControlProtocol.version)
    switch self {
    case .pong: fields.set("a", "pong")
    case .info(let answer):
      fields.set("a", "info")
      fields.set("body", part: answer)
    case .observations(let answer):
      fields.set("a", "observations")
      fields.set("body", part: answer)
    case .services(let answer):
      fields.set("a", "services")
      fields.set("body", part: answer)
    case .resources(let answer):
      fields.set("a", "resources")
      fields.set("body", part: answer)
    case .refused(let why):
      fields.set("a", "refused")
      fields.set("why", why)
    }
    return fields.value
  }

  /// Throws when the version differs or the kind of answer is not known.
  static func unpack(_ value: MessagePackValue) throws(ControlError) -> ControlAnswer {
    let fields = FieldReader(value)
    let version = fields.unsigned("v")
    guard version == ControlProtocol.version else { throw .versionMismatch(theirs: version) }
    switch fields.text("a") {
    case "pong": return .pong
    case "info": return .info(fields.part("body"))
    case "observations": return .observations(fields.part("body"))
    case "services": return .services(fields.part("body"))
    case "resources": return .resources(fields.part("body"))
    case "refused": return .refused(fields.text("why"))
    case let name: throw .malformed("an answer of the unknown kind \"\(name)\"")
    }
  }
}

/// The agent's side of the talk.
package protocol ControlAnswering: Sendable {
  /// Called on the control thread, one question at a time; should take well under `ControlProtocol.timeout`.
  func answer(_ question: ControlQuestion) -> ControlAnswer
}

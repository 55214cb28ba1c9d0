/// The settings that explain an agent's numbers; secrets are not part of it.
package struct ConfigurationSummary: Sendable, Equatable {
  /// Traces a second that sampling aims at.
  package var targetTPS: Double
  /// Traces with errors a second that are kept beyond that.
  package var errorTPS: Double
  /// The environment given to spans that bring none.
  package var env: String
  /// Where everything goes, if anywhere.
  package var forwarding: ForwardingState

  /// Off without a reason until it is said.
  package init(targetTPS: Double = 0, errorTPS: Double = 0, env: String = "", forwarding: ForwardingState = .off("")) {
    self.targetTPS = targetTPS
    self.errorTPS = errorTPS
    self.env = env
    self.forwarding = forwarding
  }
}

/// Where traces and statistics go, or why they go nowhere.
package enum ForwardingState: Sendable, Equatable {
  /// The intake's URL, without user or key.
  case on(String)
  /// The reason, as a person should read it: `no API key (set DD_API_KEY)`.
  case off(String)
}

extension ConfigurationSummary: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    targetTPS = fields.number("target_tps")
    errorTPS = fields.number("error_tps")
    env = fields.text("env")
    forwarding =
      fields.optionalText("forwarding_to").map(ForwardingState.on) ?? .off(fields.text("forwarding_off_reason"))
  }

  func write(to fields: inout FieldWriter) {
    fields.set("target_tps", targetTPS)
    fields.set("error_tps", errorTPS)
    fields.set("env", env)
    switch forwarding {
    case .on(let url): fields.set("forwarding_to", url)
    case .off(let reason): fields.set("forwarding_off_reason", reason)
    }
  }
}

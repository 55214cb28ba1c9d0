/// How the intakes take what roost forwards, as the agent counts it.
package struct IntakeEvidence: Sendable, Equatable, Codable {
  /// Payloads that do not go through now; empty when the last attempts of all succeeded.
  package var troubles: [IntakeTroubleEvidence] = []
  /// Since a payload was last taken; `nil` when none ever was.
  package var lastSuccessSecondsAgo: Double?
  /// Payloads that wait to be taken, their bytes, and how long the oldest has waited; `nil` when none waits.
  package var waitingPayloads: UInt64 = 0
  package var waitingBytes: UInt64 = 0
  package var waitingSeconds: Double?
  /// What was kept and given up, by reason.
  package var lost: [String: LossEvidence] = [:]
  /// Since something was last lost; `nil` when nothing was.
  package var lastLossSecondsAgo: Double?

  package init() {}
}

/// Attempts in a row to send one kind of payload that did not succeed, up to now.
package struct IntakeTroubleEvidence: Sendable, Equatable, Codable {
  /// `refusing`: the payloads are lost, or the key is refused; `failing`: they are sent again; `silent`: the first has no answer yet.
  package var state = "failing"
  /// The kind of payload: `traces` or `stats`.
  package var payloads = "traces"
  /// Scheme, host and port of the intake.
  package var endpoint = ""
  /// Since the first of the attempts was started.
  package var seconds = 0.0
  /// Since the last of them failed; `nil` while the first is under way.
  package var lastSecondsAgo: Double?
  package var attempts: UInt64 = 1
  /// The HTTP status of the last answer; `nil` when there was none.
  package var status: Int?
  /// `HTTP 503`, or what libcurl says.
  package var text = ""

  package init() {}
}

/// How much was lost for one reason.
package struct LossEvidence: Sendable, Equatable, Codable {
  package var payloads: UInt64
  package var traces: UInt64

  package init(payloads: UInt64 = 0, traces: UInt64 = 0) {
    self.payloads = payloads
    self.traces = traces
  }
}

/// A setting that somebody wrote and that changes nothing.
package struct SettingEvidence: Sendable, Equatable, Codable {
  /// The key's path or the variable.
  package var name: String
  /// Where it was found: `datadog.yaml:14`, or the variable.
  package var origin: String
  /// `not_hidden`, `not_yet`, `unknown`, `no_meaning` or `other_program`.
  package var reason: String
  /// What it would be about.
  package var about: String

  package init(name: String, origin: String = "", reason: String = "not_yet", about: String = "") {
    self.name = name
    self.origin = origin
    self.reason = reason
    self.about = about
  }
}

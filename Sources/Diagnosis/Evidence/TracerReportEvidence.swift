/// What a tracer said of itself in its telemetry, to the agent.
package struct TracerReportEvidence: Sendable, Equatable, Codable {
  package var service = ""
  package var language = ""
  package var tracerVersion = ""
  /// It said that it ends.
  package var hasEnded = false
  package var lastSeenSecondsAgo = 0.0
  /// Libraries that it instruments, by their names.
  package var instrumented: [String] = []
  /// Libraries that it meant to instrument and could not.
  package var failures: [TracerFailureEvidence] = []
  /// Settings that it did not take as they were written.
  package var rejected: [TracerFailureEvidence] = []
  /// The setting by which tracing is off in it; empty when it is on, or not said.
  package var tracingOffBy = ""

  package init() {}

  /// As people call it: `python 4.16.0 of shop`.
  package var name: String {
    let tracer = [language, tracerVersion].filter { !$0.isEmpty }.joined(separator: " ")
    let who = tracer.isEmpty ? "a tracer" : tracer
    return service.isEmpty ? who : "\(who) of \(service)"
  }
}

/// A library or a setting with which a tracer had trouble.
package struct TracerFailureEvidence: Sendable, Equatable, Codable {
  /// Of the library, with its version, or of the setting.
  package var name: String
  /// What went wrong, in the tracer's words.
  package var reason: String

  package init(name: String, reason: String) {
    self.name = name
    self.reason = reason
  }
}

/// Everything the doctor saw: gathered once by the collectors, then only read by the rules.
///
/// A plain value that goes to JSON and back, so that a case can be kept as a file and judged again. No secret is in it:
/// collectors leave out what looks like one before they store anything.
package struct Evidence: Sendable, Equatable, Codable {
  package var question = QuestionEvidence()
  /// What roost is configured to do here, whether or not it runs.
  package var configuration = ConfigurationEvidence()
  /// The running agent's own account; `nil` when no roost answers on its control socket.
  package var agent: AgentEvidence?
  /// An agent runs here that this user cannot query: what it is configured to do is not known.
  package var isAgentHidden = false
  package var host = HostEvidence()
  /// The applications looked at: the one asked for, those of a name, or all that are traced.
  package var processes: [ProcessEvidence] = []
  /// Processes of the same language in other containers, each of which calls itself by the same number as one of
  /// `processes` does in its own: what one sent may look as if the other had.
  package var namesakes: [ProcessEvidence] = []
  /// Names resolved, each as the one who uses it would.
  package var resolutions: [ResolutionEvidence] = []
  /// Addresses and sockets tried, one for each address that a name stands for.
  package var probes: [ProbeEvidence] = []
  /// Tracer lines recognized in a log.
  package var log: [LogEvidence] = []
  /// What could not be looked at, and why.
  package var notChecked: [NotChecked] = []

  package init() {}

  /// Nothing was seen, of the machine or otherwise; what was asked and configured is not seen.
  package var isEmpty: Bool {
    agent == nil && host == HostEvidence() && processes.isEmpty && resolutions.isEmpty && probes.isEmpty && log.isEmpty
  }
}

/// A part of the evidence that could not be had.
package struct NotChecked: Sendable, Equatable, Codable {
  /// What it would have been: `environment of pid 812`, `network namespaces`.
  package var what: String
  /// Why: `permission denied`, `macOS has no network namespaces`.
  package var why: String

  package init(what: String, why: String) {
    self.what = what
    self.why = why
  }
}

/// What roost would do by its configuration.
package struct ConfigurationEvidence: Sendable, Equatable, Codable {
  /// Addresses it would listen on; empty when TCP is off.
  package var hosts: [String] = []
  package var port = 8126
  /// Path of the unix socket; empty when it is off.
  package var socketPath = ""
  package var isSocketExplicit = false
  package var isTracingEnabled = true
  package var site = ""
  package var intakeURL = ""
  package var hasAPIKey = false
  /// 32 hexadecimal digits, as every Datadog key.
  package var isAPIKeyWellFormed = true
  package var maxPayloadBytes = 26_214_400
  package var maxMemoryBytes = 500_000_000
  package var env = ""
  /// Problems that the loader found, as it prints them.
  package var problems: [String] = []
  /// What is set here and would change nothing.
  package var settingsWithoutEffect: [SettingEvidence] = []

  package init() {}
}

/// A tracer line in a log.
package struct LogEvidence: Sendable, Equatable, Codable {
  /// Number of the line in what was read, from 1.
  package var line: Int
  /// The line without secrets, shortened.
  package var text: String
  /// `python`, `nodejs`, `ruby`, `java`, `go`, `dotnet`, `php`, `cpp`; empty when the line does not say.
  package var language: String
  /// Id of the line's pattern, such as `python.cannot_send_services`.
  package var pattern: String
  /// What the line means, in a sentence.
  package var meaning: String
  /// The agent's URL or `host:port` as the line names it.
  package var url: String?
  /// Name of the error: `ECONNREFUSED`, `ETIMEDOUT`, `ENOENT`, `EACCES`, `EPROTOTYPE`, `ENOTFOUND`, …
  package var errorName: String?
  package var httpStatus: Int?
  /// Traces or payloads that the line says are lost.
  package var lost: Int?
  /// How many lines said the same; `line` is the first of them, `lost` their sum.
  package var count = 1
  /// Settings of a startup line (`DATADOG TRACER CONFIGURATION {…}`), by their names there.
  package var settings: [String: String]

  package init(line: Int, text: String, language: String, pattern: String, meaning: String) {
    self.line = line
    self.text = text
    self.language = language
    self.pattern = pattern
    self.meaning = meaning
    settings = [:]
  }
}

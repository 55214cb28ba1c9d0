import Addresses
import Configuration
import Diagnosis
import Scrubbing

extension ConfigurationEvidence {
  /// What roost would do by its configuration, without any secret.
  init(_ loaded: LoadedConfiguration) {
    self.init()
    let value = loaded.value
    port = value.receiverPort
    hosts = value.receiverPort == 0 || !value.receiverEnabled ? [] : value.receiverHosts.map(Scrubber.scrub)
    socketPath = value.receiverEnabled ? Scrubber.scrub(value.receiverSocket) : ""
    isSocketExplicit = value.isReceiverSocketExplicit
    isTracingEnabled = value.apmEnabled
    site = Scrubber.scrub(value.site)
    intakeURL = Scrubber.scrub("\(value.traceIntakeURL)")
    hasAPIKey = value.apiKey != nil
    isAPIKeyWellFormed = value.apiKey?.isWellFormed ?? true
    maxPayloadBytes = value.maxPayloadBytes
    maxMemoryBytes = value.maxMemoryBytes
    env = Scrubber.scrub(value.defaultEnv)
    settingsWithoutEffect = loaded.withoutEffect.map {
      SettingEvidence(
        name: Scrubber.scrub($0.name), origin: Scrubber.scrub("\($0.origin)"), reason: $0.reason.rawValue,
        about: Scrubber.scrub($0.about))
    }
    problems = loaded.problems.map { Self.withoutValues("\($0.severity.rawValue): \($0)") }
  }

  /// What was written may be a secret in the wrong line, and evidence is passed on to others. Of an address of Datadog's
  /// the site stays: it is what to set.
  private static func withoutValues(_ problem: String) -> String {
    problem.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      .map { part in
        part.offset % 2 == 0 ? String(part.element) : "\"…\(DatadogSite.site(of: String(part.element)) ?? "")\""
      }.joined()
  }
}

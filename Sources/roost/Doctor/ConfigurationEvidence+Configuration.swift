import Configuration
import Doctor

extension ConfigurationEvidence {
  /// What roost would do by its configuration, without any secret.
  init(_ loaded: LoadedConfiguration) {
    self.init()
    let value = loaded.value
    port = value.receiverPort
    hosts = value.receiverPort == 0 || !value.receiverEnabled ? [] : value.receiverHosts
    socketPath = value.receiverEnabled ? value.receiverSocket : ""
    isSocketExplicit = value.isReceiverSocketExplicit
    isTracingEnabled = value.apmEnabled
    site = value.site
    intakeURL = "\(value.traceIntakeURL)"
    hasAPIKey = value.apiKey != nil
    isAPIKeyWellFormed = value.apiKey.map { Self.isWellFormed($0.secret) } ?? true
    maxPayloadBytes = value.maxPayloadBytes
    maxMemoryBytes = value.maxMemoryBytes
    env = value.defaultEnv
    problems = loaded.problems.map { "\($0.severity.rawValue): \($0)" }
  }

  /// 32 hexadecimal digits, as every Datadog key.
  private static func isWellFormed(_ key: String) -> Bool {
    key.utf8.count == 32
      && key.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x66) }
  }
}

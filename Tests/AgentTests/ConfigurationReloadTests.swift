import Configuration
import Foundation
import Platform
import Sampling
import Testing

@testable import Agent

@Suite struct `A configuration that is read again` {
  private struct Unreadable: Error {}

  /// What became of a configuration that was read again.
  private struct Outcome {
    /// What the samplers aim at afterwards.
    var targets: [Double] = []
    /// What the log says, without the time.
    var lines: [String] = []
    /// The configurations that processing and answers were told of, and the keys that were to be sent with.
    var processed: [AgentConfiguration] = []
    var answered: [AgentConfiguration] = []
    var keys: [String?] = []
  }

  private static func reload(
    _ text: String, environment: [String: String] = [:], before: [String: String] = [:], level: LogLevel = .info,
    takesKeys: Bool = true,
    read: ((LoadedConfiguration) throws -> LoadedConfiguration)? = nil
  ) throws -> Outcome {
    let file = FileManager.default.temporaryDirectory.appending(path: "roost-reload-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    let before = ConfigurationLoader.load(
      file: nil,
      environment: [
        "DD_APM_TARGET_TPS": "10", "DD_LOG_LEVEL": level.rawValue, "DD_API_KEY": "old-key-0123456789abcdef",
      ].merging(before) { $1 }, askSecrets: Self.secrets(answer: "old-secret"))
    let samplers = Samplers(configuration: SamplingConfiguration(before.value, env: "none"))
    let log = Log(level: level, path: file.path, clock: .system)
    var outcome = Outcome()
    var reload = ConfigurationReload(
      before, samplers: samplers, log: log, clock: .system,
      actions: ConfigurationReload.Actions(
        answer: { outcome.answered.append($0) }, process: { outcome.processed.append($0) },
        sendWithKeys: {
          outcome.keys.append($0.apiKey?.secret)
          return takesKeys
        }))
    let loaded = ConfigurationLoader.load(
      file: ConfigurationFile(path: "/x/datadog.yaml", bytes: Array(text.utf8)),
      environment: ["DD_API_KEY": "old-key-0123456789abcdef"].merging(environment) { $1 },
      askSecrets: Self.secrets(answer: "new-secret"))
    reload.take(Result { try read?(loaded) ?? loaded })
    outcome.targets = [samplers.targets.traces, samplers.targets.errors]
    log.info("after")
    log.flush(atMost: .seconds(20))
    let written = try String(contentsOf: file, encoding: .utf8)
    let lines = written.split(separator: "\n").map { $0.split(separator: " ").dropFirst().joined(separator: " ") }
    outcome.lines = lines.filter { $0 != "INFO after" }
    return outcome
  }

  @Test(
    arguments: [(.warn, .info), (.info, .warn), (.off, .info), (.info, .off), (.error, .warn)]
      as [(LogLevel, LogLevel)])
  func `says what has changed to whoever wants the finer of both levels`(before: LogLevel, after: LogLevel) throws {
    let result = try Self.reload(
      "apm_config:\n  receiver_port: 9999\nlog_level: \(after.rawValue)\n", level: before)
    let warning = "WARN these have changed and hold from the next start on: apm_config.receiver_port"
    let change = "INFO log_level is \(after.rawValue) from now on, and was \(before.rawValue)"
    #expect(result.lines == (min(before, after) == .info ? [change, warning] : [warning]))
  }

  @Test func `changes what can change, and names what cannot`() throws {
    let result = try Self.reload(
      """
      apm_config:
        target_traces_per_second: 5
        errors_per_second: 2.5
        receiver_port: 9999
      log_level: warn
      """)
    #expect(result.targets == [5, 2.5] && result.answered.map(\.targetTPS) == [5] && result.processed.isEmpty)
    #expect(result.lines.contains("INFO apm_config.target_traces_per_second is 5 from now on, and was 10"))
    #expect(result.lines.last == "WARN these have changed and hold from the next start on: apm_config.receiver_port")
  }

  @Test func `changes nothing when an agent would not start with it`() throws {
    let result = try Self.reload("apm_config:\n  target_traces_per_second: many\n  errors_per_second: 1\n")
    #expect(result.targets == [10, 10] && result.lines.count == 2)
    #expect(result.lines.allSatisfy { $0.hasPrefix("ERROR") })
    let unread = try Self.reload("", read: { _ in throw Unreadable() })
    #expect(unread.targets == [10, 10] && unread.lines.count == 1)
  }

  @Test func `says that it is the same`() throws {
    #expect(try Self.reload("").lines == ["INFO the configuration was read again, and has not changed"])
  }

  @Test(arguments: [true, false])
  func `sends with a new key where it can, and shows neither it nor the old one`(takesKeys: Bool) throws {
    let key = "0123456789abcdef0123456789ab4711"
    let result = try Self.reload("", environment: ["DD_API_KEY": key], takesKeys: takesKeys)
    #expect(result.keys == [key])
    #expect(
      result.lines == [
        takesKeys
          ? "INFO api_key is …4711 from now on, and was …cdef"
          : "WARN these have changed and hold from the next start on: api_key"
      ])
  }

  @Test(arguments: [true, false])
  func `sends what other products have with their new keys`(takesKeys: Bool) throws {
    let key = "0123456789abcdef0123456789abcdef"
    let result = try Self.reload(
      "evp_proxy_config:\n  api_key: \(key)\nol_proxy_config:\n  api_key: \(key)\n", takesKeys: takesKeys)
    #expect(result.keys.count == 1 && result.lines.allSatisfy { !$0.contains(key) })
    let names = ["evp_proxy_config.api_key", "ol_proxy_config.api_key"]
    for name in names {
      #expect(result.lines.contains { $0.contains(name) && $0.contains("from now on") } == takesKeys, "\(name)")
    }
    let waiting = "WARN these have changed and hold from the next start on: \(names.joined(separator: ", "))"
    #expect(result.lines.contains(waiting) == !takesKeys)
  }

  @Test(arguments: [true, false])
  func `sends with other headers where it can, and shows none`(takesKeys: Bool) throws {
    func places(_ token: String) -> [String: String] {
      ["DD_LOCAL_DESTINATIONS": #"[{"url":"otlp+http://tempo:4318","headers":{"token":"\#(token)"}}]"#]
    }
    let result = try Self.reload("", environment: places("n3w"), before: places("0ld"), takesKeys: takesKeys)
    let shown = "otlp+http://tempo:4318/v1/traces (token: …)"
    #expect(
      result.lines == [
        takesKeys
          ? "INFO local.destinations is \(shown) from now on, and was \(shown)"
          : "WARN these have changed and hold from the next start on: local.destinations"
      ])
  }

  private static func secrets(answer: String) -> SecretAsking {
    { _, handles in .success(Dictionary(uniqueKeysWithValues: handles.map { ($0, .success(answer)) })) }
  }

  @Test func `shows no secret, whatever option it is of`() throws {
    let secret = [
      "DD_APM_IGNORE_RESOURCES": "ENC[resource]", "DD_SECRET_BACKEND_COMMAND": "/bin/secrets", "DD_ENV": "ENC[env]",
    ]
    let result = try Self.reload("", environment: secret, before: secret)
    #expect(result.processed.map(\.ignoreResources.count) == [1])
    #expect(
      result.lines == [
        "INFO apm_config.ignore_resources is a secret from now on, and was a secret",
        "WARN these have changed and hold from the next start on: apm_config.env",
      ])
    let plain = try Self.reload("apm_config: {ignore_resources: [a]}", before: secret)
    #expect(plain.lines.first == "INFO apm_config.ignore_resources is a from now on, and was a secret")
  }

  @Test func `has rules and obfuscation in force for the next payload, and leaves what it does not take as it was`()
    throws
  {
    let result = try Self.reload(
      """
      apm_config:
        ignore_resources: ["^GET /ping$"]
        filter_tags: {reject: ["env:dev"]}
        replace_tags: [{name: "*", pattern: "a+", repl: "?"}]
        obfuscation: {remove_stack_traces: true}
        receiver_port: 9999
      """)
    let processed = try #require(result.processed.first)
    #expect(result.processed.count == 1 && result.answered.count == 1)
    #expect(processed.ignoreResources.count == 1 && processed.filterTagsReject == ["env:dev"])
    #expect(processed.replaceRules.count == 1 && processed.removesStackTraces && processed.receiverPort == 8126)
    #expect(result.lines.count == 5 && result.keys.isEmpty)
  }
}

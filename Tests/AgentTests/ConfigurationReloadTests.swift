import Configuration
import Foundation
import Platform
import Sampling
import Testing

@testable import Agent

@Suite struct `A configuration that is read again` {
  private struct Unreadable: Error {}

  /// What the samplers aim at afterwards, and what the log says.
  private static func reload(
    _ text: String, environment: [String: String] = [:], level: LogLevel = .info,
    read: ((LoadedConfiguration) throws -> LoadedConfiguration)? = nil
  ) throws -> (targets: [Double], lines: [String]) {
    let file = FileManager.default.temporaryDirectory.appending(path: "roost-reload-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    let before = ConfigurationLoader.load(
      file: nil, environment: ["DD_APM_TARGET_TPS": "10", "DD_LOG_LEVEL": level.rawValue]
    ).value
    let samplers = Samplers(configuration: SamplingConfiguration(before, env: "none"))
    let log = Log(level: level, path: file.path, clock: .system)
    var announced: [Double] = []
    var reload = ConfigurationReload(before, samplers: samplers, log: log, clock: .system) {
      announced = [$0.targetTPS, $0.errorTPS]
    }
    let loaded = ConfigurationLoader.load(
      file: ConfigurationFile(path: "/x/datadog.yaml", bytes: Array(text.utf8)), environment: environment)
    reload.run { try read?(loaded) ?? loaded }
    let targets = [samplers.targets.traces, samplers.targets.errors]
    #expect(announced == (targets == [10, 10] ? [] : targets))
    log.info("after")
    log.flush(atMost: .seconds(20))
    let written = try String(contentsOf: file, encoding: .utf8)
    // Without the time.
    let lines = written.split(separator: "\n").map { $0.split(separator: " ").dropFirst().joined(separator: " ") }
    return (targets, lines.filter { $0 != "INFO after" })
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
    #expect(result.targets == [5, 2.5])
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

  @Test func `tells a new key from the old one without showing either`() throws {
    let key = "0123456789abcdef0123456789abcdef"
    let result = try Self.reload("api_key: \(key)\n")
    #expect(result.lines.last == "WARN these have changed and hold from the next start on: api_key")
    #expect(!result.lines.joined().contains("0123"))
  }
}

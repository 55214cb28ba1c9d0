import Foundation
import Testing

@testable import Agent
@testable import Configuration

@Suite struct `What the log says of the configuration` {
  /// Lines of a log at a level, after the time.
  private func lines(_ yaml: String, level: LogLevel = .info) throws -> [String] {
    let file = FileManager.default.temporaryDirectory.appending(path: "roost-notices-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    let loaded = ConfigurationLoader.load(file: ConfigurationFile(path: "datadog.yaml", bytes: Array(yaml.utf8)))
    let log = Log(level: level, path: file.path, clock: .system)
    ConfigurationNotices.write(loaded, to: log)
    log.flush(atMost: .seconds(20))
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
      #expect(line.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (WARN|INFO) .*/) != nil)
      return String(line.drop { $0 != " " }.dropFirst())
    }
  }

  @Test func `problems and settings without effect have a level, those of other programs the lower one`() throws {
    let yaml = """
      apm_config:
        zebra: 1
        features: [zzz]
      otlp_config: {logs: {enabled: true}}
      syslog_pem: a
      syslog_key: b
      logs_config: {a: 1}
      """
    let expected = [
      "WARN datadog.yaml:2: apm_config.zebra: unknown key",
      "WARN datadog.yaml:3: apm_config.features: unknown feature zzz",
      "WARN 1 setting has no effect yet: otlp_config.logs.enabled (datadog.yaml:4)",
      "WARN 2 settings have no effect in roost: syslog_pem (datadog.yaml:5), syslog_key (datadog.yaml:6)",
      "INFO 1 setting has no effect here and belongs to other programs: logs_config (datadog.yaml:7)",
    ]
    #expect(try lines(yaml) == expected)
    #expect(try lines(yaml, level: .warn) == Array(expected.dropLast()))
  }

  @Test func `many settings take several lines, and none is cut off`() throws {
    let keys = (0..<25).map { "key_\($0)" }
    let lines = try lines("multi_region_failover:\n" + keys.map { "  \($0): 1\n" }.joined())
    #expect(lines.count == 3)
    for key in keys { #expect(lines.contains { $0.contains("multi_region_failover.\(key) ") }) }
  }
}

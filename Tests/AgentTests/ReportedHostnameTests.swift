import Configuration
import Foundation
import Testing

@testable import Agent

@Suite struct ReportedHostnameTests {
  private static func reported(_ file: URL?, hostname: String? = nil) -> ReportedHostname {
    var configuration = AgentConfiguration()
    configuration.hostnameFile = file?.path
    configuration.hostname = hostname
    return ReportedHostname(configuration)
  }

  @Test(arguments: [
    ("db-7.example.com\n", "db-7.example.com"), (" \t web-1 \r\nsecond line\n", "web-1"), ("no-end", "no-end"),
  ])
  func `the first line of the file is the host's name, without blanks`(text: String, expected: String) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "roost-hostname-\(UUID().uuidString)")
    try text.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(Self.reported(file) == ReportedHostname(name: expected, warning: nil))
    #expect(Self.reported(file, hostname: "set") == ReportedHostname(name: "set", warning: nil))
  }

  @Test(arguments: [
    ("\nweb-1\n", "its first line is empty"), ("", "its first line is empty"),
    ("two words", "its first line is no host's name"), ("<html>", "its first line is no host's name"),
    ("h\u{1b}[31m", "its first line is no host's name"),
    (String(repeating: "a", count: 2_000), "its first line is longer than a host's name can be"),
  ])
  func `a file without a name falls back to the machine's own, and that is said`(text: String, why: String) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "roost-hostname-\(UUID().uuidString)")
    try text.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    let own = SystemFacts.hostname
    let warning = "hostname_file: \(file.path): \(why); the machine's own name \(own) is reported"
    #expect(Self.reported(file) == ReportedHostname(name: own, warning: warning))
  }

  @Test(arguments: ["/nowhere/hostname", "/"]) func `so does one that cannot be read`(path: String) {
    let reported = Self.reported(URL(filePath: path))
    #expect(reported.name == SystemFacts.hostname)
    #expect(reported.warning?.hasPrefix("hostname_file: \(path): ") == true)
  }

  @Test func `without a file and a setting it is the machine's own name`() {
    #expect(Self.reported(nil) == ReportedHostname(name: SystemFacts.hostname, warning: nil))
  }
}

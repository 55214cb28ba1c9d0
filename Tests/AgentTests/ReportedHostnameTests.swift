import Configuration
import Foundation
import Platform
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

  @Test(
    arguments: [
      ("web-3.example.com", "web-3.example.com", nil), ("web-3", "web-3", nil),
      ("localhost.localdomain", "web-3", "the full name of web-3 is localhost.localdomain, as of any machine"),
      ("a b", "web-3", "the full name of web-3 is no host's name"),
      ("", "web-3", "the full name of web-3 is not known (no such name)"),
    ] as [(String, String, String?)])
  func `the full name is reported where it is wanted and known`(found: String, name: String, why: String?) {
    var configuration = AgentConfiguration()
    configuration.usesFullHostname = true
    func reported() -> ReportedHostname {
      ReportedHostname(configuration, own: "web-3", isOfContainer: false) { _ throws(ResolutionFailure) in
        guard !found.isEmpty else { throw ResolutionFailure(reason: "no such name") }
        return found
      }
    }
    let warning = why.map { "hostname_fqdn: \($0); the machine's own name web-3 is reported" }
    #expect(reported() == ReportedHostname(name: name, warning: warning))
    configuration.hostnameFile = "/nowhere/hostname"
    #expect(reported().name == name && reported().warning?.hasPrefix("hostname_file: /nowhere/hostname: ") == true)
    configuration.hostname = "set"
    #expect(reported() == ReportedHostname(name: "set", warning: nil))
  }

  private static func inContainer(_ change: (inout AgentConfiguration) -> Void) -> ReportedHostname {
    var configuration = AgentConfiguration()
    change(&configuration)
    return ReportedHostname(configuration, own: "d0d0d0d0d0d0", isOfContainer: true) { _ throws(ResolutionFailure) in
      "d0d0d0d0d0d0.local"
    }
  }

  @Test func `a container's name is no host's`() throws {
    let key = try #require(APIKey("0123456789abcdef0123456789abcdef"))
    let warning =
      "hostname: d0d0d0d0d0d0 is the name of a container; set DD_HOSTNAME to that of its host; "
      + "the machine's own name d0d0d0d0d0d0 is reported"
    let own = "d0d0d0d0d0d0"
    let cases: [((inout AgentConfiguration) -> Void, String, String?)] = [
      ({ _ in }, own, nil), ({ $0.apiKey = key }, own, warning),
      (
        {
          $0.apiKey = key
          $0.usesFullHostname = true
        }, own, warning
      ),
      (
        {
          $0.apiKey = key
          $0.kubernetesNodeName = "node-7"
        }, "node-7", nil
      ),
      (
        {
          $0.kubernetesNodeName = "node-7"
          $0.hostname = "set"
        }, "set", nil
      ),
      (
        {
          $0.kubernetesNodeName = "node-7"
          $0.isOnFargate = true
        }, "", nil
      ),
      (
        {
          $0.isOnFargate = true
          $0.hostname = "set"
        }, "set", nil
      ),
    ]
    for (change, name, warning) in cases {
      #expect(Self.inContainer(change) == ReportedHostname(name: name, warning: warning))
    }
  }

  @Test func `the resolver is asked for it, and an answer that does not come in time is none`() throws {
    #expect(try CanonicalName.resolve("127.0.0.1", atMost: .seconds(20)) == "127.0.0.1")
    #expect(throws: ResolutionFailure.self) { try CanonicalName.resolve("a host's name", atMost: .seconds(20)) }
  }
}

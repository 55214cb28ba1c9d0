import Testing

@testable import Configuration

@Suite struct ControlSocketPathTests {
  private struct Case {
    var port = 8126
    var option: String?
    var environment: [String: String] = [:]
    var uid: UInt32 = 1000
    var platform = ControlSocketPath.Platform.linux
    let expected: String
  }

  private let cases = [
    Case(expected: "/tmp/roost-1000/8126.sock"),
    Case(port: 9, uid: 0, expected: "/run/roost/9.sock"),
    Case(environment: ["XDG_RUNTIME_DIR": "/run/user/1000/"], expected: "/run/user/1000/roost/8126.sock"),
    Case(environment: ["XDG_RUNTIME_DIR": "relative"], expected: "/tmp/roost-1000/8126.sock"),
    Case(environment: ["XDG_RUNTIME_DIR": ""], expected: "/tmp/roost-1000/8126.sock"),
    Case(environment: ["TMPDIR": "/elsewhere"], expected: "/tmp/roost-1000/8126.sock"),
    Case(
      environment: ["TMPDIR": "/var/folders/x/T/"], platform: .darwin, expected: "/var/folders/x/T/roost-1000/8126.sock"
    ),
    Case(platform: .darwin, expected: "/tmp/roost-1000/8126.sock"),
    Case(option: "/a/b", environment: ["XDG_RUNTIME_DIR": "/run/user/1000"], expected: "/a/b"),
    Case(port: 0, expected: "/tmp/roost-1000/f2e5d6de.sock"),
  ]

  @Test func `the path follows option, runtime directory, user and port`() throws {
    for row in cases {
      var configuration = AgentConfiguration()
      configuration.receiverPort = row.port
      configuration.controlSocket = row.option
      let path = try ControlSocketPath.path(
        configuration: configuration, environment: row.environment, uid: row.uid, platform: row.platform)
      #expect(path == row.expected)
    }
  }

  @Test func `without TCP agents on different sockets do not meet`() throws {
    var configuration = AgentConfiguration()
    configuration.receiverPort = 0
    var paths: Set<String> = []
    for socket in ["", "/a", "/b"] {
      configuration.receiverSocket = socket
      paths.insert(try ControlSocketPath.path(configuration: configuration, environment: [:], uid: 1))
    }
    #expect(paths.count == 3)
  }

  @Test func `a path of more than 100 bytes is an error that names the remedy`() {
    var configuration = AgentConfiguration()
    configuration.controlSocket = "/" + String(repeating: "a", count: 100)
    let error = #expect(throws: ControlSocketPathError.self) {
      try ControlSocketPath.path(configuration: configuration, environment: [:], uid: 1)
    }
    #expect(error?.description.contains("ROOST_CONTROL_SOCKET") == true)
  }
}

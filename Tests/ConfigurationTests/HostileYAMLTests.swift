import Testing

@testable import Configuration

@Suite struct HostileYAMLTests {
  private func message(_ bytes: [UInt8]) -> [String] {
    messages(ConfigurationLoader.load(file: ConfigurationFile(path: "f.yaml", bytes: bytes)))
  }

  @Test(arguments: [
    ("a: 1\nb: [1, 2\nc: 3\n", "error f.yaml:3:2: while parsing a flow sequence: did not find expected ',' or ']'"),
    (
      "apm_config:\n\treceiver_port: 1\n",
      "error f.yaml:2:1: while scanning for the next token: found character that cannot start any token"
    ),
    ("a: \"b", "error f.yaml:1:6: while scanning a quoted scalar: found unexpected end of stream"),
    ("a: *nowhere", "error f.yaml:1:4: alias *nowhere names no anchor above it"),
    ("a: &x [1, *x]", "error f.yaml:1:11: alias *x names no anchor above it"),
    ("? [a, b]\n: 1", "error f.yaml:1:3: a key must be a plain text"),
    ("a:\n  <<: text", "error f.yaml:2:7: only mappings can be merged"),
    ("a: 1\nb: \u{0}2", "error f.yaml:2:4: control characters are not allowed"),
  ])
  func `text that is not YAML is an error with line and column`(yaml: String, expected: String) {
    #expect(message(Array(yaml.utf8)) == [expected])
  }

  @Test func `invalid UTF-8 is an error with line and column`() {
    #expect(message(Array("a: 1\nb: x".utf8) + [0xff, 0x0a]) == ["error f.yaml:2:5: invalid leading UTF-8 octet"])
    #expect(message(Array("a: 1\nb: x".utf8) + [0xc3, 0x0a]).first?.hasPrefix("error f.yaml:2:") == true)
  }

  @Test func `nesting is read to a depth of 64 and no deeper`() {
    func nested(_ depth: Int) -> [UInt8] {
      Array("a: ".utf8) + [UInt8](repeating: 0x5b, count: depth) + [UInt8](repeating: 0x5d, count: depth)
    }
    #expect(message(nested(63)) == [])
    #expect(message(nested(64)) == ["error f.yaml:1:67: nested deeper than 64 levels"])
    #expect(message(Array("a: ".utf8) + [UInt8](repeating: 0x5b, count: 1_000_000)).count == 1)
    #expect(message(Array("a: ".utf8) + [UInt8](repeating: 0x7b, count: 100_000)).count == 1)
  }

  @Test func `aliases cannot stand for a billion values`() {
    var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      yaml += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ") + "]\n"
    }
    let problems = message(Array(yaml.utf8))
    #expect(problems.count == 1)
    #expect(problems.first?.hasSuffix("more than 100000 values, aliases expanded") == true)
  }

  @Test func `merge keys cannot stand for a billion values`() {
    var yaml = "a0: &a0 {x: 1}\n"
    for level in 1...200 {
      yaml += "a\(level): &a\(level) {<<: [*a\(level - 1), *a\(level - 1)], k\(level): *a\(level - 1)}\n"
    }
    #expect(message(Array(yaml.utf8)).last?.hasSuffix("more than 100000 values, aliases expanded") == true)
  }

  @Test func `aliases and merge keys are expanded within the limits`() {
    let loaded = load(
      "defaults: &d {receiver_port: 9000, max_connections: 7}\napm_config:\n  <<: *d\n  max_connections: 8\n")
    #expect(loaded.value.receiverPort == 9000)
    #expect(loaded.value.maxConnections == 8)
    #expect(loaded.origin(of: "apm_config.receiver_port") == .file(path: "datadog.yaml", line: 1))
  }

  @Test func `a file of more than 4 MiB is refused`() {
    let bytes = [UInt8](repeating: UInt8(ascii: "#"), count: 4 * 1024 * 1024 + 1)
    #expect(message(bytes) == ["error f.yaml:1: longer than 4194304 bytes"])
  }

  /// Every problem says how bad it is and where in the file it lies.
  private func expectPlaces(_ problems: [String]) {
    for problem in problems { #expect(problem.contains(/^(error|warning) f\.yaml:[1-9][0-9]*:/), "\(problem)") }
  }

  @Test func `any byte anywhere ends in a value or a problem`() {
    let yaml = Array("apm_config:\n  env: 'a'\n  peer_tags: [\"b\", c]\n  receiver_port: 8126\n".utf8)
    for position in yaml.indices {
      for byte in [0, 10, 34, 42, 58, 91, 123, 255] as [UInt8] {
        var changed = yaml
        changed[position] = byte
        expectPlaces(message(changed))
      }
      expectPlaces(message(Array(yaml[..<position])))
    }
  }

  @Test func `a byte order mark and Windows line ends are fine`() {
    let loaded = load("\u{feff}apm_config:\r\n  receiver_port: 9001\r\n")
    #expect(messages(loaded) == [])
    #expect(loaded.value.receiverPort == 9001)
  }
}

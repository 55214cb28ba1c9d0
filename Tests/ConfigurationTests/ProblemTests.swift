import Testing

@testable import Configuration

@Suite struct ProblemTests {
  @Test(arguments: [
    (
      "apm_config:\n  receiver_prot: 1",
      "warning datadog.yaml:2: apm_config.receiver_prot: unknown key; did you mean receiver_port?"
    ),
    ("apm_config:\n  zebra: 1", "warning datadog.yaml:2: apm_config.zebra: unknown key"),
    (
      "apm_config:\n  trace_writer:\n    conection_limit: 1",
      "warning datadog.yaml:3: apm_config.trace_writer.conection_limit: unknown key; did you mean connection_limit?"
    ),
    ("apm_confg:\n  env: a", "warning datadog.yaml:1: apm_confg: unknown key; did you mean apm_config?"),
    ("api_kye: a", "warning datadog.yaml:1: api_kye: unknown key; did you mean api_key?"),
    ("proxy:\n  htps: a", "warning datadog.yaml:2: proxy.htps: unknown key; did you mean https?"),
    ("receiver_port: 1", "warning datadog.yaml:1: receiver_port: not read here; it belongs under apm_config:"),
    (
      "apm_config.receiver_port: 1",
      "warning datadog.yaml:1: apm_config.receiver_port: not read like this; "
        + "write receiver_port as a key under apm_config:"
    ),
    ("a: 1\n---\nb: 1", "warning datadog.yaml:2: a second document starts here; only the first is read"),
    ("apm_config: true", "error datadog.yaml:1: apm_config: keys are expected under it, not a value"),
    ("- a", "error datadog.yaml:1: keys with values are expected"),
    (".\nsite: a.com", "error datadog.yaml:1: a key with a value is expected here"),
    ("# mine\nstray\ntext\nsite: a.com", "error datadog.yaml:2: a key with a value is expected here"),
    ("env: a\n\nstray\nsite: a.com", "error datadog.yaml:3: a key with a value is expected here"),
    (
      "description: hello\n  world\nenv: x: y",
      "error datadog.yaml:3:7: mapping values are not allowed in this context"
    ),
    ("env: a\r\n\r\nstray\r\nsite: a.com", "error datadog.yaml:3: a key with a value is expected here"),
    (
      "apm_config:\n  receiver_socket: unix://",
      "error datadog.yaml:2: apm_config.receiver_socket: "
        + "names no path; an empty text turns the socket off"
    ),
    ("just text", "error datadog.yaml:1: keys with values are expected"),
    ("site: a.com\nSITE: b.com", "warning datadog.yaml:2: SITE: is already set on line 1; this one counts"),
    (
      "logs_config:\n  a: 1\n  a: 2", "warning datadog.yaml:3: a: is already set on line 2; this one counts"
    ),
    ("apm_config:\n  \"a\\u001b[31mb\": 1", "warning datadog.yaml:2: apm_config.a\\u{1b}[31mb: unknown key"),
    ("hostname: \"a\\0b\"", "error datadog.yaml:1: hostname: holds a NUL character"),
  ])
  func `a mistake in the file is told with its line`(yaml: String, expected: String) {
    #expect(messages(load(yaml)) == [expected])
  }

  @Test(arguments: [
    "logs_enabled: true\ncheck_runners: 4", "xyz: 1", "apm_config:", "", "# nothing", "---\n...", "{}", "~",
    "process_config:\n  enabled: true\n  evn: 3", "cmd_port: 5001\nGUI_port: 5002\nextra_tags: [a]",
    "APM_Config:\n  Receiver_Port: 8126",
  ])
  func `keys of others and an empty file are no news`(yaml: String) {
    #expect(messages(load(yaml)) == [])
  }

  @Test(arguments: [
    ("DD_APM_RECIEVER_PORT", "unknown variable; did you mean DD_APM_RECEIVER_PORT?"),
    ("DD_APM_ZEBRA", "unknown variable"),
  ])
  func `an unknown variable of the agent is told`(name: String, message: String) {
    #expect(messages(load(environment: [name: "1"])) == ["warning \(name): \(message)"])
  }

  @Test func `variables of others are no news`() {
    #expect(
      messages(
        load(environment: [
          "DD_TRACE_DEBUG": "1", "HOME": "/", "DD_APM_TRACING_ENABLED": "1", "DD_APM_OBFUSCATION_REDIS_ENABLED": "1",
          "DD_APM_EMPTY": "",
        ])) == [])
  }

  @Test func `an unknown flag is an error`() {
    #expect(messages(load(flags: ["--prot": "1"])) == ["error --prot: unknown flag; did you mean --port?"])
  }

  @Test func `a bad flag is an error even when the file has a good value`() {
    let loaded = load("apm_config: {receiver_port: 1}", flags: ["--port": "x"])
    #expect(messages(loaded) == ["error --port: \"x\" is not a whole number"])
  }

  @Test func `very many unknown keys end in a count`() {
    let yaml = "apm_config:\n" + (0..<130).map { "  zebra_crossing_\($0): 1\n" }.joined()
    let problems = messages(load(yaml))
    #expect(problems.count == 101)
    #expect(problems.last == "warning datadog.yaml: 30 more unknown keys")
  }

  @Test func `every accepted key and variable is no problem, and listed as one without effect`() {
    for row in AcceptedKey.all {
      for key in row.keys {
        let path = key.hasSuffix("*") ? "\(key.dropLast())anything" : key
        let listed = row.fate == .otherProgram && key.hasSuffix(".*") ? String(key.dropLast(2)) : path
        var yaml = ""
        for (index, part) in path.split(separator: ".").enumerated() {
          yaml += "\(index == 0 ? "" : "\n")\(String(repeating: "  ", count: index))\(part):"
        }
        let loaded = load(yaml + " 1")
        #expect(messages(loaded) == [], "\(key)")
        #expect(loaded.withoutEffect.map(\.name) == [listed])
      }
      for variable in row.variables {
        let name = variable.hasSuffix("*") ? "\(variable.dropLast())ANYTHING" : variable
        let loaded = load(environment: [name: "1"])
        #expect(messages(loaded) == [], "\(variable)")
        #expect(loaded.withoutEffect.map(\.description) == [name])
      }
    }
  }
}

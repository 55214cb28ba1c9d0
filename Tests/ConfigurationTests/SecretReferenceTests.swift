import Testing

@testable import Configuration

@Suite struct `Secrets kept elsewhere` {
  private static let key = "0123456789abcdef0123456789abcdef"

  /// What a program was asked for, and what came of it.
  private static func load(
    _ yaml: String, environment: [String: String] = [:],
    _ answers: [String: Result<String, SecretFailure>] = ["key": .success(key), "port": .success("8200")]
  ) -> (loaded: LoadedConfiguration, asked: [[String]]) {
    var asked: [[String]] = []
    let loaded = ConfigurationLoader.load(
      file: ConfigurationFile(
        path: "datadog.yaml", bytes: Array(("secret_backend_command: /bin/secrets\n" + yaml).utf8)),
      environment: environment
    ) { backend, handles in
      #expect(backend.command == "/bin/secrets")
      asked.append(handles)
      return .success(answers)
    }
    return (loaded, asked)
  }

  @Test func `take the place of ENC in a key, in a list, in a mapping and in a variable, and are asked for once`() {
    let (loaded, asked) = Self.load(
      """
      api_key: ENC[key]
      apm_config:
        receiver_port: "ENC[port]"
        additional_endpoints: {"https://a.example": ["ENC[key]", plain-key-0123456789]}
      """,
      environment: [
        "DD_TAGS": "ENC[tags]", "DD_APM_REPLACE_TAGS": #"[{"name":"*","pattern":"ENC[rule]","repl":"?"}]"#,
      ],
      ["key": .success(Self.key), "port": .success("8200"), "tags": .success("a:b"), "rule": .success(#"x"y\d"#)])
    #expect(loaded.problems.isEmpty)
    #expect(asked.map { $0.sorted() } == [["key", "port", "rule", "tags"]])
    #expect(loaded.value.apiKey?.secret == Self.key && loaded.value.receiverPort == 8200)
    #expect(loaded.value.additionalEndpoints.map(\.key.secret) == [Self.key, "plain-key-0123456789"])
    #expect(loaded.value.hostTags == ["a:b"])
    #expect(loaded.value.replaceRules.map(\.pattern.text) == [#"x"y\d"#])
    #expect(loaded.origin(of: "api_key") == .file(path: "datadog.yaml", line: 2))
  }

  @Test func `are not asked for where nobody needs them`() {
    let (loaded, asked) = Self.load(
      "api_key: ENC[old]\nlogs_config: {x: \"ENC[y]\"}\n", environment: ["DD_API_KEY": Self.key])
    #expect(loaded.problems.isEmpty && asked.isEmpty)
  }

  static let failures: [(yaml: String, answers: [String: Result<String, SecretFailure>], problem: String)] = [
    (
      "api_key: ENC[key]", ["key": .failure(SecretFailure("no such secret"))],
      "datadog.yaml:2: api_key: the secret cannot be had: no such secret"
    ),
    ("api_key: ENC[key]", [:], "datadog.yaml:2: api_key: the secret cannot be had: it was not asked for"),
    (
      "apm_config:\n  receiver_port: ENC[port]", ["port": .success("s3cr3t")],
      "datadog.yaml:3: apm_config.receiver_port: its secret is no whole number, 0 to 65535"
    ),
  ]

  @Test(arguments: failures)
  func `that cannot be had or are of no use are errors without the secret`(
    yaml: String, answers: [String: Result<String, SecretFailure>], problem: String
  ) {
    let loaded = Self.load(yaml, answers).loaded
    #expect(loaded.problems.map { "\($0)" } == [problem])
    #expect(!loaded.isUsable && !"\(loaded.problems)".contains("s3cr3t"))
  }

  @Test func `of a program that fails, or is not named, are one error`() {
    let failing = ConfigurationLoader.load(
      environment: ["DD_SECRET_BACKEND_COMMAND": "/bin/secrets", "DD_API_KEY": "ENC[key]", "DD_ENV": "ENC[env]"],
      askSecrets: { _, _ in .failure(SecretFailure("ended with code 3")) })
    #expect(
      failing.problems.map { "\($0)" } == [
        "DD_SECRET_BACKEND_COMMAND: secret_backend_command: /bin/secrets: ended with code 3"
      ])
    let unnamed = ConfigurationLoader.load(
      environment: ["DD_API_KEY": "ENC[key]"], askSecrets: { _, _ in .success([:]) })
    #expect(unnamed.problems.map { "\($0)" } == ["DD_API_KEY: ENC[…] needs secret_backend_command, which is not set"])
    #expect(!failing.isUsable && !unnamed.isUsable)
  }

  @Test func `are not shown, whatever option they are of`() {
    let loaded = ConfigurationLoader.load(
      environment: [
        "DD_SECRET_BACKEND_COMMAND": "/bin/secrets", "DD_API_KEY": "ENC[key]", "DD_ENV": "ENC[env]", "DD_HOSTNAME": "a",
      ],
      askSecrets: { _, handles in
        .success(Dictionary(uniqueKeysWithValues: handles.map { ($0, .success("hunter2hunter2hunter2hunter2-4711")) }))
      })
    let shown = OptionTable.options.map { loaded.shownText(of: $0) }
    #expect(!shown.contains { $0.contains("hunter2") })
    #expect(shown.contains("a secret") && shown.contains("…4711") && shown.contains("a"))
  }

  @Test func `leave an option as it is for commands that ask nobody`() {
    let loaded = ConfigurationLoader.load(environment: ["DD_API_KEY": "ENC[key]", "DD_APM_RECEIVER_PORT": "9000"])
    #expect(loaded.problems.isEmpty && loaded.value.apiKey == nil && loaded.value.receiverPort == 9000)
    #expect(loaded.secretOptions == ["api_key"])
    #expect(loaded.origin(of: "api_key") == .variable("DD_API_KEY"))
  }
}

import Testing

@testable import Configuration

@Suite struct PrecedenceTests {
  @Test(
    arguments: [
      (nil, [:], "none"),
      ("tags: [team:a, 'env:tagged']", [:], "tagged"),
      ("tags: 'team:a env:tagged'", [:], "tagged"),
      ("tags: ['env:']", [:], "none"),
      ("tags: ['env:tagged']", ["DD_TAGS": "env:variable,team:b"], "variable"),
      ("env: plain\ntags: ['env:tagged']", [:], "plain"),
      ("env: plain", ["DD_ENV": "variable"], "variable"),
      ("env: ''", ["DD_ENV": ""], "none"),
      ("env: plain\napm_config: {env: apm}", ["DD_ENV": "variable"], "apm"),
      ("apm_config: {env: ''}", ["DD_ENV": "variable"], "variable"),
      ("apm_config: {env: apm}", ["DD_ENV": "variable", "DD_APM_ENV": "apmvariable"], "apmvariable"),
    ] as [(String?, [String: String], String)])
  func `the default environment comes from the most particular place`(
    yaml: String?, environment: [String: String], expected: String
  ) {
    let loaded = load(yaml, environment: environment)
    #expect(messages(loaded) == [])
    #expect(loaded.value.defaultEnv == expected)
  }

  @Test func `an environment from a tag says where the tags stand`() {
    #expect(load("\ntags:\n  - env:x").origin(of: "apm_config.env") == .file(path: "datadog.yaml", line: 2))
    #expect(load(environment: ["DD_TAGS": "env:x"]).origin(of: "apm_config.env") == .variable("DD_TAGS"))
  }

  private static let loopback = ["127.0.0.1", "::1"]
  private static let everywhere = ["0.0.0.0", "::"]

  @Test(arguments: [
    ("", false, loopback),
    ("", true, everywhere),
    ("bind_host: localhost", true, loopback),
    ("bind_host: ''", false, loopback),
    ("bind_host: ''", true, loopback),
    ("bind_host:", true, everywhere),
    ("bind_host: 10.0.0.7", false, ["10.0.0.7"]),
    ("bind_host: '[fe80::1]'", true, ["fe80::1"]),
    ("bind_host: 0.0.0.0", false, everywhere),
    ("bind_host: '::'", false, everywhere),
    ("bind_host: '[::]'", false, everywhere),
    ("bind_host: '::0'", false, everywhere),
    ("apm_config: {apm_non_local_traffic: true}", false, everywhere),
    ("apm_config: {apm_non_local_traffic: false}", true, loopback),
    ("bind_host: 127.0.0.1\napm_config: {apm_non_local_traffic: true}", false, everywhere),
    ("bind_host: 127.0.0.1\napm_config: {apm_non_local_traffic: no}", true, ["127.0.0.1"]),
  ])
  func `addresses to listen on follow traffic, then bind host, then the container`(
    yaml: String, isContainerized: Bool, expected: [String]
  ) {
    let loaded = load(yaml, isContainerized: isContainerized)
    #expect(messages(loaded) == [])
    #expect(loaded.value.receiverHosts == expected)
  }

  @Test(arguments: [
    ([:], false), (["ECS_FARGATE": "true"], true), (["ECS_FARGATE": ""], false),
    (["AWS_EXECUTION_ENV": "AWS_ECS_FARGATE"], true), (["AWS_EXECUTION_ENV": "AWS_ECS_EC2"], false),
    (["DD_EKS_FARGATE": "true"], true), (["DD_EKS_FARGATE": "false", "ECS_FARGATE": "1"], true),
  ])
  func `Fargate is known by what it and Datadog's agent call it`(environment: [String: String], isOnFargate: Bool) {
    #expect(load(environment: environment).value.isOnFargate == isOnFargate)
  }

  @Test(arguments: [
    ("", "https://trace.agent.datadoghq.com"),
    ("site: datadoghq.eu", "https://trace.agent.datadoghq.eu"),
    ("site: ' '", "https://trace.agent.datadoghq.com"),
    ("site: datadoghq.eu\napm_config: {apm_dd_url: 'http://intake:8080/path/'}", "http://intake:8080/path"),
    (
      "apm_config: {apm_dd_url: 'http://intake'}\nobservability_pipelines_worker: "
        + "{traces: {enabled: true, url: 'http://opw'}}",
      "http://opw"
    ),
    (
      "observability_pipelines_worker: {traces: {enabled: false, url: 'http://opw'}}",
      "https://trace.agent.datadoghq.com"
    ),
    ("vector: {traces: {enabled: true, url: 'http://vector'}}", "http://vector"),
  ])
  func `the intake is the worker, else the address, else that of the site`(yaml: String, expected: String) {
    let loaded = load(yaml)
    #expect(messages(loaded) == [])
    #expect(loaded.value.traceIntakeURL.text == expected)
  }

  @Test func `an empty receiver socket turns it off in the file and as a flag`() {
    #expect(load("apm_config: {receiver_socket: ''}").value.receiverSocket == "")
    #expect(load(flags: ["--socket": ""]).value.receiverSocket == "")
    #expect(load(environment: ["DD_APM_RECEIVER_SOCKET": ""]).value.receiverSocket == "/var/run/datadog/apm.socket")
  }

  @Test func `only a receiver socket that someone set is explicit`() {
    #expect(!load().value.isReceiverSocketExplicit)
    #expect(load("apm_config: {receiver_socket: /var/run/datadog/apm.socket}").value.isReceiverSocketExplicit)
    #expect(load(flags: ["--socket": "/a"]).value.isReceiverSocketExplicit)
  }

  @Test func `a zero time-out stands for the default`() {
    let loaded = load("apm_config: {receiver_timeout: 0, trace_writer: {flush_period_seconds: 0}}")
    #expect(messages(loaded) == [])
    #expect(loaded.value == AgentConfiguration())
  }

  @Test func `the core agent's compressor counts unless the agent's own is set`() {
    #expect(load("serializer_compressor_kind: zlib").value.compression == .gzip)
    #expect(load("serializer_compressor_kind: gzip\napm_config: {compression: zstd}").value.compression == .zstd)
    #expect(load("serializer_compressor_kind: zstd").value.compression == .zstd)
  }

  @Test func `a pipelines worker without an address is an error`() {
    let loaded = load("observability_pipelines_worker:\n  traces:\n    enabled: true")
    #expect(
      messages(loaded) == [
        "error datadog.yaml:3: observability_pipelines_worker.traces.enabled: is true, "
          + "but observability_pipelines_worker.traces.url is not set"
      ])
  }

  @Test func `file logging can be turned off whatever file is named`() {
    #expect(load("disable_file_logging: true\napm_config: {log_file: /a.log}").value.logFile == nil)
  }

  @Test(arguments: [
    ("[\"a\", \"b c\"]", ["a", "b c"]), ("a,b", ["a", "b"]), ("a b", ["a", "b"]), (" a , b ", ["a", "b"]), (",", []),
    ("[a, b c]", ["a", "b c"]), ("[a,b]", ["a", "b"]), (" [ a , b ] ", ["a", "b"]), ("[]", []), ("[a]", ["a"]),
    ("[{a}/x, b: c]", ["{a}/x", "b: c"]), ("['a', \"b\\.c\"]", ["a", "b\\.c"]), ("'[\"a\",\"b\"]'", ["a", "b"]),
    ("'a','b'", ["a", "b"]), ("[GET /x{1,3}]", ["GET /x{1,3}"]),
    ("[a{1,3}, b(c,d), e[,{]f]", ["a{1,3}", "b(c,d)", "e[,{]f"]),
    ("[a\\{, b]", ["a\\{", "b"]), ("[it's, b{1,2}]", ["it's", "b{1,2}"]), ("['a, b', c{1,2}]", ["a, b", "c{1,2}"]),
    ("[a{1,2},, ]", ["a{1,2}"]),
    ("[\"a,b\\\"c\", d{1,2}]", ["a,b\"c", "d{1,2}"]), ("[GET /(a,b)]", ["GET /(a,b)"]), ("[x\\,y]", ["x\\,y"]),
  ])
  func `a list in a variable is JSON or separated`(text: String, expected: [String]) {
    #expect(load(environment: ["DD_APM_PEER_TAGS": text]).value.peerTags == expected)
  }

  @Test(arguments: [
    ("[\"env:prod\" \"team:x\"]", ": entry 1, at character 2: \"env:prod\" \"team:x\""),
    ("[\"a\", \"b]", ": entry 2, at character 7: \"b"),
    ("[\"a\", {\"b\": 1}]", ": entry 2, at character 7: {\"b\": 1}"),
    ("[\"a\" : \"b\", c]", ": entry 1, at character 2: \"a\" : \"b\""),
    ("[a, b{1]", ": entry 2, at character 5: b{1"), ("[{a}/x, 'b]", ": entry 2, at character 9: 'b"),
    ("[\"a\", \"b\"", ": its ] is missing"), ("[", ": its ] is missing"),
  ])
  func `broken JSON is an error that says where`(text: String, place: String) {
    let loaded = load(environment: ["DD_TAGS": text])
    #expect(messages(loaded) == ["error DD_TAGS: not a JSON list of texts, such as [\"a\", \"b\"]\(place)"])
  }

  @Test(arguments: [
    "'env:prod team:a'", "\"env:prod team:a\"", "\"env:prod\" \"team:a\"", "'env:prod','team:a'",
    "[\"env:prod\", \"team:a\"]",
    "'[\"env:prod\",\"team:a\"]'",
  ])
  func `tags in quotes are read without them`(text: String) {
    let loaded = load(environment: ["DD_TAGS": text])
    #expect(loaded.value.hostTags == ["env:prod", "team:a"])
    #expect(loaded.value.defaultEnv == "prod")
  }

  @Test func `a socket written as a URL is the path in it, and that is said`() {
    let loaded = load("apm_config:\n  receiver_socket: unix:///run/apm.sock")
    #expect(loaded.value.receiverSocket == "/run/apm.sock")
    #expect(
      messages(loaded) == [
        "warning datadog.yaml:2: apm_config.receiver_socket: is a path, not an address; /run/apm.sock is used"
      ])
  }

  @Test(arguments: ["/api/v0.2/traces", "/api/v0.2/stats", "/api/v0.2/traces/"])
  func `an intake's address with its endpoint is the address, and that is said`(path: String) {
    let loaded = load(environment: ["DD_APM_DD_URL": "https://trace.agent.datadoghq.eu\(path)"])
    #expect(loaded.value.traceIntakeURL.text == "https://trace.agent.datadoghq.eu")
    #expect(
      messages(loaded) == [
        "warning DD_APM_DD_URL: names an endpoint, which roost adds itself; https://trace.agent.datadoghq.eu is used"
      ])
  }

  @Test(arguments: [
    "env:prod team:a", "env:prod,team:a", " env:prod , team:a ", "[env:prod, team:a]", "[env:prod,team:a]",
    "[\"env:prod\",\"team:a\"]", "['env:prod', 'team:a']",
  ])
  func `both lists of tags are read in each form that people use, and are used alike`(text: String) {
    for (first, second) in [("DD_TAGS", "DD_EXTRA_TAGS"), ("DD_EXTRA_TAGS", "DD_TAGS")] {
      let loaded = load(environment: [first: text, second: "team:a region:eu"])
      #expect(Set(loaded.value.allHostTags.map(\.text)) == ["env:prod", "team:a", "region:eu"])
      #expect(loaded.value.allHostTags.count == 3)
      #expect(loaded.value.defaultEnv == "prod" && loaded.origin(of: "apm_config.env") == .variable(first))
      #expect(loaded.problems.isEmpty)
    }
  }

  @Test func `a tag has its value behind the first colon, or none`() {
    let tags = load(environment: ["DD_TAGS": "url:http://a:1 alone end:"]).value.allHostTags
    #expect(tags.map(\.key) == ["url", "alone", "end"] && tags.map(\.value) == ["http://a:1", "", ""])
  }

  @Test func `an environment among the tags counts where none is set, of tags before extra tags`() {
    #expect(load("extra_tags: ['team:a', 'env:stage']").value.defaultEnv == "stage")
    #expect(load("tags: ['env:prod']\nextra_tags: ['env:stage']").value.defaultEnv == "prod")
    #expect(load("tags: ['team:a']", environment: ["DD_EXTRA_TAGS": "a:b env:stage"]).value.defaultEnv == "stage")
    #expect(load("env: dev\nextra_tags: ['env:stage']").value.defaultEnv == "dev")
  }

  @Test func `tags keep their commas when spaces separate them`() {
    #expect(load(environment: ["DD_TAGS": "a:1,2 b:3, c:4"]).value.hostTags == ["a:1,2", "b:3", "c:4"])
  }
}

import Testing

@testable import Configuration

@Suite struct `A datadog.conf` {
  private static let whole = """
    # The Datadog agent's version 5.
    [Main]
    dd_url: https://app.datadoghq.com
    api_key: 0123456789abcdef0123456789abcdef, 11111111111111111111111111111111
    hostname = web-1   ; behind a value
    tags: mytag, env:prod, role:database
    apm_enabled: yes
    non_local_traffic: no
    bind_host = 10.0.0.7
    log_level: WARNING
    skip_ssl_validation: yes
    proxy_host: proxy.example.com
    proxy_port: 8080
    proxy_user: me
    proxy_password: p@ss#1
    syslog_host: logs.example.com
    collect_ec2_tags: yes
    [trace.config]
    env = staging
    log_file = "/var/log/trace-agent.log"
    [trace.sampler]
    extra_sample_rate=0.5
    max_traces_per_second=7
    pre_sample_rate=0.3
    [trace.receiver]
    receiver_port=9126
    timeout=3
    connection_limit=200
    [trace.ignore]
    resource = GET /ping,"GET /a, b"
    [trace.analyzed_spans]
    Web|http.request = 0.25
    [trace.watchdog]
    max_memory=1e8
    [trace.writer.traces]
    queue_max_bytes=1000000
    """

  private func load(_ text: String, path: String = "datadog.conf") -> LoadedConfiguration {
    ConfigurationLoader.load(file: ConfigurationFile(path: path, bytes: Array(text.utf8)))
  }

  @Test func `is read like a datadog.yaml, with the places of its lines`() {
    let loaded = load(Self.whole)
    #expect(messages(loaded) == [])
    let value = loaded.value
    #expect(value.apiKey?.secret == "0123456789abcdef0123456789abcdef")
    #expect([value.hostname, value.bindHost, value.defaultEnv] == ["web-1", "10.0.0.7", "staging"])
    #expect(value.hostTags == ["mytag", "env:prod", "role:database"])
    #expect(value.apmEnabled && value.nonLocalTraffic == false && value.skipSSLValidation)
    #expect(value.logLevel == .warn && value.logFile == "/var/log/trace-agent.log")
    #expect(value.syslogURI == "udp://logs.example.com:514")
    #expect(value.extraSampleRate == 0.5 && value.targetTPS == 7 && value.receiverPort == 9126)
    #expect(value.receiverTimeout == .seconds(3) && value.maxMemoryBytes == 100_000_000)
    #expect(value.ignoreResources.map(\.text) == ["GET /ping", "GET /a, b"])
    #expect(value.analyzedSpans.map(\.text) == ["web|http.request=0.25"])
    #expect(value.traceWriter.queueBytesMax == 1_000_000)
    #expect(OptionTable.options.first { $0.name == "proxy.https" }?.slot.text(in: value).contains("p%40ss") == false)
    #expect(loaded.origin(of: "apm_config.receiver_port") == .file(path: "datadog.conf", line: 26))
    #expect(
      loaded.withoutEffect.map(\.description) == [
        "trace.sampler.pre_sample_rate (datadog.conf:24)", "apm_config.connection_limit (datadog.conf:28)",
      ])
  }

  @Test func `becomes a datadog.yaml that says the same`() throws {
    let yaml = try #require(ConfigurationFile(path: "datadog.conf", bytes: Array(Self.whole.utf8)).migrated)
    let migrated = load(yaml, path: "datadog.yaml")
    #expect(messages(migrated) == [] && migrated.value == load(Self.whole).value)
    #expect(yaml.contains("tags:\n  - \"mytag\"\n") && yaml.contains("  receiver_port: 9126\n"))
    #expect(ConfigurationFile(path: "datadog.yaml", bytes: Array(yaml.utf8)).migrated == nil)
  }

  @Test(arguments: [
    ("[trace.api]\napi_key = 22222222222222222222222222222222\n[Main]\nlog_level: debug", "…2222", [String]()),
    ("[Main]\napi_key: 0123456789abcdef0123456789abcdef\n[trace.api]\nendpoint = https://a,https://b", "…cdef", []),
    ("[trace.sampler]\nmax_tps = 3", "none", ["warning a.ini:2: trace.sampler.max_tps: unknown key"]),
    (
      "[Main]\napi_kye = x\nproxy_hots = x\nproxy_port = 1\ncollect_ec2_tags = yes\n[trace.receiver]\nreciever_port = 1",
      "none",
      [
        "warning a.ini:2: main.api_kye: unknown key; did you mean api_key?",
        "warning a.ini:3: main.proxy_hots: unknown key; did you mean proxy_host?",
        "warning a.ini:7: trace.receiver.reciever_port: unknown key; did you mean receiver_port?",
      ]
    ),
    (
      "[trace.reciever]\nreceiver_port = 1\ntimeout = 3\n[Mian]\napi_key = x\n[other]\nkey = 1\n[trace.own]\nkey = 1",
      "none",
      [
        "warning a.ini:1: [trace.reciever]: unknown section; did you mean [trace.receiver]?",
        "warning a.ini:4: [Mian]: unknown section; did you mean [main]?",
        "warning a.ini:9: trace.own.key: unknown key",
      ]
    ),
    (
      "[Main]\nnonsense\nunknown = 3", "none",
      ["warning a.ini:2: is neither a section in brackets nor a key with a value"]
    ),
    (
      "[trace.receiver]\nreceiver_port = many", "none",
      [
        "error a.ini:2: apm_config.receiver_port: \"many\" is not a whole number"
      ]
    ),
    ("", "none", []), ("\u{feff}[Main]\r\nhostname: x\r\n", "none", []),
    (
      "= 3\n: 4", "none",
      [
        "warning a.ini:1: is neither a section in brackets nor a key with a value",
        "warning a.ini:2: is neither a section in brackets nor a key with a value",
      ]
    ),
  ])
  func `has its mistakes told with their lines`(text: String, key: String, expected: [String]) throws {
    let loaded = load(text, path: "a.ini")
    #expect(messages(loaded) == expected)
    #expect(loaded.value.apiKey?.description ?? "none" == key)
  }

  @Test func `has an end`() {
    let loaded = load("[trace.analyzed_spans]\n" + (0..<3_000).map { "a|b\($0)=1\n" }.joined())
    #expect(messages(loaded) == ["error datadog.conf:2002: more than 2000 keys, so not a configuration file"])
  }

  @Test func `is known by its form too, and says so`() {
    for (text, path) in [
      ("[Main]\nhostname: x", "/etc/agent"), ("\u{feff}; old\n[Main] # all\r\nhostname: x", "/etc/agent"),
      ("hostname = x", "a.ini"),
    ] {
      let loaded = load(text, path: path)
      #expect(loaded.value.hostname == "x" && loaded.hints.count == 1, "\(text)")
    }
    #expect(messages(load("[a, b]", path: "datadog.yaml")) == ["error datadog.yaml:1: keys with values are expected"])
  }

  @Test(arguments: ["roost.conf", "roost.ini"])
  func `is not what has such a name and is YAML`(path: String) {
    for text in ["# roost\napm_config:\n  receiver_port: 9126", "---\napm_config: {receiver_port: 9126, env: a=b}"] {
      let loaded = load(text, path: path)
      #expect(messages(loaded) == [] && loaded.value.receiverPort == 9126 && loaded.hints.isEmpty)
    }
    for text in ["", "# roost", "apm_config:\n  receiver_port: 9126", "[Main]\n", "[Main]\nhostname =\n"] {
      #expect(ConfigurationFile(path: path, bytes: Array(text.utf8)).migrated == nil, "\(text)")
    }
  }

  /// What stands in a value must not become a key of the YAML.
  @Test(arguments: ["10\u{85}x: 1", "a: b", "\"", "- x", "*a", "yes", "{", "é\u{1b}[2J", "#x", "1 # x"])
  func `cannot write more into a datadog.yaml than its values`(value: String) throws {
    for key in ["[Main]\nhostname", "[trace.watchdog]\nmax_cpu_percent"] {
      guard let yaml = ConfigurationFile(path: "a.conf", bytes: Array("\(key) = \(value)".utf8)).migrated else {
        continue
      }
      let root = try #require(try YAMLDocument(Array(yaml.utf8)).root)
      guard case .mapping(let entries) = root.content else {
        throw YAMLError(line: 0, column: 0, message: "no mapping")
      }
      #expect(entries.allSatisfy { ["hostname", "hostname_fqdn", "apm_config"].contains($0.name) }, "\(yaml)")
    }
  }
}

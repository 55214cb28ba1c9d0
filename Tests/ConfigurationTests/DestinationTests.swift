import Testing

@testable import Configuration

@Suite struct `local.destinations` {
  private static func read(_ yaml: String) -> LoadedConfiguration {
    ConfigurationLoader.load(file: ConfigurationFile(path: "datadog.yaml", bytes: Array(yaml.utf8)))
  }

  private static let addresses: [(text: String, urls: [String])] = [
    ("otlp+http://tempo:4318", ["http://tempo:4318/v1/traces"]),
    ("otlp+http://tempo:4318/", ["http://tempo:4318/v1/traces"]),
    ("otlp+https://x.example/otlp/v1/traces", ["https://x.example/otlp/v1/traces"]),
    ("otlp+https://x.example/custom", ["https://x.example/custom"]),
    ("OTLP+HTTP://[::1]:4318", ["HTTP://[::1]:4318/v1/traces"]),
    ("otlp+http://a:1, otlp+http://b:2", ["http://a:1/v1/traces", "http://b:2/v1/traces"]),
    (#"["otlp+http://a:1","otlp+http://b:2"]"#, ["http://a:1/v1/traces", "http://b:2/v1/traces"]),
    (#"{"url": "otlp+http://a:1"}"#, ["http://a:1/v1/traces"]),
  ]

  @Test(arguments: addresses)
  func `are addresses, of which those without a path get the usual one`(text: String, urls: [String]) {
    let loaded = ConfigurationLoader.load(environment: ["DD_LOCAL_DESTINATIONS": text])
    #expect(loaded.problems.isEmpty && loaded.value.destinations.map(\.url.text) == urls)
    #expect(loaded.value.destinations.allSatisfy { $0.compression == .gzip && $0.headers.isEmpty })
  }

  @Test func `have headers, whose values are shown nowhere, and a compression`() throws {
    let loaded = Self.read(
      """
      local:
        destinations:
          - otlp+http://tempo:4318
          - url: otlp+https://otlp.example.com
            headers: {X-Scope-OrgID: team-1, authorization: "Bearer s3cr3t"}
            compression: none
      """)
    #expect(loaded.problems.isEmpty && loaded.value.destinations.count == 2)
    let second = try #require(loaded.value.destinations.last)
    #expect(second.headers.map(\.value) == ["team-1", "Bearer s3cr3t"] && second.compression == .plain)
    let option = try #require(OptionTable.options.first { $0.name == "local.destinations" })
    var dumped = ""
    dump(loaded.value.destinations, to: &dumped)
    for shown in [loaded.shownText(of: option), dumped, "\(loaded.value.destinations)", String(reflecting: second)] {
      #expect(!shown.contains("s3cr3t") && !shown.contains("team-1"))
    }
    #expect(
      loaded.value.destinations.map(\.description) == [
        "otlp+http://tempo:4318/v1/traces",
        "otlp+https://otlp.example.com/v1/traces (none; x-scope-orgid: …; authorization: …)",
      ])
    var other = loaded.value
    #expect(option.slot.isSameSecret(in: loaded.value, other))
    other.destinations[1] = TraceDestination(
      url: second.url, headers: [.init(name: "authorization", value: "Bearer other")], compression: .plain)
    #expect(!option.slot.isSameSecret(in: loaded.value, other))
  }

  @Test func `may have secrets that are kept elsewhere`() throws {
    let loaded = ConfigurationLoader.load(
      environment: [
        "DD_SECRET_BACKEND_COMMAND": "/bin/backend",
        "DD_LOCAL_DESTINATIONS": #"[{"url": "otlp+http://a:1", "headers": {"api-key": "ENC[token]"}}]"#,
      ],
      askSecrets: { _, handles in
        .success(Dictionary(uniqueKeysWithValues: handles.map { ($0, .success("s3cr3t \($0)")) }))
      })
    #expect(loaded.problems.isEmpty && loaded.value.destinations.first?.headers.first?.value == "s3cr3t token")
  }

  @Test(arguments: [(0o644, 1), (0o640, 0)] as [(UInt32, Int)])
  func `in a file that everybody may read are warned of, when they have headers`(mode: UInt32, warnings: Int) {
    for (headers, expected) in [
      ("{a: b}", warnings), ("{}", 0), ("{a: \"ENC[a]\"}", 0), ("{a: \"ENC[a]\", b: c}", warnings),
    ] {
      let text = "local: {destinations: [{url: \"otlp+http://a:1\", headers: \(headers)}]}"
      let loaded = ConfigurationLoader.load(
        file: ConfigurationFile(path: "/x/datadog.yaml", bytes: Array(text.utf8), mode: mode),
        environment: ["DD_SECRET_BACKEND_COMMAND": "/bin/backend"],
        askSecrets: { _, _ in .success(["a": .success("s")]) })
      #expect(
        loaded.problems.count { "\($0)".contains("may read the file with these headers (mode 0644)") } == expected)
      #expect(loaded.problems.count == expected && loaded.value.destinations.count == 1)
    }
  }

  @Test func `in a file that everybody may read are warned of, when they have a password`() {
    for (url, count) in [("otlp+http://u:p@a:1", 1), ("otlp+http://a:1/u@p", 0)] {
      let loaded = ConfigurationLoader.load(
        file: ConfigurationFile(
          path: "/x/datadog.yaml", bytes: Array("local: {destinations: [\"\(url)\"]}".utf8), mode: 0o644))
      #expect(loaded.problems.count { "\($0)".contains("may read the file with this password (mode 0644)") } == count)
      #expect(loaded.problems.count == count && loaded.value.destinations.count == 1)
    }
  }

  private static let mistakes: [(text: String, message: String)] = [
    ("http://a:1", "it must start with otlp+http:// or otlp+https://"),
    ("otlp://a:1", "it must start with otlp+http:// or otlp+https://"),
    ("otlp+http://user:s3cr3t@:1", "it names no host"), ("otlp+http://a:70000", "from 1 to 65535"),
    ("otlp+http://a:1/?x=s3cr3t", "? and # have no place in it"),
    ("otlp+http://a:1, otlp+http://a:1", "entry 2: is the same as another one"),
    (#"[{"headers": {}}]"#, "entry 1: has no url"), ("[", "is not the JSON of a list of addresses"),
    (#"[{"url": "otlp+http://a:1", "header": {}}]"#, "did you mean headers?"),
    (#"[{"url": "otlp+http://a:1", "headers": ["s3cr3t"]}]"#, "a mapping of names to values"),
    (#"[{"url": "otlp+http://a:1", "headers": {"a b": "s3cr3t"}}]"#, "\"a b\" is not the name of a header"),
    (#"[{"url": "otlp+http://a:1", "headers": {"a": "s3cr3t\nb: c"}}]"#, "the value of the header a is empty, or"),
    (#"[{"url": "otlp+http://a:1", "headers": {"a": ""}}]"#, "the value of the header a is empty, or"),
    (#"[{"url": "otlp+http://a:1", "headers": {"Content-Type": "s3cr3t"}}]"#, "the header content-type is roost's own"),
    (#"[{"url": "otlp+http://a:1", "compression": "br"}]"#, "\"br\" is none of gzip, zstd, none"),
    ((1...17).map { "otlp+http://a:\($0)" }.joined(separator: ","), "17 destinations are more than the 16"),
  ]

  @Test(arguments: mistakes)
  func `are refused where they are none, without what may be a secret`(text: String, message: String) {
    let loaded = ConfigurationLoader.load(environment: ["DD_LOCAL_DESTINATIONS": text])
    #expect(!loaded.isUsable && loaded.value.destinations.isEmpty)
    let said = loaded.problems.map { "\($0)" }.joined(separator: "\n")
    #expect(said.contains(message) && !said.contains("s3cr3t"), "\(said)")
  }
}

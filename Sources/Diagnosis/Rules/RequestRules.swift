/// RST037–RST040 and RST057: requests that arrive and are not taken, or not wholly.
enum RequestRules {
  private static func who(_ clientIssues: ClientIssueEvidence) -> String {
    clientIssues.client.isEmpty ? "A client" : clientIssues.client
  }

  /// How a client is brought to send traces in a format that roost takes.
  static func otherFormat(_ client: String) -> String {
    switch client.split(separator: " ").first ?? "" {
    // Of all tracers' variables for this, only ddtrace's is documented and takes v0.4.
    case "python": Restart(set: [("DD_TRACE_API_VERSION", "v0.4")]).line(nil)
    case "nodejs", "javascript", "ruby", "java", "jvm", "go", ".NET", "dotnet", "php", "cpp", "rust": upgrade(client)
    default: "let it send to /v0.4/traces, if it sends traces at all"
    }
  }

  static func undecodable(_ evidence: Evidence) -> [Finding] {
    evidence.clientIssues("undecodable").map { entry in
      // Whatever else went wrong lately, such as a refusal by an intake, is no evidence of this.
      let errors = (evidence.agent?.recentErrors ?? []).filter { $0.hasPrefix("cannot decode ") }.prefix(2)
      if entry.detail.contains(": Content-Encoding ") { return unknownEncoding(entry, evidence) }
      return Finding(
        "RST037", evidence.severity(.problem, of: [entry]),
        "\(who(entry)) sent \(entry.count == 1 ? "a payload" : "\(entry.count) payloads") that cannot be decoded",
        because: (entry.details + errors).uniqued(), fix: [look(at: entry, evidence), upgrade(entry.client)])
    }
  }

  /// What shows the newest payload of a client that the agent keeps, or all that it keeps.
  private static func look(at entry: ClientIssueEvidence, _ evidence: Evidence) -> String {
    let kept = evidence.agent?.badPayloads ?? []
    return kept.first { $0.client == entry.client }.map { "roost inspect \($0.id)" } ?? "roost info -v"
  }

  /// Tracers send gzip or no compression: a proxy or a client written by hand is the likely cause.
  private static func unknownEncoding(_ entry: ClientIssueEvidence, _ evidence: Evidence) -> Finding {
    Finding(
      "RST037", evidence.severity(.problem, of: [entry]),
      "\(who(entry)) sent \(entry.count == 1 ? "a payload" : "\(entry.count) payloads") compressed in a way that roost does not know",
      because: entry.details,
      fix: [
        "let it send gzip, zstd or no compression, and no proxy on the way compress anew",
        evidence.restart(nil, note: "past any proxy"),
      ])
  }

  /// The `pip` of the interpreter that runs the process: `/venv/bin/python -m pip`.
  static func pip(_ process: ProcessEvidence) -> String {
    let words = StartCommand(process).words ?? []
    let program = process.commandLine.first ?? ""
    guard !words.isEmpty, commandName(program).hasPrefix("python") else { return "pip" }
    return "\(shellWord(program)) -m pip"
  }

  static func upgrade(_ client: String) -> String {
    switch client.split(separator: " ").first.map(String.init) ?? "" {
    case "python": "pip install --upgrade ddtrace"
    case "nodejs", "javascript": "npm install dd-trace@latest"
    case "ruby": "bundle update datadog"
    case "java", "jvm": "let the app have the newest dd-java-agent.jar"
    case "go": "go get -u github.com/DataDog/dd-trace-go/v2/ddtrace/tracer"
    default: "let the app have the newest release of its tracer"
    }
  }

  /// What makes tracers send a large trace in pieces.
  static let smallPayloads = [
    (name: "DD_TRACE_PARTIAL_FLUSH_ENABLED", value: "true"), (name: "DD_TRACE_PARTIAL_FLUSH_MIN_SPANS", value: "500"),
  ]

  static func tooLarge(_ evidence: Evidence) -> [Finding] {
    let limit = size(Double(evidence.configuration.maxPayloadBytes))
    return evidence.clientIssues("too_large").map { entry in
      let largest = entry.amount > 0 ? ", the largest \(size(entry.amount))" : ""
      let wanted = max(entry.amount * 1.25, Double(evidence.configuration.maxPayloadBytes) * 2)
      return Finding(
        "RST038", evidence.severity(.problem, of: [entry]),
        "\(who(entry)) sent \(entry.count == 1 ? "a payload" : "\(entry.count) payloads") above the limit of \(limit)\(largest)",
        because: ["answered 413, and the traces in it are lost"] + entry.details,
        fix: [
          Restart(set: smallPayloads).line(nil),
          "or " + evidence.serving(settings: "DD_APM_MAX_PAYLOAD_SIZE=\(Int(clamping: wanted))"),
        ])
    }
  }

  static func countMismatch(_ evidence: Evidence) -> [Finding] {
    evidence.clientIssues("trace_count_mismatch").map { entry in
      let missing = entry.amount > 0 ? "\(Int(clamping: entry.amount)) traces are missing" : "the numbers differ"
      return Finding(
        "RST039", evidence.severity(.warning, of: [entry]),
        "\(who(entry)) announced other numbers of traces than it sent (\(times(entry.count)))",
        because: ["X-Datadog-Trace-Count against what was decoded: \(missing)"] + entry.details,
        fix: [
          evidence.restart(nil, note: "past any proxy"),
          upgrade(entry.client),
        ])
    }
  }

  /// Payloads that broke off, took too long or came as something else: lost, whoever sent them.
  static func refused(_ evidence: Evidence) -> [Finding] {
    let entries = evidence.clientIssues("refused_payload")
    var byClient: [(client: String, rows: [ClientIssueEvidence])] = []
    for entry in entries {
      if let place = byClient.firstIndex(where: { $0.client == entry.client }) {
        byClient[place].rows.append(entry)
      } else {
        byClient.append((entry.client, [entry]))
      }
    }
    return byClient.map { client, rows in
      let count = rows.reduce(UInt64(0)) { $0.addingReportingOverflow($1.count).partialValue }
      let isForeign = rows.contains { $0.detail.hasSuffix("unsupported_media_type") }
      let isUnwritten = rows.contains { $0.detail.hasSuffix("not_durable") }
      let isCut = rows.contains { row in
        !["unsupported_media_type", "not_durable"].contains { row.detail.hasSuffix($0) }
      }
      return Finding(
        "RST057", evidence.severity(.warning, of: rows),
        "\(client.isEmpty ? "A client" : client) lost \(count == 1 ? "a payload" : "\(count) payloads") of traces on the way in",
        because: rows.map { "\($0.detail) (\(times($0.count)))" } + rows.flatMap(\.age).prefix(1),
        fix: (isCut ? [evidence.restart(nil, note: "past any proxy")] : [])
          + (isUnwritten ? ["make room for local.spool, or let the agent write there; see roost info"] : [])
          + (isForeign ? ["let it send MessagePack to /v0.4/traces; /v0.1 and /v0.2 take JSON"] : []))
    }
  }

  static func backPressure(_ evidence: Evidence) -> [Finding] {
    guard let agent = evidence.agent else { return [] }
    let refusals = evidence.clientIssues("memory_limit")
    let count = max(
      refusals.reduce(0) { $0.addingReportingOverflow($1.count).partialValue }, agent.refused["memory_limit"] ?? 0)
    guard count > 0 else { return [] }
    let limit = evidence.configuration.maxMemoryBytes
    return [
      Finding(
        "RST040", evidence.severity(.problem, of: refusals),
        "roost refused \(count == 1 ? "a payload" : "\(count) payloads") because its memory limit of \(size(Double(limit))) was reached",
        because: ["it has \(size(Double(agent.residentBytes))) resident"] + refusals.flatMap(\.details),
        fix: [
          evidence.serving(settings: "DD_APM_MAX_MEMORY=\(limit.multipliedReportingOverflow(by: 2).partialValue)")
        ])
    ]
  }

  /// `31 MB`, `3.2 MB`, `812 kB`; `25 MiB` for what was written so.
  static func size(_ bytes: Double) -> String {
    let mebibytes = bytes / 1_048_576
    if mebibytes >= 1, mebibytes.rounded() == mebibytes { return "\(Int(clamping: mebibytes)) MiB" }
    let units = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
    guard let (unit, name) = units.first(where: { bytes >= $0.0 }) else { return "\(Int(clamping: bytes)) bytes" }
    let value = bytes / unit
    if value >= 10 { return "\(Int(clamping: value.rounded())) \(name)" }
    let tenths = Int(clamping: (value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10) \(name)" : "\(tenths / 10).\(tenths % 10) \(name)"
  }
}

extension Int {
  /// The nearest whole number that fits; 0 for what is none.
  init(clamping value: Double) {
    self = value.isNaN ? 0 : value >= 9e18 ? .max : value <= -9e18 ? .min : Int(value)
  }
}

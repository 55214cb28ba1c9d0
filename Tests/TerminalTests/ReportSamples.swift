import Control
import JSON

/// The answers behind the golden files; `now` is 2026-11-24T07:00:00Z.
enum ReportSamples {
  static let now: Int64 = 1_795_503_600_000_000_000
  static let minute: Int64 = 60_000_000_000

  static func latency(_ ms: [Double]) -> LatencyQuantiles {
    let ns = ms.map { UInt64(($0 * 1_000_000).rounded()) }
    return LatencyQuantiles(p50Ns: ns[0], p75Ns: ns[1], p95Ns: ns[2], p99Ns: ns[3], maxNs: ns[4])
  }

  static let services = ServicesAnswer(
    nowNs: now, covered: CoveredTime(startNs: now - 13_400_000_000, endNs: now),
    rows: [
      ServiceRow(
        service: "shop", env: "local", type: "web", hits: 1_204, errors: 12, ratePerSecond: 20.0666,
        latency: latency([8.2, 12.4, 41, 212, 1900]), lastSeenNs: now - 1_000_000_000),
      ServiceRow(
        service: "shop-db", env: "local", type: "sql", hits: 9_871, errors: 0, ratePerSecond: 164.5,
        latency: latency([0.4, 0.7, 2.1, 9.8, 31.2]), lastSeenNs: now),
      ServiceRow(
        service: "mailer", env: "none", type: "job", hits: 14, errors: 14, ratePerSecond: 0.233,
        latency: latency([2010, 2011, 2020, 2020, 2024]), lastSeenNs: now - 4 * minute),
      ServiceRow(
        service: "evil\u{1b}[2J\nname", env: "", type: "", hits: 1, errors: 0, ratePerSecond: 0.0166,
        latency: latency([0.0009, 0.0009, 0.0009, 0.0009, 0.0009]), lastSeenNs: now - 90 * minute),
    ], hitsWithoutRow: 1_500)

  static func resource(
    _ name: String, operation: String = "flask.request", kind: String = "server", env: String = "local", hits: UInt64,
    errors: UInt64, ms: [Double], share: Double
  ) -> ResourceRow {
    ResourceRow(
      service: "shop", resource: name, operation: operation, type: "web", spanKind: kind, env: env, hits: hits,
      errors: errors,
      ratePerSecond: Double(hits) / 60, latency: latency(ms), timeShare: share, lastSeenNs: now - minute)
  }

  static let resources = ResourcesAnswer(
    service: "shop", nowNs: now, covered: CoveredTime(startNs: now - 905_000_000_000, endNs: now),
    rows: [
      resource("GET /cart", hits: 812, errors: 3, ms: [6.1, 9.4, 31.2, 180, 1900], share: 0.38),
      resource("POST /checkout", hits: 97, errors: 9, ms: [88, 121, 412, 730, 2200], share: 0.44),
      resource("GET /static/<path:filename>", hits: 295, errors: 0, ms: [0.3, 0.35, 0.9, 1.4, 3], share: 0.004),
      resource("GET /商品/一覧", hits: 19, errors: 0, ms: [5, 6, 7, 8, 9], share: 0.17),
    ])

  static let resourcesAllSpans = ResourcesAnswer(
    service: "shop", nowNs: now,
    rows: [
      resource("GET /cart", hits: 812, errors: 3, ms: [6.1, 9.4, 31.2, 180, 1900], share: 0.5),
      resource(
        "GET /cart", operation: "flask.dispatch_request", kind: "", env: "none", hits: 812, errors: 3,
        ms: [6, 9.3, 31, 179, 1890], share: 0.5),
    ])

  static let allResources: ResourcesAnswer = {
    var answer = ResourcesAnswer(service: nil, nowNs: now, rows: resources.rows)
    answer.rows[1].service = "till"
    return answer
  }()

  private static func measures(_ hits: UInt64, _ errors: UInt64, _ ms: [Double], seconds: Double) -> DiffMeasures {
    DiffMeasures(hits: hits, errors: errors, ratePerSecond: Double(hits) / seconds, latency: latency(ms))
  }

  static func diff(_ basis: DiffAnswer.HitsBasis) -> DiffAnswer {
    func row(
      _ name: String, _ a: (UInt64, UInt64, [Double]), _ b: (UInt64, UInt64, [Double]),
      _ change: (inout DiffChanges) -> Void = { _ in }
    ) -> DiffRow {
      var changes = DiffChanges()
      change(&changes)
      return DiffRow(
        service: "shop", resource: name, operation: "flask.request", type: "web", spanKind: "server", env: "local",
        a: measures(a.0, a.1, a.2, seconds: 3_600), b: measures(b.0, b.1, b.2, seconds: 600), changes: changes)
    }
    let rows = [
      row("POST /checkout", (97, 0, [88, 121, 412, 730, 2200]), (31, 12, [90, 120, 400, 700, 1800])) {
        $0.errorShare = .up
      },
      row("GET /cart", (812, 3, [6.1, 9.4, 31.2, 180, 1900]), (790, 2, [6.2, 9.6, 370, 380, 1850])) {
        ($0.hits, $0.p95, $0.p99) = (.up, .up, .up)
      },
      row("GET /商品/\u{1b}[2J", (0, 0, [0, 0, 0, 0, 0]), (40, 0, [5, 6, 7, 8, 9])) { $0.hits = .up },
      row("GET /old", (400, 1, [5, 6, 7, 8, 9]), (0, 0, [0, 0, 0, 0, 0])) { $0.hits = .down },
      row("GET /static/<path:filename>", (295, 0, [3, 3.5, 9, 14, 30]), (49, 0, [1, 2, 3, 4, 5])) {
        ($0.p50, $0.errorShare) = (.down, nil)
      },
      row("GET /health", (19, 1, [5, 6, 7, 8, 9]), (4, 0, [5, 6, 7, 8, 9])),
    ]
    func side(_ name: String, _ hits: UInt64, _ range: ClosedRange<Int64>) -> DiffSide {
      let covered = CoveredTime(startNs: now - range.upperBound * minute, endNs: now - range.lowerBound * minute)
      return DiffSide(name: name, covered: covered, hits: hits, versions: [])
    }
    return DiffAnswer(
      a: side("70m..10m", 1_623, 10...70), b: side("10m..now", 914, 0...10), level: 0.01, hitsBy: basis, rows: rows,
      rowsLeftOut: 3, nowNs: now)
  }

  /// Nothing but a test trace has come.
  static var testedInfo: InfoAnswer {
    var info = quietInfo
    info.received = TrafficCounts(payloads: 1, bytes: 400, traces: 1, spans: 2)
    info.clients = [
      ClientRow(
        language: TestTraffic.client, languageVersion: "", interpreter: "", tracerVersion: "0.1.0", endpoint: "v0.4",
        received: info.received, lastSeenNs: now)
    ]
    info.rates = ["service:,env:": 1, "service:\(TestTraffic.service),env:none": 1]
    return info
  }

  static var info: InfoAnswer {
    var info = InfoAnswer(
      version: "0.1.0", commit: "b6b65a1dd2f3", pid: 812, startedNs: now - 123 * minute, nowNs: now, hostname: "box")
    info.listeners = ["127.0.0.1:8126", "[::1]:8126"]
    info.notListening = [
      ListenerFailureRow(address: "/var/run/datadog/apm.socket", reason: "the directory does not exist")
    ]
    info.endpoints = ["/v0.3/traces", "/v0.4/traces", "/v0.5/traces", "/info"]
    info.configuration = ConfigurationSummary(
      targetTPS: 10, errorTPS: 10, env: "local", forwarding: .on("https://trace.agent.datadoghq.eu"))
    info.received = TrafficCounts(payloads: 1_200, bytes: 12_345_678, traces: 3_400, spans: 81_000)
    info.kept = TraceCounts(traces: 3_000, spans: 71_000)
    info.sent.traces = TrafficCounts(payloads: 12, bytes: 801_234, traces: 2_900, spans: 69_000)
    info.sent.traceRetries = 2
    info.sent.stats.payloads = 6
    info.sent.stats.bytes = 9_876
    info.sent.stats.buckets = 18
    info.sent.stats.groups = 240
    info.sent.stats.retries = 1
    info.queued = TrafficCounts(payloads: 1, bytes: 23_456, traces: 40, spans: 800)
    info.dropped = [
      "sampling_auto_drop": LossCounts(traces: 399, spans: 9_997), "foreign_span": LossCounts(traces: 1, spans: 3),
      "unused": LossCounts(),
    ]
    info.dropped["filter_tags_reject"] = LossCounts(traces: 31, spans: 62)
    info.filtered = [
      "filter_tags_reject env:dev": LossCounts(traces: 30, spans: 60),
      "filter_tags_reject probe": LossCounts(traces: 1, spans: 2),
    ]
    info.undecided = ["replace_tags http.url:(a+)+$": 12]
    info.lost = ["queue_full": LossCounts(payloads: 1, traces: 60, spans: 1_200), "unused": LossCounts()]
    info.refused = ["payload_too_large": 1, "decoding_error": 4, "not_offered": 812]
    info.ledger = Ledger(info)
    info.ledger.statistics.made = 1_210
    info.ledger.statistics.restored = 30
    info.ledger.statistics.sent = 1_232
    info.ledger.statistics.inFlight = 8
    var before = info.ledger
    before.received = TraceCounts(traces: 3_380, spans: 80_500)
    before.sent = TraceCounts(traces: 2_890, spans: 68_800)
    info.lastMinute = MinuteLedger(
      endNs: now - 20 * minute / 60, lengthNs: 60_000_000_000, counts: info.ledger.since(before))
    info.durability = DurabilitySummary(path: "/var/lib/roost/spool/accepted", isStrict: true)
    info.durability?.requests = 1_200
    info.durability?.bytes = 8_100_000
    info.durability?.recoveredRequests = 3
    info.durability?.recovered = TraceCounts(traces: 41, spans: 160)
    var dropped = ClientLossRow(
      client: "python 4.16.0", service: "shop", loss: .dropped, reason: "foreign_span", lastSeenNs: now - minute)
    dropped.traces = 1
    dropped.example = "trace 00000000000000aa came with span 00000000000000b2 (flask.request of shop) of another"
    var refused = ClientLossRow(client: "", loss: .refused, reason: "decoding_error", lastSeenNs: now - 2 * minute)
    refused.requests = 4
    info.clientLosses = [dropped, refused]
    info.malformed = ["span_name_truncate": 12]
    info.clientIssues = [
      ClientIssueRow(
        kind: "tls_hello", detail: "", client: "", count: 2, amount: 0, lastSeenNs: now - 3 * minute),
      ClientIssueRow(
        kind: "not_found", detail: "/v9.9/traces", client: "python 4.16.0", count: 1_204, amount: 0, lastSeenNs: now),
      ClientIssueRow(
        kind: "not_offered", detail: "/telemetry/proxy/api/v2/apmtelemetry", client: "python 4.16.0", count: 812,
        amount: 0, lastSeenNs: now),
      ClientIssueRow(
        kind: "client_vanished", detail: "after /info", client: "pid 812", count: 1, amount: 1.4,
        lastSeenNs: now - minute),
      ClientIssueRow(
        kind: "clock_skew", detail: "10.0.0.7", client: "nodejs 5.1.0", count: 9, amount: -25_920.4, lastSeenNs: now),
      ClientIssueRow(
        kind: "trace_count_mismatch", detail: "/v0.4/traces", client: "go 2.1", count: 1, amount: -3, lastSeenNs: now),
      ClientIssueRow(
        kind: "too_large", detail: "/v0.4/traces", client: "evil\u{1b}[2J", count: 1, amount: 31_000_000,
        lastSeenNs: now),
    ]
    info.processes = [
      ProcessRow(
        pid: 812, service: "shop", language: "python", languageVersion: "3.12.1", tracerVersion: "4.16.0",
        payloads: 1_100, traces: 3_300, firstSeenNs: now - 100 * minute, lastSeenNs: now),
      ProcessRow(
        pid: 1, service: "cart", language: "go", languageVersion: "1.24", tracerVersion: "2.1", payloads: 20,
        traces: 412, firstSeenNs: now - 3 * minute, lastSeenNs: now - minute),
      ProcessRow(
        pid: 0, service: "till", language: "", languageVersion: "", tracerVersion: "", payloads: 1, traces: 1,
        firstSeenNs: now, lastSeenNs: now),
    ]
    info.processes[1].containerID = String(repeating: "d0", count: 32)
    info.processes[1].containerName = "cart_cart-5d9c\u{1b}[2J"
    info.processes[1].containerImage = "cart:1.2"
    info.processes[2].containerID = "in-4711"
    info.clients = [
      ClientRow(
        language: "python", languageVersion: "3.12.1", interpreter: "CPython", tracerVersion: "4.16.0",
        endpoint: "/v0.5/traces",
        received: TrafficCounts(payloads: 1_100, bytes: 12_000_000, traces: 3_300, spans: 80_000), lastSeenNs: now),
      ClientRow(
        language: "", languageVersion: "", interpreter: "", tracerVersion: "", endpoint: "/v0.3/traces",
        received: TrafficCounts(payloads: 100, bytes: 345_678, traces: 100, spans: 1_000), lastSeenNs: now - 9 * minute),
    ]
    info.destinations = destinations
    info.products = products
    info.tracers = [tracer]
    info.rates = ["service:shop,env:local": 0.25, "service:,env:": 1]
    info.catalogEvictions = 500
    info.connections.open = 3
    info.connections.accepted = 1_250
    info.connections.malformed = 2
    info.connections.idleClosed = 7
    info.connections.gaveWay = 12
    info.store = StoreSummary(path: "/var/lib/roost/roost.db")
    info.store?.writtenBuckets = 1_204
    info.store?.storedTraces = StoredCounts(traces: 81_204, spans: 412_998)
    info.store?.thinnedTraces = StoredCounts(traces: 1_015, spans: 8_411)
    info.store?.usedBytes = 34_210_816
    info.store?.oldestTraceAgeNs = 7_384_000_000_000
    info.connections.bodyBytesInFlight = 262_144
    info.intake = IntakeSummary(
      lastSuccessNs: now - 4_000_000_000,
      lastFailure: IntakeFailure(
        atNs: now - minute, endpoint: "https://trace.agent.datadoghq.eu", status: 503, text: "HTTP 503"))
    info.memory.rssBytes = 9_800_000
    info.logLinesLost = 1_204
    info.badPayloads = InspectSamples.rows
    info.rareSampler = RareSamplerCounts(hits: 8_120, misses: 12, shrinks: 1)
    info.lastErrors = [RecentError(atNs: now - minute, message: "intake answered 503, trying again")]
    return info
  }

  private static var destinations: [DestinationRow] {
    var intake = DestinationRow(endpoint: "https://trace.agent.datadoghq.eu", format: "datadog")
    intake.sent = TrafficCounts(payloads: 6, bytes: 401_234, traces: 1_480, spans: 35_000)
    intake.lastSuccess = Timestamp(unixNs: now - 4_000_000_000)
    var receiver = DestinationRow(endpoint: "otlp+http://tempo:4318/v1/traces", format: "otlp")
    receiver.sent = TrafficCounts(payloads: 6, bytes: 400_000, traces: 1_420, spans: 34_000)
    receiver.queued = TrafficCounts(payloads: 1, bytes: 23_456, traces: 40, spans: 800)
    receiver.lost = TraceCounts(traces: 60, spans: 1_200)
    return [intake, receiver]
  }

  private static var products: [ProductRow] {
    var profiling = ProductRow(product: "profiling", lastSeenNs: now - minute)
    profiling.received = RequestCounts(requests: 20, bytes: 4_100_000)
    profiling.forwarded = RequestCounts(requests: 16, bytes: 3_300_000)
    profiling.refused = ["403": RequestCounts(requests: 2, bytes: 400_000)]
    profiling.dropped = ["intake_timeout": RequestCounts(requests: 1, bytes: 200_000)]
    profiling.copies = 15
    profiling.lostCopies = 1
    var telemetry = ProductRow(product: "telemetry", lastSeenNs: now)
    telemetry.received = RequestCounts(requests: 1_204, bytes: 912_000)
    telemetry.discarded = telemetry.received
    var configuration = ProductRow(product: "remote_configuration", lastSeenNs: now)
    configuration.received = RequestCounts(requests: 7, bytes: 2_100)
    configuration.answered = configuration.received
    return [profiling, telemetry, configuration, ProductRow(product: "tracer_flare")]
  }

  private static var tracer: TracerRow {
    var tracer = TracerRow(runtimeID: "a1", firstSeenNs: now - 9 * minute)
    tracer.service = "shop"
    tracer.env = "local"
    tracer.version = "1.2"
    tracer.language = "python"
    tracer.languageVersion = "3.12.1"
    tracer.tracerVersion = "4.16.0"
    tracer.hostname = "vm\u{1b}[2J"
    tracer.lastSeenNs = now - minute
    tracer.settings = [
      TracerSettingRow(name: "DD_SERVICE", value: "shop", origin: "env_var"),
      TracerSettingRow(name: "DD_TRACE_SAMPLE_RATE", value: "1.0", origin: "default", error: "not a number"),
    ]
    tracer.integrations = [
      TracerIntegrationRow(name: "flask", version: "3.1", isEnabled: true),
      TracerIntegrationRow(name: "grpc", version: "1.20", isEnabled: false, error: "module not compatible"),
      TracerIntegrationRow(name: "redis", version: "9", isEnabled: true, isCompatible: false),
    ]
    tracer.products = ["profiler": true, "appsec": false]
    tracer.messages = [TracerMessageRow(atNs: now - 2 * minute, level: "error", message: "cannot load the profiler")]
    return tracer
  }

  static var quietInfo: InfoAnswer {
    var info = InfoAnswer(
      version: "0.1.0", commit: "", pid: 812, startedNs: now - 3_000_000_000, nowNs: now, hostname: "")
    info.listeners = ["127.0.0.1:8126", "[::1]:8126"]
    info.configuration = ConfigurationSummary(
      targetTPS: 10, errorTPS: 10, env: "none", forwarding: .off("no API key (set DD_API_KEY)"))
    info.memory.rssBytes = 7_200_000
    return info
  }

  /// The intake is down for traces and refuses statistics, and the file has settings of all kinds.
  static var troubledInfo: InfoAnswer {
    var info = quietInfo
    let url = "http://127.0.0.1:8080"
    info.startedNs = now - 10 * minute
    info.uptimeNs = 600_000_000_000
    info.configuration.forwarding = .on(url)
    info.received = TrafficCounts(payloads: 40, bytes: 81_000, traces: 1_500, spans: 9_000)
    info.kept = TraceCounts(traces: 1_500, spans: 9_000)
    info.clientDropped = TraceCounts(traces: 4_100, spans: 12_000)
    info.queued = TrafficCounts(payloads: 14, bytes: 1_200_000, traces: 300, spans: 1_800)
    info.lost = [
      "queue_full": LossCounts(payloads: 3, traces: 1_200, spans: 7_200),
      "stats_intake_rejected_413": LossCounts(payloads: 1),
    ]
    info.store = StoreSummary(path: "/var/lib/roost/roost.db")
    info.store?.lostBuckets = 12
    info.store?.lostTraces = StoredCounts(traces: 318, spans: 2_206)
    info.store?.failure = "database or disk is full (SQLite 13)"
    info.ledger = Ledger(info)
    info.durability = DurabilitySummary(path: "/var/lib/roost/spool/accepted", isStrict: true)
    info.durability?.failure = "write: No space left on device"
    info.durability?.unconfirmed = 2
    info.durability?.damagedRecords = 1
    info.intake = IntakeSummary(lastSuccessNs: now - 3 * minute)
    info.intake.troubles = [
      IntakeTrouble(
        .failing, payloads: "traces", endpoint: url, sinceNs: now - 125_000_000_000, attempts: 17, status: nil,
        text: "Failed to connect to 127.0.0.1 port 8080"),
      IntakeTrouble(
        .refusing, payloads: "stats", endpoint: url, sinceNs: now - 21_000_000_000, attempts: 1, status: 413,
        text: "HTTP 413"),
    ]
    info.intake.waitingSince = Timestamp(unixNs: now - 120_000_000_000)
    info.intake.lastLoss = Timestamp(unixNs: now - 12_000_000_000)
    info.configuration.settingsWithoutEffect = [
      SettingRow(
        name: "apm_config.replace_tags", origin: "/etc/datadog-agent/datadog.yaml:14", reason: "not_hidden",
        about: "rewriting tags by regular expressions"),
      SettingRow(
        name: "DD_APM_ADDITIONAL_ENDPOINTS", origin: "DD_APM_ADDITIONAL_ENDPOINTS", reason: "not_yet",
        about: "sending to several intakes"),
      SettingRow(
        name: "DD_APM_ZEBRA\u{1b}[2J", origin: "DD_APM_ZEBRA\u{1b}[2J", reason: "unknown", about: "unknown variable"),
      SettingRow(
        name: "log_to_syslog", origin: "/etc/datadog-agent/datadog.yaml:40", reason: "no_meaning",
        about: "logging to syslog"),
      SettingRow(
        name: "logs_config", origin: "/etc/datadog-agent/datadog.yaml:50", reason: "other_program",
        about: "groups of other parts of the Datadog agent"),
    ]
    return info
  }

  /// An intake that takes connections and says nothing.
  static var silentInfo: InfoAnswer {
    var info = troubledInfo
    info.configuration.settingsWithoutEffect = [info.configuration.settingsWithoutEffect[0]]
    info.lost = [:]
    info.intake = IntakeSummary()
    info.intake.troubles = ["traces", "stats"].map {
      IntakeTrouble(
        .silent, payloads: $0, endpoint: "http://127.0.0.1:8080", sinceNs: now - 7_000_000_000, attempts: 1,
        status: nil, text: "no answer")
    }
    info.queued = TrafficCounts(payloads: 1, bytes: 812, traces: 1, spans: 1)
    info.intake.waitingSince = Timestamp(unixNs: now - 7_000_000_000)
    return info
  }
}

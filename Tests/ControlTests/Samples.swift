import Control
import JSON
import Traces

/// Answers in which no two fields hold the same value, so that a swapped field shows.
enum Samples {
  static let latency = LatencyQuantiles(p50Ns: 1, p75Ns: 2, p95Ns: 3, p99Ns: 4, maxNs: UInt64.max)

  static let services = {
    var answer = countedServices
    answer.dropped = [
      DroppedServiceRow(service: "billing", reasons: ["foreign_span"], traces: 16, isAll: true, lastSeenNs: 17)
    ]
    answer.dropped?[0].isAtLeast = true
    return answer
  }()

  private static let countedServices = ServicesAnswer(
    nowNs: 99, covered: CoveredTime(startNs: 14, endNs: 15, missingThreads: 18),
    rows: [
      ServiceRow(
        service: "shop", env: "prod", type: "web", hits: 10, errors: 11, ratePerSecond: 1.5, latency: latency,
        lastSeenNs: 12)
    ], hitsWithoutRow: 13)

  static let resources = ResourcesAnswer(
    service: "shop", nowNs: 98, covered: CoveredTime(startNs: 24, endNs: 25, missingThreads: 28),
    rows: [
      ResourceRow(
        service: "shop", resource: "GET /", operation: "flask.request", type: "web", spanKind: "server", env: "prod",
        hits: 20,
        errors: 21, ratePerSecond: 2.5, latency: latency, timeShare: 0.75, lastSeenNs: 22,
        isCollapsed: true)
    ], hitsWithoutRow: 23)

  static var series: SeriesAnswer {
    var row = SeriesRow(
      service: "shop", env: "prod", resource: "GET /", operation: "flask.request", hits: [30, 31], errors: [32, 33])
    row.setLatency([latency, LatencyQuantiles(p50Ns: 34, p75Ns: 35, p95Ns: 36, p99Ns: 37)])
    return SeriesAnswer(
      firstStepNs: 38, stepNs: 39, covered: CoveredTime(startNs: 26, endNs: 27, missingThreads: 29), rows: [row],
      leftOut: 28)
  }

  static let histogram = HistogramAnswer(
    covered: CoveredTime(startNs: 16, endNs: 17, missingThreads: 20), hits: 18, latency: latency,
    bins: [HistogramBin(fromNs: 19, toNs: 29, hits: 18)])

  static let traces = {
    var summary = TraceSummary(
      id: TraceID(high: 1, low: 2), startNs: 101, durationNs: 102, rootService: "shop", rootResource: "GET /",
      rootOperation: "flask.request", env: "prod", spanCount: 103, errorCount: 104, services: ["shop", "orders"],
      statusCode: "200", isKept: true, keptBy: "priority")
    summary.aheadNs = 107
    return TracesAnswer(
      nowNs: 100, rows: [summary], hasMore: true, arrivedUpTo: 106, searchedBackToNs: 105)
  }()

  static let trace = {
    var root = TraceSpan(
      spanID: .max, service: "shop", operation: "flask.request", resource: "GET /", type: "web", startNs: .max - 10,
      durationNs: 9, isError: true)
    root.meta = [("error.message", "no \u{1b}[31m way"), ("empty", "")]
    root.metrics = [("big", 9_007_199_254_740_992), ("part", 0.1), ("huge", 1e300)]
    root.links = [
      TraceSpanLink(
        traceID: TraceID(high: .max, low: 1), spanID: 2, tracestate: "a=b", flags: 1, droppedAttributes: 3,
        attributes: [TraceAttribute("k", .text("v"))])
    ]
    root.events = [
      TraceSpanEvent(
        timeNs: .max, name: "retry", droppedAttributes: .max,
        attributes: [
          TraceAttribute("n", .int(.min)), TraceAttribute("d", .double(2)), TraceAttribute("b", .bool(true)),
          TraceAttribute("l", .array([.text("x"), .array([.double(0.5)])])),
        ])
    ]
    let child = TraceSpan(
      spanID: 1, parentID: .max, service: "db", operation: "sqlite.query", resource: "SELECT 1", type: "sql",
      startNs: .max - 9, durationNs: 2)
    return TraceAnswer(Trace(id: TraceID(high: 1, low: .max), spans: [root, child], isKept: true, keptBy: "errors"))
  }()

  static var diff: DiffAnswer {
    func measures(_ first: UInt64) -> DiffMeasures {
      DiffMeasures(hits: first, errors: first + 1, ratePerSecond: Double(first) + 0.5, latency: latency)
    }
    var changes = DiffChanges()
    (changes.hits, changes.errorShare, changes.p50, changes.p95, changes.p99) = (.up, .down, .up, .down, .up)
    func side(_ name: String, _ ns: Int64) -> DiffSide {
      DiffSide(
        name: name, covered: CoveredTime(startNs: ns, endNs: ns + 1, missingThreads: Int(ns) + 5),
        hits: UInt64(ns) + 2, versions: ["\(ns + 3)"])
    }
    return DiffAnswer(
      a: side("2h..1h", 30), b: side("1h..now", 40), level: 0.25, hitsBy: .rate,
      rows: [
        DiffRow(
          service: "shop", resource: "GET /", operation: "flask.request", type: "web", spanKind: "server", env: "prod",
          a: measures(50), b: measures(60), changes: changes)
      ], rowsLeftOut: 70, nowNs: 80)
  }

  static var observations: ObservationsAnswer {
    var answer = ObservationsAnswer()
    answer.nowNs = 80
    answer.tcpRequests = 81
    answer.unixRequests = 82
    answer.clientIssues = info.clientIssues
    answer.sampling.traces = 83
    answer.sampling.droppedByDecision = ["-3": 84, "": 85]
    answer.sampling.clientDroppedTraces = 86
    answer.sampling.lowestLimitRate = 0.375
    answer.sampling.limitedLastSeenNs = 108
    answer.services = [
      ServiceVarietyRow(
        service: "shop", env: "prod", hits: 92, resources: 93, busiestOperation: "web.request",
        idLikeResource: "GET /users/8315")
    ]
    answer.forgottenProcessesLastSeenNs = 94
    answer.missingThreads = 110
    return answer
  }

  static var info: InfoAnswer {
    var info = InfoAnswer(version: "1.2.3", commit: "abc", pid: 30, startedNs: 31, nowNs: 131, hostname: "box")
    info.runPid = 92
    info.listeners = ["127.0.0.1:8126", "/run/apm.socket"]
    info.notListening = [ListenerFailureRow(address: "/run/b.socket", reason: "taken")]
    info.page = "http://127.0.0.1:8127"
    info.endpoints = ["/v0.4/traces"]
    info.configuration = ConfigurationSummary(targetTPS: 33.5, errorTPS: 34.5, env: "dev", forwarding: .on("https://x"))
    info.received = TrafficCounts(payloads: 40, bytes: 41, traces: 42, spans: 43)
    info.kept = TraceCounts(traces: 44, spans: 45)
    info.clientDropped = TraceCounts(traces: 46, spans: 47)
    info.sent.traces = TrafficCounts(payloads: 46, bytes: 47, traces: 48, spans: 49)
    info.sent.traceRetries = 50
    info.sent.traceBytesUncompressed = 132
    info.sent.stats.payloads = 51
    info.sent.stats.bytes = 52
    info.sent.stats.buckets = 53
    info.sent.stats.groups = 54
    info.sent.stats.retries = 55
    info.queued = TrafficCounts(payloads: 56, bytes: 57, traces: 72, spans: 73)
    info.spooled = TrafficCounts(payloads: 54, bytes: 55, traces: 70, spans: 71)
    info.restored = TrafficCounts(payloads: 52, bytes: 53, traces: 68, spans: 69)
    info.lost = ["shutdown": LossCounts(payloads: 74, bytes: 75, traces: 76, spans: 77)]
    info.dropped = ["queue_full": LossCounts(payloads: 58, bytes: 138, traces: 59, spans: 60)]
    info.filtered = ["filter_tags_reject env:dev": LossCounts(payloads: 61, bytes: 139, traces: 62, spans: 63)]
    info.undecided = ["replace_tags a:(b+)+": 65]
    info.refused = ["payload_too_large": 62]
    info.ledger = Ledger(info)
    info.ledger.sampled = TraceCounts(traces: 80, spans: 81)
    info.ledger.refused = TraceCounts(traces: 82, spans: 83)
    info.ledger.statistics.made = 133
    info.ledger.statistics.restored = 134
    info.ledger.statistics.sent = 135
    info.ledger.statistics.lost = 136
    info.ledger.statistics.inFlight = 137
    info.lastMinute = MinuteLedger(endNs: 84, lengthNs: 85, counts: info.ledger)
    info.durability = DurabilitySummary(path: "/state/spool/accepted", isStrict: true)
    info.durability?.requests = 86
    info.durability?.commits = 87
    info.durability?.unconfirmed = 88
    info.durability?.bytes = 89
    info.durability?.failure = "no space"
    info.durability?.recoveredRequests = 90
    info.durability?.recovered = TraceCounts(traces: 91, spans: 92)
    info.durability?.damagedRecords = 93
    info.malformed = ["span_name_empty": 63, "type_truncated": 64]
    info.clientIssues = [
      ClientIssueRow(kind: "clock_skew", detail: "10.0.0.7", client: "go 2.1", count: 72, amount: -7.5, lastSeenNs: 73)
    ]
    info.clientLosses = [
      ClientLossRow(client: "go 2.1", service: "shop", loss: .dropped, reason: "foreign_span", lastSeenNs: 74)
    ]
    info.clientLosses[0].requests = 75
    info.clientLosses[0].traces = 76
    info.clientLosses[0].example = "trace 1"
    info.processes = [
      ProcessRow(
        pid: 87, service: "shop", language: "python", languageVersion: "3.12.1", tracerVersion: "4.16.0", payloads: 88,
        traces: 89, firstSeenNs: 90, lastSeenNs: 91)
    ]
    info.processes[0].containerID = "in-4711"
    info.processes[0].containerName = "web"
    info.processes[0].containerImage = "shop:1.2"
    info.processes[0].address = "172.17.0.2"
    info.clients = [
      ClientRow(
        language: "python", languageVersion: "3.12", interpreter: "CPython", tracerVersion: "4.16",
        endpoint: "/v0.5/traces", received: TrafficCounts(payloads: 65, bytes: 66, traces: 67, spans: 68),
        lastSeenNs: 69)
    ]
    var product = ProductRow(product: "telemetry", lastSeenNs: 111)
    product.received = RequestCounts(requests: 112, bytes: 113)
    product.forwarded = RequestCounts(requests: 114, bytes: 115)
    product.answered = RequestCounts(requests: 116, bytes: 117)
    product.discarded = RequestCounts(requests: 118, bytes: 119)
    product.refused = ["403": RequestCounts(requests: 120, bytes: 121)]
    product.dropped = ["intake_timeout": RequestCounts(requests: 122, bytes: 123)]
    (product.copies, product.lostCopies) = (124, 125)
    info.products = [product]
    var destination = DestinationRow(endpoint: "otlp+http://tempo:4318/v1/traces", format: "otlp")
    destination.sent = TrafficCounts(payloads: 126, bytes: 127, traces: 128, spans: 129)
    (destination.retries, destination.spooledPayloads) = (130, 131)
    destination.queued = TrafficCounts(payloads: 132, bytes: 133, traces: 134, spans: 135)
    destination.queuedStatistics = 139
    destination.lost = TraceCounts(traces: 136, spans: 137)
    destination.lastSuccess = Timestamp(unixNs: 138)
    info.destinations = [destination]
    info.tracers = [tracer]
    info.rates = ["service:shop,env:prod": 0.25, "service:,env:": 1]
    info.catalogEvictions = 78
    info.connections.open = 79
    info.connections.accepted = 80
    info.connections.idleClosed = 81
    info.store = StoreSummary(path: "/state/roost.db")
    info.store?.writtenBuckets = 82
    info.store?.lostBuckets = 83
    info.store?.storedTraces = StoredCounts(traces: 84, spans: 85)
    info.store?.thinnedTraces = StoredCounts(traces: 86, spans: 87)
    info.store?.lostTraces = StoredCounts(traces: 88, spans: 89)
    info.store?.waitingTraces = StoredCounts(traces: 92, spans: 93)
    info.store?.usedBytes = 90
    info.store?.oldestTraceAgeNs = 91
    info.store?.failure = "the disk is full"
    info.connections.malformed = 82
    info.connections.gaveWay = 101
    info.connections.acceptPauses = 83
    info.connections.descriptorsExhausted = 84
    info.connections.acceptErrors = 85
    info.connections.bodyBytesInFlight = 86
    info.intake = IntakeSummary(
      lastSuccessNs: 87, lastFailure: IntakeFailure(atNs: 88, endpoint: "https://x", status: 503, text: "HTTP 503"))
    info.intake.troubles = [
      IntakeTrouble(
        .refusing, payloads: "traces", endpoint: "https://x", sinceNs: 89, last: Timestamp(unixNs: 92), attempts: 93,
        status: 413, text: "HTTP 413")
    ]
    info.intake.waitingSince = Timestamp(unixNs: 94)
    info.intake.lastLoss = Timestamp(unixNs: 95)
    info.configuration.hasUnusualAPIKey = true
    info.configuration.settingsWithoutEffect = [
      SettingRow(name: "DD_APM_REPLACE_TAGS", origin: "DD_APM_REPLACE_TAGS", reason: "not_hidden", about: "rewriting")
    ]
    info.memory.rssBytes = 70
    info.cpuPercent = 133
    info.logLinesLost = 72
    info.missingThreads = 88
    info.rareSampler = RareSamplerCounts(hits: 101, misses: 102, shrinks: 103)
    info.badPayloads = [badPayload.row]
    info.lastErrors = [RecentError(atNs: 71, message: "intake said 503")]
    return info
  }

  private static let tracer = {
    var tracer = TracerRow(runtimeID: "a1", firstSeenNs: 126)
    (tracer.service, tracer.env, tracer.version) = ("shop", "prod", "1.2")
    (tracer.language, tracer.languageVersion, tracer.tracerVersion) = ("python", "3.12", "4.16")
    (tracer.hostname, tracer.isClosed, tracer.lastSeenNs) = ("vm", true, 127)
    tracer.settings = [TracerSettingRow(name: "DD_ENV", value: "prod", origin: "env_var", error: "too long")]
    tracer.integrations = [
      TracerIntegrationRow(name: "flask", version: "3", isEnabled: true, isCompatible: true, error: "none")
    ]
    tracer.products = ["profiler": true]
    tracer.messages = [TracerMessageRow(atNs: 128, level: "error", message: "boom")]
    return tracer
  }()

  static let badPayload = {
    var fault = PayloadFault(message: "byte 7: expected string, saw nil", byteOffset: 7)
    (fault.trace, fault.span, fault.field, fault.expected, fault.seen) = (1, 2, "meta", "string", "nil")
    var row = BadPayloadRow(id: 96, atNs: 97, path: "/v0.4/traces", format: "v0.4", bytes: 98, fault: fault)
    (row.contentType, row.contentEncoding) = ("application/msgpack", "gzip")
    (row.language, row.languageVersion, row.tracerVersion) = ("python", "3.12", "4.16")
    (row.client, row.processGone) = ("python 4.16", true)
    (row.pid, row.command, row.address, row.keptBytes) = (99, "python app.py", "10.0.0.7", 3)
    var payload = BadPayload(row: row, beginning: [1, 0x9f, 0xff])
    payload.besideFault = HexBytes([1])
    payload.besideFaultOffset = 100
    return payload
  }()

  static let thinnedTraces = {
    var answer = traces
    answer.thinnedTraces = 108
    answer.missingThreads = 109
    return answer
  }()
}

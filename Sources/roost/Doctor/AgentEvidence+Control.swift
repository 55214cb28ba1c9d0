import Control
import Diagnosis
import Scrubbing

extension AgentEvidence {
  /// What a running agent says of itself and of its clients, as the doctor takes it.
  init(_ info: InfoAnswer, _ observed: ObservationsAnswer) {
    self.init()
    // What roost sent to itself says nothing of apps.
    let info = info.ofApps
    pid = info.pid
    version = info.version
    uptimeSeconds = Double(info.uptimeNs) / 1e9
    listeners = info.listeners
    notListening = info.notListening.map { row in
      var failure = ListenerFailureEvidence()
      (failure.address, failure.reason) = (row.address, row.reason)
      return failure
    }
    endpoints = info.endpoints
    receivedPayloads = info.received.payloads
    receivedTraces = info.received.traces
    receivedSpans = info.received.spans
    tcpRequests = observed.tcpRequests
    unixRequests = observed.unixRequests
    droppedTraces = info.dropped.merging(info.lost) { dropped, _ in dropped }.mapValues(\.traces)
    refused = info.refused
    // Connections without a request are what health checks of ports look like.
    clientIssues = observed.clientIssues.filter { $0.kind != "client_vanished" || $0.detail == "after /info" }.map {
      ClientIssueEvidence(
        kind: $0.kind, detail: Scrubber.scrub($0.detail), client: Scrubber.scrub($0.client), count: $0.count,
        amount: $0.amount, lastSeenSecondsAgo: secondsSince($0.lastSeenNs, nowNs: info.nowNs))
    }
    clientLosses = info.clientLosses.map { ClientLossEvidence($0, nowNs: info.nowNs) }
    clients = info.clients.map { ClientEvidence($0, nowNs: info.nowNs) }
    senders = info.processes.map { SenderEvidence($0, nowNs: info.nowNs) }
    forgottenSendersSecondsAgo = observed.forgottenProcessesLastSeenNs.map { secondsSince($0, nowNs: info.nowNs) }
    tracerReports = info.tracers.map { TracerReportEvidence($0, nowNs: info.nowNs) }
    sampling.traces = observed.sampling.traces
    sampling.droppedByDecision = observed.sampling.droppedByDecision
    sampling.clientDroppedTraces = observed.sampling.clientDroppedTraces
    sampling.lowestLimitRate = observed.sampling.lowestLimitRate
    sampling.limitedSecondsAgo = observed.sampling.limitedLastSeenNs.map { secondsSince($0, nowNs: info.nowNs) }
    missingThreads = max(info.missingThreads ?? 0, observed.missingThreads ?? 0)
    services = observed.services.map {
      ServiceEvidence(
        service: $0.service, env: $0.env, hits: $0.hits, resources: $0.resources,
        busiestOperation: $0.busiestOperation, idLikeResource: $0.idLikeResource)
    }
    switch info.configuration.forwarding {
    case .on(let url):
      isForwarding = true
      forwardingTo = Scrubber.scrub(url)
    case .off(let reason): forwardingOffReason = reason
    }
    isAPIKeyWellFormed = !info.configuration.hasUnusualAPIKey
    intake = IntakeEvidence(info)
    settingsWithoutEffect = info.configuration.settingsWithoutEffect.map {
      SettingEvidence(
        name: Scrubber.scrub($0.name), origin: $0.origin, reason: $0.reason, about: Scrubber.scrub($0.about))
    }
    residentBytes = info.memory.rssBytes
    badPayloads = info.badPayloads.map { BadPayloadEvidence(id: $0.id, client: Scrubber.scrub($0.client)) }
    recentErrors = info.lastErrors.map { Scrubber.scrub($0.message) }
  }
}

extension ClientLossEvidence {
  fileprivate init(_ row: ClientLossRow, nowNs: Int64) {
    self.init()
    client = Scrubber.scrub(row.client)
    service = Scrubber.scrub(row.service)
    loss = row.loss.rawValue
    reason = row.reason
    requests = row.requests
    traces = row.traces
    example = Scrubber.scrub(row.example ?? "")
    lastSeenSecondsAgo = secondsSince(row.lastSeenNs, nowNs: nowNs)
  }
}

extension ClientEvidence {
  fileprivate init(_ row: ClientRow, nowNs: Int64) {
    self.init(
      language: row.language, languageVersion: row.languageVersion, tracerVersion: row.tracerVersion,
      endpoint: row.endpoint, payloads: row.received.payloads, traces: row.received.traces,
      lastSeenSecondsAgo: secondsSince(row.lastSeenNs, nowNs: nowNs))
  }
}

extension SenderEvidence {
  fileprivate init(_ row: ProcessRow, nowNs: Int64) {
    self.init(pid: row.pid)
    service = Scrubber.scrub(row.service)
    language = row.language
    tracerVersion = row.tracerVersion
    containerID = ContainerID.isOne(row.containerID) ? row.containerID : ""
    address = Scrubber.scrub(row.address)
    traces = row.traces
    firstSeenSecondsAgo = secondsSince(row.firstSeenNs, nowNs: nowNs)
    lastSeenSecondsAgo = secondsSince(row.lastSeenNs, nowNs: nowNs)
  }
}

extension TracerReportEvidence {
  /// The switches of tracing, by the names that tracers give them in their telemetry.
  private static let switches: Set = [
    "DD_TRACE_ENABLED", "trace_enabled", "tracing_enabled", "DD_APM_TRACING_ENABLED",
  ]

  fileprivate init(_ row: TracerRow, nowNs: Int64) {
    self.init()
    service = Scrubber.scrub(row.service)
    language = row.language
    tracerVersion = row.tracerVersion
    hasEnded = row.isClosed
    lastSeenSecondsAgo = secondsSince(row.lastSeenNs, nowNs: nowNs)
    instrumented = row.integrations.filter { $0.isEnabled && !$0.hasFailed }.map(\.name)
    failures = row.integrations.filter(\.hasFailed).map {
      TracerFailureEvidence(
        name: $0.version.isEmpty ? $0.name : "\($0.name) \($0.version)",
        reason: $0.error.isEmpty ? "the tracer does not know this version" : Scrubber.scrub($0.error))
    }
    rejected = row.settings.filter { !$0.error.isEmpty }.map {
      TracerFailureEvidence(name: $0.name, reason: Scrubber.scrub($0.error))
    }
    let off = row.settings.first { Self.switches.contains($0.name) && ["false", "0"].contains($0.value.lowercased()) }
    tracingOffBy = off.map { "\($0.name)=\($0.value) (\($0.origin))" } ?? ""
  }
}

/// 0 for what lies ahead.
func secondsSince(_ timeNs: Int64, nowNs: Int64) -> Double {
  let (age, overflow) = nowNs.subtractingReportingOverflow(timeNs)
  return overflow ? 0 : max(0, Double(age) / 1e9)
}

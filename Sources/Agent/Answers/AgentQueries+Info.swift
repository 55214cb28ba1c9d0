import Control
import Exporting
import Processing
import Receiver
import Sampling
import Scrubbing
import Store

/// `roost info`: what came in, what became of it, and how the agent is.
extension AgentQueries {
  /// - Parameter limit: how long it waits for threads that are at a request.
  func info(within limit: Duration = Self.copyingLimit) -> InfoAnswer { info(of: receiver.shards, within: limit) }

  func info(of shards: [ReceivingShard], within limit: Duration = Self.copyingLimit) -> InfoAnswer {
    let now = clock.nowNs
    var answer = InfoAnswer(
      version: agent.build.version, commit: agent.build.commit, pid: SystemFacts.processID,
      startedNs: agent.startedNs, nowNs: now, hostname: agent.hostname)
    answer.runPid = Int64(agent.runPid)
    answer.listeners = server?.listeners.map(\.description) ?? []
    answer.notListening = (server?.listenerFailures ?? []).filter { $0.severity == .error }
      .map { ListenerFailureRow(address: $0.address, reason: $0.reason) }
    answer.page = page.url
    answer.endpoints = receiver.routes.listedPaths
    let configuration = agent.configuration
    let samplers = receiver.parts.pipeline.samplers
    let targets = samplers.targets
    answer.configuration = ConfigurationSummary(
      targetTPS: targets.traces, errorTPS: targets.errors,
      env: receiver.parts.pipeline.concentrator.defaultEnv,
      forwarding: forwarder.flatMap { _ in Forwarding.place(configuration) }.map { .on($0) }
        ?? .off(Forwarding.offReason))
    answer.configuration.hasUnusualAPIKey = configuration.apiKey?.isWellFormed == false
    answer.configuration.settingsWithoutEffect = agent.withoutEffect.map(SettingRow.init)
    var shard = ShardSnapshot()
    let deadline = ContinuousClock.now + limit
    let accounts = shards.compactMap { $0.accounts(until: deadline) }
    for other in accounts { shard.add(other.counts) }
    fillTraffic(&answer, shard)
    var statistics = StatisticsLedger()
    if let counters = forwarder?.counters {
      statistics = StatisticsLedger(counters[.stats], accounting)
      fillSent(&answer, counters)
      let gathered = shard.gathered.filter { $0.key.isOfTraces }.values.reduce(into: PayloadCounts(), +=)
      fillQueued(&answer, counters, gathered: gathered)
      answer.destinations = counters.destinations.map { DestinationRow($0, wallNs: now) }
      answer.intake = IntakeSummary(counters, lastLossAt: accounting.lastLossAt, wallNs: now)
    }
    answer.durability = durability?.summary
    if let recovered = answer.durability?.recovered {
      let takers = ([.traces] + OutgoingPayload.Kind.allOTLPTraces).reduce(0) { $0 &+ (forwarder?.takers($1) ?? 0) }
      answer.restored.traces &+= recovered.traces &* UInt64(clamping: takers)
      answer.restored.spans &+= recovered.spans &* UInt64(clamping: takers)
    }
    for (reason, counts) in accounting.lostByReason { answer.lost[reason, default: LossCounts()].add(counts) }
    answer.ledger = Ledger(answer)
    answer.ledger.statistics = statistics
    answer.lastMinute = ledgers.lastMinute
    if let server { answer.connections = ConnectionSummary(server.connectionCounters) }
    answer.catalogEvictions = samplers.catalogEvictions
    answer.rareSampler = samplers.rareCounts.map {
      RareSamplerCounts(hits: $0.hits, misses: $0.misses, shrinks: $0.shrinks)
    }
    let observations = accounts.map(\.observations)
    for decisions in observations.map(\.decisions) {
      answer.clientDropped.traces &+= decisions.clientDroppedTraces
      answer.clientDropped.spans &+= decisions.clientDroppedSpans
    }
    answer.clientIssues = clientIssues(observations, nowNs: now).rows
    answer.products = products.accounts.all
    answer.tracers = products.tracers.rows
    answer.processes = ProcessTable(merging: observations.map(\.processes)).rows
    answer.rates = samplers.publishedRates.rates
    answer.store = store.map { StoreSummary($0, gathered: shard.stored, nowNs: now) }
    answer.cpuPercent = processorUse.percent()
    answer.memory.rssBytes = SystemFacts.residentBytes
    answer.badPayloads = observers.badPayloads.rows
    answer.lastErrors = observers.errors.all
    answer.missingThreads = shards.missing(accounts.count)
    answer.logLinesLost = UInt64(clamping: receiver.parts.log.linesLost)
    return answer
  }

  /// How long an answer waits for threads that are at a request: one of them may never end.
  static let copyingLimit = Duration.seconds(1)

  private func fillTraffic(_ answer: inout InfoAnswer, _ shard: ShardSnapshot) {
    let counts = shard.counts
    answer.received = counts.received
    answer.clients = shard.clients.sorted { $0.received.payloads > $1.received.payloads }
    answer.clientLosses = shard.losses.rows.sorted { ($0.lastSeenNs, $0.traces) > ($1.lastSeenNs, $1.traces) }
    answer.refused = counts.refused
    for (reason, counts) in counts.dropped { answer.dropped[reason, default: LossCounts()].add(counts) }
    for (reason, counts) in counts.lost { answer.lost[reason, default: LossCounts()].add(counts) }
    for removal in shard.processing.removals where removal.traces > 0 {
      let counts = TrafficCounts(traces: removal.traces, spans: removal.spans)
      answer.dropped[removal.reason.name, default: LossCounts()].add(counts)
      if let rule = removal.reason.rule {
        answer.filtered[Scrubber.scrub("\(removal.reason.name) \(rule)"), default: LossCounts()].add(counts)
      }
    }
    for verdict in SamplingVerdict.allCases {
      let (traces, spans) = (shard.sampling.traces[verdict.rawValue], shard.sampling.spans[verdict.rawValue])
      if verdict.isKept {
        answer.kept.traces &+= traces
        answer.kept.spans &+= spans
      } else if traces > 0 || spans > 0 {
        answer.dropped[verdict.name] = LossCounts(traces: traces, spans: spans)
      }
    }
    for repair in shard.processing.repairs where repair.spans > 0 {
      answer.malformed[repair.name, default: 0] &+= repair.spans
    }
    for rule in shard.processing.undecided where rule.texts > 0 {
      answer.undecided[Scrubber.scrub("\(rule.step) \(rule.rule)"), default: 0] &+= rule.texts
    }
    for (name, count) in counts.malformed { answer.malformed[name, default: 0] &+= count }
    if shard.collapsed > 0 { answer.malformed["statistics_collapsed"] = shard.collapsed }
    if shard.withoutPeer > 0 { answer.malformed["statistics_without_peer"] = shard.withoutPeer }
    if shard.coarsened > 0 { answer.malformed["statistics_coarsened"] = shard.coarsened }
    if accounting.saturatedSums > 0 { answer.malformed["statistics_saturated"] = accounting.saturatedSums }
    if shard.ahead > 0 { answer.malformed["end_in_future"] = shard.ahead }
  }

  private func fillSent(_ answer: inout InfoAnswer, _ counters: ForwarderCounters) {
    let traces = counters.ofTraces
    answer.sent.traces = TrafficCounts(
      payloads: UInt64(clamping: traces.sentPayloads), bytes: UInt64(clamping: traces.sentBytes),
      traces: UInt64(clamping: traces.sent.traces), spans: UInt64(clamping: traces.sent.spans))
    answer.sent.traceBytesUncompressed = UInt64(clamping: traces.sentBytesUncompressed)
    answer.sent.traceRetries = UInt64(clamping: traces.retries)
    let stats = counters[.stats]
    answer.sent.stats.payloads = UInt64(clamping: stats.sentPayloads)
    answer.sent.stats.bytes = UInt64(clamping: stats.sentBytes)
    answer.sent.stats.buckets = UInt64(clamping: stats.sent.buckets)
    answer.sent.stats.groups = UInt64(clamping: stats.sent.groups)
    answer.sent.stats.retries = UInt64(clamping: stats.retries)
  }

  /// What waits, in memory or on disk, or is under way, and what is still being gathered. A body in memory that goes to
  /// several destinations takes its bytes once.
  private func fillQueued(_ answer: inout InfoAnswer, _ counters: ForwarderCounters, gathered: PayloadCounts) {
    let (traces, stats) = (counters.ofTraces, counters[.stats])
    let held = traces.held
    answer.spooled = TrafficCounts(
      payloads: UInt64(clamping: traces.spooled.payloads + stats.spooled.payloads),
      bytes: UInt64(clamping: traces.spooled.bytes + stats.spooled.bytes),
      traces: UInt64(clamping: traces.spooled.counts.traces), spans: UInt64(clamping: traces.spooled.counts.spans))
    answer.restored = TrafficCounts(
      payloads: UInt64(clamping: traces.restoredPayloads + stats.restoredPayloads),
      traces: UInt64(clamping: traces.restored.traces), spans: UInt64(clamping: traces.restored.spans))
    answer.queued = TrafficCounts(
      payloads: UInt64(clamping: counters.queuePayloads + counters.inFlight),
      bytes: UInt64(clamping: counters.bodyBytes) &+ answer.spooled.bytes,
      traces: UInt64(clamping: held.traces + gathered.traces),
      spans: UInt64(clamping: held.spans + gathered.spans))
  }

  /// One line for the log when the agent ends.
  /// - Parameter shards: those of threads that have ended their work.
  func summary(of shards: [ReceivingShard]) -> String {
    let info = info(of: shards)
    let dropped = info.dropped.values.reduce(0) { $0 &+ $1.traces }
    let lost = info.lost.values.reduce(0) { $0 &+ $1.traces }
    return "stopped: received \(info.received.traces) traces with \(info.received.spans) spans, "
      + "kept \(info.kept.traces), dropped \(dropped), sent \(info.sent.traces.traces), lost \(lost)"
      + (info.spooled.payloads == 0 ? "" : ", left \(info.spooled.traces) on disk for the next agent")
  }
}

extension StatisticsLedger {
  /// What the forwarder has of statistics, and what was made of them before.
  init(_ counters: ForwarderCounters.PerKind, _ accounting: DeliveryAccounting) {
    self.init()
    made = UInt64(clamping: accounting.madeStatistics.groups)
    restored = UInt64(clamping: counters.restored.groups + accounting.restoredStatistics.groups)
    sent = UInt64(clamping: counters.sent.groups)
    lost = UInt64(clamping: counters.lost.groups)
    inFlight = UInt64(clamping: counters.held.groups)
  }
}

extension ConnectionSummary {
  init(_ counters: ConnectionCounters) {
    self.init()
    open = UInt64(clamping: counters.open)
    accepted = UInt64(clamping: counters.accepted)
    idleClosed = UInt64(clamping: counters.idleClosed)
    malformed = UInt64(clamping: counters.malformed)
    gaveWay = UInt64(clamping: counters.gaveWay)
    acceptPauses = UInt64(clamping: counters.acceptPauses)
    descriptorsExhausted = UInt64(clamping: counters.descriptorsExhausted)
    acceptErrors = UInt64(clamping: counters.acceptErrors)
    bodyBytesInFlight = UInt64(clamping: counters.bodyBytesInFlight)
  }
}

extension StoreSummary {
  /// What a store has done so far.
  init(_ store: HistoryStore, gathered: StoredTraceCounts, nowNs: Int64) {
    self.init(path: "\(store.location)")
    let counters = store.counters
    writtenBuckets = UInt64(clamping: counters.written)
    lostBuckets = UInt64(clamping: counters.lost)
    storedTraces = StoredCounts(counters.storedTraces)
    lostTraces = StoredCounts(counters.lostTraces)
    // What was handed over after the receiving threads were asked may be written already.
    waitingTraces = StoredCounts(
      traces: gathered.traces.remaining(storedTraces.traces &+ lostTraces.traces),
      spans: gathered.spans.remaining(storedTraces.spans &+ lostTraces.spans))
    lostTraces.traces &+= gathered.tooLargeTraces
    lostTraces.spans &+= gathered.tooLargeSpans
    thinnedTraces = StoredCounts(traces: gathered.thinnedTraces, spans: gathered.thinnedSpans)
    usedBytes = UInt64(clamping: counters.usedBytes)
    oldestTraceAgeNs = counters.oldestTraceNs.map { UInt64(clamping: nowNs.subtractingReportingOverflow($0).0) }
    failure = counters.failure ?? counters.cleanUpFailure
  }
}

extension UInt64 {
  /// What is left when `others` are taken away; never less than nothing.
  fileprivate func remaining(_ others: UInt64) -> UInt64 { self > others ? self - others : 0 }
}

extension StoredCounts {
  fileprivate init(_ counts: ChunkCounts) {
    self.init(traces: UInt64(clamping: counts.chunks), spans: UInt64(clamping: counts.spans))
  }
}

import Control
import Exporting
import Processing
import Sampling

/// `roost info`: what came in, what became of it, and how the agent is.
extension AgentQuestions {
  func info() -> InfoAnswer {
    let now = clock.nowNs
    var answer = InfoAnswer(
      version: build.version, commit: build.commit, pid: SystemFacts.processID, startedNs: startedNs, nowNs: now,
      hostname: hostname)
    answer.listeners = listeners
    answer.endpoints = TraceEndpoint.listedPaths
    answer.configuration = ConfigurationSummary(
      targetTPS: configuration.targetTPS, errorTPS: configuration.errorTPS, env: shards.first?.parts.identity.env ?? "",
      forwarding: forwarder == nil ? .off(Forwarding.offReason) : .on("\(configuration.traceIntakeURL)"))
    fillTraffic(&answer)
    fillForwarding(&answer)
    answer.rates = samplers.publishedRates.rates
    answer.residentBytes = SystemFacts.residentBytes
    answer.lastErrors = errors.all
    return answer
  }

  private func merged() -> (counts: ShardCounts, clients: [ClientRow], collapsed: UInt64, clamped: UInt64) {
    var counts = ShardCounts()
    var clients: [ClientRow] = []
    var collapsed: UInt64 = 0
    var clamped: UInt64 = 0
    for shard in shards {
      let part = shard.snapshot()
      counts.add(part.counts)
      for row in part.clients { Self.add(row, to: &clients) }
      collapsed &+= part.collapsed
      clamped &+= part.clamped
    }
    return (counts, clients, collapsed, clamped)
  }

  private static func add(_ row: ClientRow, to clients: inout [ClientRow]) {
    let known = clients.firstIndex {
      $0.language == row.language && $0.languageVersion == row.languageVersion && $0.interpreter == row.interpreter
        && $0.tracerVersion == row.tracerVersion && $0.endpoint == row.endpoint
    }
    guard let known else {
      clients.append(row)
      return
    }
    clients[known].received.add(row.received)
    clients[known].lastSeenNs = max(clients[known].lastSeenNs, row.lastSeenNs)
  }

  private func fillTraffic(_ answer: inout InfoAnswer) {
    let (counts, clients, collapsed, clamped) = merged()
    answer.received = counts.received
    answer.clients = clients.sorted { $0.received.payloads > $1.received.payloads }
    answer.refused = counts.refused
    answer.dropped = counts.dropped
    for reason in TraceDropReason.allCases {
      let drops = counts.processing[reason]
      if drops.traces > 0 { answer.dropped[reason.rawValue] = TrafficCounts(traces: drops.traces, spans: drops.spans) }
    }
    for verdict in SamplingVerdict.allCases {
      let decided = TrafficCounts(
        traces: counts.sampling.traces[verdict.rawValue], spans: counts.sampling.spans[verdict.rawValue])
      if verdict.isKept {
        answer.kept.add(decided)
      } else if decided.traces > 0 {
        answer.dropped[verdict.name] = decided
      }
    }
    for malformation in SpanMalformation.allCases where counts.processing[malformation] > 0 {
      answer.malformed[malformation.rawValue] = counts.processing[malformation]
    }
    if collapsed > 0 { answer.malformed["statistics_collapsed"] = collapsed }
    if clamped > 0 { answer.malformed["end_in_future"] = clamped }
  }

  private func fillForwarding(_ answer: inout InfoAnswer) {
    for (reason, counts) in books.lostByReason { answer.dropped[reason, default: TrafficCounts()].add(counts) }
    guard let counters = forwarder?.counters else { return }
    let traces = counters.traces
    answer.sent.traces = TrafficCounts(
      payloads: UInt64(clamping: traces.sentPayloads), bytes: UInt64(clamping: traces.sentBytes),
      traces: UInt64(clamping: traces.sent.traces), spans: UInt64(clamping: traces.sent.spans))
    answer.sent.traceRetries = UInt64(clamping: traces.retries)
    let stats = counters.stats
    answer.sent.stats = StatsCounts(
      payloads: UInt64(clamping: stats.sentPayloads), bytes: UInt64(clamping: stats.sentBytes),
      buckets: UInt64(clamping: stats.sent.buckets), groups: UInt64(clamping: stats.sent.groups),
      retries: UInt64(clamping: stats.retries))
    answer.queued = TrafficCounts(
      payloads: UInt64(clamping: counters.queuePayloads + counters.inFlight),
      bytes: UInt64(clamping: counters.queueBytes))
    // What is kept and neither sent nor lost waits here or in the writers.
    let lost = books.lostByReason.values.reduce(into: TrafficCounts()) { $0.add($1) }
    let encodingLoss = answer.dropped["encoding_error"] ?? TrafficCounts()
    let gone = (
      traces: answer.sent.traces.traces &+ lost.traces &+ encodingLoss.traces,
      spans: answer.sent.traces.spans &+ lost.spans &+ encodingLoss.spans
    )
    answer.queued.traces = answer.kept.traces &- min(gone.traces, answer.kept.traces)
    answer.queued.spans = answer.kept.spans &- min(gone.spans, answer.kept.spans)
  }

  /// One line for the log when the agent ends.
  var summary: String {
    let info = info()
    let lost = info.dropped.values.reduce(into: TrafficCounts()) { $0.add($1) }
    return "stopped: received \(info.received.traces) traces with \(info.received.spans) spans, "
      + "kept \(info.kept.traces), sent \(info.sent.traces.traces), dropped \(lost.traces)"
  }
}

import Control
import JSON
import Text

extension InfoReport {
  /// `roost.info.v1`.
  package var document: JSONValue {
    .object([
      ("schema", .string("roost.info.v1")), ("version", .string(answer.version)), ("commit", .string(answer.commit)),
      ("pid", .int(answer.pid)), ("started", .string(Timestamp.rfc3339(answer.startedNs))),
      ("uptime_ns", .uint(answer.uptimeNs)), ("hostname", .string(answer.hostname)),
      ("listeners", .array(answer.listeners.map(JSONValue.string))),
      ("endpoints", .array(answer.endpoints.map(JSONValue.string))),
      ("config", configuration), ("received", all(answer.received)), ("kept", traces(answer.kept)), ("sent", sent),
      ("queued", all(answer.queued)), ("dropped", .sorted(answer.dropped) { losses($0) }),
      ("lost", .sorted(answer.lost) { losses($0) }), ("refused", .sorted(answer.refused) { .uint($0) }),
      ("malformed", .sorted(answer.malformed) { .uint($0) }), ("misuse", clientIssues),
      ("clients", .array(answer.clients.map(client))), ("processes", .array(answer.processes.map(process))),
      ("rates", .sorted(answer.rates) { .double($0) }),
      ("catalog_evictions", .uint(answer.catalogEvictions)), ("connections", connections), ("intake", intake),
      ("memory", .object([("rss_bytes", .uint(answer.residentBytes))])),
      ("last_errors", .array(answer.lastErrors.map(error))),
    ])
  }

  private var configuration: JSONValue {
    let summary = answer.configuration
    var members: [(String, JSONValue)] = [
      ("target_tps", .double(summary.targetTPS)), ("error_tps", .double(summary.errorTPS)),
      ("env", .string(summary.env)),
    ]
    switch summary.forwarding {
    case .on(let url): members += [("forwarding", .bool(true)), ("forwarding_to", .string(url))]
    case .off(let reason): members += [("forwarding", .bool(false)), ("forwarding_off_reason", .string(reason))]
    }
    return .object(members)
  }

  /// The traces' counts at the top, so that `received`, `kept` and `sent` read alike; statistics below a key of theirs.
  private var sent: JSONValue {
    let counts = answer.sent
    let stats = JSONValue.object([
      ("payloads", .uint(counts.stats.payloads)), ("bytes", .uint(counts.stats.bytes)),
      ("buckets", .uint(counts.stats.buckets)), ("groups", .uint(counts.stats.groups)),
      ("retries", .uint(counts.stats.retries)),
    ])
    return .object([
      ("payloads", .uint(counts.traces.payloads)), ("bytes", .uint(counts.traces.bytes)),
      ("traces", .uint(counts.traces.traces)), ("spans", .uint(counts.traces.spans)),
      ("retries", .uint(counts.traceRetries)), ("stats", stats),
    ])
  }

  private var connections: JSONValue {
    let counts = answer.connections
    return .object([
      ("open", .uint(counts.open)), ("accepted", .uint(counts.accepted)), ("idle_closed", .uint(counts.idleClosed)),
      ("malformed", .uint(counts.malformed)), ("waits_for_room", .uint(counts.waitsForRoom)),
      ("descriptors_exhausted", .uint(counts.descriptorsExhausted)), ("accept_errors", .uint(counts.acceptErrors)),
      ("body_bytes_in_flight", .uint(counts.bodyBytesInFlight)),
    ])
  }

  /// What never happened is left out.
  private var intake: JSONValue {
    var members: [(String, JSONValue)] = []
    if let last = answer.intake.lastSuccessNs { members.append(("last_success", .string(Timestamp.rfc3339(last)))) }
    if let failure = answer.intake.lastFailure {
      var parts: [(String, JSONValue)] = [
        ("at", .string(Timestamp.rfc3339(failure.atNs))), ("endpoint", .string(failure.endpoint)),
      ]
      if let status = failure.status { parts.append(("status", .int(status))) }
      members.append(("last_failure", .object(parts + [("text", .string(failure.text))])))
    }
    return .object(members)
  }

  private func all(_ counts: TrafficCounts) -> JSONValue {
    .object([
      ("payloads", .uint(counts.payloads)), ("bytes", .uint(counts.bytes)), ("traces", .uint(counts.traces)),
      ("spans", .uint(counts.spans)),
    ])
  }

  private func traces(_ counts: TrafficCounts) -> JSONValue {
    .object([("traces", .uint(counts.traces)), ("spans", .uint(counts.spans))])
  }

  private func losses(_ counts: TrafficCounts) -> JSONValue {
    .object([
      ("payloads", .uint(counts.payloads)), ("traces", .uint(counts.traces)), ("spans", .uint(counts.spans)),
    ])
  }

  private func client(_ row: ClientRow) -> JSONValue {
    .object([
      ("lang", .string(row.language)), ("lang_version", .string(row.languageVersion)),
      ("interpreter", .string(row.interpreter)), ("tracer_version", .string(row.tracerVersion)),
      ("endpoint", .string(row.endpoint)), ("payloads", .uint(row.received.payloads)),
      ("bytes", .uint(row.received.bytes)), ("traces", .uint(row.received.traces)),
      ("spans", .uint(row.received.spans)), ("last_seen", .string(Timestamp.rfc3339(row.lastSeenNs))),
    ])
  }

  private func process(_ row: ProcessRow) -> JSONValue {
    .object([
      ("pid", .int(row.pid)), ("service", .string(row.service)), ("lang", .string(row.language)),
      ("lang_version", .string(row.languageVersion)), ("tracer_version", .string(row.tracerVersion)),
      ("payloads", .uint(row.payloads)), ("traces", .uint(row.traces)),
      ("first_seen", .string(Timestamp.rfc3339(row.firstSeenNs))),
      ("last_seen", .string(Timestamp.rfc3339(row.lastSeenNs))),
    ])
  }

  private func error(_ error: RecentError) -> JSONValue {
    .object([("at", .string(Timestamp.rfc3339(error.atNs))), ("message", .string(error.message))])
  }
}

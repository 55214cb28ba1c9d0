import Scrubbing

/// RST048 and RST049: what came whole and was dropped, refused or not counted for what it is.
enum DroppedRequestRules {
  /// Traces whose ids or parents make no sense, by client.
  static func malformed(_ evidence: Evidence) -> [Finding] {
    let entries = evidence.clientIssues("malformed_trace")
    return entries.map(\.client).uniqued().flatMap { client in
      let rows = entries.filter { $0.client == client }
      let (faulty, dropped) = (rows.filter { $0.detail == parentCycle }, rows.filter { $0.detail != parentCycle })
      return (dropped.isEmpty ? [] : [Self.dropped(client, dropped, evidence)])
        + (faulty.isEmpty ? [] : [Self.faulty(client, faulty, evidence)])
    }
  }

  /// What is wrong with some spans of a trace that is used all the same.
  private static let parentCycle = "parent_cycle"

  private static func dropped(_ client: String, _ rows: [ClientIssueEvidence], _ evidence: Evidence) -> Finding {
    // A trace without spans has nothing in it that could be lost.
    let lost = rows.filter { $0.detail != "empty_trace" }
    let losses = losses(of: client, "dropped", evidence)
    let silenced = silencedServices(losses, evidence)
    let (who, traces) = (name(client), number(traces(rows)))
    return Finding(
      "RST048",
      lost.isEmpty
        ? .note : silenced.isEmpty ? evidence.severity(.problem, of: lost) : evidence.severityNow(.problem, of: lost),
      silenced.isEmpty
        ? "\(who) sent \(traces) that roost dropped: \(list(rows))"
        : "Every trace of \(silenced.joined(separator: ", ")) is dropped: \(list(rows)) (\(who), \(traces))",
      because: because(rows, losses), fix: fixes(rows.map(\.detail), client))
  }

  private static func faulty(_ client: String, _ rows: [ClientIssueEvidence], _ evidence: Evidence) -> Finding {
    Finding(
      "RST048", evidence.severity(.warning, of: rows),
      "\(name(client)) sent \(number(traces(rows))) with spans that are their own ancestors: \(list(rows))",
      because: because(rows, losses(of: client, "faulty", evidence)), fix: fixes(rows.map(\.detail), client))
  }

  private static func losses(of client: String, _ loss: String, _ evidence: Evidence) -> [ClientLossEvidence] {
    (evidence.agent?.clientLosses ?? []).filter { $0.loss == loss && $0.client == client }
  }

  private static func because(_ rows: [ClientIssueEvidence], _ losses: [ClientLossEvidence]) -> [String] {
    rows.map { "\($0.detail): \(meaning($0.detail)) (\(number(max(1, $0.amount))))" }
      + losses.map(\.example).filter { !$0.isEmpty }.prefix(examplesMax).map { "for example: \($0)" }
      + rows.flatMap(\.age).prefix(1)
  }

  private static func name(_ client: String) -> String { client.isEmpty ? "A client" : client }

  private static func traces(_ rows: [ClientIssueEvidence]) -> Double { rows.reduce(0) { $0 + max(1, $1.amount) } }

  /// Dropped traces of one client that are described one by one.
  private static let examplesMax = 3

  /// Services of which the agent counted nothing in the last hour, because all that they sent in it was dropped.
  private static func silencedServices(_ losses: [ClientLossEvidence], _ evidence: Evidence) -> [String] {
    // A thread that is missing may have counted some.
    guard evidence.agent?.missingThreads == 0 else { return [] }
    // The agent tells of losses with secrets removed.
    let counted = Set((evidence.agent?.services ?? []).map { Scrubber.scrub($0.service) })
    return losses.filter {
      !$0.service.isEmpty && $0.lastSeenSecondsAgo < 3_600 && !counted.contains($0.service)
    }.map(\.service).uniqued()
  }

  private static func fixes(_ reasons: [String], _ client: String) -> [String] {
    let sender =
      reasons.contains("foreign_span")
      ? ["let whatever sends spans on put only those of one trace into each of a payload's arrays"] : []
    return [RequestRules.upgrade(client), "let no code of the app set trace or span ids by hand"] + sender
  }

  private static func number(_ traces: Double) -> String { traces == 1 ? "1 trace" : "\(Int(clamping: traces)) traces" }

  private static func list(_ rows: [ClientIssueEvidence]) -> String { rows.map(\.detail).joined(separator: ", ") }

  private static func meaning(_ reason: String) -> String {
    switch reason {
    case "empty_trace": "it has no spans"
    case "trace_id_zero": "a span has no trace id"
    case "span_id_zero": "a span has no span id"
    case "foreign_span": "its spans are of different traces"
    case parentCycle:
      "a span's parents lead back to it: it goes on, and is in no table unless its tracer says that it enters a service"
    default: "its ids make no sense"
    }
  }

  /// Requests of web pages, which browsers mark and roost refuses.
  static func crossSite(_ evidence: Evidence) -> [Finding] {
    evidence.clientIssues("cross_site").map { entry in
      let bringsTraces = entry.detail.contains("/traces")
      return Finding(
        "RST049", bringsTraces ? evidence.severity(.warning, of: [entry]) : .note,
        "A web page's request was refused (\(times(entry.count))): \(entry.detail)",
        because: ["answered 403: a web page may not use the agent of whoever looks at it"] + entry.age,
        fix: [
          "let the page's server send the traces: a tracer in a browser cannot send to a trace agent",
          "nothing has to be done if nobody knows the page: it was kept out",
        ])
    }
  }
}

/// RST036: requests for paths that roost does not serve.
enum UnservedPathRules {
  static func notFound(_ evidence: Evidence) -> [Finding] {
    let entries = evidence.clientIssues("not_found")
    let doubled = Set(entries.map(\.detail).filter(isDoubled).map(beginning))
    var byClient: [(client: String, paths: [ClientIssueEvidence])] = []
    for entry in entries where !isDoneWithout(entry.detail) {
      // Whatever else a client asks for below the path that it was given has the same cause.
      if !isForTraces(entry.detail), doubled.contains(beginning(entry.detail)) { continue }
      if let place = byClient.firstIndex(where: { $0.client == entry.client }) {
        byClient[place].paths.append(entry)
      } else {
        byClient.append((entry.client, [entry]))
      }
    }
    return byClient.flatMap { client, paths in
      let forwarded = paths.filter { isOfForwarder($0.detail) }
      let others = paths.filter { !isOfForwarder($0.detail) }
      return (forwarded.isEmpty ? [] : [forwarder(client, forwarded, evidence)])
        + (others.isEmpty ? [] : [finding(client, others, evidence)])
    }
  }

  /// Statistics, which roost makes itself of the traces. Other products' paths have a kind of their own.
  private static func isDoneWithout(_ path: String) -> Bool { path.hasPrefix("/v0.6/stats") }

  private static func isForTraces(_ path: String) -> Bool { path.contains("/traces") && !path.hasSuffix("/info") }

  /// `/v0.4/traces/v0.5/traces`: the tracer adds `/v0.5/traces` to what it was given, so that it was given a path.
  static func isDoubled(_ path: String) -> Bool {
    let parts = path.split(separator: "/")
    return !isOfForwarder(path) && parts.count > 2 && parts.last == "traces" && parts.dropLast().last?.first == "v"
  }

  /// A path of an intake, to which a trace-agent forwards what it took from tracers.
  private static func isOfForwarder(_ path: String) -> Bool {
    ["/api/v0.2/traces", "/api/v0.2/stats"].contains(where: path.hasSuffix)
  }

  /// A trace-agent that takes roost for its intake.
  private static func forwarder(
    _ client: String, _ paths: [ClientIssueEvidence], _ evidence: Evidence
  ) -> Finding {
    Finding(
      "RST036", evidence.severity(.problem, of: paths),
      "\(client.isEmpty ? "Another trace-agent" : "\(client), another trace-agent,") forwards its traces to roost: "
        + list(paths),
      because: [
        "the path is an intake's: trace-agents send to it what they took from tracers",
        "roost takes the formats in which tracers send, and not the one in which trace-agents forward",
      ] + paths.flatMap(\.age).prefix(1),
      fix: [
        "let that agent forward to an intake: its DD_APM_DD_URL or apm_dd_url names roost",
        evidence.restart(nil, note: "so that the app sends to roost itself"),
      ], explains: ["RST034"])
  }

  private static func list(_ paths: [ClientIssueEvidence]) -> String {
    paths.map { "\($0.detail.isEmpty ? "a path" : $0.detail) (\(times($0.count)))" }.joined(separator: ", ")
  }

  /// The part of a path that all requests of a client with such an address share: its first.
  private static func beginning(_ path: String) -> Substring { path.split(separator: "/").first ?? "" }

  private static func finding(
    _ client: String, _ paths: [ClientIssueEvidence], _ evidence: Evidence
  ) -> Finding {
    let isForTraces = paths.contains { Self.isForTraces($0.detail) }
    let sends = evidence.agent?.clients.contains { seen in
      seen.traces > 0 && (client.isEmpty || client == seen.name)
    }
    let isDoubled = paths.contains { Self.isDoubled($0.detail) }
    // A tracer that was given a path finds no endpoint at all, whatever others of its version send.
    let isLost = isDoubled || isForTraces && sends != true
    let lost = paths.filter { Self.isForTraces($0.detail) }
    return Finding(
      "RST036", isLost ? evidence.severity(lost.contains { $0.isOfTracer } ? .problem : .warning, of: lost) : .note,
      "\(client.isEmpty ? "A client" : client) asked for what roost does not serve: \(list(paths))",
      because: ["served: \((evidence.agent?.endpoints ?? []).joined(separator: " "))"]
        + (isDoubled
          ? ["its address of the agent ends in a path, and tracers add the endpoint's themselves"]
          : isLost
            ? ["no traces came from this client"] : ["its traces come by another endpoint, or are not concerned"])
        + paths.flatMap(\.age).prefix(1),
      fix: isDoubled
        ? [evidence.restart(nil, note: "without the path")]
        : [
          isForTraces
            ? RequestRules.otherFormat(client)
            : "nothing has to be done; the way to ask whether roost is there is /info"
        ],
      explains: isLost ? ["RST034"] : [])
  }
}

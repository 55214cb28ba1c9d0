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
    return byClient.map { finding($0.client, $0.paths, evidence) }
  }

  /// Endpoints of other products than tracing, for which every tracer looks and without which every tracer works.
  private static func isDoneWithout(_ path: String) -> Bool {
    [
      "/telemetry/", "/v0.7/config", "/profiling/", "/evp_proxy/", "/debugger/", "/symdb/", "/dogstatsd/",
      "/v0.1/pipeline_stats", "/v0.6/stats", "/tracer_flare/", "/openlineage/",
    ].contains(where: path.hasPrefix)
  }

  private static func isForTraces(_ path: String) -> Bool { path.contains("/traces") && !path.hasSuffix("/info") }

  /// `/v0.4/traces/v0.5/traces`: the tracer adds `/v0.5/traces` to what it was given, so that it was given a path.
  static func isDoubled(_ path: String) -> Bool {
    let parts = path.split(separator: "/")
    return parts.count > 2 && parts.last == "traces" && parts.dropLast().last?.first == "v"
  }

  /// The part of a path that all requests of a client with such an address share: its first.
  private static func beginning(_ path: String) -> Substring { path.split(separator: "/").first ?? "" }

  private static func finding(
    _ client: String, _ paths: [ClientIssueEvidence], _ evidence: Evidence
  ) -> Finding {
    let isForTraces = paths.contains { Self.isForTraces($0.detail) }
    let sends = evidence.agent?.clients.contains { seen in
      seen.traces > 0 && (client.isEmpty || client == "\(seen.language) \(seen.tracerVersion)")
    }
    let isDoubled = paths.contains { Self.isDoubled($0.detail) }
    // A tracer that was given a path finds no endpoint at all, whatever others of its version send.
    let isLost = isDoubled || isForTraces && sends != true
    let lost = paths.filter { Self.isForTraces($0.detail) }
    let list = paths.map { "\($0.detail.isEmpty ? "a path" : $0.detail) (\(times($0.count)))" }.joined(separator: ", ")
    return Finding(
      "RST036", isLost ? evidence.severity(lost.contains { $0.isOfTracer } ? .problem : .warning, of: lost) : .note,
      "\(client.isEmpty ? "A client" : client) asked for what roost does not serve: \(list)",
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

/// RST045–RST046: what arrives under poor names, or in pieces.
enum NamingRules {
  /// More resources of one service than anybody reads; ids have got into the names.
  private static let resourcesMax = 1_000

  static func poorNames(_ evidence: Evidence) -> [Finding] {
    let services = evidence.agent?.services ?? []
    return unnamed(services) + withoutEnv(services) + services.compactMap(exploding)
      + evidence.log.compactMap(namelessInLog)
  }

  private static func unnamed(_ services: [ServiceEvidence]) -> [Finding] {
    let names = services.map(\.service).filter { $0.hasPrefix("unnamed-") && $0.hasSuffix("service") }.uniqued()
      .sorted()
    return names.map { name in
      Finding(
        "RST045", .warning, "A service has no name and is shown as `\(name)`",
        because: ["\(hits(services.filter { $0.service == name })) came without a service"],
        fix: [Restart(set: [("DD_SERVICE", "shop")]).line(nil)])
    }
  }

  private static func withoutEnv(_ services: [ServiceEvidence]) -> [Finding] {
    let without = services.filter { $0.env.isEmpty || $0.env == "none" }
    guard !without.isEmpty else { return [] }
    let names = without.map(\.service).uniqued().sorted()
    let shown = names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
    return [
      Finding(
        "RST045", .note, "\(shown) \(names.count == 1 ? "has" : "have") no environment",
        because: ["\(hits(without)) came without env"],
        fix: [Restart(set: [("DD_ENV", "local")]).line(nil)])
    ]
  }

  private static func exploding(_ service: ServiceEvidence) -> Finding? {
    guard service.resources > resourcesMax || service.idLikeResource != nil && service.resources > 100 else {
      return nil
    }
    let operation = service.busiestOperation.isEmpty ? "" : " under `\(service.busiestOperation)`"
    return Finding(
      "RST045", .warning, "\(service.service) has \(service.resources) resources\(operation)",
      because: service.idLikeResource.map { ["one of them is `\($0)`, which holds an id"] }
        ?? ["more than \(resourcesMax) resources"],
      fix: ["write the id into a tag and name the resource by its route, such as GET /users/{id}"])
  }

  private static func namelessInLog(_ line: LogEvidence) -> Finding? {
    guard line.pattern == LogStartup.pattern, !line.settings.isEmpty else { return nil }
    let missing = [("service", ("DD_SERVICE", "shop")), ("env", ("DD_ENV", "local"))].filter { name, _ in
      line.settings[name].map { $0.isEmpty || $0.hasPrefix("unnamed-") } ?? false
    }
    guard !missing.isEmpty else { return nil }
    return Finding(
      "RST045", .note, "The tracer was given no \(missing.map(\.0).joined(separator: " and no "))",
      because: [line.quote], fix: [Restart(set: missing.map(\.1)).line(nil)])
  }

  private static func hits(_ services: [ServiceEvidence]) -> String {
    let hits = services.reduce(UInt64(0)) { $0.addingReportingOverflow($1.hits).partialValue }
    return hits == 1 ? "1 span" : "\(hits) spans"
  }

  static func withoutRoot(_ evidence: Evidence) -> [Finding] {
    evidence.clientIssues("rootless_trace").map { entry in
      Finding(
        "RST046", .note, "\(entry.count == 1 ? "A trace has" : "\(entry.count) traces have") no root",
        because: ["the parent of their topmost span did not arrive"] + entry.details
          + (entry.client.isEmpty ? [] : ["sent by \(entry.client)"]),
        fix: ["let the calling service send to the same DD_TRACE_AGENT_URL"])
    }
  }
}

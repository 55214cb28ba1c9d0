/// RST045–RST046: what arrives under poor names, or in pieces.
enum NamingRules {
  static let diagnoses: [Diagnosis] = [names, incomplete]

  /// More resources of one service than anybody reads; ids have got into the names.
  private static let resourcesMax = 1_000

  private static let names = Diagnosis(
    id: "RST045", severity: .warning, name: "Service, environment or resources have poor names",
    symptoms: [
      "unnamed-python-service", "env:none", "thousands of resources", "a service is missing, another is unknown",
    ],
    explanation: """
      A service is one program of yours, a resource one kind of work that it does (`GET /users/{id}`), an environment \
      where it runs. When the tracer is told nothing, it makes a name up from the script or the framework, or sends none \
      and the agent writes unnamed-LANGUAGE-service; without DD_ENV everything is in `none`. A resource that holds an \
      id (`GET /users/8231`) makes a new row for each user: statistics become useless and large. Put what varies into a \
      tag and keep the route as the resource.
      """,
    rule: { evidence in
      let services = evidence.agent?.services ?? []
      return unnamed(services) + withoutEnv(services) + services.compactMap(exploding)
        + evidence.log.compactMap(namelessInLog)
    })

  private static func unnamed(_ services: [ServiceEvidence]) -> [Finding] {
    let names = services.map(\.service).filter { $0.hasPrefix("unnamed-") && $0.hasSuffix("service") }.uniqued()
      .sorted()
    return names.map { name in
      Finding(
        "RST045", .warning, "A service has no name and is shown as `\(name)`",
        because: ["\(hits(services.filter { $0.service == name })) came without a service"], fix: ["DD_SERVICE=shop"])
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
        because: ["\(hits(without)) came without env"], fix: ["DD_ENV=local"])
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
      fix: ["put the id into a tag and name the resource by its route, such as GET /users/{id}"])
  }

  private static func namelessInLog(_ line: LogEvidence) -> Finding? {
    guard line.pattern == LogStartup.pattern, !line.settings.isEmpty else { return nil }
    let missing = [("service", "DD_SERVICE=shop"), ("env", "DD_ENV=local")].filter { name, _ in
      line.settings[name].map { $0.isEmpty || $0.hasPrefix("unnamed-") } ?? false
    }
    guard !missing.isEmpty else { return nil }
    return Finding(
      "RST045", .note, "The tracer was given no \(missing.map(\.0).joined(separator: " and no "))",
      because: [line.quote], fix: missing.map(\.1))
  }

  private static func hits(_ services: [ServiceEvidence]) -> String {
    let hits = services.reduce(UInt64(0)) { $0.addingReportingOverflow($1.hits).partialValue }
    return hits == 1 ? "1 span" : "\(hits) spans"
  }

  private static let incomplete = Diagnosis(
    id: "RST046", severity: .note, name: "Traces arrive without their root",
    symptoms: ["missing root span", "a trace begins in the middle", "parent span not found"],
    explanation: """
      Spans name a parent that never arrived. Usually the request came from a program that is traced by somebody else or \
      not at all (a browser, a gateway, a service that sends to another agent) and passed its trace id on; or the root \
      is still open, as in a job that runs for hours. The spans are shown and counted all the same. Send all services of \
      one request to the same agent to see it whole.
      """,
    needsAgent: true,
    rule: { evidence in
      evidence.clientIssues("rootless_trace").map { entry in
        Finding(
          "RST046", .note, "\(entry.count == 1 ? "A trace has" : "\(entry.count) traces have") no root",
          because: ["the parent of their topmost span did not arrive"] + entry.details
            + (entry.client.isEmpty ? [] : ["sent by \(entry.client)"]),
          fix: ["give the calling service the same DD_TRACE_AGENT_URL"])
      }
    })
}

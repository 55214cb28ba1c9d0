/// RST036 to RST046: what arrives at the agent.
extension Passed {
  private static func received(_ evidence: Evidence) -> String {
    count(evidence.agent?.receivedPayloads ?? 0, "payload")
  }

  private static func arrived(_ evidence: Evidence) -> UInt64 { evidence.agent?.receivedTraces ?? 0 }

  static func served(_ evidence: Evidence) -> String {
    let products = evidence.clientIssues("not_offered").reduce(UInt64(0)) {
      $0.addingReportingOverflow($1.count).partialValue
    }
    let other =
      products > 0
      ? "\(count(products, "request")) for products that roost does not offer, which is harmless"
      : "no other request needs an answer"
    return "\(received(evidence)) came to what roost serves, and \(other)"
  }

  static func listensEverywhere(_ evidence: Evidence) -> String {
    let places = evidence.agent?.listeners ?? []
    return places.isEmpty ? "no address is missing" : "\(list(places)): all that roost was told to listen on"
  }

  static func decoded(_ evidence: Evidence) -> String { "\(received(evidence)) came, each of which could be read" }

  static func allWhole(_ evidence: Evidence) -> String { "\(received(evidence)) came, each of which was whole" }

  static func sensibleTraces(_ evidence: Evidence) -> String {
    "\(count(arrived(evidence), "trace")) came, none dropped for its ids"
  }

  static func noForeignPage(_ evidence: Evidence) -> String {
    "\(received(evidence)) came, and no request of a web page was refused"
  }

  static func smallEnough(_ evidence: Evidence) -> String {
    "\(received(evidence)) came, none above \(RequestRules.size(Double(evidence.configuration.maxPayloadBytes)))"
  }

  static func countsAgree(_ evidence: Evidence) -> String {
    "\(count(arrived(evidence), "trace")) came, as many as were announced"
  }

  static func withinMemory(_ evidence: Evidence) -> String {
    let limit = RequestRules.size(Double(evidence.configuration.maxMemoryBytes))
    return
      "roost has \(RequestRules.size(Double(evidence.agent?.residentBytes ?? 0))) of at most \(limit), and refused nothing"
  }

  static func fewConnections(_ evidence: Evidence) -> String {
    let open = evidence.processes.reduce(0) { sum, process in
      process.connections.reduce(sum) { $0.addingReportingOverflow($1.count).partialValue }
    }
    return apps(evidence, none: "no app was looked at") { "\($0): \(count(open, "connection")) to agents" }
  }

  static func sameTime(_ evidence: Evidence) -> String {
    let clients = evidence.agent?.clients.count ?? 0
    return "\(count(clients, "kind of client", "kinds of client")), no clock off from roost's"
  }

  static func keptByTracers(_ evidence: Evidence) -> String {
    guard let sampling = evidence.agent?.sampling else { return "no app is told to drop its traces" }
    let dropped = sampling.droppedByDecision.values.reduce(UInt64(0)) { $0.addingReportingOverflow($1).partialValue }
    return "\(dropped) of \(count(sampling.traces, "trace")) marked to be dropped by their tracers"
  }

  static func statisticsCame(_ evidence: Evidence) -> String {
    let own = (evidence.agent?.clients ?? []).filter { $0.endpoint == "v0.6/stats" }
    return own.isEmpty
      ? "no tracer says that it computes statistics itself"
      : "\(list(own.map(\.name))): statistics of its own came as said"
  }

  private static func tracerReports(_ evidence: Evidence) -> [TracerReportEvidence] {
    evidence.agent?.tracerReports ?? []
  }

  static func allInstrumented(_ evidence: Evidence) -> String {
    let reports = tracerReports(evidence)
    let libraries = reports.reduce(UInt64(0)) { $0.addingReportingOverflow(UInt64($1.instrumented.count)).partialValue }
    return reports.isEmpty
      ? "no tracer has reported what it instruments"
      : "\(count(reports.count, "tracer")) reported \(count(libraries, "library", "libraries")), none with an error"
  }

  static func tracingIsOn(_ evidence: Evidence) -> String {
    let reports = tracerReports(evidence)
    return reports.isEmpty
      ? "no tracer has reported how it is set up" : "\(count(reports.count, "tracer")) reported no switch that is off"
  }

  static func notLimited(_ evidence: Evidence) -> String {
    "\(count(arrived(evidence), "trace")) came, none held back by a tracer's own limit"
  }

  static func goodNames(_ evidence: Evidence) -> String {
    let services = evidence.agent?.services ?? []
    return services.isEmpty
      ? "no service has been seen yet"
      : "\(list(services.map { "\($0.service) (\($0.env), \(count($0.resources, "resource")))" })): named"
  }

  static func rooted(_ evidence: Evidence) -> String { "\(count(arrived(evidence), "trace")) came, each with its root" }
}

/// RST014 to RST017: something else than roost has the port.
enum OtherProgramRules {
  /// Answers of programs on this machine at a port where traces are sent, with the listener behind.
  private static func answers(
    _ evidence: Evidence
  ) -> [(attempt: Attempt, probe: ProbeEvidence, listener: ListenerEvidence?)] {
    var reported: Set<Place> = []
    return evidence.ownAttempts.compactMap { attempt in
      guard attempt.target.isTCP,
        let probe = attempt.probes.first(where: {
          $0.outcome != .refused && $0.outcome != .timedOut && $0.outcome != .unreachable
        }),
        let address = probe.target
      else { return nil }
      let isHere = address.isLoopback || evidence.outerAddresses.contains(address.host)
      let listener = isHere ? listener(address, evidence) : nil
      let place = address.isLoopback ? Place(host: "localhost", port: address.port) : address
      // Who asks about an app is not told of a port that it does not use.
      guard !evidence.question.isAboutApps || attempt.pid != nil || isUsed(address.port, evidence) else { return nil }
      // The machine's own probes come first; a process that uses the same place is named in the finding.
      guard reported.insert(place).inserted else { return nil }
      return (attempt, probe, listener)
    }
  }

  private static func isUsed(_ port: Int, _ evidence: Evidence) -> Bool {
    evidence.targets.isEmpty || evidence.targets.contains { $0.target.address.port == port }
  }

  private static func listener(_ address: Place, _ evidence: Evidence) -> ListenerEvidence? {
    let listeners = evidence.listeners(port: address.port)
    return listeners.first { $0.address == address.host } ?? listeners.first
  }

  static func foreignProgram(_ evidence: Evidence) -> [Finding] {
    answers(evidence).compactMap { attempt, probe, listener in
      guard let listener, !evidence.isRoost(listener), !listener.isActivator, isForeign(probe),
        // A forwarder closes when what is behind it does not answer; that is another diagnosis.
        !(probe.outcome == .closedAtOnce && (listener.pid == nil || listener.isForwarder))
      else { return nil }
      return Finding(
        "RST014", .problem, "Port \(listener.port) is used by \(listener.owner), which is no trace agent",
        because: users(of: listener.port, evidence)
          + ["\(listener.text) belongs to \(listener.owner)", behaviour(probe)],
        fix: elsewhere(than: listener.port, evidence)
          + (listener.pid.map {
            ["kill \($0)   # or stop it (\(shortened(listener.process))), and start roost in its place"]
          } ?? []),
        explains: ["RST002"])
    }
  }

  private static func isForeign(_ probe: ProbeEvidence) -> Bool {
    switch probe.outcome {
    case .answered: probe.product == nil || probe.product?.name == "unknown-http"
    case .notHTTP, .closedAtOnce, .silent: true
    default: false
    }
  }

  private static func behaviour(_ probe: ProbeEvidence) -> String {
    switch probe.outcome {
    case .answered:
      "asked for /info it answers" + (probe.httpStatus.map { " \($0)" } ?? "")
        + (probe.server.map { " as \($0)" } ?? "") + ", not with what an agent says"
    case .notHTTP: probe.spoken.map { "it speaks \($0), not HTTP" } ?? "what it answers is not HTTP"
    case .closedAtOnce: "it closes the connection without an answer to HTTP"
    default: "it takes the connection and answers nothing"
    }
  }

  static func datadogAgent(_ evidence: Evidence) -> [Finding] {
    answers(evidence).compactMap { attempt, probe, listener in
      guard let product = probe.product, product.name == "datadog-agent" else { return nil }
      let version = product.version.isEmpty ? "" : " \(product.version)"
      let address = probe.target ?? attempt.target
      let isHere = listener != nil || address.isLoopback
      guard isHere else {
        return Finding(
          "RST015", .note, "Datadog's agent\(version) answers at \(attempt.url), not roost",
          because: ["its /info lists \(product.endpoints.count) endpoints"],
          fix: [evidence.roostRun(evidence.process(attempt.pid), note: "to see the app's traces here instead")],
          pid: attempt.pid)
      }
      return Finding(
        "RST015", .problem, "Datadog's agent\(version) already listens on port \(address.port)",
        because: users(of: address.port, evidence)
          + (listener.map { ["\($0.text) belongs to \($0.owner)"] } ?? [])
          + ["its /info is that of Datadog's agent\(version)"],
        fix: elsewhere(than: address.port, evidence), explains: ["RST017"])
    }
  }

  static func otherProduct(_ evidence: Evidence) -> [Finding] {
    answers(evidence).compactMap { attempt, probe, listener in
      guard let product = probe.product, !["roost", "datadog-agent"].contains(product.name) else { return nil }
      // On this machine an unknown program is reported with its owner, as RST014.
      if product.name == "unknown-http", listener != nil { return nil }
      let address = probe.target ?? attempt.target
      let missing = missingEndpoints(product)
      return Finding(
        "RST016", .problem,
        "\(naming(product)) answers at \(listener == nil ? attempt.url : "port \(address.port)"), not roost",
        because: users(of: address.port, evidence)
          + (listener.map { ["\($0.text) belongs to \($0.owner)"] } ?? [])
          + [
            "\(probe.address) answers /info" + (probe.httpStatus.map { " with \($0)" } ?? "")
              + (probe.server.map { " as \($0)" } ?? "")
          ]
          + (missing.isEmpty
            ? [] : ["it does not list " + missing.joined(separator: ", ") + ", which tracers send to"]),
        fix: elsewhere(than: address.port, evidence), pid: listener == nil ? attempt.pid : nil,
        places: attempt.places)
    }
  }

  private static func naming(_ product: ProductEvidence) -> String {
    let name =
      switch product.name {
      case "ddapm-test-agent": "Datadog's test agent (ddapm-test-agent)"
      case "otel-collector": "An OpenTelemetry collector"
      case "proxy": "An HTTP proxy"
      case "unknown-http": "A web server that is no agent"
      default: "`\(product.name)`"
      }
    return product.version.isEmpty ? name : "\(name) \(product.version)"
  }

  /// What tracers of today and of 2017 send traces to, and the product does not list.
  private static func missingEndpoints(_ product: ProductEvidence) -> [String] {
    guard !product.endpoints.isEmpty else { return [] }
    return ["/v0.3/traces", "/v0.4/traces", "/v0.5/traces"].filter { !product.endpoints.contains($0) }
  }

  static func socketActivated(_ evidence: Evidence) -> [Finding] {
    let ports = Set([evidence.configuration.port] + evidence.targets.map(\.target.address.port)).sorted()
    return ports.compactMap { port in
      guard let listener = evidence.listeners(port: port).first(where: \.isActivator) else { return nil }
      return Finding(
        "RST017", .note, "Port \(port) is held by \(listener.owner), which starts its agent when data comes",
        because: [
          "\(listener.text) belongs to \(listener.owner)",
          "so do Datadog agents since 7.80; their status says \"not running\" until then",
        ],
        fix: ["curl -s http://127.0.0.1:\(port)/info   # wakes it, and shows who answers"])
    }
  }

  /// Processes that send to a port of this machine.
  private static func users(of port: Int, _ evidence: Evidence) -> [String] {
    evidence.targets
      .filter { $0.target.address.port == port && evidence.isInOurNetwork($0.process) }
      .map { $0.process.sends(to: $0.target) }
  }

  /// How to use roost beside what has the port.
  private static func elsewhere(than port: Int, _ evidence: Evidence) -> [String] {
    let process = evidence.targets.first { $0.target.address.port == port }?.process
    if let url = evidence.roostURL ?? evidence.roostSocketURL, Place(url)?.port != port {
      return [evidence.restart(process, sendingTo: url, note: "roost listens there")]
    }
    let free = evidence.freePort(beside: port)
    let setting = evidence.agentSetting("http://127.0.0.1:\(free)", for: process)
    return [
      evidence.roostRun(process, note: "takes a free port and tells the app"),
      evidence.serving(portOptions(free), note: "or beside it; then \(setting) for the app"),
    ]
  }

}

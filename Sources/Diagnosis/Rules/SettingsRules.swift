/// RST027–RST030: variables that contradict each other, are malformed, unread or empty.
enum SettingsRules {
  static func conflict(_ evidence: Evidence) -> [Finding] {
    evidence.processes.compactMap { process in
      guard let url = process.setting("DD_TRACE_AGENT_URL"), AddressFault.isUsable(url), let place = Place(url)
      else { return nil }
      let host = process.setting("DD_AGENT_HOST")
      let port = process.setting("DD_TRACE_AGENT_PORT")
      let isSameHost = host.map {
        place.isSame(as: Place(host: $0.filter { !"[]".contains($0) }.lowercased(), port: 0))
      }
      let isSamePort = port.map { !place.isTCP || Int($0) == place.port }
      guard isSameHost == false || isSamePort == false else { return nil }
      let others = [("DD_AGENT_HOST", host), ("DD_TRACE_AGENT_PORT", port)].compactMap { name, value in
        value.map { (name, "\(name)=\($0)") }
      }
      return Finding(
        "RST027", .warning,
        "\(process.naming) is given two agents: \(url), and \(others.map(\.1).joined(separator: " "))",
        because: [
          "DD_TRACE_AGENT_URL=\(url)", others.map(\.1).joined(separator: " "),
          "most tracers take DD_TRACE_AGENT_URL; older ones for Java and Ruby mix the two",
        ],
        fix: [
          Restart(unset: others.map(\.0)).line(process),
          Restart(unset: ["DD_TRACE_AGENT_URL"]).line(process, note: "or so, if the other is meant"),
        ], pid: process.pid)
    } + evidence.log.compactMap(conflictInLog)
  }

  /// Java reports in its startup line the host that it mixed in.
  private static func conflictInLog(_ line: LogEvidence) -> Finding? {
    guard let url = line.settings["agent_url"], let socket = line.settings["agent_unix_domain_socket"],
      !url.isEmpty, !socket.isEmpty, !url.hasPrefix("unix:")
    else { return nil }
    return Finding(
      "RST027", .warning, "The tracer has two agents: the socket \(socket) and \(url)",
      because: [line.quote, "agent_unix_domain_socket is \(socket), agent_url is \(url)"],
      fix: [Restart(unset: ["DD_AGENT_HOST", "DD_TRACE_AGENT_PORT"]).line(nil)])
  }

  static func malformed(_ evidence: Evidence) -> [Finding] {
    evidence.processes.flatMap { process in
      malformedSettings(process.environment).compactMap { malformedFinding($0, $1, $2, process, evidence) }
    } + evidence.log.compactMap { malformedInLog($0, evidence) } + malformedQuestion(evidence)
  }

  private static func malformedFinding(
    _ name: String, _ value: String, _ fault: AddressFault, _ process: ProcessEvidence, _ evidence: Evidence
  ) -> Finding? {
    let works = evidence.reachesAgent(process)
    if works, fault.isHabit { return nil }
    let isLost = !works || fault.hasPath && !isPathReplaced(value, process)
    let effect =
      !works
      ? []
      : isLost
        ? ["an agent answers at its host and port, but with 404 to what is sent to such a path"]
        : ["its tracer makes sense of it: an agent answers there"]
    return Finding(
      "RST028", isLost ? .problem : .warning, "\(name) of \(process.naming) \(fault.what): \(value)",
      because: ["\(name)=\(value)"] + effect,
      fix: [fix(fault, name: name, process, evidence)],
      // A path too many leads to the right host and port; who listens there is another matter.
      explains: fault.hasPath ? ["RST034", "RST036"] : ["RST001", "RST004", "RST008", "RST011"], pid: process.pid)
  }

  /// ddtrace before 3.19 puts the endpoint in the place of the last part of the URL's path, which leaves nothing of one
  /// with a single part. Tried with 0.50, 1.20, 2.21, 3.17 to 3.19 and 4.16.
  private static func isPathReplaced(_ url: String, _ process: ProcessEvidence) -> Bool {
    guard process.language == "python", process.anyTracer?.isAtLeast(3, 19) == false,
      !url.hasPrefix("unix:")
    else { return false }
    // Scheme, nothing, host and port, and the one part.
    return url.split(separator: "/", omittingEmptySubsequences: false).count == 4
  }

  /// The address that the doctor was asked to try.
  private static func malformedQuestion(_ evidence: Evidence) -> [Finding] {
    guard let url = evidence.question.url, let fault = AddressFault.ofURL(url), !fault.isHabit else { return [] }
    return [
      Finding(
        "RST028", .problem, "The address \(fault.what): \(url)", because: ["asked for \(url)"],
        fix: [
          fault.meant.map { "roost doctor --url \(shellWord($0))" }
            ?? "give the address in full: http://, the agent's host, and its port, usually 8126"
        ])
    ]
  }

  static func malformedSettings(_ environment: [String: String]) -> [(String, String, AddressFault)] {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    var found: [(String, String, AddressFault)] = []
    if let url = value("DD_TRACE_AGENT_URL") {
      // It wins over the others, so that their faults do no harm.
      return AddressFault.ofURL(url).map { [("DD_TRACE_AGENT_URL", url, $0)] } ?? []
    }
    let port = value("DD_TRACE_AGENT_PORT")
    if let host = value("DD_AGENT_HOST"), let fault = AddressFault.ofHost(host, port: port ?? "8126") {
      found.append(("DD_AGENT_HOST", host, fault))
    }
    if let port, let fault = AddressFault.ofPort(port) { found.append(("DD_TRACE_AGENT_PORT", port, fault)) }
    return found
  }

  private static func fix(
    _ fault: AddressFault, name: String, _ process: ProcessEvidence?, _ evidence: Evidence
  ) -> String {
    guard let meant = fault.meant else {
      return
        "set \(name) to the agent's address, such as \(evidence.agentURL(for: process)), and start the app as before"
    }
    let variable = fault.variable ?? name
    // A whole address leaves nothing to the other settings.
    let others = variable == "DD_TRACE_AGENT_URL" ? Restart.addressNames : []
    let filled = fillIn(meant, of: variable)
    return Restart(set: [(variable, filled)], unset: others, isTemplate: filled != meant).line(process)
  }

  private static func malformedInLog(_ line: LogEvidence, _ evidence: Evidence) -> Finding? {
    if line.pattern == "ruby.invalid_url" {
      return Finding(
        "RST028", .problem, "The Ruby tracer does not know the scheme of DD_TRACE_AGENT_URL and ignores it",
        because: [line.quote], fix: ["bundle update ddtrace", evidence.restart(nil, note: "or over TCP")])
    }
    guard let url = line.settings["agent_url"], !url.isEmpty else { return nil }
    // Tracers add an endpoint's path and a time-out of their own here.
    let place = url.split(separator: "?", maxSplits: 1).first.map(String.init) ?? url
    guard let fault = AddressFault.ofURL(place.replacing("http+unix:", with: "unix:")), !fault.hasPath, !fault.isHabit
    else { return nil }
    return Finding(
      "RST028", .problem, "The tracer's agent_url \(fault.what): \(url)", because: [line.quote],
      fix: [fix(fault, name: "DD_TRACE_AGENT_URL", nil, evidence)])
  }

  static func unread(_ evidence: Evidence) -> [Finding] {
    evidence.processes.flatMap { tooNewNames($0, evidence) + unreadVariables($0, evidence) }
  }

  /// Names of today for a tracer of years ago.
  private static func tooNewNames(_ process: ProcessEvidence, _ evidence: Evidence) -> [Finding] {
    let names = evidence.unreadAddressNames(process)
    let works = evidence.reachesAgent(process)
    guard let tracer = process.tracer ?? process.installedTracer, !names.isEmpty else { return [] }
    // Who set the old names too meant tracers of all ages.
    let isServed = evidence.target(of: process)?.variable != nil
    guard !(isServed && works) else { return [] }
    let list = names.joined(separator: ", ")
    let url =
      process.setting("DD_TRACE_AGENT_URL")
      ?? Place(host: process.setting("DD_AGENT_HOST") ?? "localhost", port: 8126).url
    return [
      Finding(
        "RST029", works ? .warning : .problem,
        "\(list) of \(process.naming) \(names.count == 1 ? "is" : "are") not read: \(tracer.library) \(tracer.version) is older",
        because: names.map { "\($0)=\(process.environment[$0] ?? "")" }
          + (evidence.target(of: process).map { [process.sends(to: $0)] } ?? []),
        fix: [
          Restart.sending(to: url, process).line(process),
          "\(RequestRules.pip(process)) install --upgrade ddtrace   # tracers of today read \(names[0])",
        ],
        explains: works ? [] : ["RST001", "RST004"], pid: process.pid)
    ]
  }

  private static func unreadVariables(_ process: ProcessEvidence, _ evidence: Evidence) -> [Finding] {
    let names = process.environment.keys.sorted()
    return names.compactMap { name in
      guard let value = process.setting(name) else { return nil }
      if let legacy = TracerVariables.legacy.first(where: { $0.name == name }) {
        return oldName(legacy, value, process, evidence)
      }
      guard let meant = TracerVariables.meant(by: name), process.environment[meant] == nil else { return nil }
      return unreadName(name, value, meant, process, evidence, why: "no tracer knows \(name)")
    }
  }

  private static func oldName(
    _ legacy: TracerVariables.Legacy, _ value: String, _ process: ProcessEvidence, _ evidence: Evidence
  ) -> Finding? {
    let isReplaced =
      process.setting(legacy.replacement) != nil || legacy.isAddress && process.setting("DD_TRACE_AGENT_URL") != nil
    // Who set both meant clients of all ages.
    guard !isReplaced else { return nil }
    guard legacy.readBy.isEmpty || !process.language.isEmpty else { return nil }
    if legacy.isRead(by: process) {
      // For the tracer of its time it is no old name.
      if TargetSettings(process).namesBeforeURL != nil { return nil }
      return Finding(
        "RST029", .note, "\(process.naming) uses the old name \(legacy.name)",
        because: ["\(legacy.name)=\(value)", legacy.origin],
        fix: [renaming(legacy.name, to: legacy.replacement, value).line(process)], pid: process.pid)
    }
    return unreadName(
      legacy.name, value, legacy.replacement, process, evidence, why: legacy.origin, isAddress: legacy.isAddress)
  }

  private static func unreadName(
    _ name: String, _ value: String, _ meant: String, _ process: ProcessEvidence, _ evidence: Evidence, why: String,
    isAddress: Bool? = nil
  ) -> Finding {
    let isAddress = isAddress ?? ["DD_AGENT_HOST", "DD_TRACE_AGENT_URL", "DD_TRACE_AGENT_PORT"].contains(meant)
    let isElsewhere =
      isAddress && process.setting("DD_TRACE_AGENT_URL") == nil && process.setting("DD_AGENT_HOST") == nil
      && !evidence.reachesAgent(process)
    return Finding(
      "RST029", isElsewhere ? .problem : .warning, "\(name) of \(process.naming) is not read. Did you mean \(meant)?",
      because: ["\(name)=\(value)", why, "\(meant) is not set"],
      fix: [renaming(name, to: meant, value).line(process)],
      explains: isElsewhere ? ["RST001", "RST004"] : [], pid: process.pid)
  }

  private static func renaming(_ name: String, to meant: String, _ value: String) -> Restart {
    let filled = fillIn(value, of: meant)
    return Restart(set: [(meant, filled)], unset: [name], isTemplate: filled != value)
  }

  static func empty(_ evidence: Evidence) -> [Finding] {
    evidence.processes.compactMap { process in
      let names = process.environment.filter { $0.value.isEmpty && shadowing.contains($0.key) }.keys.sorted()
      guard !names.isEmpty else { return nil }
      let list = names.joined(separator: ", ")
      return Finding(
        "RST030", .warning, "\(process.naming) has \(list) set but empty", because: names.map { "\($0)=\"\"" },
        fix: [Restart(unset: names).line(process)], pid: process.pid)
    }
  }

  /// Variables whose empty value hides a default.
  private static let shadowing: Set<String> = [
    "DD_AGENT_HOST", "DD_TRACE_AGENT_URL", "DD_TRACE_AGENT_PORT", "DD_SERVICE", "DD_ENV", "DD_VERSION", "DD_TAGS",
    "DD_SITE", "DD_TRACE_ENABLED", "DD_TRACE_SAMPLE_RATE", "DD_TRACE_SAMPLING_RULES", "DD_TRACE_RATE_LIMIT",
    "OTEL_SERVICE_NAME", "OTEL_EXPORTER_OTLP_ENDPOINT",
  ]
}

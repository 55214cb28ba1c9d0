/// What a log line alone lets conclude: which diagnosis it speaks of, and what to look at next.
enum LogConclusion {
  /// The diagnosis whose symptom the line is; `nil` when it reports no failure, or of one that the agent has no part in.
  static func diagnosis(of line: LogEvidence) -> String? {
    let pattern = LogPattern.find(line.pattern)
    if pattern?.isAside == true { return nil }
    // Whatever the error is, mending it would not bring the traces here.
    if pattern?.isOTLP == true { return "RST019" }
    let isSocket = line.url?.hasPrefix("unix:") ?? false
    if let error = line.errorName { return diagnosis(ofError: error, isSocket: isSocket, line: line) }
    if let status = line.httpStatus { return diagnosis(ofStatus: status, line: line) }
    switch line.pattern {
    case "python.too_large", "python.too_big", "any.read_limit": return "RST038"
    case "any.cannot_decode": return "RST037"
    case LogStartup.pattern: return LogStartup.failure(line.settings) == nil ? nil : isSocket ? "RST025" : "RST001"
    default: return pattern?.hidesError == true ? (isSocket ? "RST025" : "RST001") : nil
    }
  }

  private static func diagnosis(ofError name: String, isSocket: Bool, line: LogEvidence) -> String? {
    switch name {
    case "ECONNREFUSED": isSocket ? "RST022" : "RST001"
    case "EADDRNOTAVAIL": "RST002"
    case "ECONNRESET": "RST006"
    case "ENOTFOUND", "EAI_AGAIN": line.url?.contains("host.docker.internal") == true ? "RST009" : "RST008"
    case "EHOSTUNREACH": "RST010"
    case "ETIMEDOUT": "RST011"
    case "WRONG_VERSION_NUMBER": "RST018"
    case "EPROTOTYPE": line.url?.contains("dsd") == true ? "RST020" : "RST024"
    // A security policy can forbid TCP with the same word.
    case "EACCES": isSocket ? "RST023" : "RST011"
    case "ENOENT": "RST025"
    case "EMFILE": "RST041"
    case "INVALID_URL": "RST028"
    case "ENAMETOOLONG": "RST026"
    default: nil
    }
  }

  private static func diagnosis(ofStatus status: Int, line: LogEvidence) -> String? {
    switch status {
    case 400, 415: return "RST037"
    case 401, 403:
      return line.isOfIntake ? "RST047" : "RST035"
    case 407, 502, 504: return "RST035"
    case 404: return "RST036"
    case 405: return "RST016"
    case 501: return "RST014"
    case 413: return "RST038"
    case 429: return "RST040"
    default: return nil
    }
  }

  /// What the lines say when nothing that was seen here says it too: they come from another machine or another time.
  /// `others` is to how many more places the lines could not deliver.
  static func finding(
    _ diagnosis: Diagnosis, _ lines: [LogEvidence], others: Int = 0, _ evidence: Evidence
  ) -> Finding? {
    guard let first = lines.first else { return nil }
    let answers = answersNow(first, evidence)
    let isOTLP = LogPattern.find(first.pattern)?.isOTLP == true
    let loses = !isOTLP && diagnosis.severity == .problem || lines.contains { ($0.lost ?? 0) > 0 }
    let severity: Severity = answers != nil || !loses ? min(diagnosis.severity, .warning) : .problem
    var because = quotes(lines)
    if let total = tally(lines) { because.append(total) }
    if isOTLP {
      because.append("roost takes OTLP at its trace port too, over HTTP and, with libnghttp2, over gRPC")
    }
    if first.url == nil, LogPattern.find(first.pattern)?.isAnybodys == true {
      because.append("the line names no address; tracers that are told none use localhost:8126")
    }
    because.append(answers ?? "nothing that this doctor sees here shows it: the line is from another machine or time")
    return Finding(
      diagnosis.id, severity, "\(event(first, others)): \(short(first, diagnosis))", because: because,
      fix: next(diagnosis.id, first, evidence), places: lines.compactMap(\.target))
  }

  /// The first lines, each with its meaning.
  static func quotes(_ lines: [LogEvidence]) -> [String] { lines.prefix(3).flatMap(\.quoted).uniqued() }

  /// What happened, without the reason.
  private static func event(_ line: LogEvidence, _ others: Int) -> String {
    let more = others == 0 ? "" : others == 1 ? " and another address" : " and \(others) other addresses"
    if LogPattern.find(line.pattern)?.isAnybodys == true {
      let who = LogPattern.bare.first { $0.language == line.language }?.meaning ?? "a program could not connect"
      return "A" + who.dropFirst() + (line.url.map { " to \($0)" } ?? "") + more
    }
    if LogPattern.find(line.pattern)?.isOTLP == true {
      let whose = line.language.isEmpty ? "" : " of a \(line.language) app"
      return "An OTLP exporter\(whose) could not deliver\(line.url.map { " to \($0)" } ?? "")\(more)"
    }
    let whose = line.language.isEmpty ? "A tracer" : "The tracer of a \(line.language) app"
    return "\(whose) could not deliver to \(line.url ?? "its agent")\(more)"
  }

  /// The reason in a few words, for a title.
  private static func short(_ line: LogEvidence, _ diagnosis: Diagnosis) -> String {
    if let name = line.errorName, let meaning = LogError.named(name)?.meaning {
      return String(meaning.prefix { $0 != "," }) + " (\(name))"
    }
    if let status = line.httpStatus { return "it was answered \(status)" }
    return line.pattern == LogStartup.pattern || LogPattern.find(line.pattern)?.hidesError == true
      ? "the line does not tell why" : diagnosis.name.prefix(1).lowercased() + diagnosis.name.dropFirst()
  }

  /// How many lines there are and what was lost, where that is more than one line says.
  static func tally(_ lines: [LogEvidence]) -> String? {
    let count = lines.reduce(0) { $0.addingReportingOverflow($1.count).partialValue }
    let lost = lines.reduce(0) { $0.addingReportingOverflow($1.lost ?? 0).partialValue }
    let losses = lost > 0 ? ", \(lost) \(lost == 1 ? "trace" : "traces") lost" : ""
    return count > 1 || lost > 0 ? "\(count) such \(count == 1 ? "line" : "lines")\(losses)" : nil
  }

  /// That what the line could not reach answers by now.
  private static func answersNow(_ line: LogEvidence, _ evidence: Evidence) -> String? {
    guard let target = line.target else { return nil }
    let probe = evidence.probes.first { probe in
      guard probe.outcome == .answered else { return false }
      let places = [Place(probe.url), Place(probe.address)].compactMap { $0 }
      return places.contains { $0 == target || $0.isLoopback && target.isLoopback && $0.port == target.port }
    }
    guard let probe else { return nil }
    let who = probe.product.map { $0.version.isEmpty ? $0.name : "\($0.name) \($0.version)" } ?? "something"
    return "now \(who) answers at \(probe.address), as seen from here: the line is older, or from another machine"
  }

  /// What to type next, where the line was written.
  private static func next(_ id: String, _ line: LogEvidence, _ evidence: Evidence) -> [String] {
    let url = line.url ?? "http://localhost:8126"
    let address = Place(url)
    let host = address?.host ?? "localhost"
    let path = address?.path ?? ""
    let local = evidence.roostURL ?? "http://127.0.0.1:8126"
    let options = portOptions(address?.port ?? 8126)
    let ask = "ask roost doctor --pid about the app's process, on its machine"
    let sending = "DD_TRACE_AGENT_URL=\(local) for the app, and start it as before"
    return switch id {
    case "RST001" where address?.isLoopback == false:
      [
        (["roost serve --non-local-traffic"] + options).joined(separator: " ")
          + "   # on \(host), where the traces are sent", ask,
        "if the app runs on this machine, set \(sending)",
      ]
    case "RST001": evidence.runningRoost == nil ? [evidence.serving(options), ask] : [ask, "set \(sending)"]
    case "RST002": ["set DD_TRACE_AGENT_URL=http://127.0.0.1:8126 for the app, and start it as before"]
    case "RST006": ["roost doctor --url \(shellWord(url))", ask]
    case "RST008", "RST009", "RST010": ["getent hosts \(shellWord(host))   # where the app runs", "or set \(sending)"]
    case "RST011": ["curl -m 3 \(shellWord("\(url)/info"))   # where the app runs", ask]
    case "RST016": ["roost doctor --url \(shellWord(url))"]
    case "RST018": [Restart(set: [("DD_TRACE_AGENT_URL", "http://\(address?.text ?? "127.0.0.1:8126")")]).line(nil)]
    case "RST022", "RST023", "RST025": ["ls -l \(shellWord(path))   # where the app runs", "or set \(sending)"]
    case "RST019": evidence.sendingOTLP(nil)
    case "RST026": ["set a shorter path in DD_TRACE_AGENT_URL for the app, and start it as before"]
    case "RST028":
      [
        "set DD_TRACE_AGENT_URL to a whole address for the app, such as \(local) or unix:///var/run/datadog/apm.socket, "
          + "and start it as before"
      ]
    case "RST020", "RST024":
      ["set DD_TRACE_AGENT_URL=unix:///var/run/datadog/apm.socket for the app, and start it as before"]
    case "RST035":
      [
        Restart(set: [("NO_PROXY", "127.0.0.1,localhost,\(host)")]).line(nil),
        "roost doctor --url \(shellWord(url))",
      ]
    case "RST036": ["roost doctor --url \(shellWord(url))", ask]
    case "RST037": ["roost info -v", RequestRules.upgrade(line.language)]
    case "RST038": [Restart(set: RequestRules.smallPayloads).line(nil)]
    case "RST040": [evidence.serving(settings: "DD_APM_MAX_MEMORY=1000000000")]
    case "RST041": [ask, RequestRules.upgrade(line.language)]
    case "RST047": ["let roost have the site of your account: DD_SITE, such as datadoghq.eu"]
    default: [ask]
    }
  }
}

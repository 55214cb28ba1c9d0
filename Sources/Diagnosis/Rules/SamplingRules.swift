/// RST043–RST044: what tracers decided not to keep.
enum SamplingRules {
  /// Below this share it is the everyday work of a sampler.
  private static let shareMin = 0.05
  private static let keepingAll = [(name: "DD_TRACE_SAMPLE_RATE", value: "1")]
  private static let highLimit = [(name: "DD_TRACE_RATE_LIMIT", value: "1000")]

  static func droppedByTracer(_ evidence: Evidence) -> [Finding] {
    bySampling(evidence) + evidence.processes.compactMap(zeroRate) + evidence.log.compactMap(ratesInLog)
  }

  private static func bySampling(_ evidence: Evidence) -> [Finding] {
    guard let sampling = evidence.agent?.sampling else { return [] }
    let dropped = sampling.droppedByDecision.values.reduce(UInt64(0)) { $0.addingReportingOverflow($1).partialValue }
    let all = sampling.traces.addingReportingOverflow(sampling.clientDroppedTraces).partialValue
    let lost = dropped.addingReportingOverflow(sampling.clientDroppedTraces).partialValue
    guard all > 0, Double(lost) >= Double(all) * shareMin else { return [] }
    var because = sampling.droppedByDecision.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.filter { $0.value > 0 }
      .map { "\($0.value) by \(maker($0.key))" }
    if sampling.clientDroppedTraces > 0 {
      because.append(
        "\(sampling.clientDroppedTraces) were dropped by tracers before sending: they count in the tables, and none can be looked at"
      )
    }
    let isByRule = (sampling.droppedByDecision["-3"] ?? 0) > 0
    return [
      Finding(
        "RST043", lost >= all / 2 ? .warning : .note,
        "\(lost) of \(all) traces are marked to be dropped; roost shows those that arrived, an intake would not get them",
        because: because,
        fix: [
          Restart(set: keepingAll).line(nil)
            + (isByRule ? ", without a rule of its own in DD_TRACE_SAMPLING_RULES" : "")
        ])
    ]
  }

  private static func maker(_ decision: String) -> String {
    switch decision {
    case "": "a decision that names no maker"
    case "-0": "the tracer's default (dm=-0)"
    case "-1": "the rates that an agent asked for (dm=-1)"
    case "-3": "the app's rules (dm=-3: DD_TRACE_SAMPLING_RULES, DD_TRACE_SAMPLE_RATE)"
    case "-4": "the app's code (dm=-4)"
    case "-11", "-12": "rules set from afar (dm=\(decision))"
    default: "dm=\(decision)"
    }
  }

  private static func zeroRate(_ process: ProcessEvidence) -> Finding? {
    guard let rate = process.setting("DD_TRACE_SAMPLE_RATE"), let value = Double(rate), value <= 0 else { return nil }
    let setting = "DD_TRACE_SAMPLE_RATE=\(rate)"
    // Tried with ddtrace 2.21, which obeys it and says that it is deprecated, and 3.19, which does not read it.
    if process.language == "python", process.anyTracer?.isAtLeast(3, 0) == true {
      return Finding(
        "RST043", .note, "\(setting) of \(process.naming) is not read",
        because: [setting, "ddtrace 3 and later read DD_TRACE_SAMPLING_RULES only"],
        fix: [Restart(unset: ["DD_TRACE_SAMPLE_RATE"]).line(process)], pid: process.pid)
    }
    if process.language == "python", process.anyTracer?.isAtLeast(0, 38) == false { return nil }
    return Finding(
      "RST043", .warning, "\(process.naming) marks all its traces to be dropped: \(setting)",
      because: [setting, "roost shows them, an intake would not get them"],
      fix: [Restart(set: keepingAll).line(process)], pid: process.pid)
  }

  private static func ratesInLog(_ line: LogEvidence) -> Finding? {
    guard let text = line.settings["sample_rate"], let rate = Double(text), rate >= 0, rate < 1 else { return nil }
    let service = line.settings["service"].map { " of \($0)" } ?? ""
    return Finding(
      "RST043", rate == 0 ? .warning : .note,
      "The tracer\(service) keeps \(percent(rate)) of its traces", because: [line.quote, "sample_rate is \(text)"],
      fix: [Restart(set: keepingAll).line(nil)])
  }

  static func rateLimited(_ evidence: Evidence) -> [Finding] {
    let byProcess = evidence.processes.compactMap { zeroLimit($0, evidence) }
    return byProcess.isEmpty ? byAgent(evidence) : byProcess
  }

  /// A limiter that the agent has seen at work, in whichever process.
  private static func byAgent(_ evidence: Evidence) -> [Finding] {
    guard let sampling = evidence.agent?.sampling, let rate = sampling.lowestLimitRate, rate < 1 else { return [] }
    let set = evidence.processes.compactMap { process in
      process.setting("DD_TRACE_RATE_LIMIT").map { "DD_TRACE_RATE_LIMIT=\($0) in \(process.naming)" }
    }
    let age = sampling.limitedSecondsAgo.map { ["last seen \(ConnectionRules.span($0)) ago"] } ?? []
    return [
      Finding(
        "RST044", isLimitPast(evidence) ? .note : .warning,
        "A tracer's own limiter kept only \(percent(rate)) of the traces its rule chose",
        because: ["_dd.limit_psr was \(rate)"] + set + age, fix: [Restart(set: highLimit).line(nil)],
        explains: isLimitPast(evidence) ? [] : explained(evidence))
    ]
  }

  /// That traces are dropped follows from a limiter where nothing but rules, whose limiter it is, dropped any.
  private static func explained(_ evidence: Evidence) -> [String] {
    guard let sampling = evidence.agent?.sampling, sampling.clientDroppedTraces == 0 else { return [] }
    return sampling.droppedByDecision.allSatisfy { $0.key == "-3" || $0.value == 0 } ? ["RST043"] : []
  }

  /// No limited trace came for a while, or since another process began to send: a busy app that is limited is so all the
  /// time.
  private static func isLimitPast(_ evidence: Evidence) -> Bool {
    guard let agent = evidence.agent, let last = agent.sampling.limitedSecondsAgo else { return false }
    return last > ClientIssueEvidence.recentSeconds || agent.senders.contains { $0.firstSeenSecondsAgo < last }
  }

  private static func zeroLimit(_ process: ProcessEvidence, _ evidence: Evidence) -> Finding? {
    guard process.setting("DD_TRACE_RATE_LIMIT").flatMap({ Double($0) }) == 0, obeysLimit(process) else { return nil }
    return Finding(
      "RST044", .warning, "\(process.naming) limits its traces to none a second",
      because: ["DD_TRACE_RATE_LIMIT=0"]
        + (evidence.agent?.sampling.lowestLimitRate.map { ["_dd.limit_psr was \($0)"] } ?? []),
      fix: [Restart(set: highLimit).line(process)], explains: explained(evidence), pid: process.pid)
  }

  /// ddtrace 2 and later limits only what a rule chose; releases before 1.0 do not read it. Tried with 0.38, 0.50, 1.20,
  /// 2.21, 3.19 and 4.16.
  private static func obeysLimit(_ process: ProcessEvidence) -> Bool {
    guard process.language == "python", let tracer = process.anyTracer, let numbers = tracer.numbers else {
      return true
    }
    if numbers.major == 1 { return true }
    let hasRule =
      process.setting("DD_TRACE_SAMPLING_RULES") != nil
      || numbers.major == 2 && process.setting("DD_TRACE_SAMPLE_RATE") != nil
    return numbers.major > 1 && hasRule
  }

  static func percent(_ share: Double) -> String {
    let tenths = Int(clamping: (share * 1000).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
  }
}

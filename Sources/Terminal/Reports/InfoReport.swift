import Control
import Text

/// What an agent received, kept, sent and dropped, on one screen.
package struct InfoReport: Sendable {
  /// The agent's own account of itself, as of `answer.nowNs`.
  package let answer: InfoAnswer

  private let includesTests: Bool

  /// Takes the counters and settings that `lines` prints.
  /// - Parameter includesTests: whether `roost send-test` has a row among the clients.
  package init(_ answer: InfoAnswer, includesTests: Bool = false) {
    self.answer = answer
    self.includesTests = includesTests
  }

  /// `verbose` adds endpoints, connections, sampling rates and the newest errors; what was lost is always shown.
  package func lines(_ drawing: Drawing, verbose: Bool) -> [String] {
    var blocks = [
      summary(drawing, verbose: verbose), trafficLines(drawing), destinationLines(drawing),
      verbose ? ledgerLines(drawing) : [], verbose ? statisticsLedgerLines(drawing) : [],
      lossLines(drawing),
      oddityLines(drawing) + notOfferedLine(verbose: verbose), verbose ? ruleLines(drawing) : [],
      undecidedLines(drawing),
      clientLines(drawing, verbose: verbose), productLines(drawing), clientIssueLines(drawing),
    ]
    if verbose {
      blocks += [
        tracerLines(drawing), containerLines(drawing), clientLossLines(drawing), badPayloadLines(drawing),
        notOfferedLines(drawing),
        settingLines(drawing),
        endpointLines(drawing),
        connectionLines, rateLines(drawing), errorLines(drawing),
      ]
    }
    return Array(blocks.filter { !$0.isEmpty }.joined(separator: [""]))
  }

  private func summary(_ drawing: Drawing, verbose: Bool) -> [String] {
    let configuration = answer.configuration
    let commit = answer.commit.isEmpty ? "" : " (\(safeText(String(answer.commit.prefix(12)))))"
    let forwarding =
      switch configuration.forwarding {
      case .on(let url): "to \(safeText(url))"
      case .off(let reason): "off" + (reason.isEmpty ? "" : ": " + safeText(reason))
      }
    let host = answer.hostname.isEmpty ? "" : " on \(safeText(answer.hostname))"
    let target = HumanNumber.decimal(configuration.targetTPS, digits: 0)
    let page = answer.page.map { ["page        " + safeText($0)] } ?? []
    return [
      "roost \(safeText(answer.version))\(commit)\(host), pid \(answer.pid), up \(HumanDuration.uptime(answer.uptimeNs)), "
        + "memory \(HumanNumber.bytes(answer.memory.rssBytes))",
      "listening   " + (answer.listeners.isEmpty ? "nowhere" : answer.listeners.map(safeText).joined(separator: ", ")),
    ] + notListening(drawing) + page + [
      "sampling    towards \(target) traces/s, spans without env become \"\(safeText(configuration.env))\""
    ] + (verbose ? rareLine : []) + ["forwarding  " + forwarding] + missingLine(drawing) + intakeLines(drawing)
      + durabilityLines(drawing) + historyLine(drawing) + settingsLine(verbose: verbose) + logLine
  }

  /// What the rare sampler found, where it is on.
  private var rareLine: [String] {
    answer.rareSampler.map { counts in
      let numbers = [
        (counts.hits, "hit", "hits"), (counts.misses, "miss", "misses"), (counts.shrinks, "shrink", "shrinks"),
      ]
      let texts = numbers.map { "\(HumanNumber.count($0.0)) \($0.0 == 1 ? $0.1 : $0.2)" }
      return ["rare spans  " + texts.joined(separator: ", ")]
    } ?? []
  }

  /// Where traces should be taken too, and what is in the way.
  private func notListening(_ drawing: Drawing) -> [String] {
    answer.notListening.map {
      Style.bad.applied(
        to: "            not on \(safeText($0.address)): \(safeText($0.reason))", colors: drawing.colors)
    }
  }

  /// Which of the numbers below cannot be right.
  private func missingLine(_ drawing: Drawing) -> [String] {
    missingThreadsNote(answer.missingThreads).map { Style.bad.applied(to: $0, colors: drawing.colors) }
  }

  /// Where statistics outlive the agent, and whether all of them do.
  private func historyLine(_ drawing: Drawing) -> [String] {
    guard let store = answer.store else { return [] }
    var text = "history     in \(safeText(store.path))"
    if let failure = store.failure {
      text += Style.bad.applied(to: ", which cannot be written: \(safeText(failure))", colors: drawing.colors)
    }
    if store.lostBuckets > 0 { text += ", \(HumanNumber.count(store.lostBuckets)) buckets lost" }
    if store.usedBytes > 0 { text += ", \(HumanNumber.bytes(store.usedBytes))" }
    return [text] + tracesLine(store)
  }

  /// The traces that were kept since the start, and those that were not.
  private func tracesLine(_ store: StoreSummary) -> [String] {
    let (stored, thinned, lost) = (store.storedTraces, store.thinnedTraces, store.lostTraces)
    let waiting = store.waitingTraces.traces
    guard stored.traces > 0 || waiting > 0 || thinned.traces > 0 || lost.traces > 0 || store.oldestTraceAgeNs != nil
    else { return [] }
    var text = "traces      \(HumanNumber.count(stored.traces)) stored with \(HumanNumber.count(stored.spans)) spans"
    if waiting > 0 { text += ", \(HumanNumber.count(waiting)) waiting to be" }
    if thinned.traces > 0 { text += ", \(HumanNumber.count(thinned.traces)) left out (too many at once)" }
    if lost.traces > 0 { text += ", \(HumanNumber.count(lost.traces)) lost" }
    if let age = store.oldestTraceAgeNs { text += ", the oldest \(HumanDuration.uptime(age)) ago" }
    return [text]
  }

  private func settingsLine(verbose: Bool) -> [String] {
    guard let text = answer.configuration.settingsWithoutEffectText else { return [] }
    return ["settings    " + text + (verbose ? "" : " (roost info -v lists them)")]
  }

  /// What is missing in the log.
  private var logLine: [String] {
    guard answer.logLinesLost > 0 else { return [] }
    let lines = answer.logLinesLost == 1 ? "1 line" : "\(HumanNumber.count(answer.logLinesLost)) lines"
    return ["log         \(lines) left out: nobody read it in time, or it could not be written"]
  }

  /// How the intake is, and how long ago it took something.
  private func intakeLines(_ drawing: Drawing) -> [String] {
    guard case .on = answer.configuration.forwarding else { return [] }
    let intake = IntakeLines(answer: answer)
    let troubles = intake.troubles.map { Style.bad.applied(to: $0, colors: drawing.colors) }
    let past = intake.past.map { Style.warning.applied(to: $0, colors: drawing.colors) }
    let waiting = troubles.isEmpty && !intake.isWaitingLong ? nil : intake.waiting
    let lines = troubles + past + [[intake.success, waiting].compactMap(\.self).joined(separator: "; ")]
    return lines.enumerated().map { ($0.offset == 0 ? "intake      " : "            ") + $0.element }
  }

  private func trafficLines(_ drawing: Drawing) -> [String] {
    var table = Table([.init("", .left), .init("PAYLOADS"), .init("BYTES"), .init("TRACES"), .init("SPANS")])
    let received = answer.received
    table.add([
      "received", count(received.payloads), bytes(received.bytes), count(received.traces), count(received.spans),
    ])
    table.add(["kept", "", "", count(answer.kept.traces), count(answer.kept.spans)])
    let sent = answer.sent.traces
    table.add(["sent", count(sent.payloads), bytes(sent.bytes), count(sent.traces), count(sent.spans)])
    let stats = answer.sent.stats
    table.add(["statistics sent", count(stats.payloads), bytes(stats.bytes), "", ""])
    let queued = answer.queued
    table.add(["waiting", count(queued.payloads), bytes(queued.bytes), count(queued.traces), count(queued.spans)])
    return table.lines(drawing) + clientDroppedLine + retryLine
  }

  /// What never came, and is in the tables of services and resources all the same.
  private var clientDroppedLine: [String] {
    let dropped = answer.clientDropped
    guard dropped.traces > 0 else { return [] }
    let spans = dropped.spans > 0 ? " with \(HumanNumber.count(dropped.spans)) spans" : ""
    return [
      "tracers dropped \(HumanNumber.count(dropped.traces)) traces\(spans) before sending, and counted them themselves"
    ]
  }

  private var retryLine: [String] {
    let (retries, isTooMany) = answer.sent.traceRetries.addingReportingOverflow(answer.sent.stats.retries)
    return retries == 0 || isTooMany ? [] : ["\(HumanNumber.count(retries)) attempts had to be repeated"]
  }

  /// What came in and was not kept, or not as it came, by reason.
  private func oddityLines(_ drawing: Drawing) -> [String] {
    var table = Table([
      .init("ON THE WAY IN", .left), .init("REASON", .left), .init("PAYLOADS"), .init("TRACES"), .init("SPANS"),
    ])
    for (reason, counts) in answer.dropped.sorted(by: { $0.key < $1.key })
    where counts != LossCounts() && reason != Self.notOffered {
      table.add([
        .init("dropped", .bad), .init(safeText(reason)), count(counts.payloads), count(counts.traces),
        count(counts.spans),
      ])
    }
    for (reason, requests) in answer.refused.sorted(by: { $0.key < $1.key })
    where requests > 0 && reason != Self.notOffered {
      table.add([.init("refused", .bad), .init(safeText(reason)), count(requests), "", ""])
    }
    for (reason, spans) in answer.malformed.sorted(by: { $0.key < $1.key }) where spans > 0 {
      table.add([.init("repaired", .warning), .init(safeText(reason)), "", "", count(spans)])
    }
    guard table.rows.isEmpty else { return table.lines(drawing) }
    // Beside losses it would read as if there were none.
    let isLossless = !answer.lost.values.contains { $0 != LossCounts() }
    return isLossless ? ["nothing was dropped, refused or repaired"] : []
  }

  /// What rules of the configuration dropped, by rule.
  private func ruleLines(_ drawing: Drawing) -> [String] {
    var table = Table([.init("DROPPED BY RULE", .left), .init("TRACES"), .init("SPANS")])
    for (rule, counts) in answer.filtered.sorted(by: { $0.key < $1.key }) {
      table.add([.init(safeText(rule)), count(counts.traces), count(counts.spans)])
    }
    return table.rows.isEmpty ? [] : table.lines(drawing)
  }

  /// What patterns of rules were too slow for, by rule.
  private func undecidedLines(_ drawing: Drawing) -> [String] {
    var table = Table([.init("PATTERN TOO SLOW", .left), .init("TEXTS")])
    for (rule, texts) in answer.undecided.sorted(by: { $0.key < $1.key }) {
      table.add([.init(safeText(rule), .warning), count(texts)])
    }
    return table.rows.isEmpty ? [] : table.lines(drawing)
  }

  /// What was kept and did not reach the intake, by reason.
  private func lossLines(_ drawing: Drawing) -> [String] {
    var table = Table([.init("LOST AFTER KEEPING", .left), .init("PAYLOADS"), .init("TRACES"), .init("SPANS")])
    for (reason, counts) in answer.lost.sorted(by: { $0.key < $1.key }) where counts != LossCounts() {
      table.add([.init(safeText(reason), .bad), count(counts.payloads), count(counts.traces), count(counts.spans)])
    }
    return table.rows.isEmpty ? [] : table.lines(drawing)
  }

  private func clientLines(_ drawing: Drawing, verbose: Bool) -> [String] {
    let clients = includesTests ? answer.clients : answer.ofApps.clients
    guard !clients.isEmpty else { return ["no client has sent anything yet"] + testLine }
    var table = Table([
      .init("CLIENT", .left, isShrinkable: true), .init("ENDPOINT", .left, dropOrder: 2),
      .init("PAYLOADS", dropOrder: 3),
      .init("BYTES", dropOrder: 1), .init("TRACES"), .init("SPANS"), .init("LAST"),
    ])
    for client in clients {
      let received = client.received
      table.add([
        .init(safeText(client.title(verbose: verbose))), .init(safeText(client.endpoint)), count(received.payloads),
        bytes(received.bytes), count(received.traces), count(received.spans),
        .init(HumanDuration.age(of: client.lastSeenNs, now: answer.nowNs), .faint),
      ])
    }
    return table.lines(drawing) + testLine
  }

  /// What is counted above and has no row among the clients.
  private var testLine: [String] {
    let tests = answer.receivedFromTests
    guard !includesTests, tests.traces > 0 else { return [] }
    return ["roost send-test sent \(HumanNumber.count(tests.traces)) of the traces (--tests lists it too)"]
  }

  private func endpointLines(_ drawing: Drawing) -> [String] {
    answer.endpoints.isEmpty ? [] : ["endpoints"] + answer.endpoints.map { "  " + safeText($0) }
  }

  private func rateLines(_ drawing: Drawing) -> [String] {
    let rates = includesTests ? answer.rates : answer.ofApps.rates
    guard !rates.isEmpty else { return [] }
    var table = Table([.init("SAMPLING RATE OF", .left, isShrinkable: true), .init("RATE")])
    for (key, rate) in rates.sorted(by: { $0.key < $1.key }) {
      let percent = HumanNumber.decimal(rate * 100, digits: 1) + "%"
      table.add([.init(key == "service:,env:" ? "all others" : safeText(key)), .init(percent)])
    }
    return table.lines(drawing)
  }

  private func errorLines(_ drawing: Drawing) -> [String] {
    guard !answer.lastErrors.isEmpty else { return [] }
    var table = Table([.init("AGE"), .init("ERROR", .left, isShrinkable: true)])
    for error in answer.lastErrors {
      table.add([
        .init(HumanDuration.age(of: error.atNs, now: answer.nowNs), .faint), .init(safeText(error.message), .bad),
      ])
    }
    return table.lines(drawing)
  }

  private func count(_ number: UInt64) -> Table.Cell { .init(HumanNumber.count(number)) }

  private func bytes(_ number: UInt64) -> Table.Cell { .init(HumanNumber.bytes(number)) }
}

extension ClientRow {
  /// `python 3.12.1 / ddtrace 4.16.0`; `verbose` names the interpreter too.
  fileprivate func title(verbose: Bool) -> String {
    if language.isEmpty && tracerVersion.isEmpty { return "unknown client" }
    let runtime = [language, languageVersion, verbose ? interpreter : ""].filter { !$0.isEmpty }
    let tracer = tracerVersion.isEmpty ? "" : " / tracer " + tracerVersion
    return runtime.joined(separator: " ") + tracer
  }
}

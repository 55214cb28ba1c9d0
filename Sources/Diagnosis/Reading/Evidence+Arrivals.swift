/// What the agent has received from a process and from those that it started.
package struct Arrival: Sendable, Equatable {
  package var traces: UInt64
  /// The first service of each process, without repetition.
  package var services: [String]
  package var lastSeenSecondsAgo: Double

  /// `12 traces of shop, the last 3 s ago`.
  package var text: String {
    let names = services.prefix(3).joined(separator: ", ") + (services.count > 3 ? ", …" : "")
    return (traces == 1 ? "1 trace" : "\(traces) traces") + (names.isEmpty ? "" : " of \(names)")
      + ", the last \(ConnectionRules.span(lastSeenSecondsAgo)) ago"
  }
}

extension Evidence {
  /// How far the clocks of a process's start and of an arrival may differ.
  private static let startSlackSeconds = 1.0

  /// Traces that came from the process or its descendants since it started; `nil` when none came, or none is known of.
  package func arrival(from process: ProcessEvidence) -> Arrival? {
    let own = (agent?.senders ?? []).filter { isSender($0, process) }
    guard let latest = own.map(\.lastSeenSecondsAgo).min() else { return nil }
    let traces = own.reduce(UInt64(0)) { $0.addingReportingOverflow($1.traces).partialValue }
    return Arrival(
      traces: traces, services: own.map(\.service).filter { !$0.isEmpty }.uniqued(), lastSeenSecondsAgo: latest)
  }

  /// The same for a process by its number.
  package func arrival(from pid: Int64) -> Arrival? { process(pid).flatMap { arrival(from: $0) } }

  private func isSender(_ sender: SenderEvidence, _ process: ProcessEvidence) -> Bool {
    guard sender.pid > 0, sender.traces > 0,
      // A number that somebody else had before.
      process.ageSeconds.map({ sender.lastSeenSecondsAgo <= $0 + Self.startSlackSeconds }) ?? true
    else { return false }
    let isOfMachine = sender.pid == process.pid || process.descendants.contains(sender.pid)
    // The numbers of containers are few and the same everywhere, so that more has to agree.
    return isOfMachine && !sender.contradicts(process)
      || process.innerPids.contains(sender.pid) && sender.agrees(with: process)
  }
}

extension SenderEvidence {
  /// Another language or another version of the tracer. A server may start workers in other languages.
  fileprivate func contradicts(_ process: ProcessEvidence) -> Bool {
    guard pid == process.pid else { return false }
    if !language.isEmpty, !process.language.isEmpty, languageName != process.language { return true }
    return process.tracer.map { !isOfVersion($0) } ?? false
  }

  fileprivate func agrees(with process: ProcessEvidence) -> Bool {
    languageName == process.language && (process.anyTracer.map(isOfVersion) ?? true)
      && (process.setting("DD_SERVICE").map { $0 == service } ?? true)
  }

  /// True where one of them is unknown.
  private func isOfVersion(_ tracer: TracerEvidence) -> Bool {
    guard let here = tracer.numbers, let there = TracerEvidence(library: "", version: tracerVersion).numbers else {
      return true
    }
    return here == there
  }

  /// As evidence of processes names it: tracers have names of their own for some languages.
  private var languageName: String { ProcessEvidence.languageName(ofTracer: language) }
}

extension ProcessEvidence {
  /// The language that a tracer calls `name` in `Datadog-Meta-Lang`.
  static func languageName(ofTracer name: String) -> String {
    switch name {
    case ".NET": "dotnet"
    case "javascript": "nodejs"
    case "jvm": "java"
    default: name
    }
  }
}

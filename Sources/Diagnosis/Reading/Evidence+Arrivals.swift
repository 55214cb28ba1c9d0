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

  /// How well traces of a sender are known to be a process's.
  private enum Kinship { case none, possible, proven }

  /// Traces that came from the process or its descendants since it started; `nil` when none came, or none is known of.
  package func arrival(from process: ProcessEvidence) -> Arrival? { arrival(from: process, .proven) }

  /// The same for a process by its number.
  package func arrival(from pid: Int64) -> Arrival? { process(pid).flatMap { arrival(from: $0) } }

  /// Traces that may be the process's as well as those of another with the same number.
  package func possibleArrival(from process: ProcessEvidence) -> Arrival? { arrival(from: process, .possible) }

  /// Traces of the process may have come that the agent no longer knows of: it keeps a limited number of senders.
  package func mayBeForgotten(_ process: ProcessEvidence) -> Bool {
    agent?.forgottenSendersSecondsAgo.map { Self.isSince(process, secondsAgo: $0) } ?? false
  }

  private func arrival(from process: ProcessEvidence, _ kinship: Kinship) -> Arrival? {
    let own = (agent?.senders ?? []).filter { self.kinship($0, process) == kinship }
    guard let latest = own.map(\.lastSeenSecondsAgo).min() else { return nil }
    let traces = own.reduce(UInt64(0)) { $0.addingReportingOverflow($1.traces).partialValue }
    return Arrival(
      traces: traces, services: own.map(\.service).filter { !$0.isEmpty }.uniqued(), lastSeenSecondsAgo: latest)
  }

  /// False for what was before the process was there.
  private static func isSince(_ process: ProcessEvidence, secondsAgo: Double) -> Bool {
    process.ageSeconds.map { secondsAgo <= $0 + startSlackSeconds } ?? true
  }

  private func kinship(_ sender: SenderEvidence, _ process: ProcessEvidence) -> Kinship {
    guard sender.pid > 0, sender.traces > 0 else { return .none }
    if isTogether(sender, process) == false { return .none }
    if Self.isNamed(process, by: sender) { return .proven }
    if Self.isNamedInside(process, by: sender) {
      return (processes + namesakes).contains { isRival($0, of: process, for: sender) } ? .possible : .proven
    }
    guard process.descendants.contains(sender.pid), Self.isSince(process, secondsAgo: sender.lastSeenSecondsAgo) else {
      return .none
    }
    // A server may start workers in other languages, and a container's number may be a worker's here.
    if let worker = self.process(sender.pid) { return sender.contradicts(worker) ? .none : .proven }
    return sender.contradicts(process) ? .possible : .proven
  }

  /// Whether a sender was in the process's container, or on the process's machine where that is in none; `nil` where
  /// it is not known. One sign against it is enough: containers may share a network, or a control group.
  private func isTogether(_ sender: SenderEvidence, _ process: ProcessEvidence) -> Bool? {
    let signs = [hasContainer(of: process, sender), hasAddress(of: process, sender)].compactMap(\.self)
    return signs.isEmpty ? nil : !signs.contains(false)
  }

  /// By what it calls its container. An id and an inode name the same one, and are never the same text.
  private func hasContainer(of process: ProcessEvidence, _ sender: SenderEvidence) -> Bool? {
    let ids = process.containerIDs.filter { $0.hasPrefix("in-") == sender.containerID.hasPrefix("in-") }
    return sender.containerID.isEmpty || ids.isEmpty ? nil : ids.contains(sender.containerID)
  }

  /// By the address that it sent from. What comes by way of this machine, as to a published port, has one of its own.
  private func hasAddress(of process: ProcessEvidence, _ sender: SenderEvidence) -> Bool? {
    guard Self.isIPv4(sender.address), !outerAddresses.contains(sender.address) else { return nil }
    if !process.ownAddresses.isEmpty { return process.ownAddresses.contains(sender.address) }
    return process.networkNamespace.isEmpty || !isInOurNetwork(process) || outerAddresses.isEmpty ? nil : false
  }

  private static func isIPv4(_ address: String) -> Bool {
    address.contains(".") && !address.contains(":")
  }

  /// The sender names the process by the machine's numbers.
  private static func isNamed(_ process: ProcessEvidence, by sender: SenderEvidence) -> Bool {
    sender.pid == process.pid && isSince(process, secondsAgo: sender.lastSeenSecondsAgo) && !sender.contradicts(process)
  }

  /// The same by a container's numbers: they are few and the same everywhere, so that more has to agree.
  private static func isNamedInside(_ process: ProcessEvidence, by sender: SenderEvidence) -> Bool {
    process.innerPids.contains(sender.pid) && isSince(process, secondsAgo: sender.lastSeenSecondsAgo)
      && sender.agrees(with: process)
  }

  /// A process of another family that may be the sender too, as a second container of the same image.
  private func isRival(_ other: ProcessEvidence, of process: ProcessEvidence, for sender: SenderEvidence) -> Bool {
    other.pid != process.pid && isTogether(sender, other) != false
      && (Self.isNamed(other, by: sender) || Self.isNamedInside(other, by: sender))
      && !other.descendants.contains(process.pid) && !process.descendants.contains(other.pid)
  }
}

extension SenderEvidence {
  /// Another language or another version of the tracer.
  fileprivate func contradicts(_ process: ProcessEvidence) -> Bool {
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

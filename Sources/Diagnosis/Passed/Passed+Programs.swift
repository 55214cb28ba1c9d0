/// RST014 to RST026: who answers, in which protocol, and the files of unix sockets.
extension Passed {
  private static func answering(_ evidence: Evidence) -> [String] {
    evidence.probes.compactMap { probe in
      probe.product.map { "\(probe.address) is \($0.version.isEmpty ? $0.name : "\($0.name) \($0.version)")" }
    }.uniqued()
  }

  private static func whoAnswers(_ evidence: Evidence, else text: String) -> String {
    let answers = answering(evidence)
    return answers.isEmpty ? text : list(answers)
  }

  static func agentAnswers(_ evidence: Evidence) -> String {
    whoAnswers(evidence, else: "no other program answers where traces are sent")
  }

  static func noDatadogAgent(_ evidence: Evidence) -> String {
    whoAnswers(evidence, else: "nobody who answers says that it is Datadog's agent")
  }

  static func noOtherProduct(_ evidence: Evidence) -> String {
    whoAnswers(evidence, else: "nobody who answers is another product")
  }

  static func ownListener(_ evidence: Evidence) -> String {
    let owners = evidence.listeners(port: evidence.configuration.port).map(\.owner).uniqued()
    return owners.isEmpty
      ? "nothing holds port \(evidence.configuration.port) for another program"
      : "port \(evidence.configuration.port) is held by \(list(owners)) itself"
  }

  static func plainHTTP(_ evidence: Evidence) -> String {
    evidence.targets.isEmpty ? "nobody was seen to speak TLS to an agent" : "without TLS: \(targets(evidence))"
  }

  static func noOTLP(_ evidence: Evidence) -> String {
    apps(evidence, none: "no OTLP was seen that roost cannot take") { "\($0): exports no OTLP past roost" }
  }

  static func noStatsD(_ evidence: Evidence) -> String {
    evidence.targets.isEmpty ? "no metrics came to the port for traces" : "traces alone: \(targets(evidence))"
  }

  private static let defaultPath = EffectiveTarget.defaultSocketPath

  static func ownSocket(_ evidence: Evidence) -> String {
    guard let socket = evidence.unixSocket(defaultPath, nil), socket.exists else {
      return "nothing is at \(defaultPath) that could take the traces"
    }
    return socket.isListening
      ? "\(defaultPath) belongs to \(socket.owner)" : "\(defaultPath): no app goes there by itself"
  }

  static func livingSocket(_ evidence: Evidence) -> String {
    let living = evidence.host.unixSockets.filter { $0.exists && $0.isListening }
    return living.isEmpty
      ? "no file of a socket is left over" : "\(list(living.map(\.path))): its owner listens"
  }

  static func mayWrite(_ evidence: Evidence) -> String {
    let used = sockets(evidence)
    return used.isEmpty
      ? "no app sends over a unix socket"
      : "\(list(used.map { "\($0.path) (mode \($0.modeText))" })): its apps may write it"
  }

  static func streamSocket(_ evidence: Evidence) -> String {
    let used = sockets(evidence)
    return used.isEmpty
      ? "no app sends over a unix socket" : "\(list(used.map(\.path))): a stream socket, as traces need"
  }

  static func socketIsThere(_ evidence: Evidence) -> String {
    let used = sockets(evidence)
    return used.isEmpty ? "no app looks for a unix socket" : "\(list(used.map(\.path))): there, as its apps see it"
  }

  static func shortPath(_ evidence: Evidence) -> String {
    let paths = evidence.host.unixSockets.map(\.path) + [evidence.configuration.socketPath]
    let longest = paths.map(\.utf8.count).max() ?? 0
    let limit = evidence.host.system == "darwin" ? 103 : 107
    return longest == 0 ? "no path of a socket is set" : "the longest path of a socket has \(longest) of \(limit) bytes"
  }
}

/// RST004 to RST007: the app, the agent, or both are in containers, and localhost is not the same for all.
enum ContainerRules {
  /// Processes elsewhere whose target is loopback and in whose network nothing listens there.
  private static func lostProcesses(_ evidence: Evidence) -> [(process: ProcessEvidence, target: ProcessTarget)] {
    evidence.targets.filter { process, target in
      !evidence.isInOurNetwork(process) && target.address.isLoopback
        && evidence.listeners(port: target.address.port, in: process.networkNamespace).isEmpty
    }
  }

  static func foreignLocalhost(_ evidence: Evidence) -> [Finding] {
    lostProcesses(evidence).map { process, target in
      let port = target.address.port
      let here = evidence.listeners(port: port)
      var fix: [String] = []
      if let bridge = process.reachableHostAddress ?? evidence.bridgeAddress {
        fix.append(
          evidence.restart(process, sendingTo: "http://\(bridge):\(port)", note: "this machine, as seen from there"))
        if !here.contains(where: { $0.isEverywhere || $0.address == bridge }) {
          fix.append(
            evidence.serving(
              ["--non-local-traffic"] + portOptions(port), note: "on this machine, so that containers may connect"))
        }
      }
      let instead = fix.isEmpty ? "" : "or "
      fix.append(
        "\(instead)set DD_AGENT_HOST to the agent's name, if it is a service of the same Compose file or cluster")
      return Finding(
        "RST004", .problem,
        "The localhost of pid \(process.pid) is not this machine: it is in another network namespace",
        because: [
          process.sends(to: target),
          "it is in \(process.networkNamespace), this machine in \(evidence.host.networkNamespace)",
          "nothing listens on port \(port) in its namespace",
        ] + here.map { "here \($0.text) belongs to \($0.owner)" },
        fix: fix, explains: ["RST001", "RST005"], pid: process.pid)
    }
  }

  static func loopbackOnly(_ evidence: Evidence) -> [Finding] {
    let elsewhere = lostProcesses(evidence).map {
      (pid: Int64?.some($0.process.pid), port: $0.target.address.port, to: $0.target.naming)
    }
    return (elsewhere + outerCalls(evidence)).compactMap { call in
      let listeners = evidence.listeners(port: call.port)
      guard !listeners.isEmpty, listeners.allSatisfy(\.isLoopback) else { return nil }
      let isRoost = listeners.contains { evidence.isRoost($0) }
      return Finding(
        "RST005", .problem,
        "Port \(call.port) accepts this machine's connections only, but \(caller(call.pid)) from outside",
        because: ["\(evidence.naming(call.pid)) sends to \(call.to)"]
          + listeners.map { "\($0.text) belongs to \($0.owner)" } + ["no other address listens on port \(call.port)"],
        fix: isRoost
          ? [
            evidence.serving(
              ["--non-local-traffic"] + portOptions(call.port),
              note: "for trusted networks only; where its settings start it, DD_APM_NON_LOCAL_TRAFFIC=true is the same")
          ]
          : ["set DD_APM_NON_LOCAL_TRAFFIC=true for the agent and start it again (for trusted networks only)"],
        explains: ["RST001", "RST011", "RST012"], pid: call.pid)
    }
  }

  private static func caller(_ pid: Int64?) -> String { pid.map { "pid \($0) comes" } ?? "the caller comes" }

  /// Targets and half-open connections that are at an outer address of this machine.
  private static func outerCalls(_ evidence: Evidence) -> [(pid: Int64?, port: Int, to: String)] {
    let outer = evidence.outerAddresses
    var calls: [(pid: Int64?, port: Int, to: String)] = []
    for process in evidence.processes {
      let target = evidence.target(of: process).flatMap { outer.contains($0.address.host) ? $0 : nil }
      let connection = process.connections.first { $0.state == "SYN_SENT" && outer.contains($0.remoteAddress) }
      let address = target?.address ?? connection.map { Place(host: $0.remoteAddress, port: $0.remotePort) }
      if let address { calls.append((process.pid, address.port, target?.naming ?? address.text)) }
    }
    for attempt in evidence.attempts where attempt.isAll(.refused) {
      let hosts = attempt.probes.compactMap(\.target?.host)
      guard hosts.contains(where: outer.contains), !calls.contains(where: { $0.pid == attempt.pid }) else { continue }
      calls.append((attempt.pid, attempt.target.port, attempt.url))
    }
    return calls
  }

  static func nothingBehind(_ evidence: Evidence) -> [Finding] {
    var reported: Set<String> = []
    return evidence.ownAttempts.compactMap { attempt in
      guard attempt.target.isTCP, let probe = attempt.first(.closedAtOnce), let address = probe.target else {
        return nil
      }
      let listener =
        address.isLoopback || evidence.outerAddresses.contains(address.host)
        ? evidence.listeners(port: address.port).first : nil
      // Whom we know to answer for itself is another diagnosis: a program that is no agent.
      if let listener, listener.pid != nil, !listener.isForwarder { return nil }
      guard reported.insert(address.isLoopback ? "localhost:\(address.port)" : address.text).inserted else {
        return nil
      }
      return Finding(
        "RST006", .problem, "\(probe.address) accepts connections, but nothing answers behind it",
        because: evidence.usage(attempt) + [
          "the connection was made, then closed before a byte of an answer came"
        ] + (listener.map { ["\($0.text) belongs to \($0.owner)"] } ?? []),
        fix: [
          "set DD_APM_NON_LOCAL_TRAFFIC=true in the agent's container and start it again: it listens on all addresses then",
          "to be sure, read /proc/net/tcp in there: 0100007F:\(hexadecimal(address.port)) means loopback only",
        ],
        explains: ["RST014"], pid: attempt.pid, places: attempt.places)
    }
  }

  private static func hexadecimal(_ port: Int) -> String {
    let digits = String(port, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  static func notPublished(_ evidence: Evidence) -> [Finding] {
    var reported: Set<Int> = []
    return evidence.ownAttempts.compactMap { attempt in
      let port = attempt.target.port
      guard attempt.target.isLoopback, attempt.isAll(.refused), evidence.isWantedHere(port: port),
        evidence.listeners(port: port).isEmpty,
        !evidence.isReachableLocally(port: port), !evidence.host.publishedPorts.contains(port),
        let inside = evidence.host.listeners.first(where: { $0.port == port && !evidence.isOurs($0.networkNamespace) }),
        reported.insert(port).inserted
      else { return nil }
      return Finding(
        "RST007", .problem, "An agent listens on port \(port) in a container, but the port is not published here",
        because: evidence.usage(attempt) + [
          "\(inside.text) in \(inside.networkNamespace) belongs to \(inside.owner)",
          "nothing listens on port \(port) of this machine",
        ],
        fix: [
          "start the agent's container anew with its port: docker run -p 127.0.0.1:\(port):\(port) and the rest",
          "ports: [\"127.0.0.1:\(port):\(port)\"]   # the same in a Compose file",
        ],
        explains: ["RST001"], pid: nil)
    }
  }
}

/// RST021 to RST023: a unix socket that takes the traffic, is dead, or does not let the app in.
enum UnixSocketRules {
  static func stolen(_ evidence: Evidence) -> [Finding] {
    evidence.targets.compactMap { process, target in
      guard target.isDefaultSocket, let socket = evidence.socket(target.address.path, seenBy: process.pid),
        socket.kind == "socket", socket.isListening, !isOurs(socket, evidence)
      else { return nil }
      let unused = evidence.agent.map { $0.tcpRequests == 0 && $0.unixRequests == 0 } ?? false
      return Finding(
        "RST021", .problem, "Your tracer does not use port 8126: it found \(socket.path)",
        because: [
          "DD_TRACE_AGENT_URL, DD_AGENT_HOST, DD_TRACE_AGENT_PORT are unset in \(process.naming)",
          "the socket belongs to \(socket.owner)",
        ] + (unused ? ["roost has received nothing, over TCP or its socket"] : []),
        fix: [
          evidence.restartOverTCP(process),
          "or stop \(socket.owner)   # roost takes the socket a second later",
        ],
        explains: ["RST001", "RST058"], pid: process.pid)
    }
  }

  /// The running roost has this socket open.
  private static func isOurs(_ socket: UnixSocketEvidence, _ evidence: Evidence) -> Bool {
    guard let agent = evidence.agent else { return commandName(socket.process) == "roost" }
    if let pid = socket.pid { return pid == agent.pid }
    return agent.listeners.contains { Evidence.isSamePath($0, socket.path) }
  }

  static func stale(_ evidence: Evidence) -> [Finding] {
    var reported: Set<String> = []
    return evidence.attempts.compactMap { attempt -> Finding? in
      guard !attempt.target.isTCP, attempt.isAll(.refused),
        let socket = evidence.socket(attempt.target.path, seenBy: attempt.pid), socket.kind == "socket",
        !socket.isListening, socket.type != "datagram", reported.insert(socket.path).inserted
      else { return nil }
      let users = evidence.targets.filter { Evidence.isSamePath($0.target.address.path, socket.path) }
      return Finding(
        "RST022", users.isEmpty ? .warning : .problem, "\(socket.path) is left over: nobody listens on it",
        because: users.map { $0.process.sends(to: $0.target) } + [
          "connecting to it is refused (\(attempt.probes.first?.errorName ?? "ECONNREFUSED"))",
          "the file exists, but no process has that socket open",
        ] + (users.isEmpty ? ["tracers that are told nothing prefer it to port 8126"] : []),
        fix: staleFix(socket, users, evidence),
        explains: ["RST021", "RST001"], pid: users.count == 1 ? users.first?.process.pid : nil,
        places: [attempt.target])
    }
  }

  /// Who is told that path misses the file when it is gone; who found it goes to the port then.
  private static func staleFix(
    _ socket: UnixSocketEvidence, _ users: [(process: ProcessEvidence, target: ProcessTarget)], _ evidence: Evidence
  ) -> [String] {
    let told = users.first { !$0.target.isDefaultSocket }?.process
    let remove = told == nil ? ["rm \(shellWord(socket.path))   # then start the app anew"] : []
    if evidence.runningRoost == nil {
      return remove + [
        "roost serve --socket \(shellWord(socket.path))" + (told == nil ? "   # or: takes its place" : "")
      ]
    }
    return remove
      + (told.map { [evidence.restart($0, note: "roost listens there")] }
        ?? ["or start roost anew with receiver_socket: \(socket.path)"])
  }

  static func permission(_ evidence: Evidence) -> [Finding] {
    var findings = evidence.targets.compactMap { process, target -> Finding? in
      guard !target.address.isTCP, let socket = evidence.socket(target.address.path, seenBy: process.pid) else {
        return nil
      }
      let who = "user \(process.uid) (pid \(process.pid))"
      if let folder = socket.blockedFolder {
        return Finding(
          "RST023", .problem, "\(who) may not enter \(folder), on the way to \(socket.path)",
          because: [process.sends(to: target), identity(process)],
          fix: ["sudo chmod o+x \(shellWord(folder))"], explains: ["RST021", "RST025"], pid: process.pid,
          places: [target.address])
      }
      guard socket.exists, socket.kind == "socket",
        !socket.isWritable(uid: process.uid, gid: process.gid, groups: process.groups)
      else { return nil }
      return Finding(
        "RST023", .problem, "\(who) may not write \(socket.path) (mode \(socket.modeText))",
        because: [
          process.sends(to: target), identity(process),
          "the socket belongs to user \(socket.ownerUID), group \(socket.ownerGID), mode \(socket.modeText)",
        ],
        fix: [
          "sudo chmod 0722 \(shellWord(socket.path))",
          evidence.restartOverTCP(process, note: "or over TCP"),
        ],
        explains: ["RST021", "RST022"], pid: process.pid, places: [target.address])
    }
    for attempt in evidence.attempts where attempt.pid == nil && !attempt.target.isTCP {
      guard let probe = attempt.first(.notPermitted), findings.isEmpty else { continue }
      let mode = evidence.unixSocket(attempt.target.path, nil).map { " (mode \($0.modeText))" } ?? ""
      findings.append(
        Finding(
          "RST023", .warning, "This user may not use \(attempt.target.path)\(mode)",
          because: ["connecting to it fails (\(probe.errorName ?? "EACCES"))"],
          fix: ["sudo chmod 0722 \(shellWord(attempt.target.path))"], explains: ["RST021"],
          places: [attempt.target]))
    }
    return findings
  }

  private static func identity(_ process: ProcessEvidence) -> String {
    "it runs as user \(process.uid), groups "
      + ([process.gid] + process.groups).map { String($0) }.uniqued().joined(separator: ", ")
  }
}

/// RST024 to RST026: the file at the socket's path is of the wrong kind, not the same one, or its path does not fit.
enum SocketFileRules {
  static func datagram(_ evidence: Evidence) -> [Finding] {
    var findings: [Finding] = []
    for (process, target) in evidence.targets where !target.address.isTCP {
      let path = target.address.path
      let isWrong = evidence.attempts.contains {
        $0.pid == process.pid && $0.target.path == path && $0.first(.wrongType) != nil
      }
      guard isWrong || evidence.socket(path, seenBy: process.pid)?.type == "datagram" else { continue }
      findings.append(
        finding(
          path, pid: process.pid, because: [process.sends(to: target)], evidence))
    }
    // Who asks about an app is not told of a socket that it does not use.
    for attempt in evidence.attempts
    where attempt.pid == nil && attempt.first(.wrongType) != nil && !evidence.question.isAboutApps {
      guard !findings.contains(where: { $0.title.contains(attempt.target.path) }) else { continue }
      findings.append(finding(attempt.target.path, pid: nil, because: [], evidence))
    }
    return findings
  }

  private static func finding(
    _ path: String, pid: Int64?, because: [String], _ evidence: Evidence
  ) -> Finding {
    let process = evidence.process(pid)
    let owner = evidence.socket(path, seenBy: pid).map { ["it belongs to \($0.owner)"] } ?? []
    return Finding(
      "RST024", .problem, "\(path) is a datagram socket; traces need a stream socket",
      because: because + owner,
      fix: Evidence.isSamePath(path, EffectiveTarget.defaultSocketPath)
        ? [
          evidence.restartOverTCP(process),
          "or give its owner another path   # roost takes this one a second later",
        ]
        : evidence.restartWithRightSocket(process),
      explains: ["RST022", "RST058"], pid: pid, places: [Place(unix: path)])
  }

  static func notMounted(_ evidence: Evidence) -> [Finding] {
    requested(evidence)
      + evidence.targets.compactMap { process, target -> Finding? in
        let path = target.address.path
        guard !target.address.isTCP, let seen = evidence.unixSocket(path, process.pid) else { return nil }
        let own = evidence.unixSocket(path, nil)
        if isNoSocket(seen) { return noSocket(seen, process, target, evidence) }
        if seen.exists { return oldFile(seen, own, process, target) }
        // A folder that may not be entered hides what is in it.
        guard seen.blockedFolder == nil else { return nil }
        return missing(path, isHere: own?.exists == true, process, target, evidence)
      }
  }

  private static func missing(
    _ path: String, isHere: Bool, _ process: ProcessEvidence, _ target: ProcessTarget, _ evidence: Evidence
  ) -> Finding {
    let because = [process.sends(to: target)]
    guard isHere || process.isInContainer else {
      return Finding(
        "RST025", .problem, "There is no socket at \(path)", because: because + ["nothing is at that path"],
        fix: (evidence.runningRoost == nil ? evidence.serving(socket: path).map { [$0] } ?? [] : [])
          + [evidence.restartOverTCP(process, note: "over TCP")]
          + (evidence.runningRoost == nil ? [] : evidence.serving(socket: path, note: "or so").map { [$0] } ?? []),
        pid: process.pid, places: [target.address])
    }
    let here =
      isHere
      ? "on this machine the socket exists"
      : "on this machine there is none either: an agent has to listen there first"
    return Finding(
      "RST025", .problem, "\(path) does not exist where pid \(process.pid) looks for it",
      because: because + ["nothing is at that path in its file system", here],
      fix: mount(path), pid: process.pid, places: [target.address])
  }

  private static func isNoSocket(_ seen: UnixSocketEvidence) -> Bool {
    seen.exists && !seen.kind.isEmpty && seen.kind != "socket"
  }

  /// A container engine makes a folder where the file that it was to mount is missing.
  private static func noSocket(
    _ seen: UnixSocketEvidence, _ process: ProcessEvidence, _ target: ProcessTarget, _ evidence: Evidence
  ) -> Finding {
    Finding(
      "RST025", .problem, "There is \(thing(seen)) at \(seen.path), and no socket",
      because: [process.sends(to: target), "\(seen.path) is \(thing(seen))"],
      fix: (process.isInContainer ? mount(seen.path) : [removeAndServe(seen, evidence)])
        + [evidence.restartOverTCP(process, note: "or over TCP")],
      explains: ["RST022", "RST058"], pid: process.pid, places: [target.address])
  }

  private static func thing(_ seen: UnixSocketEvidence) -> String {
    seen.kind == "directory" ? "a folder" : "a file of another kind"
  }

  private static func removeAndServe(_ seen: UnixSocketEvidence, _ evidence: Evidence) -> String {
    let remove = (seen.kind == "directory" ? "rmdir " : "rm ") + shellWord(seen.path)
    return evidence.runningRoost.map {
      "\(remove)   # then stop \($0), and start it with receiver_socket: \(seen.path)"
    }
      ?? "\(remove) && roost serve --socket \(shellWord(seen.path))"
  }

  /// The socket that the doctor was asked to try.
  private static func requested(_ evidence: Evidence) -> [Finding] {
    guard let url = evidence.question.url, let path = Place(url)?.path, !path.isEmpty,
      let seen = evidence.unixSocket(path, nil)
    else { return [] }
    if isNoSocket(seen) {
      return [
        Finding(
          "RST025", .problem, "There is \(thing(seen)) at \(path), and no socket",
          because: ["\(path) is \(thing(seen))"],
          fix: [removeAndServe(seen, evidence)], explains: ["RST022"],
          places: [Place(unix: path)])
      ]
    }
    guard !seen.exists else { return [] }
    return [
      Finding(
        "RST025", .problem, "There is no socket at \(path)", because: ["nothing is at that path"],
        fix: [
          evidence.serving(socket: path) ?? "make the folder of the socket first, then let roost listen there",
          "roost doctor   # where agents are on this machine",
        ], places: [Place(unix: path)])
    ]
  }

  private static func oldFile(
    _ seen: UnixSocketEvidence, _ own: UnixSocketEvidence?, _ process: ProcessEvidence, _ target: ProcessTarget
  ) -> Finding? {
    guard let own, own.exists, own.isListening, !seen.isListening, seen.inode != 0, own.inode != 0,
      seen.inode != own.inode
    else { return nil }
    return Finding(
      "RST025", .problem, "pid \(process.pid) has an old socket mounted at \(seen.path)",
      because: [
        process.sends(to: target),
        "the file it sees is number \(seen.inode), the one in use is number \(own.inode)",
        "nobody listens on the old one; the one in use belongs to \(own.owner)",
      ],
      fix: mount(seen.path), explains: ["RST022"], pid: process.pid, places: [target.address])
  }

  private static func mount(_ path: String) -> [String] {
    [
      "mount the folder, not the file: docker run -v \(folder(path)):\(folder(path)) and the rest",
      "volumes: [\"\(folder(path)):\(folder(path))\"]   # the same in a Compose file",
    ]
  }

  private static func folder(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
  }

  static func tooLong(_ evidence: Evidence) -> [Finding] {
    let limit = evidence.host.system == "darwin" ? 103 : 107
    var paths: [(path: String, pid: Int64?, from: String)] = []
    for (process, target) in evidence.targets where target.address.path.utf8.count > limit {
      paths.append((target.address.path, process.pid, "\(process.naming) has it (\(target.variable ?? "by default"))"))
    }
    if evidence.configuration.socketPath.utf8.count > limit {
      paths.append((evidence.configuration.socketPath, nil, "roost is configured to listen on it"))
    }
    for attempt in evidence.attempts where attempt.pid == nil && attempt.first(.pathTooLong) != nil {
      guard !paths.contains(where: { $0.path == attempt.target.path }) else { continue }
      paths.append((attempt.target.path, nil, "it was asked for"))
    }
    return paths.map { path, pid, from in
      Finding(
        "RST026", .problem, "The path of the unix socket is \(path.utf8.count) bytes long; \(limit) fit",
        because: [path, from],
        fix: pid == nil
          ? [
            "give roost a shorter path: DD_APM_RECEIVER_SOCKET=/var/run/datadog/apm.socket, or receiver_socket in its file"
          ]
          : evidence.restartWithRightSocket(evidence.process(pid)),
        explains: ["RST025", "RST058"], pid: pid)
    }
  }
}

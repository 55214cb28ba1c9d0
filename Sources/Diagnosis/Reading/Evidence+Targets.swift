/// Where a process sends its traces, and why there.
package struct ProcessTarget: Sendable {
  /// As its setting has it, or as its tracer makes it up.
  package var url: String
  /// The host and port, or the socket's path, that `url` stands for.
  package var address: Place
  /// What decides: `DD_TRACE_AGENT_URL`, `DD_AGENT_HOST`, …; `nil` when nothing is set and the tracer decides.
  package var variable: String?
  /// Nothing is set, and the tracer found the default socket.
  package var isDefaultSocket = false

  /// The URL and where it comes from: `http://localhost:8126 (DD_TRACE_AGENT_URL)`.
  package var naming: String { "\(url) (" + (variable ?? "the default, nothing is set") + ")" }
}

extension Evidence {
  /// Where `process` sends; `nil` when its environment may not be read or its setting names no address.
  package func target(of process: ProcessEvidence) -> ProcessTarget? {
    guard process.isEnvironmentReadable else { return nil }
    let target = EffectiveTarget.of(process: process, in: self)
    guard var place = Place(target.address) else { return nil }
    place.isTLS = target.url.lowercased().hasPrefix("https://")
    return ProcessTarget(
      url: target.url, address: place,
      variable: target.decidedBy.isEmpty ? nil : target.decidedBy.joined(separator: ", "),
      isDefaultSocket: target.isDefaultSocket)
  }

  /// Each process whose target is known, with it.
  package var targets: [(process: ProcessEvidence, target: ProcessTarget)] {
    processes.compactMap { process in target(of: process).map { (process, $0) } }
  }

  /// The unix socket at `path` as the process sees it; where only our own view is known and both share one file system,
  /// that one.
  package func socket(_ path: String, seenBy pid: Int64?) -> UnixSocketEvidence? {
    if let seen = unixSocket(path, pid) { return seen }
    guard let process = process(pid), !process.isInContainer else { return nil }
    return unixSocket(path, nil)
  }

  /// The very entry for `path` and `pid`.
  package func unixSocket(_ path: String, _ pid: Int64?) -> UnixSocketEvidence? {
    host.unixSockets.first { Self.isSamePath($0.path, path) && $0.seenByPid == pid }
  }

  /// `/var/run` is a link to `/run` wherever it matters.
  package static func isSamePath(_ a: String, _ b: String) -> Bool { a == b || canonical(a) == canonical(b) }

  private static func canonical(_ path: String) -> String {
    path.hasPrefix("/var/run/") ? String(path.dropFirst(4)) : path
  }
}

extension UnixSocketEvidence {
  /// `pid 377 (trace-agent)`, as far as it is known.
  package var owner: String {
    switch (process.isEmpty, pid) {
    case (true, nil): "a program that this user may not look at"
    case (true, let pid?): "pid \(pid)"
    case (false, nil): "`\(shortened(process))`"
    case (false, let pid?): "pid \(pid) (\(shortened(process)))"
    }
  }

  /// Three digits and the leading zero, as `chmod` takes it: `0755`.
  package var modeText: String {
    let digits = String(mode & 0o7777, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// Whether the mode lets a process of this identity write, which connecting needs; root may always.
  package func isWritable(uid: UInt32, gid: UInt32, groups: [UInt32]) -> Bool {
    if uid == 0 { return true }
    if uid == ownerUID { return mode & 0o200 != 0 }
    if gid == ownerGID || groups.contains(ownerGID) { return mode & 0o020 != 0 }
    return mode & 0o002 != 0
  }
}

/// RST058: the running roost does not take traces where it was told to.
enum OwnListenerRules {
  static func notListening(_ evidence: Evidence) -> [Finding] {
    let missing = evidence.agent?.notListening ?? []
    return missing.filter { concerns($0.address, evidence) }.map { failure in
      Finding(
        "RST058", evidence.agent?.listeners.isEmpty == true ? .problem : .warning,
        "roost does not listen on \(failure.address), where it was told to",
        because: ["\(failure.reason)"] + users(failure.address, evidence),
        fix: fix(failure, evidence), places: failure.address.hasPrefix("/") ? [Place(unix: failure.address)] : [])
    }
  }

  /// Who asks about an app is not told of a socket that it does not use.
  private static func concerns(_ address: String, _ evidence: Evidence) -> Bool {
    !evidence.question.isAboutApps || evidence.targets.contains { isPath($0.target, address) }
  }

  private static func isPath(_ target: ProcessTarget, _ address: String) -> Bool {
    !target.address.isTCP && Evidence.isSamePath(target.address.path, address)
  }

  private static func users(_ address: String, _ evidence: Evidence) -> [String] {
    evidence.targets.filter { isPath($0.target, address) }.map { $0.process.sends(to: $0.target) }
  }

  /// Nothing has to be started anew for a socket: roost looks every second whether it can listen.
  private static func fix(_ failure: ListenerFailureEvidence, _ evidence: Evidence) -> [String] {
    let (path, reason, then) = (failure.address, failure.reason, "   # roost listens there a second later")
    if path.hasPrefix("descriptor ") { return [evidence.serving(note: "with a descriptor that listens")] }
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let socket = evidence.unixSocket(path, nil)
    if reason.contains("directory does not exist") { return ["sudo mkdir -p \(shellWord(folder))" + then] }
    if reason.contains("another process") {
      let owner = socket?.owner ?? "the process that has it"
      return ["stop \(owner)" + then, "or " + otherPath]
    }
    if reason.contains("not a socket") {
      return [(socket?.kind == "directory" ? "rmdir " : "rm ") + shellWord(path) + then]
    }
    if ["Permission denied", "Operation not permitted"].contains(where: reason.contains) {
      return ["let the user that roost runs as write to \(shellWord(folder))" + then]
    }
    if reason.contains("Too many open files") {
      return [evidence.serving(note: "after ulimit -n 4096: it may not open more files")]
    }
    return [otherPath]
  }

  private static let otherPath = "give roost another path: DD_APM_RECEIVER_SOCKET, or receiver_socket in its file"
}

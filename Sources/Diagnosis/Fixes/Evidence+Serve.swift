extension Evidence {
  /// The running roost as messages name it, `roost (pid 29110)`; `nil` when none is seen.
  package var runningRoost: String? {
    if let agent { return agent.pid > 0 ? "roost (pid \(agent.pid))" : "roost" }
    let listener = host.listeners.first { isOurs($0.networkNamespace) && isRoost($0) }
    return listener.map { $0.pid.map { "roost (pid \($0))" } ?? "roost" }
  }

  /// How roost comes to run with these options or variables: a line where none runs, for beside one that runs it would
  /// find its addresses in use.
  func serving(_ options: [String] = [], settings: String = "", note: String = "") -> String {
    let behind = note.isEmpty ? "" : "   # \(note)"
    guard let running = runningRoost else {
      return (settings.isEmpty ? "" : settings + " ") + (["roost", "serve"] + options).joined(separator: " ") + behind
    }
    let change = ([settings] + options).filter { !$0.isEmpty }.joined(separator: " ")
    let how = change.isEmpty ? "" : " with \(change)"
    return "stop \(running), then start it again\(how)" + (note.isEmpty ? "" : " (\(note))")
  }

  /// How roost gets the socket at `path`; `nil` where the folder of it does not exist.
  func serving(socket path: String, note: String = "") -> String? {
    let isFolderMissing = host.unixSockets.contains { Self.isSamePath($0.path, path) && !$0.isFolderThere }
    return isFolderMissing ? nil : serving(["--socket", shellWord(path)], note: note)
  }

  /// A stream socket on which the running roost takes traces, as a URL; `nil` when it has none.
  var roostSocketURL: String? {
    (agent?.listeners ?? []).first { $0.hasPrefix("/") }.map { "unix://\($0)" }
  }

  /// What `process` can set to reach roost: over TCP, or by its socket where it has nothing else.
  func agentURL(for process: ProcessEvidence?) -> String {
    if let agent, let socket = roostSocketURL, process.map({ !$0.isInContainer }) ?? true,
      !agent.listeners.contains(where: { Place($0)?.isTCP == true })
    {
      return socket
    }
    return tcpURL(for: process)
  }

  /// The line that starts `process` again with roost as its agent.
  func restart(_ process: ProcessEvidence?, sendingTo url: String? = nil, note: String = "") -> String {
    Restart.sending(to: url ?? agentURL(for: process), process).line(process, note: note)
  }

  /// The line that starts `process` again with an agent over TCP: the one that is there, or one of its own.
  func restartOverTCP(_ process: ProcessEvidence?, note: String = "") -> String {
    let url = tcpURL(for: process)
    let isThere =
      agent != nil
      || probes.contains { probe in
        probe.product?.isAgent == true && probe.target.map { $0.isTCP && $0.port == Place(url)?.port } == true
      }
    return isThere || process == nil || process?.isInContainer == true
      ? restart(process, sendingTo: url, note: note) : roostRun(process, note: "starts an agent if none is there")
  }

  /// The line that starts `process` again through `roost run`, which a setting that leads elsewhere would overrule.
  func roostRun(_ process: ProcessEvidence?, keepsAddress: Bool = false, note: String = "") -> String {
    Restart(unset: keepsAddress ? [] : Restart.addressNames, isThroughRoostRun: true).line(process, note: note)
  }

  /// The lines that start `process` again with a socket that takes traces, where there is one, and with TCP.
  func restartWithRightSocket(_ process: ProcessEvidence?) -> [String] {
    let path = EffectiveTarget.defaultSocketPath
    let isDefaultThere = socket(path, seenBy: process?.pid).map { $0.isListening && $0.type != "datagram" } ?? false
    let url = roostSocketURL ?? (isDefaultThere ? "unix://\(path)" : nil)
    let overSocket = process?.isInContainer == true ? nil : url
    return (overSocket.map { [restart(process, sendingTo: $0)] } ?? [])
      + [restartOverTCP(process, note: overSocket == nil ? "over TCP" : "or over TCP")]
  }
}

import Addresses

extension Evidence {
  /// What was seen of the process `pid`.
  package func process(_ pid: Int64?) -> ProcessEvidence? {
    pid.flatMap { pid in processes.first { $0.pid == pid } }
  }

  /// `pid 812 (python app.py)`, `this machine` for `nil`.
  package func naming(_ pid: Int64?) -> String {
    guard let pid else { return "this machine" }
    return process(pid)?.naming ?? "pid \(pid)"
  }

  /// The addresses of this machine by which other machines and containers reach it.
  package var outerAddresses: Set<String> {
    Set(host.bridgeAddresses.values).union(host.ownAddresses).union(processes.compactMap(\.reachableHostAddress))
  }

  /// The address to give to containers: docker0's before any other bridge's.
  package var bridgeAddress: String? {
    host.bridgeAddresses["docker0"] ?? host.bridgeAddresses.min { $0.key < $1.key }?.value
  }

  /// A URL on which the running roost takes traces over TCP from this machine.
  package var roostURL: String? {
    let addresses = (agent?.listeners ?? []).compactMap { Place($0) }.filter(\.isTCP)
    guard let chosen = addresses.first(where: { $0.host == "127.0.0.1" }) ?? addresses.first else {
      return agent == nil ? host.otherRoostPorts.first.map { "http://127.0.0.1:\($0)" } : nil
    }
    return AddressKind.isUnspecified(chosen.host) ? "http://127.0.0.1:\(chosen.port)" : chosen.url
  }

  /// What `process` can set to reach an agent over TCP: roost's own port, from a container by this machine's bridge.
  package func tcpURL(for process: ProcessEvidence?) -> String {
    let here = roostURL ?? "http://127.0.0.1:\(configuration.port == 0 ? 8126 : configuration.port)"
    guard let process, !isInOurNetwork(process), let bridge = process.reachableHostAddress ?? bridgeAddress,
      let port = Place(here)?.port
    else {
      return here
    }
    return Place(host: bridge, port: port).url
  }

  /// A port for a roost beside what is on `taken`: the next one that nothing listens on.
  package func freePort(beside taken: Int) -> Int {
    let busy = Set(host.listeners.filter { isOurs($0.networkNamespace) }.map(\.port))
    return (taken + 1..<min(taken + 100, 65_536)).first { !busy.contains($0) } ?? 18_126
  }
}

extension ProcessEvidence {
  /// How messages name the process: `pid 812 (python app.py)`, or `pid 812` when nothing else is known.
  package var naming: String {
    let command = command
    return command.isEmpty ? "pid \(pid)" : "pid \(pid) (\(command))"
  }

  /// `pid 812 (python app.py) sends to http://agent:8126 (DD_AGENT_HOST)`.
  package func sends(to target: ProcessTarget) -> String { "\(naming) sends to \(target.naming)" }

  /// How it was started, shortened: `python app.py`; its short name when the command line is unknown.
  package var command: String {
    let full = commandLine.joined(separator: " ")
    return full.isEmpty ? name : shortened(full)
  }

  /// A value that is set and not empty.
  package func setting(_ name: String) -> String? {
    environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}

extension Sequence<String> {
  /// Without repeated lines, in the order of their first appearance.
  func uniqued() -> [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}

/// What a person knows a program by, on one line: its command line, with files instead of paths where it is long.
func shortened(_ commandLine: String) -> String {
  let words = commandLine.split(whereSeparator: \.isWhitespace)
  var line = words.joined(separator: " ")
  if line.count > 60 { line = words.map(fileName).joined(separator: " ") }
  return line.count > 60 ? String(line.prefix(59)) + "…" : line
}

/// The last part of a path; other words as they are.
private func fileName(_ word: Substring) -> Substring {
  guard word.contains("/"), !word.contains("://") else { return word }
  return word.split(separator: "/").last ?? word
}

/// `--port 8127`; nothing for the port that `roost serve` takes by itself.
func portOptions(_ port: Int) -> [String] { port == EffectiveTarget.defaultPort ? [] : ["--port", String(port)] }

import Addresses

extension ListenerEvidence {
  /// Bound to an address such as 0.0.0.0 or ::, so that other machines may reach it.
  package var isEverywhere: Bool { AddressKind.isUnspecified(address) }

  /// Only programs on this machine, and in its network namespace, reach it.
  package var isLoopback: Bool { AddressKind.isLoopback(address) }

  /// Where it listens, for messages: `127.0.0.1:8126`, `[::1]:8126`.
  package var text: String { Place(host: address, port: port).text }

  /// `python -m http.server 8126 (pid 4242)`, as far as it is known.
  package var owner: String {
    switch (process.isEmpty, pid) {
    case (true, nil): "a program that this user may not look at"
    case (true, let pid?): "pid \(pid)"
    case (false, nil): "`\(shortened(process))`"
    case (false, let pid?): "`\(shortened(process))` (pid \(pid))"
    }
  }

  /// It passes connections on into a container or to another machine instead of answering them.
  package var isForwarder: Bool {
    let program = commandName(process)
    return [
      "docker-proxy", "rootlessport", "rootlesskit", "slirp4netns", "pasta", "kubectl", "ssh", "socat", "wslrelay",
    ]
    .contains(program) || program.hasPrefix("com.docker")
  }

  /// Something that listens for another program and starts it when data comes.
  package var isActivator: Bool {
    let program = commandName(process)
    return pid == 1 || ["systemd", "launchd", "init", "trace-loader"].contains(program)
  }
}

extension Evidence {
  /// Listening sockets in the doctor's own network namespace.
  package func listeners(port: Int) -> [ListenerEvidence] {
    host.listeners.filter { $0.port == port && isOurs($0.networkNamespace) }
  }

  /// Listening sockets in the namespace `name`.
  package func listeners(port: Int, in name: String) -> [ListenerEvidence] {
    host.listeners.filter { $0.port == port && $0.networkNamespace == name }
  }

  /// Where namespaces are unknown there is but one network.
  package func isOurs(_ networkNamespace: String) -> Bool {
    networkNamespace.isEmpty || host.networkNamespace.isEmpty || networkNamespace == host.networkNamespace
  }

  /// Its localhost is our localhost.
  package func isInOurNetwork(_ process: ProcessEvidence) -> Bool { isOurs(process.networkNamespace) }

  /// The running roost has it open.
  package func isRoost(_ listener: ListenerEvidence) -> Bool {
    guard let agent else { return commandName(listener.process) == "roost" }
    return listener.pid == agent.pid || agent.listeners.contains(listener.text)
  }
}

/// The program of a command line, without its folder: `python` of `/usr/bin/python app.py`.
func commandName(_ commandLine: String) -> String {
  let program = commandLine.split(separator: " ").first ?? ""
  return String(program.split(separator: "/").last ?? "").filter { $0 != ":" }
}

import Diagnosis

/// Ports that Docker publishes on the host, as far as they show without asking an engine: by its proxy processes.
enum PublishedPorts {
  /// Ports of TCP from the command lines of `docker-proxy`, sorted.
  static func ports(in commandLines: [[String]]) -> [Int] {
    var ports: Set<Int> = []
    for arguments in commandLines where isProxy(arguments) {
      if value(of: "-proto", in: arguments) == "udp" { continue }
      if let port = value(of: "-host-port", in: arguments).flatMap({ AgentAddress.portNumber($0) }) {
        ports.insert(Int(port))
      }
    }
    return ports.sorted()
  }

  static func isProxy(_ arguments: [String]) -> Bool {
    ProgramLanguage.baseName(arguments.first ?? "") == "docker-proxy"
  }

  private static func value(of option: String, in arguments: [String]) -> String? {
    guard let position = arguments.firstIndex(of: option), position + 1 < arguments.count else { return nil }
    return arguments[position + 1]
  }
}

import Addresses

/// RST002 and RST003: localhost means two addresses, and a program may listen on only one of them.
enum LocalhostRules {
  static func ipv4Only(_ evidence: Evidence) -> [Finding] {
    guard evidence.host.localhostAddresses.first == "::1" || !users(of: "::1", evidence).isEmpty else { return [] }
    return ports(evidence).compactMap { port in
      guard isState(port, open: "127.0.0.1", closed: "::1", evidence),
        !evidence.listeners(port: port).contains(where: { AddressKind.isIPv6($0.address) })
      else { return nil }
      let users = users(of: "::1", evidence).filter { $0.target.address.port == port }
      // Who asks about an app is not told of an address that it does not use.
      guard !users.isEmpty || !evidence.question.isAboutApps else { return nil }
      let lines = evidence.log("ECONNREFUSED") { $0.host == "::1" && $0.port == port }
      // Most clients go on to the second address. Those that were named the first one cannot, and Nodes before 20 do
      // not; a Node that was heard is no such one.
      let isNodeHeard = evidence.agent?.clients.contains { $0.language == "nodejs" } ?? false
      let isLost =
        !lines.isEmpty
        || users.contains { $0.target.address.host == "::1" || ($0.process.language == "nodejs" && !isNodeHeard) }
      return Finding(
        "RST002", isLost ? .problem : .warning,
        "localhost is ::1 first, but port \(port) has an IPv4 listener only",
        because: users.map { $0.process.sends(to: $0.target) }
          + [
            "localhost stands for " + evidence.host.localhostAddresses.joined(separator: ", then "),
            "[::1]:\(port) refuses connections, 127.0.0.1:\(port) answers",
          ] + lines.prefix(3).flatMap(\.quoted),
        fix: [
          evidence.restart(users.first?.process, sendingTo: "http://127.0.0.1:\(port)"),
          "or let the agent listen on [::1] too, as roost does unless bind_host says otherwise",
        ],
        explains: ["RST001"], pid: users.count == 1 ? users.first?.process.pid : nil,
        places: [Place(host: "localhost", port: port)])
    }
  }

  static func twins(_ evidence: Evidence) -> [Finding] {
    ports(evidence).compactMap { port in sharedPort(port, evidence) ?? ipv6Only(port, evidence) }
  }

  /// Two owners, both known; or two products that answer. One program's two sockets are no finding.
  private static func sharedPort(_ port: Int, _ evidence: Evidence) -> Finding? {
    let listeners = evidence.listeners(port: port)
    guard let v4 = listeners.first(where: { !AddressKind.isIPv6($0.address) && isLocal($0) }),
      let v6 = listeners.first(where: { AddressKind.isIPv6($0.address) && isLocal($0) })
    else { return nil }
    let differ = v4.pid.flatMap { first in v6.pid.map { $0 != first } } ?? false
    let products = ["127.0.0.1", "::1"].map { host in probe(host, port, evidence)?.product?.name }
    guard differ || (products[0] != nil && products[1] != nil && products[0] != products[1]) else { return nil }
    // docker-proxy is started once for each family and serves one container.
    if v4.isForwarder && v6.isForwarder { return nil }
    let isOurs = evidence.isRoost(v6)
    let wanted = isOurs ? v6 : v4
    let other = isOurs ? v4 : v6
    let host = AddressKind.isIPv6(wanted.address) ? "[::1]" : "127.0.0.1"
    let user = evidence.targets.first { $0.target.address.port == port && evidence.isInOurNetwork($0.process) }?.process
    return Finding(
      "RST003", .problem, "Two programs share port \(port): one on IPv4, one on IPv6",
      because: [v4, v6].map { "\($0.text) belongs to \($0.owner)" }
        + ["localhost stands for " + evidence.host.localhostAddresses.joined(separator: ", then ")],
      fix: [evidence.restart(user, sendingTo: "http://\(host):\(port)", note: "reaches \(wanted.owner)")]
        + (other.pid.map { ["kill \($0)   # or stop the other: \(shortened(other.process))"] } ?? []),
      explains: ["RST014", "RST015", "RST016"], places: [Place(host: "localhost", port: port)])
  }

  private static func ipv6Only(_ port: Int, _ evidence: Evidence) -> Finding? {
    guard isState(port, open: "::1", closed: "127.0.0.1", evidence),
      let listener = evidence.listeners(port: port).first(where: { AddressKind.isIPv6($0.address) })
    else { return nil }
    let users = users(of: "127.0.0.1", evidence).filter { $0.target.address.port == port }
    return Finding(
      "RST003", users.isEmpty ? .warning : .problem, "Port \(port) has an IPv6 listener only",
      because: users.map { $0.process.sends(to: $0.target) }
        + [
          "\(listener.text) belongs to \(listener.owner)",
          "127.0.0.1:\(port) refuses connections, [::1]:\(port) answers",
        ],
      fix: [
        evidence.restart(users.first?.process, sendingTo: "http://[::1]:\(port)"),
        "or let the agent listen on 127.0.0.1 too, as roost does unless bind_host says otherwise",
      ],
      explains: ["RST001"], pid: users.count == 1 ? users.first?.process.pid : nil,
      places: [Place(host: "localhost", port: port)])
  }

  /// Ports at which both loopback addresses were tried.
  private static func ports(_ evidence: Evidence) -> [Int] {
    var ports: [Int] = []
    for probe in evidence.ownAttempts.flatMap(\.probes) {
      if let target = probe.target, target.isLoopback, !ports.contains(target.port) { ports.append(target.port) }
    }
    return ports
  }

  private static func isState(_ port: Int, open: String, closed: String, _ evidence: Evidence) -> Bool {
    probe(open, port, evidence)?.outcome == .answered && probe(closed, port, evidence)?.outcome == .refused
  }

  private static func probe(_ host: String, _ port: Int, _ evidence: Evidence) -> ProbeEvidence? {
    evidence.ownAttempts.flatMap(\.probes).first { $0.target == Place(host: host, port: port) }
  }

  private static func isLocal(_ listener: ListenerEvidence) -> Bool { listener.isEverywhere || listener.isLoopback }

  /// Processes in our network that go to `host` first: by its literal, or by the name that stands for it first.
  private static func users(
    of host: String, _ evidence: Evidence
  ) -> [(process: ProcessEvidence, target: ProcessTarget)] {
    let isFirst = evidence.host.localhostAddresses.first == host
    return evidence.targets.filter { process, target in
      let name = target.address.host
      return evidence.isInOurNetwork(process) && (name == host || (name == "localhost" && isFirst))
    }
  }
}

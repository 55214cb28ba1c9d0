import Diagnosis
import Platform
import Scrubbing

extension Collection {
  /// More network namespaces than a machine for people has.
  private static let networksMax = 64

  /// Listeners and connections, here and in the networks of other namespaces, with their owners.
  mutating func lookAtNetworks() {
    let addresses = HostAddresses.read()
    evidence.host.ownAddresses = addresses.all
    evidence.host.bridgeAddresses = addresses.bridges
    findOtherNetworks()
    let wanted = ports
    var sockets: [(socket: TCPSocket, pid: Int64?, namespace: String)] = []
    let networks =
      [(pid: Int64?.none, namespace: evidence.host.networkNamespace)]
      + otherNetworks.sorted { $0.key < $1.key }.map { (pid: Int64?.some($0.value), namespace: $0.key) }
    for network in networks {
      do {
        let found = try machine.tcpSockets(of: network.pid) { wanted.contains($0) || wanted.contains($1) }
        sockets += found.map { ($0, network.pid, network.namespace) }
      } catch {
        let of = network.pid.map { "the network of pid \($0)" } ?? "this machine"
        note("TCP sockets of \(of)", error.text)
      }
    }
    let listening = sockets.filter { $0.socket.state == "LISTEN" && wanted.contains($0.socket.localPort) }
    let owners = machine.owners(of: Set(listening.map(\.socket.inode)))
    evidence.host.listeners = listening.map { entry in
      let owner = owners[entry.socket.inode]
      return ListenerEvidence(
        address: entry.socket.localAddress, port: entry.socket.localPort, inode: entry.socket.inode, pid: owner,
        process: owner.map { processText($0) } ?? "", networkNamespace: entry.namespace)
    }
    for position in evidence.processes.indices {
      addConnections(to: &evidence.processes[position], found[position].raw, sockets.map { ($0.socket, $0.namespace) })
    }
    lookAtPublishedPorts()
  }

  /// Neighbours that answered nobody. Asked after the probes, which make the kernel look for them.
  mutating func lookAtNeighbours() {
    for pid in [Int64?.none] + otherNetworks.values.sorted().map(Optional.some) {
      evidence.host.silentNeighbours += machine.silentNeighbours(of: pid)
        .filter { !evidence.host.silentNeighbours.contains($0) }
    }
  }

  /// Why something of another user's process is not seen, and who may; even root may be barred from some.
  var permissionDenied: String { geteuid() == 0 ? "permission denied" : "permission denied; root may look" }

  /// The command line of a process, for people.
  func processText(_ pid: Int64) -> String {
    guard let raw = machine.process(pid) else { return "" }
    let line = Scrubber.commandLine(Array(raw.arguments.prefix(16))).joined(separator: " ")
    return String((line.isEmpty ? Scrubber.scrub(raw.name) : line).prefix(160))
  }

  private mutating func findOtherNetworks() {
    guard machine.system == "linux" else { return note("network namespaces", "macOS has no network namespaces") }
    let own = evidence.host.networkNamespace
    if own.isEmpty { return note("network namespaces", "the doctor's own cannot be read") }
    // The examined processes come first: their networks must not be the ones left out.
    let examined = found.map { ($0.raw.pid, $0.raw.networkNamespace) }
    var unreadable = 0
    for (pid, namespace) in examined where !namespace.isEmpty && namespace != own { otherNetworks[namespace] = pid }
    for pid in machine.processIDs() where otherNetworks.count < Self.networksMax {
      do {
        let namespace = try machine.networkNamespace(of: pid)
        if namespace != own, otherNetworks[namespace] == nil { otherNetworks[namespace] = pid }
      } catch {
        // Those that have just ended have none.
        if error == .notPermitted { unreadable += 1 }
      }
    }
    for (pid, namespace) in examined where namespace.isEmpty {
      note("network namespace of pid \(pid)", "permission denied")
    }
    if unreadable > 0 {
      note("network namespaces of other users' processes (\(unreadable))", permissionDenied)
    }
  }

  private func addConnections(
    to process: inout ProcessEvidence, _ raw: RawProcess, _ sockets: [(socket: TCPSocket, namespace: String)]
  ) {
    guard let open = try? machine.openDescriptors(raw.pid) else { return }
    let ports = self.ports
    process.openFiles = open.count
    for (socket, _) in sockets
    where socket.state != "LISTEN" && ports.contains(socket.remotePort) && open.sockets.contains(socket.inode) {
      let same = process.connections.firstIndex {
        $0.state == socket.state && $0.remoteAddress == socket.remoteAddress && $0.remotePort == socket.remotePort
      }
      if let same {
        process.connections[same].count += 1
        process.connections[same].retransmits = max(process.connections[same].retransmits, socket.retransmits)
      } else {
        var connection = ConnectionEvidence(
          state: socket.state, remoteAddress: socket.remoteAddress, remotePort: socket.remotePort)
        connection.retransmits = socket.retransmits
        process.connections.append(connection)
      }
    }
    if inspector.isInOtherNetwork(raw) {
      process.reachableHostAddress = machine.hostAddress(
        reachableFrom: raw.pid, own: evidence.host.ownAddresses)
    }
  }

  private mutating func lookAtPublishedPorts() {
    let proxies = machine.processIDs().compactMap { machine.process($0)?.arguments }
      .filter { PublishedPorts.isProxy($0) }
    evidence.host.publishedPorts = PublishedPorts.ports(in: proxies)
    let isInside = evidence.host.listeners.contains { $0.networkNamespace != evidence.host.networkNamespace }
    if evidence.host.publishedPorts.isEmpty, isInside {
      note(
        "published container ports",
        "no docker-proxy runs, and rules of the kernel do not show without asking the container engine")
    }
  }
}

/// The machine: who listens, which sockets exist, how names resolve.
package struct HostEvidence: Sendable, Equatable, Codable {
  /// The operating system that was looked at: `linux` or `darwin`.
  package var system = "linux"
  /// Linux inside Windows, whose `localhost` the two share only partly.
  package var isWSL = false
  /// Identity of the network namespace the doctor runs in, such as `net:[4026531840]`; empty where there are none.
  package var networkNamespace = ""
  /// Listening TCP sockets on the ports of interest.
  package var listeners: [ListenerEvidence] = []
  /// Unix sockets on the paths of interest.
  package var unixSockets: [UnixSocketEvidence] = []
  /// Addresses of `localhost`, in the order `getaddrinfo` gives them.
  package var localhostAddresses: [String] = []
  /// Addresses of bridges (docker0, br-…, cni0, podman0) by name: what containers reach this machine by.
  package var bridgeAddresses: [String: String] = [:]
  /// Other addresses of this machine, without loopback and link-local ones.
  package var ownAddresses: [String] = []
  /// Neighbours that did not answer: addresses of ARP entries without a hardware address.
  package var silentNeighbours: [String] = []
  /// TCP ports that a container engine publishes on this machine.
  package var publishedPorts: [Int] = []
  /// Ports of this user's running roosts that another configuration would find.
  package var otherRoostPorts: [Int] = []

  package init() {}
}

/// A TCP socket that takes connections, in any network namespace that can be seen.
package struct ListenerEvidence: Sendable, Equatable, Codable {
  /// Numeric, such as `127.0.0.1`, `::`.
  package var address: String
  package var port: Int
  package var inode: UInt64
  /// `nil` when the owner cannot be found out (another user's process).
  package var pid: Int64?
  /// The owner's command line, shortened and without secrets; empty when unknown.
  package var process: String
  /// Network namespace it listens in.
  package var networkNamespace: String

  package init(
    address: String, port: Int, inode: UInt64 = 0, pid: Int64? = nil, process: String = "",
    networkNamespace: String = ""
  ) {
    self.address = address
    self.port = port
    self.inode = inode
    self.pid = pid
    self.process = process
    self.networkNamespace = networkNamespace
  }
}

/// A path where a unix socket is, or should be, as one process sees it.
package struct UnixSocketEvidence: Sendable, Equatable, Codable {
  package var path: String
  /// The process through whose root the path was looked at; `nil` for the doctor's own view.
  package var seenByPid: Int64?
  package var exists = false
  /// `socket`, `file`, `directory`, `other`; empty when nothing is there.
  package var kind = ""
  /// `stream`, `datagram`; empty when nobody has it open.
  package var type = ""
  package var isListening = false
  package var mode: UInt32 = 0
  package var ownerUID: UInt32 = 0
  package var ownerGID: UInt32 = 0
  package var inode: UInt64 = 0
  /// The folder on the way that the process may not enter; `nil` when it may.
  package var blockedFolder: String?
  /// The folder that the path is in exists.
  package var isFolderThere = true
  package var pid: Int64?
  package var process = ""

  package init(path: String, seenByPid: Int64? = nil) {
    self.path = path
    self.seenByPid = seenByPid
  }
}

/// An application, as far as the system lets the doctor look.
package struct ProcessEvidence: Sendable, Equatable, Codable {
  package var pid: Int64
  /// The program's name as `ps -o comm` shows it, 15 bytes at most on Linux.
  package var name = ""
  /// Its arguments without secrets, the program first.
  package var commandLine: [String] = []
  /// False when the environment may not be read; then nothing is concluded from what is absent there.
  package var isEnvironmentReadable = true
  /// Variables of interest (tracer, proxy, runtime, Kubernetes), values without secrets.
  package var environment: [String: String] = [:]
  /// Names of such variables that an ancestor has and this process has not, by the ancestor's program name.
  package var lostVariables: [String: [String]] = [:]
  package var uid: UInt32 = 0
  package var gid: UInt32 = 0
  package var groups: [UInt32] = []
  /// Identity of its network namespace, such as `net:[4026531840]`; empty where unknown.
  package var networkNamespace = ""
  package var isInContainer = false
  /// An address of this machine that the process can reach from its own network namespace: its gateway, or our end of
  /// a link; `nil` when none is known or the namespace is ours.
  package var reachableHostAddress: String?
  package var tracer: TracerEvidence?
  /// A tracer that lies where the program would load it from, though none was seen loaded.
  package var installedTracer: TracerEvidence?
  /// Whether `tracer` being `nil` proves that none is loaded. False where the files in memory cannot be seen, and for
  /// languages and versions whose tracers leave no sign there.
  package var isTracerSearchConclusive = false
  /// `python`, `nodejs`, `ruby`, `java`, `go`, `dotnet`, `php`, `cpp`; empty when unknown.
  package var language = ""
  /// TCP connections to the ports of interest.
  package var connections: [ConnectionEvidence] = []
  /// Open descriptors, and how many are allowed; 0 when unknown.
  package var openFiles = 0
  package var openFilesMax = 0
  /// Entries of the process's own hosts file for `localhost` and for the agent's name, in order.
  package var hostsEntries: [String] = []
  package var threads = 0
  /// Seconds since it started; `nil` when unknown.
  package var ageSeconds: Double?
  /// Processes that it and its children have started and that still run, nearest first.
  package var descendants: [Int64] = []
  /// Where it has a process table of its own, as in a container: what it and its descendants are called there.
  package var innerPids: [Int64] = []
  /// What tracers in its container call that: its id, and `in-` with the inode of its control group; empty outside.
  package var containerIDs: [String] = []
  /// IPv4 addresses of the process's own network where that is not the doctor's, without loopback.
  package var ownAddresses: [String] = []

  package init(pid: Int64) { self.pid = pid }
}

/// A tracer found in a process.
package struct TracerEvidence: Sendable, Equatable, Codable {
  /// `ddtrace`, `dd-java-agent`, `dd-trace-js`, `opentelemetry`, …
  package var library: String
  /// Version of the library, such as `4.16.0`; empty when unknown.
  package var version: String
  /// How it was seen: `maps`, `command line`, `environment`.
  package var seenIn: String

  package init(library: String, version: String = "", seenIn: String = "") {
    self.library = library
    self.version = version
    self.seenIn = seenIn
  }
}

/// A TCP connection of a process.
package struct ConnectionEvidence: Sendable, Equatable, Codable {
  /// State of TCP as Linux names it: `ESTABLISHED`, `SYN_SENT`, `CLOSE_WAIT`, …
  package var state: String
  package var remoteAddress: String
  package var remotePort: Int
  package var count: Int
  /// The most times that a packet of one of them was sent again without an answer. In `SYN_SENT` the first repetition
  /// comes after a second, so that 1 proves a silence of that long.
  package var retransmits = 0

  package init(state: String, remoteAddress: String, remotePort: Int, count: Int = 1) {
    self.state = state
    self.remoteAddress = remoteAddress
    self.remotePort = remotePort
    self.count = count
  }
}

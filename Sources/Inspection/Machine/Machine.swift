import Platform

/// A process as the system shows it. Holds secrets: only what is scrubbed goes from here into evidence.
struct RawProcess: Sendable {
  let pid: Int64
  var parent: Int64 = 0
  /// The short name the system keeps, which may be cut: `python3`.
  var name = ""
  /// Path of the running program; empty when the system does not say.
  var executable = ""
  var arguments: [String] = []
  /// As it was when the program was started; `nil` when it may not be read.
  var environment: [String: String]?
  /// Why `environment` is `nil`, for the doctor's list; empty when it was read.
  var environmentFailure = ""
  var uid: UInt32 = 0
  var gid: UInt32 = 0
  var groups: [UInt32] = []
  var threads = 0
  /// The number it has in its own process table, which in a container is not `pid`; 0 where unknown.
  var innerPid: Int64 = 0
  /// Identity of the network it is in, such as `net:[4026531840]`; empty where unknown.
  var networkNamespace = ""
  var processNamespace = ""
  var mountNamespace = ""
  var controlGroup = ""
  var workingFolder = ""
  /// How many files it may have open at once; 0 when unknown or unlimited.
  var openFilesMax = 0
}

/// Who started a process, and when.
struct ProcessOrigin: Sendable, Equatable {
  /// 0 when it has none in sight.
  var parent: Int64
  /// Seconds since it started; `nil` where the system does not say.
  var ageSeconds: Double?
}

/// What a process has open.
struct OpenDescriptors: Sendable {
  /// How many; at least as many as the others here together.
  var count = 0
  /// Inodes of its open sockets on Linux, other identities on macOS.
  var sockets: Set<UInt64> = []
  /// Absolute paths of its open files; empty on macOS, which does not tell.
  var files: Set<String> = []
}

/// What the collectors query a system for. Only reads. Failures that matter are thrown, so that they can be reported.
protocol Machine: Sendable {
  /// The operating system whose processes are read: `linux` or `darwin`.
  var system: String { get }
  /// The doctor's own process, whose namespaces are the ones compared with.
  var ownPid: Int64 { get }
  /// Where the machine's files are.
  var files: FileTree { get }

  /// Ids of all running processes, in ascending order; empty when they cannot be listed.
  func processIDs() -> [Int64]
  /// Of every running process, for the cost of one short read each.
  func origins() -> [Int64: ProcessOrigin]
  /// The number that a process has in its own process table; `nil` where unknown.
  func innerPid(of pid: Int64) -> Int64?
  /// `nil` when there is no such process.
  func process(_ pid: Int64) -> RawProcess?
  /// The file by which a process's network can be entered; `nil` where that cannot be.
  func networkFile(of pid: Int64) -> String?
  /// The same text as `RawProcess.networkNamespace`, for the cost of one link; throws on macOS.
  func networkNamespace(of pid: Int64) throws(FileFailure) -> String
  /// Paths of the files that a process has in its memory.
  func mappedFiles(_ pid: Int64) throws(FileFailure) -> Set<String>
  func openDescriptors(_ pid: Int64) throws(FileFailure) -> OpenDescriptors
  /// Files as the process sees them.
  func files(asSeenBy pid: Int64) -> FileTree

  /// TCP sockets of the network that the process is in, `nil` for the doctor's, with a port that is wanted.
  func tcpSockets(of pid: Int64?, where isWanted: (Int, Int) -> Bool) throws(FileFailure) -> [TCPSocket]
  /// Unix sockets with a path, of the network that the process is in.
  func unixSockets(of pid: Int64?) throws(FileFailure) -> [KernelUnixSocket]
  /// The processes that have the sockets open, as far as they can be seen. Of several the one with the lowest id.
  func owners(of inodes: Set<UInt64>) -> [UInt64: Int64]
  /// An address of this machine that the process can reach from its own network; `nil` when none is known.
  func hostAddress(reachableFrom pid: Int64, own addresses: [String]) -> String?
  /// IPv4 addresses of the network that a process is in, without loopback; empty where unknown.
  func ownAddresses(of pid: Int64) -> [String]
  /// Neighbours of the process's network that do not answer.
  func silentNeighbours(of pid: Int64?) -> [String]
}

/// The machine that the doctor runs on.
enum ThisMachine {
  static func make() -> any Machine {
    #if canImport(Darwin)
      DarwinMachine()
    #else
      LinuxMachine()
    #endif
  }
}

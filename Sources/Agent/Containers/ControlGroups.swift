import Platform
import Scrubbing

/// Which container a process or a control group belongs to, as Linux lists it in `/proc` and below the mount of control
/// groups, in both of their versions.
struct ControlGroups: Sendable {
  /// What was found out about a process or a group.
  enum Membership: Equatable, Sendable {
    case container(String)
    /// It is there, and in no container.
    case outside
    /// It is not there, or may not be looked at.
    case unknown
  }

  /// More than the groups of a process take in version 1, which has a dozen hierarchies.
  private static let fileBytesMax = 65_536
  /// Groups that are looked at in one walk: some nodes have ten thousand.
  private static let foldersMax = 65_536
  /// No deeper than containers within containers within a node of Kubernetes are.
  private static let depthMax = 24
  /// The longest that one walk takes.
  private static let walkLimit = Duration.seconds(1)

  /// Where processes are listed by the numbers that the kernel gives for the clients of a unix socket.
  let proc: ProcFS
  /// Where groups are mounted: `/sys/fs/cgroup`.
  let mount: FileTree

  /// Whether the system has control groups at all, as far as this process sees it.
  var isThere: Bool { (try? proc.own.read("cgroup", limit: 1)) != nil }

  /// Reads the names of the groups that a process is in.
  func container(ofProcess pid: Int32) -> Membership {
    guard let text = try? proc.process(Int64(pid)).text("cgroup", limit: Self.fileBytesMax) else { return .unknown }
    return ContainerID.find(inControlGroup: text).map { .container($0) } ?? .outside
  }

  /// Walks through all groups, and returns what each belongs to by its inode, which tracers send where a container does not
  /// show them the names of its groups: in version 2 that of `/sys/fs/cgroup`, in version 1 that of its hierarchy `memory`.
  /// Such as the walk does not come to are missing.
  func membershipsByInode() -> [UInt64: Membership] {
    let isVersion2 = (try? mount.status("cgroup.controllers")) != nil
    let deadline = ContinuousClock.now + Self.walkLimit
    var found: [UInt64: Membership] = [:]
    var waiting: [(path: String, container: String?, depth: Int)] = [(isVersion2 ? "" : "memory", nil, 0)]
    while let folder = waiting.popLast(), ContinuousClock.now < deadline {
      for inner in (try? mount.folders(in: folder.path)) ?? [] {
        guard found.count < Self.foldersMax else { return found }
        // Groups that a container makes inside of its own are in it too.
        let container = ContainerID.find(inGroupName: inner.name) ?? folder.container
        found[inner.inode] = container.map { .container($0) } ?? .outside
        if folder.depth < Self.depthMax {
          waiting.append((folder.path + "/" + inner.name, container, folder.depth + 1))
        }
      }
    }
    return found
  }
}

import Platform
import Scrubbing

/// Finds out on this machine which container a client is in and what is known of it. May take long: `/proc` waits for
/// locks of the kernel, and a walk through control groups for thousands of them.
final class ContainerLookup: Sendable {
  /// What came of a look-up.
  enum Finding: Sendable {
    case found(KnownContainer)
    /// It is in no container, or in none that can be seen.
    case none
    /// Not looked at all; the next request may ask again.
    case later
  }

  private let groups: ControlGroups
  private let files: ContainerRuntimeFiles
  /// No walk through the control groups before this. Anybody can send inodes that are none; walks get a tenth of the time.
  private let nextWalk: Lock<ContinuousClock.Instant>
  private let now: @Sendable () -> ContinuousClock.Instant

  /// - Parameter now: the time by which walks are rationed.
  init(
    groups: ControlGroups, files: ContainerRuntimeFiles,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.groups = groups
    self.files = files
    self.now = now
    nextWalk = Lock(now())
  }

  /// Whether processes and control groups can be looked up at all.
  var seesControlGroups: Bool { groups.isThere }

  func find(_ origin: ClientOrigin) -> Finding {
    guard origin.containerID.isEmpty else { return known(origin.containerID, origin) }
    if origin.processID > 0 {
      switch groups.container(ofProcess: origin.processID) {
      case .container(let id): return known(id, origin)
      case .outside: return known("", origin)
      case .unknown: break
      }
    }
    // 1 is the root of a file system.
    guard origin.groupInode > 1 else { return known("", origin) }
    guard let membership = walk(to: origin.groupInode) else { return .later }
    guard case .container(let id) = membership else { return known("", origin) }
    return known(id, origin)
  }

  private func known(_ id: String, _ origin: ClientOrigin) -> Finding {
    let isID = ContainerID.isOne(id) && !id.hasPrefix("in-")
    guard isID || !origin.containerName.isEmpty else { return .none }
    return .found(
      KnownContainer(
        id: isID ? id : "", description: isID ? files.description(of: id) : nil, saidName: origin.containerName))
  }

  /// `nil` when it is too early for another walk.
  private func walk(to inode: UInt64) -> ControlGroups.Membership? {
    nextWalk.withLock { next in
      let began = now()
      guard began >= next else { return nil }
      let membership = groups.container(ofInode: inode)
      let ended = now()
      next = ended + (ended - began) * 9
      return membership
    }
  }
}

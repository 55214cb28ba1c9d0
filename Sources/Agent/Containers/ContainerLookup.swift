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
    /// Not looked at, because it was too early to look: it is so for this long.
    case later(Duration)
  }

  private let groups: ControlGroups
  private let files: ContainerRuntimeFiles
  private struct Walks {
    /// Anybody can send inodes that are none.
    var ration = WorkRation()
    /// What the last walk came to: it serves whoever asks before the next one may begin.
    var found: [UInt64: ControlGroups.Membership] = [:]
  }

  private let walks = Lock(Walks())
  private let now: @Sendable () -> ContinuousClock.Instant

  /// - Parameter now: the time by which walks are rationed.
  init(
    groups: ControlGroups, files: ContainerRuntimeFiles,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.groups = groups
    self.files = files
    self.now = now
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
    switch membership(ofInode: origin.groupInode) {
    case .success(.container(let id)): return known(id, origin)
    case .success: return known("", origin)
    case .failure(let rest): return .later(rest.duration)
    }
  }

  private func known(_ id: String, _ origin: ClientOrigin) -> Finding {
    let isID = ClientOrigin(containerID: id).hasID
    guard isID || !origin.containerName.isEmpty else { return .none }
    return .found(
      KnownContainer(
        id: isID ? id : "", description: isID ? files.description(of: id) : nil, saidName: origin.containerName))
  }

  /// It is too early for another walk.
  private struct Rest: Error {
    let duration: Duration
  }

  private func membership(ofInode inode: UInt64) -> Result<ControlGroups.Membership, Rest> {
    walks.withLock { walks in
      let began = now()
      if let rest = walks.ration.rest(at: began) {
        // What is not in it may have been made since.
        return walks.found[inode].map { .success($0) } ?? .failure(Rest(duration: rest))
      }
      walks.found = groups.membershipsByInode()
      walks.ration.note(from: began, to: now())
      return .success(walks.found[inode] ?? .unknown)
    }
  }
}

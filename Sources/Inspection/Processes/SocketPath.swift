import Diagnosis
import Platform

/// Looks at the path of a unix socket with the eyes of one process.
struct SocketPath {
  let path: String
  /// As the one sees it whose view is wanted.
  let files: FileTree
  /// Who would go there; `nil` for the doctor itself.
  let viewer: ProcessEvidence?

  /// What is there, and the first folder on the way that the viewer may not enter. What a `nil` viewer may not see at
  /// all counts as not being there.
  func look() -> UnixSocketEvidence {
    var evidence = UnixSocketEvidence(path: path, seenByPid: viewer?.pid)
    evidence.blockedFolder = viewer.flatMap { blockedFolder(for: $0) }
    guard let status = try? files.status(path) else {
      let folder = Self.folders(above: path).last ?? "/"
      evidence.isFolderThere = (try? files.status(folder))?.isDirectory == true
      return evidence
    }
    evidence.exists = true
    evidence.kind = status.kind
    evidence.mode = status.mode & 0o7777
    evidence.ownerUID = status.uid
    evidence.ownerGID = status.gid
    evidence.inode = status.inode
    return evidence
  }

  /// Of the open sockets those with this path; whoever listens first.
  static func open(at path: String, in sockets: [KernelUnixSocket], files: FileTree) -> [KernelUnixSocket] {
    let status = try? files.status(path)
    return sockets.filter { socket in
      if socket.path == path { return true }
      // `/var/run` is a link to `/run` on most machines: one socket has two paths.
      guard let status, ProgramLanguage.baseName(socket.path) == ProgramLanguage.baseName(path),
        let other = try? files.status(socket.path)
      else { return false }
      return other.inode == status.inode && other.device == status.device
    }.sorted { $0.isListening && !$1.isListening }
  }

  /// The folders above the path, from the root on.
  static func folders(above path: String) -> [String] {
    var folders = ["/"]
    var folder = ""
    for part in path.split(separator: "/").dropLast() {
      folder += "/\(part)"
      folders.append(folder)
    }
    return folders
  }

  private func blockedFolder(for viewer: ProcessEvidence) -> String? {
    // Root passes every folder, unless a capability was taken away, which modes do not show.
    if viewer.uid == 0 { return nil }
    return Self.folders(above: path).first { folder in
      guard let status = try? files.status(folder), status.isDirectory else { return false }
      return !Access(status, uid: viewer.uid, gid: viewer.gid, groups: viewer.groups).mayExecute
    }
  }
}

/// What the mode of a file lets a user do. Access control lists and capabilities are not considered.
struct Access: Equatable {
  let mayWrite: Bool
  let mayExecute: Bool

  init(_ status: FileStatus, uid: UInt32, gid: UInt32, groups: [UInt32]) {
    let shift: UInt32 = uid == status.uid ? 6 : gid == status.gid || groups.contains(status.gid) ? 3 : 0
    let bits = status.mode >> shift & 7
    mayWrite = uid == 0 || bits & 2 != 0
    mayExecute = uid == 0 || bits & 1 != 0
  }
}

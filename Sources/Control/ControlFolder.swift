import Platform

/// The folder of a control socket: made when missing, and checked so that nobody else can swap the socket.
package enum ControlFolder {
  /// What keeps an agent of this user from making a control socket at `path`; `nil` when nothing does. Makes the folder
  /// when it is missing, as the agent would.
  package static func problem(forSocket path: String) -> ControlError? {
    do throws(ControlError) {
      try prepare(forSocket: path)
    } catch {
      return error
    }
    let folder = folderName(path)
    return access(folder, W_OK | X_OK) == 0
      ? nil : .notPermitted(path: folder, detail: "cannot write there: \(systemErrorText(errno))")
  }

  /// Creates the folder of `path` (0700, one level) or checks the one that is there.
  ///
  /// It has to be ours or root's, no link made by others, and writable by nobody else, unless it is sticky like `/tmp`
  /// (then a file in it can only be replaced by its owner).
  static func prepare(forSocket path: String) throws(ControlError) {
    let folder = folderName(path)
    if mkdir(folder, 0o700) == 0 { return }
    let failure = errno
    var status = stat()
    guard lstat(folder, &status) == 0 else {
      let detail = "mkdir: \(systemErrorText(failure))"
      throw failure == EACCES ? .notPermitted(path: folder, detail: detail) : .system(path: folder, detail: detail)
    }
    if status.st_mode & S_IFMT == S_IFLNK {
      guard status.st_uid == 0 else { throw .unsafeFolder(path: folder, why: "it is a symbolic link") }
      guard stat(folder, &status) == 0 else {
        throw .system(path: folder, detail: "stat: \(systemErrorText(errno))")
      }
    }
    if let why = objection(mode: UInt32(status.st_mode), owner: status.st_uid, user: geteuid()) {
      throw .unsafeFolder(path: folder, why: why)
    }
  }

  /// Lets the members of a group pass through the folder of `path`. A folder of roost's own is given to the group; at any
  /// other, and at those above it, nothing is changed, and the first that keeps them out is thrown.
  static func open(forSocket path: String, to group: gid_t) throws(ControlError) {
    var folder = folderName(path)
    var isOwn = folder.split(separator: "/").last?.hasPrefix("roost") ?? false
    while true {
      var status = stat()
      guard stat(folder, &status) == 0 else {
        throw .system(path: folder, detail: "stat: \(systemErrorText(errno))")
      }
      if !mayPass(mode: UInt32(status.st_mode), owner: status.st_gid, group: group) {
        guard isOwn else { throw .notPermitted(path: folder, detail: "members of the group may not pass through it") }
        guard chown(folder, uid_t.max, group) == 0, chmod(folder, status.st_mode & 0o7777 | 0o010) == 0 else {
          throw .notPermitted(path: folder, detail: "cannot be given to the group: \(systemErrorText(errno))")
        }
      }
      if folder == "/" || folder == "." { return }
      folder = folderName(folder)
      isOwn = false
    }
  }

  /// Whether members of `group` may pass through a folder with this mode that belongs to the group `owner`.
  static func mayPass(mode: UInt32, owner: gid_t, group: gid_t) -> Bool {
    mode & UInt32(owner == group ? S_IXGRP : S_IXOTH) != 0
  }

  /// Why a folder that is made for each user, such as `/tmp/roost-1000`, is none of this user's; `nil` when it is, when it
  /// is missing, and for any other folder. Who makes it first keeps this user's agent from opening a socket there.
  static func squatter(forSocket path: String) -> ControlError? {
    let folder = folderName(path)
    var status = stat()
    guard folder.hasSuffix("/roost-\(geteuid())"), lstat(folder, &status) == 0,
      let why = objection(mode: UInt32(status.st_mode), owner: status.st_uid, user: geteuid())
    else { return nil }
    return .unsafeFolder(path: folder, why: why)
  }

  /// What speaks against a folder with this mode and owner; `nil` when nothing does.
  static func objection(mode: UInt32, owner: uid_t, user: uid_t) -> String? {
    if mode & UInt32(S_IFMT) != UInt32(S_IFDIR) { return "it is not a folder" }
    if owner != user && owner != 0 { return "it belongs to another user (uid \(owner))" }
    let isSticky = mode & UInt32(S_ISVTX) != 0
    if mode & 0o022 != 0 && !isSticky { return "others may write to it (chmod go-w)" }
    return nil
  }

  private static func folderName(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

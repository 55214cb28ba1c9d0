import Platform

/// The listening end of a control socket; owns its descriptor and its file.
struct ControlListener: ~Copyable, Sendable {
  let path: String
  let descriptor: CInt
  private let file: FileIdentity?
  /// Why members of the group cannot connect; `nil` when they can, or no group was named.
  let groupFailure: ControlError?

  /// Listens on `path` with mode 0600. A socket file that a dead agent left behind is replaced; a live one, or a file
  /// that is no socket, is left alone and thrown as an error.
  ///
  /// - Parameter group: whose members may connect too; then the mode is 0660.
  init(path: String, group: gid_t? = nil) throws(ControlError) {
    try ControlFolder.prepare(forSocket: path)
    try Self.clear(path)
    descriptor = try Self.listening(on: path)
    self.path = path
    file = FileIdentity(path)
    groupFailure = group.flatMap { Self.failure(opening: path, to: $0) }
  }

  /// Lets the members of a group reach the socket; what kept it from that, for which the socket stays its user's alone.
  private static func failure(opening path: String, to group: gid_t) -> ControlError? {
    do throws(ControlError) {
      try ControlFolder.open(forSocket: path, to: group)
      // The group first: with the mode first, another group's members could connect for a moment.
      guard chown(path, uid_t.max, group) == 0, chmod(path, 0o660) == 0 else {
        throw .notPermitted(path: path, detail: "cannot be given to the group: \(systemErrorText(errno))")
      }
      return nil
    } catch {
      return error
    }
  }

  /// Whether commands that connect to the path still come here.
  var isInPlace: Bool { file != nil && FileIdentity(path) == file }

  deinit {
    removeFile()
    close(descriptor)
  }

  /// Another agent may have replaced the file in the meantime; then it is not ours to remove.
  func removeFile() {
    if let file, FileIdentity(path) == file { unlink(path) }
  }

  /// Makes way at `path`, or throws when what is there has to stay.
  private static func clear(_ path: String) throws(ControlError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
    switch SocketFileUse(of: path) {
    case .used: throw .alreadyRunning(path: path)
    case .unknown(ENOENT): return
    case .unknown(let code):
      throw .notPermitted(path: path, detail: "exists and cannot be probed: \(systemErrorText(code))")
    case .unused:
      guard unlink(path) == 0 || errno == ENOENT else {
        throw .notPermitted(path: path, detail: "cannot replace a socket that nobody listens on")
      }
    }
  }

  private static func listening(on path: String) throws(ControlError) -> CInt {
    guard let address = SystemAddress(.unix(path: path)) else { throw .pathTooLong(path: path) }
    let descriptor = socket(AF_UNIX, SystemSockets.stream, 0)
    guard descriptor >= 0 else { throw .system(path: path, detail: "socket: \(systemErrorText(errno))") }
    SystemSockets.prepare(descriptor)
    // On Linux the file is created with the descriptor's mode, so that there is no moment in which others may connect.
    _ = fchmod(descriptor, 0o600)
    guard address.withPointer({ bind(descriptor, $0, $1) }) == 0 else {
      let failure = errno
      close(descriptor)
      throw bindError(failure, path)
    }
    _ = chmod(path, 0o600)
    guard listen(descriptor, 16) == 0 else {
      let failure = errno
      close(descriptor)
      throw .system(path: path, detail: "listen: \(systemErrorText(failure))")
    }
    return descriptor
  }

  private static func bindError(_ number: CInt, _ path: String) -> ControlError {
    let detail = "bind: \(systemErrorText(number))"
    return switch number {
    case EADDRINUSE: .alreadyRunning(path: path)
    case EACCES, EPERM, EROFS: .notPermitted(path: path, detail: detail)
    default: .system(path: path, detail: detail)
    }
  }
}

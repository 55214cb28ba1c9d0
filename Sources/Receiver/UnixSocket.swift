import Platform

/// Opens the unix socket of the configuration once. Nothing that somebody else may be using is ever removed: only a socket
/// file that nobody listens on.
enum UnixSocket {
  /// - Returns: the listener, or what is wrong; never fatal, because TCP must go on without it.
  static func open(_ path: String, mode: UInt32) -> Result<Listener, ListenerFailure> {
    guard let address = SystemAddress(.unix(path: path)) else {
      let bytes = path.utf8.count
      return failure(
        path, "the path has \(bytes) bytes, and a socket path may have 1 to \(SystemSockets.unixPathBytesMax)")
    }
    if let reason = clear(path) { return failure(path, reason) }
    guard let made = SystemCalls.makeSocket(family: AF_UNIX) else {
      return failure(path, systemErrorText(Errno.current))
    }
    guard address.withPointer({ systemBind(made.number, $0, $1) }) == 0 else {
      let code = Errno.current
      return failure(path, code == ENOENT ? "the directory does not exist" : systemErrorText(code))
    }
    let file = SocketFile(at: path)
    // Before listening, so that nobody can connect while the mode is still the umask's.
    guard chmod(path, mode_t(truncatingIfNeeded: mode)) == 0, listen(made.number, SOMAXCONN) == 0 else {
      let code = Errno.current
      file?.removeIfOurs()
      return failure(path, systemErrorText(code))
    }
    return .success(Listener(made, .unix(path: path), file: file))
  }

  /// Makes way for the socket. Returns what stands in the way, or `nil`.
  private static func clear(_ path: String) -> String? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    guard status.st_mode & S_IFMT == S_IFSOCK else { return "exists and is not a socket, so it is left alone" }
    switch SocketFileUse(of: path) {
    case .used: return "another process listens on it, so it is left alone; is an agent running already?"
    case .unknown(ENOENT): return nil
    case .unknown(let code): return "exists and cannot be probed (\(systemErrorText(code))), so it is left alone"
    case .unused: break
    }
    return unlink(path) == 0 ? nil : "is stale and cannot be removed: \(systemErrorText(Errno.current))"
  }

  private static func failure(_ path: String, _ reason: String) -> Result<Listener, ListenerFailure> {
    .failure(ListenerFailure(severity: .error, address: path, reason: reason))
  }
}

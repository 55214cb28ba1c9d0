/// The socket calls and constants whose spelling or behaviour differs between systems.
package enum SystemSockets {
  #if canImport(Darwin)
    /// The type of stream sockets, as `socket` takes it.
    package static let stream = SOCK_STREAM
    /// The type of datagram sockets, as `socket` takes it.
    package static let datagram = SOCK_DGRAM
    /// Flags of `send` with which writing to a closed peer is an error and no signal: here `prepare` sees to that.
    package static let sendFlags: CInt = 0
    /// Longest path of a unix socket in bytes, without its closing zero.
    package static let unixPathBytesMax = 103
  #else
    /// The type of stream sockets, as `socket` takes it.
    package static let stream = CInt(SOCK_STREAM.rawValue)
    /// The type of datagram sockets, as `socket` takes it.
    package static let datagram = CInt(SOCK_DGRAM.rawValue)
    /// Flags of `send` with which writing to a closed peer is an error and no signal.
    package static let sendFlags = CInt(MSG_NOSIGNAL)
    /// Longest path of a unix socket in bytes, without its closing zero.
    package static let unixPathBytesMax = 107
  #endif

  /// Makes a socket non-blocking, not inherited by programs that are started, and silent about closed peers.
  package static func prepare(_ descriptor: CInt) {
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    #if canImport(Darwin)
      var on: CInt = 1
      _ = setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<CInt>.size))
    #endif
  }

  /// The process at the other end of a unix socket, or that listened there, and its user; `nil` when the system cannot
  /// say. The number is 0 for a process that cannot be seen from here.
  package static func peer(_ descriptor: CInt) -> (pid: Int32, uid: uid_t)? {
    #if canImport(Darwin)
      var pid: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      var user: uid_t = 0
      var group: gid_t = 0
      guard getpeereid(descriptor, &user, &group) == 0 else { return nil }
      let isKnown = getsockopt(descriptor, SOL_LOCAL, LOCAL_PEERPID, &pid, &size) == 0
      return (isKnown ? pid : 0, user)
    #else
      // `struct ucred`: process, user, group, 32 bits each; Glibc hides its declaration from Swift.
      var credentials: (pid: Int32, user: UInt32, group: UInt32) = (0, 0, 0)
      var size = socklen_t(MemoryLayout.size(ofValue: credentials))
      let isKnown = getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0
      return isKnown ? (credentials.pid, credentials.user) : nil
    #endif
  }
}

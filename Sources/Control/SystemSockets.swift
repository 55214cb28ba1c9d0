// The one file of this target in which Linux and Darwin differ.
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The socket calls whose spelling or behaviour differs between systems.
enum SystemSockets {
  #if canImport(Darwin)
    static let stream = SOCK_STREAM
    /// Writing to a closed peer is an error, not a signal: set on the socket (`prepare`).
    static let sendFlags: CInt = 0
  #else
    static let stream = CInt(SOCK_STREAM.rawValue)
    /// Writing to a closed peer is an error, not a signal.
    static let sendFlags = CInt(MSG_NOSIGNAL)
  #endif

  /// Makes a descriptor non-blocking, not inherited by children, and silent about closed peers.
  static func prepare(_ descriptor: CInt) {
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    #if canImport(Darwin)
      var on: CInt = 1
      _ = setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<CInt>.size))
    #endif
  }

  /// The user id of the process at the other end of a unix socket; `nil` when the system cannot say.
  static func peerUserID(_ descriptor: CInt) -> uid_t? {
    #if canImport(Darwin)
      var user: uid_t = 0
      var group: gid_t = 0
      return getpeereid(descriptor, &user, &group) == 0 ? user : nil
    #else
      // `struct ucred`: process, user, group, 32 bits each; Glibc hides its declaration from Swift.
      var credentials: (pid: Int32, user: UInt32, group: UInt32) = (0, 0, 0)
      var size = socklen_t(MemoryLayout.size(ofValue: credentials))
      let isKnown = getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0
      return isKnown ? credentials.user : nil
    #endif
  }

  /// Fills a unix address; `nil` when the path does not fit with its closing zero.
  static func unixAddress(_ path: String) -> sockaddr_un? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let isFitting = withUnsafeMutableBytes(of: &address.sun_path) { room in
      let bytes = Array(path.utf8)
      guard bytes.count < room.count, !bytes.isEmpty, !bytes.contains(0) else { return false }
      room.copyBytes(from: bytes)
      return true
    }
    #if canImport(Darwin)
      address.sun_len = UInt8(MemoryLayout<sockaddr_un>.size)
    #endif
    return isFitting ? address : nil
  }

  /// Calls `connect` or `bind` with a unix address.
  static func withAddress(
    _ address: sockaddr_un, _ call: (UnsafePointer<sockaddr>, socklen_t) -> CInt
  ) -> CInt {
    withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }
}

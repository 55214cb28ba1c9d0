import Addresses
import CMicroHTTPD
import Platform

/// The socket that the page listens on, before the daemon takes it over.
struct DashboardListener {
  let descriptor: Int32
  /// As it really is: with the port that was given for 0.
  let address: SocketAddress

  /// How libmicrohttpd waits: asleep in the kernel until somebody connects.
  static var daemonFlags: UInt32 {
    #if canImport(Darwin)
      let waiting = MHD_USE_AUTO_INTERNAL_THREAD
    #else
      let waiting = MHD_USE_EPOLL_INTERNAL_THREAD
    #endif
    return waiting.rawValue | MHD_USE_ITC.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
  }

  static func open(host: String, port: UInt16) throws(DashboardError) -> DashboardListener {
    // One socket is enough: what `localhost` means first differs, and browsers try both addresses.
    let wanted = SocketAddress.tcp(host: host == "localhost" ? "127.0.0.1" : host, port: port)
    let found: [SystemAddress]
    do throws(ResolutionFailure) {
      found = try SystemAddress.resolve(wanted)
    } catch {
      throw .cannotListen(wanted, reason: error.reason)
    }
    guard let first = found.first else { throw .cannotListen(wanted, reason: "the name has no address") }
    let descriptor = socket(first.family, SystemSockets.stream, 0)
    guard descriptor >= 0 else { throw .cannotListen(wanted, reason: systemErrorText(errno)) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    guard first.withPointer({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, SOMAXCONN) == 0,
      let bound = SystemAddress(boundTo: descriptor)
    else {
      let code = errno
      close(descriptor)
      throw code == EADDRINUSE ? .inUse(wanted) : .cannotListen(wanted, reason: systemErrorText(code))
    }
    return DashboardListener(descriptor: descriptor, address: bound.address)
  }
}

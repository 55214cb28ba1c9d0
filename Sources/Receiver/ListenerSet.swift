import Addresses
import Platform

/// The listeners that a configuration asks for, opened.
struct ListenerSet {
  private(set) var listeners: [Listener] = []
  private(set) var failures: [ListenerFailure] = []
  /// What looks after the socket at the configured path; its listener and its failure are not among the others.
  private(set) var unixSocket: UnixSocketKeeper?
  private(set) var unixListener: Listener?

  /// - Throws: when a TCP address cannot be bound, or when nothing at all could be opened, now or later.
  /// - Parameter callsMissing: why no calls of gRPC can be taken; `nil` when they can.
  init(_ configuration: ReceiverConfiguration, callsMissing: String? = nil) throws(ReceiverError) {
    if !adopt(configuration.adoptedDescriptors.tcp, asUnix: false) {
      for address in configuration.tcp { try openTCP(address) }
      try requireOneTCP(configuration.tcp)
    }
    let hasCalls = callsMissing == nil && adopt(configuration.adoptedDescriptors.calls, asUnix: false)
    for listener in configuration.otlp where !(hasCalls && listener.isForCalls) {
      openOTLP(listener, callsMissing: callsMissing)
    }
    if !adopt(configuration.adoptedDescriptors.unix, asUnix: true), let path = configuration.unixSocketPath {
      let keeper = UnixSocketKeeper(
        path: path, mode: configuration.unixSocketMode, isOptional: configuration.isUnixSocketOptional)
      unixListener = keeper.look()?.listener
      unixSocket = keeper
    }
    guard !listeners.isEmpty || unixListener != nil || unixSocket?.mayOpenLater == true else {
      throw .nothingToListenOn(failures + [unixSocket?.failure].compactMap(\.self))
    }
  }

  private mutating func adopt(_ number: Int32?, asUnix: Bool) -> Bool {
    guard let number else { return false }
    switch Listener.adopt(number, asUnix: asUnix) {
    case .success(let listener):
      listeners.append(listener)
      return true
    case .failure(let failure):
      failures.append(failure)
      return false
    }
  }

  private mutating func openTCP(_ address: SocketAddress) throws(ReceiverError) {
    guard case .tcp(let host, let port) = address else {
      failures.append(
        ListenerFailure(
          severity: .error, address: "\(address)", reason: "is no TCP address, which has a host and a port"))
      return
    }
    if host == "localhost" { return try openLoopback(port: port) }
    let found: [SystemAddress]
    do throws(ResolutionFailure) {
      found = try SystemAddress.resolve(address)
    } catch {
      throw .cannotResolve(host: host, port: port, reason: error.reason)
    }
    for candidate in found { try open(candidate, host, port) }
  }

  /// What cannot be opened is missing, and stops nothing.
  private mutating func openOTLP(_ listener: OTLPListener, callsMissing: String?) {
    func fail(_ address: SocketAddress, _ reason: String) {
      failures.append(
        ListenerFailure(
          severity: listener.isOptional ? .taken : .error, address: "\(address)",
          reason: "\(reason), so that no OTLP comes in there"))
    }
    if listener.isForCalls, let callsMissing { return fail(listener.address, callsMissing) }
    do throws(ReceiverError) {
      try openTCP(listener.address)
    } catch {
      guard case .cannotListen(let host, let port, _, let reason) = error else {
        failures.append(ListenerFailure(severity: .error, address: "\(listener.address)", reason: "\(error)"))
        return
      }
      fail(.tcp(host: host, port: port), reason)
    }
  }

  /// Both loopback addresses on one port, because what `localhost` means to a client depends on its language and image.
  private mutating func openLoopback(port: UInt16) throws(ReceiverError) {
    var port = port
    for host in ["127.0.0.1", "::1"] {
      guard let numeric = SystemAddress(.tcp(host: host, port: port)) else { continue }
      try open(numeric, host, port)
      if case .tcp(_, let bound)? = listeners.last?.address { port = bound }
    }
  }

  private mutating func open(
    _ address: SystemAddress, _ host: String, _ port: UInt16
  ) throws(ReceiverError) {
    switch Self.bind(address) {
    case .success(let listener):
      listeners.append(listener)
    case .failure(let refused) where Errno.isAddressMissing(refused.code) && Self.isForgiven(host):
      failures.append(
        ListenerFailure(
          severity: .note, address: "\(SocketAddress.tcp(host: host, port: port))",
          reason: "this machine has no such address (\(systemErrorText(refused.code)))"))
    case .failure(let refused):
      throw .cannotListen(
        host: host, port: port, code: refused.code, reason: systemErrorText(refused.code))
    }
  }

  /// A missing address is forgiven only while the machine has the other one.
  private func requireOneTCP(_ configured: [SocketAddress]) throws(ReceiverError) {
    let first = configured.first { !$0.isUnix }
    guard case .tcp(let host, let port)? = first, listeners.isEmpty else { return }
    throw .cannotListen(
      host: host, port: port, code: EADDRNOTAVAIL, reason: systemErrorText(EADDRNOTAVAIL))
  }

  /// Addresses that are opened in pairs, one of each family: a machine may lack a family.
  private static func isForgiven(_ host: String) -> Bool {
    host == "::1" || host == "127.0.0.1" || AddressKind.isUnspecified(host)
  }

  private struct BindRefusal: Error { let code: Int32 }

  private static func bind(_ address: SystemAddress) -> Result<Listener, BindRefusal> {
    guard let made = SystemCalls.makeSocket(family: address.family) else {
      return .failure(BindRefusal(code: Errno.current))
    }
    // A restarted agent must not wait for the connections of the last one to time out.
    made.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
    if address.family == AF_INET6 {
      // `::` must not take IPv4 along: the IPv4 address is a listener of its own.
      made.setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1)
    }
    guard address.withPointer({ systemBind(made.number, $0, $1) }) == 0, listen(made.number, SOMAXCONN) == 0,
      let bound = SystemAddress(boundTo: made.number)
    else { return .failure(BindRefusal(code: Errno.current)) }
    return .success(Listener(made, bound.address))
  }
}

/// The system's `bind`, under a name that the methods above do not hide.
func systemBind(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
  bind(descriptor, address, length)
}

import CCares
import Platform

/// One use of c-ares: some name servers, asked one thing from the network that the calling thread is in.
struct DNSChannel: ~Copyable {
  /// More sockets than one query needs.
  private static let socketsMax = 16

  private let library: DNSLibrary
  private let channel: OpaquePointer

  /// Each server gets its share of `limit`; `nil` when c-ares can make nothing of any of them.
  init?(_ library: DNSLibrary, _ servers: NameServers, limit: Duration) {
    var functions = library.functions
    var channel: OpaquePointer?
    let share = CInt(clamping: max(1, (limit / max(1, servers.addresses.count)).milliseconds))
    guard cares_open(&functions, &channel, share) == cares_success, let channel else { return nil }
    // One that it cannot read would spoil the others.
    let readable = servers.places.filter { functions.set_servers_ports_csv(channel, $0) == cares_success }
    let list = readable.joined(separator: ",")
    guard !readable.isEmpty, functions.set_servers_ports_csv(channel, list) == cares_success else {
      functions.destroy(channel)
      return nil
    }
    self.library = library
    self.channel = channel
  }

  deinit { library.functions.destroy(channel) }

  /// What is said of one kind of the name's addresses. Blocks until `end` at most.
  ///
  /// A channel serves one query: in c-ares 1.18 a second one on the same socket takes the error by which the first
  /// would learn that nobody is at the port.
  consuming func answer(to name: String, _ kind: DNSReply.Kind, until end: ContinuousClock.Instant) -> DNSAnswer {
    let reply = DNSReply(kind, library)
    var functions = library.functions
    cares_ask(
      &functions, channel, name, kind.rawValue,
      { context, status, _, bytes, count in
        guard let context else { return }
        let reply = Unmanaged<DNSReply>.fromOpaque(context).takeRetainedValue()
        reply.read(status, UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : max(0, Int(count))))
      }, Unmanaged.passRetained(reply).toOpaque())
    while reply.answer == nil, work(until: end) {}
    return reply.answer ?? .silence
  }

  /// Waits for a socket or the next time-out and lets c-ares do what is due; false when the time is up.
  private func work(until end: ContinuousClock.Instant) -> Bool {
    let left = ContinuousClock.now.duration(to: end)
    guard left > .zero else { return false }
    var entries = awaited
    _ = poll(&entries, nfds_t(entries.count), CInt(clamping: min(left, untilTimeout ?? left).milliseconds))
    let ready = entries.filter { $0.revents != 0 }
    for entry in ready {
      let isWritable = entry.revents & Int16(POLLOUT) != 0
      // An error shows to whoever reads.
      let isReadable = entry.revents & ~Int16(POLLOUT) != 0
      library.functions.process_fd(
        channel, isReadable ? entry.fd : cares_no_socket, isWritable ? entry.fd : cares_no_socket)
    }
    if ready.isEmpty { library.functions.process_fd(channel, cares_no_socket, cares_no_socket) }
    return true
  }

  /// The sockets that c-ares waits for, for `poll`.
  private var awaited: [pollfd] {
    var sockets = [CInt](repeating: cares_no_socket, count: Self.socketsMax)
    let bits = library.functions.getsock(channel, &sockets, CInt(Self.socketsMax))
    // The lower half says which are to be read, the upper half which are to be written.
    return sockets.enumerated().compactMap { index, socket in
      let events =
        (bits & 1 << index == 0 ? 0 : POLLIN) | (bits & 1 << (index + Self.socketsMax) == 0 ? 0 : POLLOUT)
      return events == 0 ? nil : pollfd(fd: socket, events: Int16(events), revents: 0)
    }
  }

  /// Until the next server is to be asked; `nil` when nothing is waited for.
  private var untilTimeout: Duration? {
    var buffer = timeval()
    guard let next = library.functions.timeout(channel, nil, &buffer)?.pointee else { return nil }
    return .seconds(Int64(next.tv_sec)) + .microseconds(Int64(next.tv_usec))
  }
}

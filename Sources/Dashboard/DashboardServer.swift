import Addresses
import CMicroHTTPD
import Control
import Platform
import Synchronization

/// Why there is no page; a sentence without a final stop.
package enum DashboardError: Error, Equatable, CustomStringConvertible {
  /// Something else listens on the address already.
  case inUse(SocketAddress)
  /// The address is none of this machine, or may not be listened on.
  case cannotListen(SocketAddress, reason: String)
  /// The library that serves it cannot be used.
  case cannotStart(reason: String)

  /// What is wrong, and what to do about it.
  package var description: String {
    switch self {
    case .inUse(let address):
      "\(address) is in use, perhaps by another agent's page; choose another port with --web=PORT or local.web"
    case .cannotListen(let address, let reason): "the page cannot listen on \(address): \(reason)"
    case .cannotStart(let reason): "the page cannot start: \(reason)"
    }
  }
}

/// Serves the page and its API to browsers on this machine: one thread, which sleeps while nobody asks.
package final class DashboardServer: Sendable {
  /// Connections that libmicrohttpd accepts: more than there may be, as those that give way take a moment to go.
  private static let acceptedMax = UInt32(ConnectionTable.connectionsMax + 32)
  /// Bytes of the head of a request; a longer one is refused.
  private static let memoryBytes = 32 << 10
  /// How long a connection may say nothing. Those that wait for news do not count.
  private static let timeoutSeconds: UInt32 = 30
  /// A browser that left is noticed when it is written to: seconds between two attempts while nothing else comes.
  private static let heartbeatLooks = 20
  /// News are sent once more after the last request: the store writes a little later than the counters count.
  private static let looksAfterNews = 2

  /// Where it listens, with the port that was given for 0.
  package let address: SocketAddress
  /// What a person opens: `http://127.0.0.1:8127`.
  package var url: String { address.reachable.url }

  /// Whether other machines may reach it.
  package var isOpenToOthers: Bool {
    guard case .tcp(let host, _) = address else { return false }
    return !AddressKind.isLoopback(host)
  }

  /// Requests that have come since it was started.
  package var requestCount: Int { service.requestCount.load(ordering: .relaxed) }

  /// How many browsers wait for news.
  var waitingBrowsers: Int { service.streams.count }

  private let daemon: Lock<UnsafeDaemon?>
  private let service: DashboardService
  private let watch = Lock(Watch())

  private struct Watch {
    var requests = 0
    var looksSinceNews = Int.max
    var looksSinceSent = 0
  }

  /// Listens and starts the thread.
  /// - Parameters:
  ///   - host: an address or a name of this machine.
  ///   - port: 0 takes any free one.
  ///   - answering: where the API's documents come from; asked on the page's thread.
  ///   - doctor: `nil` where there is none to run.
  package init(
    host: String, port: UInt16, answering: any ControlAnswering, doctor: (any DoctorRunning)?
  ) throws(DashboardError) {
    if let reason = roost_mhd_open() { throw .cannotStart(reason: String(cString: reason)) }
    let listener = try DashboardListener.open(host: host, port: port)
    address = listener.address
    let service = DashboardService(
      guarding: RequestGuard(hosts: PageHosts(listening: listener.address, host: host)),
      routes: PageRoutes(api: APIAnswers(answering: answering)), doctor: doctor.map(DoctorRuns.init),
      agent: Self.runName)
    self.service = service
    var options = roost_mhd_page_options()
    options.flags = DashboardListener.daemonFlags
    options.listening = listener.descriptor
    options.context = Unmanaged.passUnretained(service).toOpaque()
    options.handler = pageHandler
    options.completed = pageCompleted
    options.connection = pageConnected
    options.uri = pageURI
    options.memory_limit = Self.memoryBytes
    options.connection_limit = Self.acceptedMax
    options.timeout_seconds = Self.timeoutSeconds
    guard let started = JoinableThread.withoutSignals({ roost_mhd_start_page(&options) }) else {
      let code = errno
      close(listener.descriptor)
      throw .cannotListen(listener.address, reason: "no thread for the page (\(systemErrorText(code)))")
    }
    daemon = Lock(UnsafeDaemon(pointer: started))
  }

  deinit { stop() }

  /// Process and moment: a browser that finds another name after a break knows that the agent was restarted.
  private static var runName: String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return "\(getpid())-\(now.tv_sec)"
  }

  /// Tells the browsers that wait when something new has arrived, and lets those go that took too long. To be called once a
  /// second.
  /// - Parameter requests: how many the agent has taken since it started.
  package func look(requests: Int) {
    let message = watch.withLock { watch -> String? in
      watch.looksSinceNews = requests == watch.requests ? min(watch.looksSinceNews, .max - 1) + 1 : 0
      watch.requests = requests
      watch.looksSinceSent += 1
      let hasNews = watch.looksSinceNews < Self.looksAfterNews
      guard hasNews || watch.looksSinceSent >= Self.heartbeatLooks else { return nil }
      watch.looksSinceSent = 0
      return hasNews ? "event: news\ndata: {}\n\n" : ":\n\n"
    }
    service.connections.sweep()
    if let message, service.streams.count > 0 { service.streams.send(message) }
  }

  /// Ends what goes on and closes the port; what does not end by the deadline is left to itself. Further calls do nothing.
  /// - Parameter searchLimit: how long a search may go on, before whoever waits for it is told that there is no answer.
  /// - Returns: whether nothing is asked of `answering` any more.
  @discardableResult package func stop(
    deadline: ContinuousClock.Instant = .now + .seconds(6), searchLimit: Duration = QueryThreads.endingLimit
  ) -> Bool {
    guard let running = daemon.withLock({ $0.take() }) else { return true }
    // The daemon's thread may be at an answer itself, and libmicrohttpd waits for it without end.
    guard let ended = try? WakePipe(),
      let thread = try? JoinableThread(
        name: "roost-ending",
        { [service] in
          service.stop(deadline: deadline, searchLimit: searchLimit)
          Self.end(running.pointer, service.connections)
          ended.wake()
        })
    else { return false }
    let hasEnded = ended.waitUntilWoken(atMost: max(.zero, deadline - .now))
    hasEnded ? thread.join() : thread.detach()
    return hasEnded && !service.hasLeftQueries.load(ordering: .relaxed)
  }
}

extension DashboardServer {
  /// For how long connections are waited for that end at the stop.
  private static let hangUpLimit = Duration.milliseconds(500)

  private static func end(_ daemon: OpaquePointer, _ connections: PageConnections) {
    let listener = MHD_quiesce_daemon(daemon)
    connections.hangUp(atMost: hangUpLimit)
    MHD_stop_daemon(daemon)
    // From the first of these calls on it is ours again, and the daemon may use it until the last.
    if listener >= 0 { close(listener) }
  }
}

/// The daemon's pointer, which any thread may hand to libmicrohttpd.
private struct UnsafeDaemon: @unchecked Sendable {
  let pointer: OpaquePointer
}

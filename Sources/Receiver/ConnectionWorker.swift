import Platform

/// Speaks one protocol on the connections that the acceptor hands to it; all of this is called on the acceptor's thread,
/// but for `stop`.
protocol ConnectionWorker: AnyObject, Sendable {
  /// Connections that were added and are not closed yet.
  var connectionCount: Int { get }

  /// How many it takes: for one more, one of its own gives way.
  var connectionsMax: Int { get }

  /// Requests whose headers arrived, since the start.
  var requests: Int { get }

  /// Takes over a connection that has sent something: the worker closes the descriptor in any case, and calls
  /// `ServerState.connectionClosed` when it does so after returning true.
  /// - Returns: false when it was closed at once for want of memory.
  func add(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Bool

  /// Its connections, for choosing one that gives way; O(connections).
  func placeHolders() -> [PlaceHolder]

  /// Whether something waits to be read from a connection of `placeHolders`, unless it has ended meanwhile.
  func isUnread(_ connection: any HeldConnection) -> Bool

  /// Closes a connection of `placeHolders` in favour of a new one, unless it has ended meanwhile.
  /// - Returns: whether its place will be free.
  func giveWay(_ connection: any HeldConnection) -> Bool

  /// Cuts off what is late; O(connections).
  func sweep(_ deadlines: ConnectionDeadlines, nowMs: UInt64)

  /// The server takes no new requests from now on: whoever can be told is told. On any thread.
  func beginDraining()

  /// Closes all connections and ends its threads, after the acceptor ended; calling it again does nothing.
  func stop()
}

/// A kind of worker whose connections keep their places.
extension ConnectionWorker {
  var connectionsMax: Int { .max }

  var requests: Int { 0 }

  func placeHolders() -> [PlaceHolder] { [] }

  func isUnread(_ connection: any HeldConnection) -> Bool { false }

  func giveWay(_ connection: any HeldConnection) -> Bool { false }

  func beginDraining() {}
}

/// A connection that a worker has.
protocol HeldConnection: AnyObject, Sendable {
  /// Its own as long as the worker has it.
  var descriptor: Int32 { get }
}

/// Workers of one kind, which share connections among them.
struct WorkerPool {
  let workers: [any ConnectionWorker]
  /// What they speak that would be foreign to a worker for HTTP/1.1, and for which connections of all listeners come to
  /// them; `nil` for that one.
  let speaks: ForeignProtocol?
  /// The worker looked at first when the next connection comes.
  private var nextWorker = 0

  init(_ workers: [any ConnectionWorker], speaks: ForeignProtocol? = nil) {
    self.workers = workers
    self.speaks = speaks
  }

  /// The worker with the fewest connections. Those with equally few take turns: connections that end before the next one
  /// comes would all go to the first.
  mutating func next() -> (any ConnectionWorker)? {
    var least: (any ConnectionWorker)?
    var leastCount = Int.max
    for offset in workers.indices {
      let worker = workers[(nextWorker + offset) % workers.count]
      let count = worker.connectionCount
      if count < leastCount { (least, leastCount) = (worker, count) }
    }
    nextWorker = (nextWorker + 1) % max(workers.count, 1)
    return least
  }
}

/// Listeners, and the workers for the connections made to them.
struct ListenerGroup {
  let listeners: [Listener]
  let pool: WorkerPool
}

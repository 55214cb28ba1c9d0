import Platform
import Synchronization

/// Counts of connections and requests since the server started.
package struct ConnectionCounters: Sendable, Equatable {
  /// Accepted in all, and open now.
  package var accepted = 0
  package var open = 0
  /// Requests whose headers arrived, answered or not.
  package var requests = 0
  /// Requests that are being read, handled or answered now.
  package var requestsInProgress = 0
  /// Requests cut off because they did not arrive within `requestTimeout`.
  package var timedOut = 0
  /// Connections closed because nothing came, or no answer was taken, within `idleTimeout`.
  package var idleClosed = 0
  /// Requests that broke HTTP's rules, which libmicrohttpd answered with 400, 413 or 431 itself; over HTTP/2 also calls
  /// without the frame of a message, and connections that broke the rules or flooded.
  package var malformed = 0
  /// Connections closed in favour of new ones because `maxConnections` were open: they had been silent, or unfinished.
  package var gaveWay = 0
  /// How often accepting paused because `maxConnections` were open and all of them busy; and how often a client was turned
  /// away because as many spoke HTTP/2 as may.
  package var acceptPauses = 0
  /// How often `accept` failed: for want of descriptors or memory, and for other reasons.
  package var descriptorsExhausted = 0
  package var acceptErrors = 0
  /// Bytes of memory that bodies take up while they arrive.
  package var bodyBytesInFlight = 0
  package var lateAnswers = LateAnswerCounters()
}

/// How many connections a server has at this moment.
final class OpenConnections: Sendable {
  let count = Atomic<Int>(0)
}

/// What the acceptor, the workers and the server's owner share; every field may be touched by any thread.
final class ServerState: Sendable {
  let accepted = Atomic<Int>(0)
  let connections = OpenConnections()
  let requestsInProgress = Atomic<Int>(0)
  let timedOut = Atomic<Int>(0)
  let idleClosed = Atomic<Int>(0)
  let malformed = Atomic<Int>(0)
  let acceptPauses = Atomic<Int>(0)
  let descriptorsExhausted = Atomic<Int>(0)
  let acceptErrors = Atomic<Int>(0)
  /// Connections that were made to give way and are not closed yet.
  let leaving = Atomic<Int>(0)
  let gaveWay = Atomic<Int>(0)

  /// New requests are refused: the server is stopping.
  let isDraining = Atomic<Bool>(false)
  let mustStopAccepting = Atomic<Bool>(false)
  let mustEnd = Atomic<Bool>(false)
  /// The acceptor paused at the connection limit and wants to hear of a closed connection.
  let isFull = Atomic<Bool>(false)

  /// Listeners that were opened after the start and wait for the acceptor; `nil` once it takes no more.
  private let opened = Lock<[Listener]?>([])

  /// Wakes the acceptor from its wait for connections.
  let wake: WakePipe
  /// Opened when the listeners are closed.
  let listenersClosed: WakePipe
  /// Opened when no request was left in progress while draining.
  let drained: WakePipe
  let lateAnswers: LateAnswers
  let bodies: BodyCapacity

  /// Throws when the process has no descriptors left.
  init(_ configuration: ReceiverConfiguration) throws(SystemError) {
    lateAnswers = LateAnswers(configuration, connections)
    bodies = BodyCapacity(configuration)
    wake = try WakePipe()
    listenersClosed = try WakePipe()
    drained = try WakePipe()
  }

  /// Hands a listener to the acceptor; dropped, and so closed, when the server is stopping.
  func add(_ listener: Listener) {
    opened.withLock { $0?.append(listener) }
    wake.wake()
  }

  /// Listeners that came since the last call.
  func takeOpened() -> [Listener] {
    opened.withLock { opened in
      defer { opened = opened.map { _ in [] } }
      return opened ?? []
    }
  }

  /// No listener is taken from now on.
  func closeOpened() { opened.withLock { $0 = nil } }

  func requestBegan() { requestsInProgress.add(1, ordering: .sequentiallyConsistent) }

  /// Sequentially consistent together with `beginDraining`: one of the two sees the other, so the gate opens.
  func requestEnded() {
    let left = requestsInProgress.subtract(1, ordering: .sequentiallyConsistent).newValue
    if left == 0 && isDraining.load(ordering: .sequentiallyConsistent) { drained.wake() }
  }

  func beginDraining() {
    isDraining.store(true, ordering: .sequentiallyConsistent)
    if requestsInProgress.load(ordering: .sequentiallyConsistent) == 0 { drained.wake() }
  }

  func connectionClosed() {
    connections.count.subtract(1, ordering: .sequentiallyConsistent)
    if isFull.load(ordering: .sequentiallyConsistent) { wake.wake() }
  }
}

extension Atomic where Value == Int {
  func increment() { add(1, ordering: .relaxed) }
  var value: Int { load(ordering: .relaxed) }
}

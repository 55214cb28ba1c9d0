import Synchronization

/// One client connection: what its request in progress has brought so far.
///
/// Belongs to the thread of its worker. Only the atomics and `descriptor` are read by the acceptor's sweep, which
/// holds the worker's registry lock and so cannot meet a closed descriptor.
final class Connection: HeldConnection, @unchecked Sendable {
  /// Where the request in progress stands.
  enum Step {
    /// Nothing known yet but that a request line came.
    case head
    case body
    /// There is no room for its body, or for more of it: the connection is suspended, or was just resumed.
    case capacity
    /// The handler answers later; the connection is suspended, or was just resumed.
    case waiting
    /// The answer is queued or sent; body bytes that still come are thrown away.
    case discarding
    /// The answer is queued and nothing more is expected.
    case answered
  }

  /// The connection as libmicrohttpd knows it.
  let handle: OpaquePointer
  let descriptor: Int32
  let peer: PeerIdentity
  /// When its first byte came, on the monotonic clock.
  let openedMs: UInt64
  /// What it is doing and since when: a `PhaseStamp` word.
  let stamp: Atomic<UInt64>
  /// The sweep has cut the request off for being late.
  let wasCut = Atomic<Bool>(false)
  /// The sweep has seen that the client closed its sending half.
  let wasEnded = Atomic<Bool>(false)
  /// It was closed in favour of a new connection.
  let gaveWay = Atomic<Bool>(false)
  /// Position in the worker's registry; guarded by its lock.
  var registryIndex = 0

  let slots: UnsafeMutablePointer<UnsafeRawBufferPointer>
  var step = Step.head
  /// Whether its request is counted in `requestsInProgress`.
  var isCounted = false
  var method = RequestMethod.other
  var path = UnsafeRawBufferPointer(start: nil, count: 0)
  var isAbsoluteForm = false
  /// Bytes of the request's target as it came.
  var targetBytes = 0
  var declaredLength: Int?
  var receivedBytes = 0
  var discardedBytes = 0
  var box: BodyBufferBox?
  /// What is set aside for its body.
  var reservation = BodyReservation()
  /// What it waits for in `Step.capacity`.
  var capacityWait: CapacityWait?
  /// Of all answers so far.
  var marks: AnswerMarks = []
  /// The handler's reply, when it could be called before the request was finished.
  var earlyReply: Reply?
  /// The answer that the request waits for.
  var late: LateAnswer?

  init(handle: OpaquePointer, descriptor: Int32, peer: PeerIdentity, nowMs: UInt64) {
    self.handle = handle
    self.descriptor = descriptor
    self.peer = peer
    openedMs = nowMs
    // Nobody is handed to a worker before the first byte.
    stamp = Atomic(PhaseStamp(.beginning, sinceMs: nowMs).word)
    slots = .allocate(capacity: KnownHeader.allCases.count)
    slots.initialize(repeating: UnsafeRawBufferPointer(start: nil, count: 0), count: KnownHeader.allCases.count)
  }

  deinit { slots.deallocate() }

  var headers: RequestHeaders { RequestHeaders(slots: slots) }

  func enter(_ phase: ConnectionPhase) {
    stamp.store(PhaseStamp(phase, sinceMs: SystemCalls.monotonicMs()).word, ordering: .relaxed)
  }

  /// The request line is whole. What the request may take began with its first byte.
  func enterReceiving() {
    let before = PhaseStamp(word: stamp.load(ordering: .relaxed))
    guard before.phase == .beginning else { return enter(.receiving) }
    stamp.store(PhaseStamp(.receiving, sinceMs: before.sinceMs).word, ordering: .relaxed)
  }

  /// Forgets the request, so that nothing dangles into memory that the next one uses.
  func reset() {
    slots.update(repeating: UnsafeRawBufferPointer(start: nil, count: 0), count: KnownHeader.allCases.count)
    step = .head
    isCounted = false
    path = UnsafeRawBufferPointer(start: nil, count: 0)
    isAbsoluteForm = false
    declaredLength = nil
    receivedBytes = 0
    discardedBytes = 0
    box = nil
    capacityWait = nil
    earlyReply = nil
    late = nil
  }
}

/// The open connections of one worker, for the sweep.
struct ConnectionRegistry: Sendable {
  private(set) var connections: [Connection] = []

  mutating func insert(_ connection: Connection) {
    connection.registryIndex = connections.count
    connections.append(connection)
  }

  func contains(_ connection: Connection) -> Bool {
    connections.indices.contains(connection.registryIndex) && connections[connection.registryIndex] === connection
  }

  /// O(1): the last one takes the place.
  mutating func remove(_ connection: Connection) {
    guard let last = connections.popLast(), last !== connection else { return }
    connections[connection.registryIndex] = last
    last.registryIndex = connection.registryIndex
  }
}

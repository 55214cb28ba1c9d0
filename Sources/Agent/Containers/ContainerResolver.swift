import Configuration
import Platform
import Receiver

/// Knows the containers of clients: what was looked up is kept for a while, and what is new is looked up on a thread of its
/// own, for which the first request of a client waits a moment only.
///
/// A request of a known client costs a lock and a search in a table; one that says nothing of a container, and does not come
/// over the unix socket, not even that.
final class ContainerResolver: Sendable {
  /// Clients whose containers are remembered.
  static let clientsMax = 1_024
  /// How long what was found out is believed.
  static let ageMax = Duration.seconds(600)
  /// The same of a client that is known by its pid.
  static let processAgeMax = Duration.seconds(60)
  /// Look-ups that wait for the thread; more are left to later requests.
  private static let waitingMax = 64
  /// What the first request of a client waits. A look-up takes a tenth of a millisecond as a rule.
  static let patience = Duration.milliseconds(20)
  /// Between two looks at what a request waits for.
  private static let lookMicroseconds: UInt32 = 200
  /// Enough for the containers of a node, which may all come to it at once.
  private static let readsAhead = Duration.milliseconds(500)

  private struct State {
    var clients: RememberedClients
    var described: DescribedContainers
    /// The key of the request at hand; its memory is kept.
    var key: [UInt8] = []
    /// A look-up took longer than a request waits, and has not ended yet: no other request waits meanwhile.
    var isLate = false
    /// Of reading files for ids that clients say.
    var reading = WorkRation(aheadMax: ContainerResolver.readsAhead)
  }

  private let state: Lock<State>
  private let threads = OnDemandThreads(name: "containers", threadsMax: 1, waitingMax: ContainerResolver.waitingMax)
  private let look: @Sendable (ClientOrigin) -> ContainerLookup.Finding
  private let now: @Sendable () -> ContinuousClock.Instant

  /// Whether processes and control groups can be looked up; without it clients' own words are all there is.
  let seesControlGroups: Bool
  private let patience: Duration

  /// - Parameters:
  ///   - seesControlGroups: whether there is anything to look up for a client that does not say its container.
  ///   - clientsMax: that are remembered.
  ///   - patience: that the first request of a client has.
  ///   - now: the time by which reading is rationed.
  ///   - look: finds out what is not known, on another thread.
  init(
    seesControlGroups: Bool = true, clientsMax: Int = ContainerResolver.clientsMax,
    patience: Duration = ContainerResolver.patience,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    _ look: @escaping @Sendable (ClientOrigin) -> ContainerLookup.Finding
  ) {
    self.seesControlGroups = seesControlGroups
    self.patience = patience
    self.now = now
    self.look = look
    state = Lock(
      State(
        clients: RememberedClients(clientsMax: clientsMax), described: DescribedContainers(containersMax: clientsMax)))
  }

  /// Clients that are remembered now.
  var clientCount: Int { state.withLock { $0.clients.count } }

  /// Looks where the configuration says.
  convenience init(_ configuration: AgentConfiguration) {
    let lookup = ContainerLookup(
      groups: ControlGroups(
        proc: ProcFS(root: configuration.containerProcRoot),
        mount: FileTree(root: configuration.containerGroupRoot)),
      files: ContainerRuntimeFiles(root: FileTree(root: "")))
    self.init(seesControlGroups: lookup.seesControlGroups) { lookup.find($0) }
  }

  /// The container that a request comes from; `nil` for one from outside, and where that is not known in time.
  func container(of headers: RequestHeaders, _ peer: PeerIdentity, nowNs: Int64) -> KnownContainer? {
    let data = LocalData(headers)
    if data.isEmpty, ClientOrigin.process(peer) == 0 { return nil }
    switch find(data, peer, nowNs) {
    case .known(let container): return container
    case .pending(let key): return wait(for: key)
    case .missing(let key):
      let origin = ClientOrigin(data, peer)
      switch begin(origin, key, nowNs) {
      case .known(let container): return container
      case .pending: return wait(for: key)
      case .begun(let container, let waits):
        look(up: origin, key, nowNs)
        return waits ? wait(for: key) : container
      }
    }
  }

  /// What runtimes say of the container with this id, no more than the id where they say nothing; `nil` for what is no id.
  func known(id: String) -> KnownContainer? {
    state.withLock { $0.described[id] }
      ?? (ClientOrigin(containerID: id).hasID ? KnownContainer(id: id, description: nil) : nil)
  }
}

extension ContainerResolver {
  private enum Search: Sendable {
    case known(KnownContainer?)
    case pending([UInt8])
    /// Not remembered, or for too long.
    case missing([UInt8])
  }

  private enum Beginning: Sendable {
    case known(KnownContainer?)
    case pending
    case begun(KnownContainer?, waits: Bool)
  }

  private func find(_ data: LocalData, _ peer: PeerIdentity, _ nowNs: Int64) -> Search {
    state.withLock { state in
      ClientOrigin.writeKey(of: data, peer, seesGroups: seesControlGroups, into: &state.key)
      if state.key.isEmpty { return .known(nil) }
      guard let entry = state.clients.use(state.key, nowNs: nowNs) else { return .missing(state.key) }
      if entry.isPending {
        return entry.isAnswered || state.isLate ? .known(entry.container) : .pending(state.key)
      }
      if entry.isValid(nowNs: nowNs) { return .known(entry.container) }
      return .missing(state.key)
    }
  }

  private func begin(_ origin: ClientOrigin, _ key: [UInt8], _ nowNs: Int64) -> Beginning {
    let isSaid = origin.hasID
    let needsLook = isSaid || (origin.containerID.isEmpty && (origin.processID > 0 || origin.groupInode > 0))
    let isKnownBySight = !needsLook || isSaid
    // Known without looking, though perhaps not all of it.
    let said = isKnownBySight ? origin.said : nil
    if said == nil, !needsLook { return .known(nil) }
    return state.withLock { state in
      let ageMax = Self.ageMaxNs(key)
      var entry = state.clients[key] ?? RememberedClients.Entry()
      if entry.isPending {
        return entry.isAnswered || state.isLate ? .known(entry.container) : .pending
      }
      // A process that was silent for so long may be another one.
      if nowNs < entry.sinceNs || nowNs &- entry.sinceNs >= 2 &* ageMax { entry = RememberedClients.Entry() }
      if let said, entry.container == nil { (entry.container, entry.isAnswered) = (said, true) }
      let rest = isSaid ? state.reading.rest(at: now()) : nil
      if !needsLook || rest != nil {
        entry.sinceNs = nowNs
        entry.untilNs = nowNs &+ (rest?.nanoseconds ?? ageMax)
        state.clients.set(entry, key, nowNs: nowNs)
        return .known(entry.container)
      }
      entry.isPending = true
      state.clients.set(entry, key, nowNs: nowNs)
      return .begun(entry.container, waits: !entry.isAnswered && !state.isLate)
    }
  }

  private static func ageMaxNs(_ key: [UInt8]) -> Int64 {
    (key.first == ClientOrigin.processMark ? processAgeMax : ageMax).nanoseconds
  }

  private func look(up origin: ClientOrigin, _ key: [UInt8], _ nowNs: Int64) {
    threads.run { [self] in
      let finding = origin.hasID ? read(origin) : look(origin)
      state.withLock { $0.isLate = false }
      end(key, finding, nowNs)
    } orRefuse: { [self] in
      end(key, nil, nowNs)
    }
  }

  /// Looks up an id that its client says, which anybody may make up.
  private func read(_ origin: ClientOrigin) -> ContainerLookup.Finding {
    let began = now()
    if let rest = state.withLock({ $0.reading.rest(at: began) }) { return .later(rest) }
    let finding = look(origin)
    let ended = now()
    state.withLock { $0.reading.note(from: began, to: ended) }
    return finding
  }

  /// - Parameter finding: `nil` for what was not looked up at all.
  private func end(_ key: [UInt8], _ finding: ContainerLookup.Finding?, _ nowNs: Int64) {
    state.withLock { state in
      guard var entry = state.clients[key] else { return }
      guard let finding else {
        if !entry.isAnswered { return state.clients.forget(key) }
        entry.isPending = false
        return state.clients.set(entry, key, nowNs: nowNs)
      }
      entry.isPending = false
      (entry.sinceNs, entry.untilNs) = (nowNs, nowNs &+ Self.ageMaxNs(key))
      switch finding {
      case .found(let container):
        state.described.note(container, nowNs: nowNs)
        entry.container = container
      case .none: entry.container = nil
      case .later(let pause): entry.untilNs = nowNs &+ pause.nanoseconds
      }
      entry.isAnswered = true
      state.clients.set(entry, key, nowNs: nowNs)
    }
  }

  private func wait(for key: [UInt8]) -> KnownContainer? {
    let deadline = ContinuousClock.now + patience
    while ContinuousClock.now < deadline {
      usleep(Self.lookMicroseconds)
      let (isPending, container) = state.withLock { state -> (Bool, KnownContainer?) in
        let entry = state.clients[key]
        return (entry?.isPending ?? false, entry?.container)
      }
      if !isPending { return container }
    }
    state.withLock { $0.isLate = true }
    return nil
  }
}

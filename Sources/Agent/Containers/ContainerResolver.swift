import Configuration
import Platform
import Receiver

/// Knows the containers of clients: what was looked up is kept for a while, and what is new is looked up on a thread of its
/// own, for which a request waits a moment only.
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
  /// What a request of a new client waits. A look-up takes a tenth of a millisecond as a rule.
  private static let patience = Duration.milliseconds(20)
  /// Between two looks at what a request waits for.
  private static let lookMicroseconds: UInt32 = 200

  fileprivate struct Entry {
    /// `nil` for a client that is in no container, and while that is being looked up.
    var container: KnownContainer?
    var isPending: Bool
    let sinceNs: Int64
    let ageMaxNs: Int64

    func isValid(nowNs: Int64) -> Bool {
      isPending || (nowNs >= sinceNs && nowNs &- sinceNs < ageMaxNs)
    }
  }

  fileprivate struct State {
    var entries: [[UInt8]: Entry] = [:]
    /// The key of the request at hand; its memory is kept.
    var key: [UInt8] = []
    /// A look-up took longer than a request waits, and has not ended yet: no other request waits meanwhile.
    var isLate = false
  }

  private let state = Lock(State())
  private let threads = OnDemandThreads(name: "containers", threadsMax: 1, waitingMax: ContainerResolver.waitingMax)
  private let look: @Sendable (ClientOrigin) -> ContainerLookup.Finding

  /// Whether processes and control groups can be looked up; without it clients' own words are all there is.
  let seesControlGroups: Bool
  private let clientsMax: Int

  /// - Parameters:
  ///   - seesControlGroups: whether there is anything to look up for a client that does not say its container.
  ///   - clientsMax: that are remembered; the one that was looked up first makes way.
  ///   - look: finds out what is not known, on another thread.
  init(
    seesControlGroups: Bool = true, clientsMax: Int = ContainerResolver.clientsMax,
    _ look: @escaping @Sendable (ClientOrigin) -> ContainerLookup.Finding
  ) {
    self.seesControlGroups = seesControlGroups
    self.clientsMax = clientsMax
    self.look = look
  }

  /// Clients that are remembered now.
  var clientCount: Int { state.withLock { $0.entries.count } }

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
    switch begin(data, peer, nowNs) {
    case .known(let container): return container
    case .pending(let key): return wait(for: key)
    case .new(let key, let waits):
      look(up: ClientOrigin(data, peer), key)
      return waits ? wait(for: key) : nil
    }
  }

  /// What was found out of the container with this id; `nil` when it is not remembered.
  func known(id: String) -> KnownContainer? {
    state.withLock { state in state.entries.values.lazy.compactMap(\.container).first { $0.id == id } }
  }

  private enum Step: Sendable {
    case known(KnownContainer?)
    case pending([UInt8])
    case new([UInt8], waits: Bool)
  }

  private func begin(_ data: LocalData, _ peer: PeerIdentity, _ nowNs: Int64) -> Step {
    state.withLock { state in
      ClientOrigin.writeKey(of: data, peer, seesGroups: seesControlGroups, into: &state.key)
      if state.key.isEmpty { return .known(nil) }
      let key = state.key
      if let entry = state.entries[key], entry.isValid(nowNs: nowNs) {
        return entry.isPending && !state.isLate ? .pending(key) : .known(entry.container)
      }
      if state.entries[key] == nil { state.makeWay(clientsMax) }
      let ageMax = key.first == ClientOrigin.processMark ? Self.processAgeMax : Self.ageMax
      state.entries[key] = Entry(isPending: true, sinceNs: nowNs, ageMaxNs: ageMax.nanoseconds)
      return .new(key, waits: !state.isLate)
    }
  }

  private func look(up origin: ClientOrigin, _ key: [UInt8]) {
    threads.run { [self] in
      let finding = look(origin)
      state.withLock { $0.isLate = false }
      end(key, finding)
    } orRefuse: { [self] in
      end(key, .later)
    }
  }

  private func end(_ key: [UInt8], _ finding: ContainerLookup.Finding) {
    state.withLock { state in
      switch finding {
      case .found(let container): state.entries[key]?.container = container
      case .none: break
      case .later: state.entries[key] = nil
      }
      state.entries[key]?.isPending = false
    }
  }

  private func wait(for key: [UInt8]) -> KnownContainer? {
    let deadline = ContinuousClock.now + Self.patience
    while ContinuousClock.now < deadline {
      usleep(Self.lookMicroseconds)
      let (isPending, container) = state.withLock { state -> (Bool, KnownContainer?) in
        let entry = state.entries[key]
        return (entry?.isPending ?? false, entry?.container)
      }
      if !isPending { return container }
    }
    state.withLock { $0.isLate = true }
    return nil
  }
}

extension ContainerResolver.State {
  /// Makes a place for another client.
  fileprivate mutating func makeWay(_ clientsMax: Int) {
    guard entries.count >= clientsMax else { return }
    let oldest = entries.lazy.filter { !$0.value.isPending }.min { $0.value.sinceNs < $1.value.sinceNs }
    if let oldest { entries[oldest.key] = nil }
  }
}

import Receiver
import Platform
import Synchronization

extension AnswerMarks {
  /// The client asked what the agent offers, as tracers do when they start.
  static let askedInfo = AnswerMarks(rawValue: 1)
  /// The client sent something to keep.
  static let sentPayload = AnswerMarks(rawValue: 2)
}

/// What connections tell beyond their requests: other protocols, and clients that came and left without sending.
///
/// Tracers ask for `/info` over connections of their own, some every few seconds, so one that closes means nothing yet.
/// All signs of life from one place, none more than `quietNs` after the last, make one visit. A short visit in which
/// nothing was sent is counted when it is over; a long one was that of a client with nothing to send.
final class ConnectionWatch: Sendable {
  /// A visit is over when nothing was heard for so long.
  static let quietNs: Int64 = 10_000_000_000
  /// A connection that was kept for longer belongs to a client that is idle, not to one that has just come.
  static let youngMs: UInt64 = 10_000
  /// Longest visit that is counted.
  static let shortNs: Int64 = 10_000_000_000
  /// Visits watched at a time; further ones are not looked into.
  static let visitsMax = 64

  private struct Visit: Sendable {
    var detail: String
    var place: String
    var firstNs: Int64
    var lastNs: Int64
    var signs = 1
    var hasSent = false
  }

  private struct State: Sendable {
    var table = ClientIssueTable()
    var visits: [Visit] = []
  }

  private let clock: WallClock
  private let state = Lock(State())
  /// Some visit may still turn out to be one that sends.
  private let isWaiting = Atomic<Bool>(false)

  init(clock: WallClock) { self.clock = clock }

  func observe(_ event: ConnectionEvent) {
    switch event {
    case .foreign(let found, let peer):
      let now = clock.nowNs
      state.withLock { $0.table.add(Self.kind(found), peer.place, atNs: now) }
    case .silent(let peer): visit("without a request", peer)
    case .closed(let marks, let peer, let ageMs):
      let isVisit = marks.contains(.askedInfo) && !marks.contains(.sentPayload) && ageMs < Self.youngMs
      if isVisit { visit("after /info", peer) }
    }
  }

  /// A payload came. One load in the usual case.
  func observePayload(from peer: PeerIdentity) {
    guard isWaiting.load(ordering: .relaxed) else { return }
    let now = clock.nowNs
    state.withLock { state in
      Self.settle(&state, now)
      let place = peer.place
      for index in state.visits.indices where state.visits[index].place == place { state.visits[index].hasSent = true }
      noteWaiting(state)
    }
  }

  /// All that was seen so far.
  func counted() -> ClientIssueTable {
    let now = clock.nowNs
    return state.withLock { state in
      Self.settle(&state, now)
      noteWaiting(state)
      return state.table
    }
  }

  /// Some visit may still turn out to be one that sends.
  var isAnyoneAwaited: Bool { isWaiting.load(ordering: .relaxed) }

  /// Signs of life in all visits that are not over.
  var signsOfLife: Int { state.withLock { $0.visits.reduce(0) { $0 + $1.signs } } }

  private func visit(_ detail: String, _ peer: PeerIdentity) {
    let now = clock.nowNs
    state.withLock { state in
      Self.settle(&state, now)
      let place = peer.place
      if let known = state.visits.firstIndex(where: { $0.detail == detail && $0.place == place }) {
        state.visits[known].lastNs = now
        state.visits[known].signs += 1
      } else if state.visits.count < Self.visitsMax {
        state.visits.append(Visit(detail: detail, place: place, firstNs: now, lastNs: now))
      }
      noteWaiting(state)
    }
  }

  private func noteWaiting(_ state: State) {
    isWaiting.store(state.visits.contains { !$0.hasSent }, ordering: .relaxed)
  }

  /// Counts the visits that are over and brought nothing; the amount is how long the longest took, in seconds.
  private static func settle(_ state: inout State, _ now: Int64) {
    var left: [Visit] = []
    for visit in state.visits {
      let silence = now &- visit.lastNs
      // A clock that was set back must not make one wait for ever.
      if silence >= 0 && silence < quietNs {
        left.append(visit)
      } else if !visit.hasSent, visit.lastNs &- visit.firstNs < shortNs {
        let seconds = Double(max(0, visit.lastNs &- visit.firstNs)) / 1e9
        state.table.add(.clientVanished, visit.detail, client: visit.place, amount: seconds, atNs: visit.lastNs)
      }
    }
    state.visits = left
  }

  private static func kind(_ found: ForeignProtocol) -> ClientIssueKind {
    switch found {
    case .tls: .tlsHello
    case .http2: .http2Preface
    case .statsD: .statsDText
    }
  }
}

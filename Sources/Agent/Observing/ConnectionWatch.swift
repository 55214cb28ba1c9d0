import Receiver
import Platform
import Synchronization

extension AnswerMarks {
  /// The client requested what the agent offers, as tracers do when they start.
  static let requestedInfo = AnswerMarks(rawValue: 1)
  /// The client sent something to keep.
  static let sentPayload = AnswerMarks(rawValue: 2)
}

/// What connections show beyond their requests: other protocols, and clients that came and left without sending.
///
/// Tracers ask for `/info` over connections of their own, some every few seconds, so one that closes means nothing yet.
/// All connections from one place, none more than `quietNs` after the last, make one activity. A short activity in which
/// nothing was sent is counted when it is over; a long one was that of a client with nothing to send.
final class ConnectionWatch: Sendable {
  /// An activity is over when no connection came for so long.
  static let quietNs: Int64 = 10_000_000_000
  /// A connection that was kept for longer belongs to a client that is idle, not to one that has just come.
  static let youngMs: UInt64 = 10_000
  /// An activity that took so long is not counted.
  static let shortNs: Int64 = 10_000_000_000
  /// Activities watched at a time; further ones are not looked into.
  static let activitiesMax = 64

  private struct Activity: Sendable {
    /// What the connections were for.
    var detail: String
    var place: String
    /// When the first and the last of its connections closed, in ns since 1970.
    var firstNs: Int64
    var lastNs: Int64
    var connections = 1
    var hasSent = false
  }

  private struct State: Sendable {
    var table = ClientIssueTable()
    var activities: [Activity] = []
  }

  private let clock: WallClock
  private let state = Lock(State())
  /// Some activity may still turn out to be one that sends.
  private let isWaiting = Atomic<Bool>(false)

  init(clock: WallClock) { self.clock = clock }

  func observe(_ event: ConnectionEvent) {
    switch event {
    case .foreign(let found, let peer):
      let now = clock.nowNs
      state.withLock { $0.table.add(Self.kind(found), peer.place, atNs: now) }
    case .gaveWay: break
    case .silent(let peer): add("without a request", peer)
    case .closed(let marks, let peer, let ageMs):
      guard marks.contains(.requestedInfo), !marks.contains(.sentPayload), ageMs < Self.youngMs else { return }
      add("after /info", peer)
    }
  }

  /// A payload came. One load in the usual case.
  func observePayload(from peer: PeerIdentity) {
    guard isWaiting.load(ordering: .relaxed) else { return }
    let now = clock.nowNs
    state.withLock { state in
      Self.settle(&state, now)
      let place = peer.place
      for index in state.activities.indices where state.activities[index].place == place {
        state.activities[index].hasSent = true
      }
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

  /// Whether some activity may still turn out to be one that sends.
  var isAwaitingPayload: Bool { isWaiting.load(ordering: .relaxed) }

  /// Connections of all activities that are not over.
  var watchedConnections: Int { state.withLock { $0.activities.reduce(0) { $0 + $1.connections } } }

  private func add(_ detail: String, _ peer: PeerIdentity) {
    let now = clock.nowNs
    state.withLock { state in
      Self.settle(&state, now)
      let place = peer.place
      if let known = state.activities.firstIndex(where: { $0.detail == detail && $0.place == place }) {
        state.activities[known].lastNs = now
        state.activities[known].connections += 1
      } else if state.activities.count < Self.activitiesMax {
        state.activities.append(Activity(detail: detail, place: place, firstNs: now, lastNs: now))
      }
      noteWaiting(state)
    }
  }

  private func noteWaiting(_ state: State) {
    isWaiting.store(state.activities.contains { !$0.hasSent }, ordering: .relaxed)
  }

  /// Counts the activities that are over and brought nothing; the amount is how long the longest took, in seconds.
  private static func settle(_ state: inout State, _ now: Int64) {
    var open: [Activity] = []
    for activity in state.activities {
      let silence = now &- activity.lastNs
      // A clock that was set back must not make one wait for ever.
      if silence >= 0 && silence < quietNs {
        open.append(activity)
      } else if !activity.hasSent, activity.lastNs &- activity.firstNs < shortNs {
        let seconds = Double(max(0, activity.lastNs &- activity.firstNs)) / 1e9
        state.table.add(
          .clientVanished, activity.detail, client: activity.place, amount: seconds, atNs: activity.lastNs)
      }
    }
    state.activities = open
  }

  private static func kind(_ found: ForeignProtocol) -> ClientIssueKind {
    switch found {
    case .tls: .tlsHello
    case .http2: .http2Preface
    case .statsD: .statsDText
    }
  }
}

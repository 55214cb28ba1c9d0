import GRPC
import Platform
import Synchronization

/// One connection on which HTTP/2 is spoken.
///
/// Belongs to the thread of its worker. Only the atomics, `descriptor` and `peer` are read by the acceptor, which holds the
/// worker's registry lock and so cannot meet a closed descriptor.
final class CallConnection: HeldConnection, @unchecked Sendable {
  /// What a client may still send after it was told to go, so that it can read why.
  static let discardBytesMax = 16 << 20

  let descriptor: Int32
  let peer: PeerIdentity
  /// When its first byte came, on the monotonic clock.
  let openedMs: UInt64
  /// What it is doing and since when: a `PhaseStamp` word.
  let stamp: Atomic<UInt64>
  /// It is to go in favour of a new connection.
  let gaveWay = Atomic<Bool>(false)

  let session: CallSession
  /// What the socket has not taken yet.
  var unsent: [UInt8] = []
  /// Since when that is so.
  var unsentSinceMs: UInt64 = 0
  /// When the client sent something last, or was answered later.
  var activeMs: UInt64
  /// The client sends no more, or the connection broke.
  var hasEnded = false
  /// It has been told that no more calls are taken.
  var hasGoneAway = false
  /// Bytes that were thrown away since it was told why it ends; `nil` before that.
  var discardedBytes: Int?
  /// Since when what comes is thrown away: bytes that still come do not make it longer.
  var discardingSinceMs: UInt64 = 0
  /// Calls whose answers come later.
  var waitingCalls = 0
  /// Of all answers so far.
  var marks: AnswerMarks = []

  init(descriptor: Int32, peer: PeerIdentity, session: CallSession, nowMs: UInt64) {
    self.descriptor = descriptor
    self.peer = peer
    self.session = session
    openedMs = nowMs
    activeMs = nowMs
    stamp = Atomic(PhaseStamp(.beginning, sinceMs: nowMs).word)
  }

  /// Nothing is read while the client leaves unread what it was sent.
  var wantsInput: Bool { unsent.isEmpty }

  /// It has no call, owes nothing, and may be closed when it has been silent for long.
  var isIdle: Bool { session.hasBegun && !session.isBusy && unsent.isEmpty && discardedBytes == nil }

  func enter(_ phase: ConnectionPhase, sinceMs: UInt64) {
    stamp.store(PhaseStamp(phase, sinceMs: sinceMs).word, ordering: .relaxed)
  }

  /// Says what it is doing, for whoever chooses one that gives way.
  func updateStamp() {
    if discardedBytes != nil {
      enter(.discarding, sinceMs: discardingSinceMs)
    } else if waitingCalls > 0 {
      enter(.handling, sinceMs: activeMs)
    } else if !session.hasBegun {
      enter(.beginning, sinceMs: openedMs)
    } else if let sinceMs = session.arrivingSinceMs {
      enter(.receiving, sinceMs: sinceMs)
    } else if session.isBusy || !unsent.isEmpty {
      enter(.answering, sinceMs: unsent.isEmpty ? activeMs : unsentSinceMs)
    } else {
      enter(.idle, sinceMs: activeMs)
    }
  }
}

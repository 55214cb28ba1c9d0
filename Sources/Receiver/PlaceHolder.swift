/// An open connection, as far as it matters for who gives way to a new one when no place is left.
struct PlaceHolder {
  /// Who has it, and so how to close it.
  enum Place {
    /// Nothing has come from it, so no worker has it.
    case pending(descriptor: Int32)
    case taken(any HeldConnection, worker: any ConnectionWorker)
  }

  let place: Place
  let peer: PeerIdentity
  /// What it is doing and since when; one that has said nothing is `beginning` since it was accepted.
  let stamp: PhaseStamp

  /// A whole request arrives in less, unless the network is slow.
  private static let promptMs: UInt64 = 100

  /// What it would cost to close it, from the least on.
  enum Rank: Int, Comparable {
    /// It has had time for a request and made none.
    case unfinished
    /// Between requests, or leaving an answer unread. Its client connects again.
    case silent
    /// A request is just arriving.
    case arriving

    static func < (one: Rank, other: Rank) -> Bool { one.rawValue < other.rawValue }
  }

  /// `nil` for one that the agent is working for, which is never closed.
  func rank(nowMs: UInt64) -> Rank? {
    switch stamp.phase {
    case .handling, .waiting: return nil
    case .idle: return .silent
    // The answer is on its way, and would be lost with the connection.
    case .answering, .discarding: return age(nowMs) >= Self.promptMs ? .silent : nil
    case .beginning, .receiving: return age(nowMs) >= Self.promptMs ? .unfinished : .arriving
    }
  }

  func age(_ nowMs: UInt64) -> UInt64 { nowMs > stamp.sinceMs ? nowMs - stamp.sinceMs : 0 }
}

/// Chooses who gives way when every place is taken.
enum PlaceChoice {
  /// Positions in `holders` of those that give way, at most `count`; empty when the agent is working for all of them.
  ///
  /// A user, and of one user a process, that holds more than half of what there is gives way with its own connections.
  /// Among those that are left the cheapest to close go first, and among equals the longest silent or unfinished. More
  /// than one is chosen only of the cheapest kind.
  /// - Parameter isUnread: whether something that it sent has not been read yet. Then it is the agent that is late, and the
  ///   connection stays. Costs a call of the system, and so is asked only of those whose turn it is.
  static func leaving(
    _ holders: [PlaceHolder], owners: [PlaceOwner], atMost count: Int, nowMs: UInt64,
    isUnread: (PlaceHolder) -> Bool
  ) -> [Int] {
    let ofUser = dominant(Array(holders.indices)) { owners[$0].user }
    let ofProcess = dominant(ofUser) { owners[$0].pid }
    // Where the process is not known, the user's connections stand together.
    let chosen = ofProcess.first.map { owners[$0].pid > 0 } == true ? ofProcess : ofUser
    for positions in chosen.count < holders.count ? [chosen, Array(holders.indices)] : [chosen] {
      var leaving: [Int] = []
      for (position, rank) in ranked(positions, holders, nowMs) where !isUnread(holders[position]) {
        guard leaving.isEmpty || rank == .unfinished else { break }
        leaving.append(position)
        if rank != .unfinished || leaving.count >= count { break }
      }
      if !leaving.isEmpty { return leaving }
    }
    return []
  }

  /// Those that may be closed, the cheapest and oldest first.
  private static func ranked(
    _ positions: [Int], _ holders: [PlaceHolder], _ nowMs: UInt64
  ) -> [(position: Int, rank: PlaceHolder.Rank)] {
    positions.compactMap { position in holders[position].rank(nowMs: nowMs).map { (position, $0) } }
      .sorted { one, other in
        one.1 != other.1 ? one.1 < other.1 : holders[one.0].stamp.sinceMs < holders[other.0].stamp.sinceMs
      }
  }

  /// The positions of one key that has more than half of them; all when none has.
  private static func dominant<Key: Hashable>(_ positions: [Int], by key: (Int) -> Key) -> [Int] {
    var counts: [Key: Int] = [:]
    for position in positions { counts[key(position), default: 0] += 1 }
    guard let most = counts.max(by: { $0.value < $1.value }), most.value > positions.count / 2 else {
      return positions
    }
    return positions.filter { key($0) == most.key }
  }
}

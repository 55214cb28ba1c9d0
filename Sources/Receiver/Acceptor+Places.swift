// What happens when as many connections are open as may be: a new one is let in, and the one that has been silent or
// unfinished longest gives way.
extension Acceptor {
  /// How many connections may be open beyond the limit, because those that gave way are not closed yet.
  private static let overlapMax = 32
  /// When the agent works for all of them, how long it takes to look again.
  private static let busyMs: UInt64 = 20
  /// The part of all places that is made free in one go, so that a storm of connections costs little each.
  private static let leavingShare = 64
  /// How often a choice is made anew.
  private static let choicesMax = 4

  /// Whether another connection may be taken, if need be by having one give way. Once not, the next connection that closes
  /// wakes this thread.
  func hasPlace(_ nowMs: UInt64) -> Bool {
    if isBelow(places) {
      state.isFull.store(false, ordering: .sequentiallyConsistent)
      return true
    }
    // One more is taken before somebody gives way to it, and stays when nobody can.
    if nowMs >= busyUntilMs {
      makePlace(nowMs: nowMs)
      if isBelow(places + 1) { return true }
    }
    if !state.isFull.exchange(true, ordering: .sequentiallyConsistent) { state.acceptPauses.increment() }
    // One may have closed between the look and the flag.
    return isBelow(places)
  }

  /// Connections that are open and have not been made to give way.
  var openConnections: Int {
    state.connections.count.load(ordering: .sequentiallyConsistent)
      - state.leaving.load(ordering: .sequentiallyConsistent)
  }

  private func isBelow(_ limit: Int) -> Bool {
    openConnections < limit && state.connections.count.load(ordering: .sequentiallyConsistent) < limit + Self.overlapMax
  }

  /// After a connection was taken: has others give way if there are too many now.
  func makePlace(nowMs: UInt64) {
    guard !isBelow(places + 1) else { return }
    if !hasNotedFull && places == maxConnections {
      hasNotedFull = true
      note(.connectionsFull(limit: places))
    }
    if !letGo(max(1, places / Self.leavingShare), nowMs: nowMs) { busyUntilMs = nowMs + Self.busyMs }
  }

  /// Closes up to `count` connections that can best be missed; false when the agent is working for all of them.
  @discardableResult
  func letGo(_ count: Int, nowMs: UInt64) -> Bool {
    var holders = pending.all.map { connection in
      PlaceHolder(
        place: .pending(descriptor: connection.descriptor), peer: connection.peer(),
        stamp: PhaseStamp(.beginning, sinceMs: connection.sinceMs))
    }
    for pool in pools {
      for worker in pool.workers { holders += worker.placeHolders() }
    }
    return letGo(count, of: holders, nowMs: nowMs)
  }

  /// Has one connection of a worker give way where it has as many as it takes.
  /// - Returns: false when it takes no more, because all of them are busy.
  func makePlace(at worker: any ConnectionWorker) -> Bool {
    guard worker.connectionCount >= worker.connectionsMax else { return true }
    if !hasNotedFullWorker {
      hasNotedFullWorker = true
      note(.callConnectionsFull(limit: worker.connectionsMax))
    }
    let nowMs = SystemCalls.monotonicMs()
    // Something may come from one that is chosen, so that it stays; then there is another choice.
    for _ in 0..<Self.choicesMax where letGo(1, of: worker.placeHolders(), nowMs: nowMs) { return true }
    return false
  }

  private func letGo(_ count: Int, of holders: [PlaceHolder], nowMs: UInt64) -> Bool {
    let holding = owners.owners(of: holders, nowMs: nowMs)
    var hasLeft = false
    let leaving = PlaceChoice.leaving(holders, owners: holding, atMost: count, nowMs: nowMs, isUnread: isUnread)
    for position in leaving {
      guard close(holders[position]) else { continue }
      hasLeft = true
      state.gaveWay.increment()
      event(.gaveWay(owner: holding[position], sinceMs: holders[position].age(nowMs)))
    }
    return hasLeft
  }

  private func isUnread(_ holder: PlaceHolder) -> Bool {
    switch holder.place {
    case .taken(let connection, let worker): worker.isUnread(connection)
    case .pending(let descriptor): pending.all.contains { $0.descriptor == descriptor && $0.isUnread }
    }
  }

  private func close(_ holder: PlaceHolder) -> Bool {
    switch holder.place {
    case .taken(let connection, let worker): return worker.giveWay(connection)
    case .pending(let descriptor):
      guard let index = pending.all.firstIndex(where: { $0.descriptor == descriptor }), !pending.all[index].isUnread
      else { return false }
      dismiss(pending.remove(at: index))
      return true
    }
  }
}

import Control

/// Finds the first trace of a command among all that an agent receives, and knows whether others sent something too.
package struct FirstTraceWatch: Sendable {
  /// What is to be said of what arrived.
  package enum News: Sendable, Equatable {
    case nothing
    /// The command's first, so long after its start.
    case first(ProcessRow, after: Duration)
    /// Somebody's: its process has ended and was never seen, or was not named. Reported once.
    case unclaimed(ProcessRow)
  }

  private let startedNs: Int64
  /// What the agent had counted before the command could send to it, or before it was found.
  private var before: InfoAnswer
  /// Whether others may send to the agent too: then the command's processes have to be seen while they live. If not, those
  /// that nobody saw are the command's and lived too short.
  package private(set) var isShared: Bool
  private var tree: CommandProcesses
  private var hasReportedUnclaimed = false
  /// Processes that sent and were seen to live outside of the command's tree.
  private var outsiders: Set<Int64> = []

  /// - Parameters:
  ///   - child: the command's process.
  ///   - startedNs: when it was started, nanoseconds since 1970.
  ///   - info: from before that.
  ///   - isShared: false for an agent that was started for this command.
  package init(child: Int32, startedNs: Int64, before info: InfoAnswer, isShared: Bool) {
    self.startedNs = startedNs
    before = info
    self.isShared = isShared
    tree = CommandProcesses(of: child)
  }

  /// Whether something came that may or may not have been the command's.
  package var hasUnclaimed: Bool { hasReportedUnclaimed }

  /// Looks which processes the command has now.
  package mutating func look(in table: some ProcessTable) { tree.look(in: table) }

  /// Whether traces of a process are taken for the command's.
  package func isOfCommand(_ process: Int64, _ table: some ProcessTable) -> Bool {
    switch tree.place(of: process, in: table) {
    case .inside: true
    case .outside: false
    case .ended, .unnamed: !isShared
    }
  }

  /// Another agent has taken the place of the one before; `info` is what it said when it was there.
  package mutating func startOver(before info: InfoAnswer, isShared: Bool) {
    before = info
    self.isShared = isShared
  }

  /// What is new since the agent was there and has not been reported. Not to be called again after `first`.
  package mutating func find(in info: InfoAnswer, _ table: some ProcessTable) -> News {
    let news = info.processes.filter { isNew($0, table) }
    guard !news.isEmpty else { return .nothing }
    judge(news, table)
    let inside = news.first { tree.place(of: $0.pid, in: table) == .inside }
    if let process = inside ?? news.first(where: { belongs($0, table) }) {
      let arrivedNs = process.firstSeenNs >= startedNs ? process.firstSeenNs : info.nowNs
      return .first(
        process, after: .nanoseconds(max(0, arrivedNs.subtractingReportingOverflow(startedNs).partialValue)))
    }
    guard !hasReportedUnclaimed,
      let process = news.first(where: { tree.place(of: $0.pid, in: table) != .outside })
    else { return .nothing }
    hasReportedUnclaimed = true
    return .unclaimed(process)
  }

  /// Whether all that the agent took since it was there is known to be the command's.
  package mutating func isAllOfCommand(_ info: InfoAnswer, _ table: some ProcessTable) -> Bool {
    let news = info.processes.filter { isNew($0, table) }
    judge(news, table)
    // Statistics that clients make themselves name no process.
    if isShared, info.clients.contains(where: { $0.endpoint.hasSuffix("/stats") }) { return false }
    // The agent keeps a limited number of processes: only if nothing is missing is nobody.
    let known = news.filter { belongs($0, table) }.reduce(UInt64(0)) { sum, row in
      sum &+ row.traces.subtractingClamped(earlier(row)?.traces ?? 0)
    }
    return known == info.received.traces.subtractingClamped(before.received.traces)
  }

  /// Services that only processes outside of the command's tree sent since the agent was there, as far as that is known: of
  /// a process that nobody saw while it lived it is not, and one is known by the service of its first trace.
  package func servicesOfOthers(_ info: InfoAnswer, _ table: some ProcessTable) -> Set<String> {
    let news = info.processes.filter { isNew($0, table) && !$0.service.isEmpty }
    let (others, possiblyOwn) = news.reduce(into: (Set<String>(), Set<String>())) { sets, row in
      let place = tree.place(of: row.pid, in: table)
      if place == .outside || place == .ended && outsiders.contains(row.pid) {
        sets.0.insert(row.service)
      } else {
        sets.1.insert(row.service)
      }
    }
    return others.subtracting(possiblyOwn)
  }

  /// A living process outside of the command's tree that sends shows that the agent is not the command's alone.
  private mutating func judge(_ news: [ProcessRow], _ table: some ProcessTable) {
    tree.look(in: table)
    let others = news.map(\.pid).filter { tree.place(of: $0, in: table) == .outside }
    guard !others.isEmpty else { return }
    isShared = true
    outsiders.formUnion(others)
  }

  private func earlier(_ row: ProcessRow) -> ProcessRow? { before.processes.first { $0.identity == row.identity } }

  /// An agent that was found may have counted some of the command's before that.
  private func isNew(_ row: ProcessRow, _ table: some ProcessTable) -> Bool {
    row.traces > earlier(row)?.traces ?? 0
      || row.traces > 0 && row.firstSeenNs >= startedNs && tree.place(of: row.pid, in: table) == .inside
  }

  private func belongs(_ row: ProcessRow, _ table: some ProcessTable) -> Bool { isOfCommand(row.pid, table) }
}

extension UInt64 {
  fileprivate func subtractingClamped(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}

import Control

/// What the doctor asks: what the agent observed of its clients.
extension AgentQueries {
  func observed() -> ObservationsAnswer {
    let now = clock.nowNs
    let deadline = ContinuousClock.now + Self.copyingLimit
    let parts = receiver.shards.compactMap { $0.observations(until: deadline) }
    var answer = ObservationsAnswer()
    answer.nowNs = now
    answer.missingThreads = receiver.shards.missing(parts.count)
    answer.forgottenProcessesLastSeenNs = ProcessTable(merging: parts.map(\.processes)).forgottenLastSeenNs
    answer.clientIssues = clientIssues(parts, nowNs: now).rows
    var decisions = TracerDecisions()
    for part in parts {
      answer.tcpRequests &+= part.tcpRequests
      answer.unixRequests &+= part.unixRequests
      decisions.add(part.decisions)
    }
    answer.sampling.traces = decisions.traces
    answer.sampling.droppedByDecision = decisions.droppedByDecision
    answer.sampling.clientDroppedTraces = decisions.clientDroppedTraces
    answer.sampling.lowestLimitRate = decisions.lowestLimitRate
    answer.sampling.limitedLastSeenNs = decisions.limitedLastSeenNs
    answer.services = ServiceVariety.rows(statistics.collect(sinceNs: now &- ControlProtocol.historyNs))
    return answer
  }

  /// Of all receiving threads and of the connections, most frequent first within each kind.
  func clientIssues(_ parts: [ShardObservations], nowNs: Int64) -> ClientIssueTable {
    var table = observers.connections.counted()
    table.add(observers.partialTraces.missing(nowNs: nowNs))
    table.add(observers.missingStatistics.counted)
    for part in parts { table.add(part.clientIssues) }
    return table.sorted()
  }
}

import Platform

/// Operations of which clients have sent statistics of their own, which clients those are, and when they did: what decides
/// whether spans count that a client says it counts itself. Shared by all receiving threads.
///
/// Operations are told apart because clients differ in what they count: older ones leave out spans that only their kind
/// makes count. Clients are told apart only as far as they name themselves with statistics as they do with traces, which
/// some do not: what such a client sends stands for all clients of the operation.
package final class ClientStatisticsSenders: Sendable {
  /// A client that sends none for so long does not do what it says. Tracers send every 10 s.
  package static let patienceNs: Int64 = 60_000_000_000
  /// Operations that are remembered, once for each client; of further ones nothing is known, and their spans count.
  static let operationsMax = 10_000
  /// Clients that are told apart with statistics, so that looking through them takes no time; further ones are as one that
  /// sends no traces.
  static let clientsMax = 200
  /// Clients of traces that are remembered.
  static let clientsOfTracesMax = 1_000

  fileprivate struct Sender: Sendable {
    let client: StatisticsClient
    /// When its statistics came last, in ns since 1970.
    var lastNs: Int64
  }

  fileprivate struct State: Sendable {
    var senders: [ServiceOperation: [Sender]] = [:]
    /// How many senders all operations have together.
    var senderCount = 0
    var clients: Set<StatisticsClient> = []
    /// Who has sent traces that are left to clients.
    var clientsOfTraces: Set<StatisticsClient> = []
  }

  private let state = Lock(State())

  package init() {}

  /// Notes that statistics of these operations came from a client at `nowNs`.
  func note(_ operations: [ServiceOperation], of client: StatisticsClient, nowNs: Int64) {
    state.withLock { state in
      if state.senderCount + operations.count > Self.operationsMax {
        state.forget(before: nowNs &- 2 * Self.patienceNs)
      }
      let client = state.told(client)
      for operation in operations { state.note(operation, of: client, nowNs: nowNs) }
    }
  }

  /// What counts at the end of buckets: of spans that were left to clients, those whose clients have sent no statistics
  /// since then. Until a minute has passed, those of the minute before are enough.
  func uncounted(of closed: [StatsBucket], nowNs: Int64) -> [StatsBucket] {
    uncounted(of: closed) { min($0.startNs, nowNs &- Self.patienceNs) }
  }

  /// What tables show of open buckets. Where statistics came in the minute before, more will come.
  func uncounted(ofOpen buckets: [StatsBucket]) -> [StatsBucket] {
    uncounted(of: buckets) { $0.startNs &- Self.patienceNs }
  }

  private func uncounted(of buckets: [StatsBucket], since: (StatsBucket) -> Int64) -> [StatsBucket] {
    let left = buckets.map(\.groupsLeftToClients)
    guard left.contains(where: { !$0.isEmpty }) else { return buckets }
    var known = state.withLock { state in
      for group in left.joined() where state.clientsOfTraces.count < Self.clientsOfTracesMax {
        state.clientsOfTraces.insert(group.client)
      }
      return KnownSenders(senders: state.senders, clientsOfTraces: state.clientsOfTraces)
    }
    guard !known.senders.isEmpty else { return buckets }
    return zip(buckets, left).compactMap { bucket, groups in
      guard bucket.isLeftToClients else { return bucket }
      let sinceNs = since(bucket)
      let rest = bucket.filtered { !known.haveCounted(groups[$0], since: sinceNs) }
      return rest.groups.isEmpty ? nil : rest
    }
  }

  /// Who says that it counts spans itself and sends no statistics, with how many spans in buckets that closed so; of these,
  /// `closed` has what no client has counted. One that has sent some since the minute before, of whatever, is none of them:
  /// it leaves such spans out, or has ended.
  package func missing(in closed: [StatsBucket], nowNs: Int64) -> [StatisticsSender: UInt64] {
    // When the agent ends, statistics of younger ones may still have been on their way.
    let old = closed.filter { $0.isLeftToClients && nowNs &- $0.startNs >= Self.patienceNs }
    if old.isEmpty { return [:] }
    var lastNs: [StatisticsClient: Int64] = [:]
    for sender in state.withLock({ $0.senders }).values.joined() {
      lastNs[sender.client] = max(lastNs[sender.client] ?? .min, sender.lastNs)
    }
    var spans: [StatisticsSender: UInt64] = [:]
    for bucket in old {
      let sending = lastNs.filter { $0.value >= bucket.startNs &- Self.patienceNs }.map(\.key)
      var isSending: [StatisticsClient: Bool] = [:]
      for (group, left) in zip(bucket.groups, bucket.groupsLeftToClients) {
        let known = isSending[left.client] ?? sending.contains { $0.isLike(left.client) }
        isSending[left.client] = known
        if known { continue }
        spans[StatisticsSender(left), default: 0] &+= group.okSketch.count &+ group.errorSketch.count
      }
    }
    return spans
  }
}

extension ClientStatisticsSenders.State {
  /// The client as it is told apart.
  mutating func told(_ client: StatisticsClient) -> StatisticsClient {
    guard !clients.contains(client) else { return client }
    guard clients.count < ClientStatisticsSenders.clientsMax else { return .others }
    clients.insert(client)
    return client
  }

  mutating func note(_ operation: ServiceOperation, of client: StatisticsClient, nowNs: Int64) {
    var known = senders[operation] ?? []
    if let place = known.firstIndex(where: { $0.client == client }) {
      known[place].lastNs = nowNs
    } else {
      guard senderCount < ClientStatisticsSenders.operationsMax else { return }
      known.append(ClientStatisticsSenders.Sender(client: client, lastNs: nowNs))
      senderCount += 1
    }
    senders[operation] = known
  }

  mutating func forget(before limitNs: Int64) {
    senders = senders.compactMapValues { known in
      let rest = known.filter { $0.lastNs >= limitNs }
      return rest.isEmpty ? nil : rest
    }
    senderCount = senders.values.reduce(0) { $0 + $1.count }
    clients = Set(senders.values.joined().map(\.client))
  }
}

/// What was known of senders at one moment.
private struct KnownSenders {
  let senders: [ServiceOperation: [ClientStatisticsSenders.Sender]]
  let clientsOfTraces: Set<StatisticsClient>
  /// Of senders that were looked for among the clients of traces.
  private var namesThemselvesAlike: [StatisticsClient: Bool] = [:]

  init(senders: [ServiceOperation: [ClientStatisticsSenders.Sender]], clientsOfTraces: Set<StatisticsClient>) {
    self.senders = senders
    self.clientsOfTraces = clientsOfTraces
  }

  /// Whether spans of a group are in statistics that came since then: of their client, or of one that sends no traces under
  /// the name that it has there, and so may be theirs.
  mutating func haveCounted(_ group: GroupLeftToClient, since sinceNs: Int64) -> Bool {
    if group.isCollapsed { return false }
    for sender in senders[group.operation] ?? [] where sender.lastNs >= sinceNs {
      if sender.client.isLike(group.client) || !hasTraces(sender.client) { return true }
    }
    return false
  }

  private mutating func hasTraces(_ client: StatisticsClient) -> Bool {
    if let known = namesThemselvesAlike[client] { return known }
    let isAlike = clientsOfTraces.contains { $0.isLike(client) }
    namesThemselvesAlike[client] = isAlike
    return isAlike
  }
}

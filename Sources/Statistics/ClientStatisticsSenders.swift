import Platform

/// Operations of which clients have sent statistics of their own, and when: what decides whether spans count that a client
/// says it counts itself. Shared by all receiving threads.
///
/// Operations are told apart because clients differ in what they count: older ones leave out spans that only their kind
/// makes count. Clients are not: some name themselves otherwise with statistics than with traces.
package final class ClientStatisticsSenders: Sendable {
  /// A client that sends none for so long does not do what it says. Tracers send every 10 s.
  package static let patienceNs: Int64 = 60_000_000_000
  /// Operations that are remembered; of further ones nothing is known, and their spans count.
  static let operationsMax = 10_000

  /// When statistics of an operation came last, in ns since 1970.
  private let lastNs = Lock<[ServiceOperation: Int64]>([:])

  package init() {}

  /// Notes that statistics of these operations came at `nowNs`.
  func note(_ operations: [ServiceOperation], nowNs: Int64) {
    lastNs.withLock { last in
      if last.count + operations.count > Self.operationsMax {
        last = last.filter { $0.value >= nowNs &- 2 * Self.patienceNs }
      }
      for operation in operations where last[operation] != nil || last.count < Self.operationsMax {
        last[operation] = nowNs
      }
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
    guard buckets.contains(where: \.isLeftToClients) else { return buckets }
    let last = lastNs.withLock { $0 }
    guard !last.isEmpty else { return buckets }
    return buckets.compactMap { bucket in
      guard bucket.isLeftToClients else { return bucket }
      let sinceNs = since(bucket)
      let rest = bucket.filtered { key in
        // What stands for several services cannot be told apart.
        key.service != StatsBucket.blockedValue
          && last[ServiceOperation(service: key.service, operation: key.name), default: .min] < sinceNs
      }
      return rest.groups.isEmpty ? nil : rest
    }
  }
}

/// What spans and statistics of them have in common, whoever sent them.
struct ServiceOperation: Hashable, Sendable {
  let service: String
  let operation: String
}

/// Who says that it counts spans of a service itself.
package struct StatisticsSender: Hashable, Sendable {
  /// Language and version of its tracer: `python 4.16.0`; empty when it does not say.
  package let client: String
  /// The service of the spans, as the tables name it.
  package let service: String
}

extension StatsBucket {
  /// The spans that were left to clients, by who said that it counts them.
  package var spansBySender: [StatisticsSender: UInt64] {
    var spans: [StatisticsSender: UInt64] = [:]
    for (index, group) in groups.enumerated() {
      let key = GroupKey(key(of: index))
      guard let version = key.leftTo else { continue }
      let client = [key.language, version].filter { !$0.isEmpty }.joined(separator: " ")
      spans[StatisticsSender(client: client, service: key.service), default: 0] &+=
        group.okSketch.count &+ group.errorSketch.count
    }
    return spans
  }
}

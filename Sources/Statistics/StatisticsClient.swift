import TraceModel

/// What spans and statistics of them have in common, whoever sent them.
struct ServiceOperation: Hashable, Sendable {
  let service: String
  let operation: String
}

/// A client as its requests name it, those with traces and those with statistics.
struct StatisticsClient: Hashable, Sendable {
  /// Of its tracer; empty when it does not say.
  let language: String
  let version: String
  /// Empty where it is in none, or that is not known yet.
  let containerID: String

  /// All that are too many to be told apart.
  static let others = StatisticsClient(language: "others", version: "", containerID: "")

  /// The sender of a payload at hand.
  init(_ batch: borrowing SpanBatch) {
    language = GroupKeyBuilder.text(batch.bytes(batch.payload.languageName))
    version = GroupKeyBuilder.text(batch.bytes(batch.payload.tracerVersion))
    containerID = GroupKeyBuilder.text(batch.bytes(batch.payload.containerID))
  }

  /// The sender of spans that were left to it.
  init(language: String, version: String, containerID: String) {
    self.language = language
    self.version = version
    self.containerID = containerID
  }

  /// Whether both may be one: which container a client is in may be known of one of its requests and not of another.
  func isLike(_ other: StatisticsClient) -> Bool {
    language == other.language && version == other.version
      && (containerID == other.containerID || containerID.isEmpty || other.containerID.isEmpty)
  }
}

/// A group of spans of which their client says that it counts them itself.
struct GroupLeftToClient: Sendable {
  let client: StatisticsClient
  let operation: ServiceOperation

  /// Whether it stands for several services, which cannot be told apart.
  var isCollapsed: Bool { operation.service == StatsBucket.blockedValue }
}

/// Who says that it counts spans of a service itself.
package struct StatisticsSender: Hashable, Sendable {
  /// Language and version of its tracer: `python 4.16.0`; empty when it does not say.
  package let client: String
  /// The service of the spans, as the tables name it.
  package let service: String

  init(_ left: GroupLeftToClient) {
    client = [left.client.language, left.client.version].filter { !$0.isEmpty }.joined(separator: " ")
    service = left.operation.service
  }
}

extension StatsBucket {
  /// All of its groups, where they are left to clients; none otherwise.
  var groupsLeftToClients: [GroupLeftToClient] {
    guard isLeftToClients else { return [] }
    return groups.indices.map { index in
      let key = GroupKey(key(of: index))
      return GroupLeftToClient(
        client: StatisticsClient(language: key.language, version: key.leftTo ?? "", containerID: key.containerID),
        operation: ServiceOperation(service: key.service, operation: key.name))
    }
  }
}

import TraceModel

/// Merges closed buckets of all shards into what is sent to the intake.
package struct StatsAssembler: Sendable {
  private let keys: KeyTable
  private let agentHostname: String
  private let agentEnv: String
  private let agentVersion: String
  private let bucketSizeNs: Int64
  private let hostTags: [String]
  private let container: @Sendable (_ id: String) -> ContainerFacts?

  /// - Parameters:
  ///   - hostTags: of the machine, each `key:value`; all statistics have them.
  ///   - container: what is known of the container with an id.
  package init(
    keys: KeyTable, agentHostname: String, agentEnv: String, agentVersion: String, bucketSizeNs: Int64,
    hostTags: [String] = [], container: @escaping @Sendable (_ id: String) -> ContainerFacts? = { _ in nil }
  ) {
    self.hostTags = hostTags
    self.container = container
    self.keys = keys
    self.agentHostname = agentHostname
    self.agentEnv = agentEnv
    self.agentVersion = agentVersion
    self.bucketSizeNs = bucketSizeNs
  }

  /// How much one payload may hold.
  package struct PieceLimit: Sendable {
    /// Groups in one payload at most, however few bytes they take.
    package var groupsMax: Int
    /// Bytes before they are compressed, nearly; one group may be larger.
    package var bytesMax: Int

    /// A limit in groups and in bytes, of which the first that is met ends a payload.
    package init(groupsMax: Int, bytesMax: Int) {
      self.groupsMax = max(1, groupsMax)
      self.bytesMax = bytesMax
    }
  }

  /// Calls `take` with all groups that are to be sent, in payloads one after the other, so that no more than two of them
  /// are ever in memory.
  ///
  /// - Parameter random: weighted counts are fractions; they are rounded up or down by chance, so that their sum over
  ///   many buckets stays true.
  /// - Returns: sums that were too large for their field and stopped at its limit.
  package func assemble<Failure: Error>(
    _ buckets: [StatsBucket], limit: PieceLimit, random: inout some RandomNumberGenerator,
    take: (StatsPayload) throws(Failure) -> Void
  ) throws(Failure) -> UInt64 {
    let clients = places(buckets)
    var saturated: UInt64 = 0
    for isClientComputed in [false, true] {
      let some = clients.filter { $0.key.isClientComputed == isClientComputed }
      if some.isEmpty { continue }
      var empty = StatsPayload()
      empty.agentHostname = agentHostname
      empty.agentEnv = agentEnv
      empty.agentVersion = agentVersion
      empty.clientComputed = isClientComputed
      var pieces = StatsPieces(empty: empty, limit: limit)
      try add(some, of: buckets, to: &pieces, saturated: &saturated, random: &random, take: take)
      try pieces.end(take: take)
    }
    return saturated
  }

  private func add<Failure: Error>(
    _ clients: [ClientKey: [Int64: [IntakeKey: [GroupPlace]]]], of buckets: [StatsBucket],
    to pieces: inout StatsPieces, saturated: inout UInt64, random: inout some RandomNumberGenerator,
    take: (StatsPayload) throws(Failure) -> Void
  ) throws(Failure) {
    for (key, starts) in clients {
      pieces.begin(client(key))
      for (startNs, groups) in starts.sorted(by: { $0.key < $1.key }) {
        pieces.begin(ClientStatsBucket(start: UInt64(clamping: startNs), duration: UInt64(clamping: bucketSizeNs)))
        for (key, places) in groups {
          // Merged one at a time: all of them would be a second copy of the buckets.
          var merged = MergedGroup()
          for place in places { merged.add(buckets[place.bucket].groups[place.group]) }
          if merged.isSaturated { saturated &+= 1 }
          try pieces.add(merged.message(key, random: &random), take: take)
        }
      }
    }
  }

  /// Where the groups lie that are to be sent, by what the intake distinguishes.
  private func places(_ buckets: [StatsBucket]) -> [ClientKey: [Int64: [IntakeKey: [GroupPlace]]]] {
    var clients: [ClientKey: [Int64: [IntakeKey: [GroupPlace]]]] = [:]
    for (number, bucket) in buckets.enumerated() {
      for index in bucket.groups.indices {
        let key = GroupKey(bucket.key(of: index))
        guard key.isForwarded || key.client != nil else { continue }
        let client = ClientKey(key, agentHostname: agentHostname)
        let intake = IntakeKey(key, peerTags: key.client?.peerTags ?? PeerTags.tags(key.peerAttributes, keys: keys))
        clients[client, default: [:]][bucket.startNs, default: [:]][intake, default: []].append(
          GroupPlace(bucket: number, group: index))
      }
    }
    return clients
  }

  private func client(_ key: ClientKey) -> ClientStatsPayload {
    var client = ClientStatsPayload()
    client.hostname = key.hostname
    client.env = key.env
    client.version = key.version
    client.containerID = key.containerID
    client.gitCommitSha = key.gitCommitSha
    client.lang = key.language
    client.tags = hostTags
    client.processTags = key.processTags
    client.processTagsHash = Self.processTagsHash(key.processTags)
    client.imageTag = key.imageTag
    if !key.containerID.isEmpty, let facts = container(key.containerID) {
      client.tags += facts.tags
      if client.gitCommitSha.isEmpty { client.gitCommitSha = facts.gitCommitSha }
      if client.imageTag.isEmpty { client.imageTag = facts.imageTag }
    }
    return client
  }

  /// Process tags come joined by commas; their hash is that of the sorted tags.
  static func processTagsHash(_ tags: String) -> UInt64 {
    PeerTags.hash(tags.split(separator: ",").map(String.init))
  }
}

/// What the intake distinguishes clients by.
private struct ClientKey: Hashable {
  let env: String
  let hostname: String
  let version: String
  let containerID: String
  let gitCommitSha: String
  let language: String
  let processTags: String
  let imageTag: String
  let isClientComputed: Bool

  init(_ key: GroupKey, agentHostname: String) {
    env = key.env
    hostname = key.hostname.isEmpty ? agentHostname : key.hostname
    version = key.version
    containerID = key.containerID
    gitCommitSha = key.gitCommitSha
    language = key.language
    processTags = key.processTags
    imageTag = key.client?.imageTag ?? ""
    isClientComputed = key.client != nil
  }
}

/// What the intake distinguishes groups of one client by.
private struct IntakeKey: Hashable {
  let service: String
  let name: String
  let resource: String
  let type: String
  let spanKind: String
  let serviceSource: String
  let grpcStatus: String
  let httpStatus: UInt32
  let isTraceRoot: Bool
  let isSynthetics: Bool
  let peerTags: [String]
  /// What only clients say of the group.
  let client: ClientDimensions?

  init(_ key: GroupKey, peerTags: [String]) {
    service = key.service
    name = key.name
    resource = key.resource
    type = key.type
    spanKind = key.spanKind
    serviceSource = key.serviceSource
    grpcStatus = key.grpcStatus
    httpStatus = key.httpStatus
    isTraceRoot = key.isTraceRoot
    isSynthetics = key.isSynthetics
    self.peerTags = peerTags
    client = key.client
  }
}

/// Which group of which bucket.
private struct GroupPlace {
  let bucket: Int
  let group: Int
}

/// A group summed over shards, and over the marks that only concern this machine.
private struct MergedGroup {
  var hits = 0.0
  var topLevelHits = 0.0
  var errors = 0.0
  var durationNs = 0.0
  var okSketch = DDSketch()
  var errorSketch = DDSketch()

  mutating func add(_ group: Group) {
    hits += group.hits
    topLevelHits += group.topLevelHits
    errors += group.errors
    durationNs += group.durationNs
    okSketch.merge(group.okSketch)
    errorSketch.merge(group.errorSketch)
  }

  /// Whether a sum is larger than its field may be.
  var isSaturated: Bool { max(hits, durationNs) >= StochasticRounding.limit }

  func message(_ key: IntakeKey, random: inout some RandomNumberGenerator) -> ClientGroupedStats {
    var message = ClientGroupedStats()
    message.service = key.service
    message.name = key.name
    message.resource = key.resource
    message.type = key.type
    message.spanKind = key.spanKind
    message.serviceSource = key.serviceSource
    message.grpcStatusCode = key.grpcStatus
    message.httpStatusCode = key.httpStatus
    message.isTraceRoot = key.client?.isTraceRootUnknown == true ? .unknown : key.isTraceRoot ? .yes : .no
    message.httpMethod = key.client?.httpMethod ?? ""
    message.httpEndpoint = key.client?.httpEndpoint ?? ""
    message.spanDerivedPrimaryTags = key.client?.primaryTags ?? []
    message.additionalMetricTags = key.client?.metricTags ?? []
    message.synthetics = key.isSynthetics
    message.peerTags = key.peerTags
    message.hits = StochasticRounding.round(hits, random: &random)
    message.topLevelHits = StochasticRounding.round(topLevelHits, random: &random)
    message.errors = StochasticRounding.round(errors, random: &random)
    message.duration = StochasticRounding.round(durationNs, random: &random)
    message.okSummary = okSketch.protobuf()
    message.errorSummary = errorSketch.protobuf()
    return message
  }
}

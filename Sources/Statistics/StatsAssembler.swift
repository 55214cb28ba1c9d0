import TraceModel

/// Merges closed buckets of all shards into what is sent to the intake.
package struct StatsAssembler: Sendable {
  private let keys: KeyTable
  private let agentHostname: String
  private let agentEnv: String
  private let agentVersion: String
  private let bucketSizeNs: Int64

  package init(
    keys: KeyTable, agentHostname: String, agentEnv: String, agentVersion: String, bucketSizeNs: Int64
  ) {
    self.keys = keys
    self.agentHostname = agentHostname
    self.agentEnv = agentEnv
    self.agentVersion = agentVersion
    self.bucketSizeNs = bucketSizeNs
  }

  /// One payload with all groups that are to be sent, or `nil` when there are none.
  ///
  /// - Parameter random: weighted counts are fractions; they are rounded up or down by chance, so that their sum over
  ///   many buckets stays true.
  package func assemble(
    _ buckets: [StatsBucket], random: inout some RandomNumberGenerator
  ) -> StatsPayload? {
    var clients: [ClientKey: [Int64: [IntakeKey: MergedGroup]]] = [:]
    for bucket in buckets {
      for (index, group) in bucket.groups.enumerated() {
        let key = GroupKey(bucket.key(of: index))
        guard key.isForwarded else { continue }
        let client = ClientKey(key, agentHostname: agentHostname)
        let intake = IntakeKey(key, peerTags: PeerTags.tags(key.peerAttributes, keys: keys))
        clients[client, default: [:]][bucket.startNs, default: [:]][intake, default: MergedGroup()].add(group)
      }
    }
    guard !clients.isEmpty else { return nil }
    var payload = StatsPayload()
    payload.agentHostname = agentHostname
    payload.agentEnv = agentEnv
    payload.agentVersion = agentVersion
    payload.stats = clients.map { client, buckets in self.client(client, buckets, random: &random) }
    return payload
  }

  private func client(
    _ key: ClientKey, _ buckets: [Int64: [IntakeKey: MergedGroup]], random: inout some RandomNumberGenerator
  ) -> ClientStatsPayload {
    var client = ClientStatsPayload()
    client.hostname = key.hostname
    client.env = key.env
    client.version = key.version
    client.containerID = key.containerID
    client.gitCommitSha = key.gitCommitSha
    client.lang = key.language
    client.processTags = key.processTags
    client.processTagsHash = Self.processTagsHash(key.processTags)
    for (startNs, groups) in buckets.sorted(by: { $0.key < $1.key }) {
      var bucket = ClientStatsBucket(start: UInt64(clamping: startNs), duration: UInt64(clamping: bucketSizeNs))
      for (key, group) in groups { bucket.stats.append(group.message(key, random: &random)) }
      client.stats.append(bucket)
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

  init(_ key: GroupKey, agentHostname: String) {
    env = key.env
    hostname = key.hostname.isEmpty ? agentHostname : key.hostname
    version = key.version
    containerID = key.containerID
    gitCommitSha = key.gitCommitSha
    language = key.language
    processTags = key.processTags
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
  }
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
    message.isTraceRoot = key.isTraceRoot ? .yes : .no
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

/// Rounds a fraction up as often as it is large, so that sums of rounded values are true on average.
package enum StochasticRounding {
  /// The whole part, plus one with the probability of the fraction. Values outside `UInt64` are clamped.
  package static func round(_ value: Double, random: inout some RandomNumberGenerator) -> UInt64 {
    guard value > 0 else { return 0 }
    guard value < 18_446_744_073_709_549_568 else { return .max }
    let whole = value.rounded(.down)
    let fraction = value - whole
    return UInt64(whole) + (fraction > 0 && Double.random(in: 0..<1, using: &random) < fraction ? 1 : 0)
  }
}

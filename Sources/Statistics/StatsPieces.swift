/// Fills payloads with groups one after the other, and hands each on when it is full.
///
/// The last full one waits until the next is, because only then it is known whether all fit into one.
struct StatsPieces {
  private let empty: StatsPayload
  private let limit: StatsAssembler.PieceLimit
  private var full: StatsPayload?
  private var piece: StatsPayload
  private var groups = 0
  private var bytes = 0
  private var client = ClientStatsPayload()
  private var clientBytes = 0
  private var bucket = ClientStatsBucket(start: 0, duration: 0)
  /// Whether the client and the bucket at hand are in the piece already.
  private var hasClient = false
  private var hasBucket = false

  /// - Parameter empty: what all payloads have in common.
  init(empty: StatsPayload, limit: StatsAssembler.PieceLimit) {
    self.empty = empty
    self.limit = limit
    piece = empty
  }

  /// The next groups are of this client.
  mutating func begin(_ client: ClientStatsPayload) {
    self.client = client
    clientBytes = client.bytes
    (hasClient, hasBucket) = (false, false)
  }

  /// The next groups are of this stretch of time.
  mutating func begin(_ bucket: ClientStatsBucket) {
    self.bucket = bucket
    hasBucket = false
  }

  mutating func add<Failure: Error>(
    _ group: ClientGroupedStats, take: (StatsPayload) throws(Failure) -> Void
  ) throws(Failure) {
    var more = bytes(of: group)
    if groups >= limit.groupsMax || (groups > 0 && bytes + more > limit.bytesMax) {
      if let full { try hand(full, isSplit: true, take) }
      full = piece
      piece = empty
      (groups, bytes, hasClient, hasBucket) = (0, 0, false, false)
      more = bytes(of: group)
    }
    if !hasClient { piece.stats.append(client) }
    let last = piece.stats.count - 1
    if !hasBucket { piece.stats[last].stats.append(bucket) }
    (hasClient, hasBucket) = (true, true)
    piece.stats[last].stats[piece.stats[last].stats.count - 1].stats.append(group)
    groups += 1
    bytes += more
  }

  /// What the group adds to the piece, with its client and its bucket where they are not in it yet.
  private func bytes(of group: ClientGroupedStats) -> Int {
    group.bytes + (hasClient ? 0 : clientBytes) + (hasBucket ? 0 : ClientStatsBucket.headBytes)
  }

  /// Hands on what is left.
  mutating func end<Failure: Error>(take: (StatsPayload) throws(Failure) -> Void) throws(Failure) {
    if let full { try hand(full, isSplit: true, take) }
    if groups > 0 { try hand(piece, isSplit: full != nil, take) }
    (full, piece, groups) = (nil, empty, 0)
  }

  private func hand<Failure: Error>(
    _ payload: StatsPayload, isSplit: Bool, _ take: (StatsPayload) throws(Failure) -> Void
  ) throws(Failure) {
    var payload = payload
    payload.splitPayload = isSplit
    try take(payload)
  }
}

extension ClientStatsPayload {
  /// Bytes of what is said of the client itself, nearly.
  fileprivate var bytes: Int {
    let texts =
      [hostname, env, version, lang, tracerVersion, runtimeID, agentAggregation, service, containerID, gitCommitSha]
      + [imageTag, processTags] + tags
    return texts.reduce(250) { $0 + $1.utf8.count + 5 }
  }
}

extension ClientStatsBucket {
  /// Bytes of its times and names.
  fileprivate static let headBytes = 60
}

extension ClientGroupedStats {
  /// Bytes before they are compressed, nearly: the texts, the sketches, and what names and numbers take.
  fileprivate var bytes: Int {
    let texts = [service, name, resource, type, spanKind, grpcStatusCode, serviceSource] + peerTags
    return texts.reduce(350 + okSummary.count + errorSummary.count) { $0 + $1.utf8.count }
  }
}

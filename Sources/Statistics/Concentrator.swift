import TraceModel

/// What spans count, and what they are distinguished by.
package struct ConcentratorConfiguration: Sendable {
  /// Width of a time bucket in ns.
  package var bucketSizeNs: Int64 = 10_000_000_000
  /// Spans of kind server, client, producer and consumer count, also when they are neither top-level nor measured.
  package var countsBySpanKind = true
  /// Spans are also distinguished by their peer.
  package var usesPeerTags = true
  /// Environment of payloads that name none.
  package var defaultEnv = "none"
  /// Memory of the open buckets, shared by all threads.
  package var budget = StatisticsBudget(bytesMax: 0)
  /// Whose clients send statistics of their own; shared by all threads.
  package var senders = ClientStatisticsSenders()

  package init() {}
}

/// Counts the spans of one receiving thread into time buckets.
///
/// All spans are counted, for the person at this machine; those the Datadog agent would count are marked to be sent. A
/// flush takes closed buckets out; shards are merged after that, off the receiving threads.
package struct Concentrator: ~Copyable, Sendable {
  let configuration: ConcentratorConfiguration
  private let defaultEnv: [UInt8]
  var key: GroupKeyBuilder
  var countedByClients = CountedByClients()
  private var clock: BucketClock
  private let budget: StatisticsBudget
  /// Bytes that the buckets take, and what was reported of them.
  var bytes = 0
  private var reportedBytes = 0
  /// Where `bytes` may grow to while the payload at hand is counted.
  private var bytesLimit = 0
  package internal(set) var buckets: [StatsBucket] = []
  /// Spans that were counted under `StatsBucket.blockedValue` because a bucket was full.
  package private(set) var collapsedSpans: UInt64 = 0
  /// Spans that were counted without their peer, so that peers leave room for resources.
  package private(set) var spansWithoutPeer: UInt64 = 0
  /// Spans whose duration was counted in a bin nearby, because there was no memory for another one; of closed buckets.
  private var coarsenedBefore: UInt64 = 0
  /// Groups that a full bucket may have with those that stand for the resources of a service and name.
  static let groupsMaxCollapsed = StatsBucket.groupsMax * 11 / 10
  /// Spans that were counted in the current bucket, because they end more than a bucket after now.
  package private(set) var spansAhead: UInt64 = 0

  package init(configuration: ConcentratorConfiguration, keys: KeyTable, nowNs: Int64) {
    self.configuration = configuration
    budget = configuration.budget
    key = GroupKeyBuilder(keys: keys, usesPeerTags: configuration.usesPeerTags)
    defaultEnv = Array(configuration.defaultEnv.utf8)
    clock = BucketClock(sizeNs: configuration.bucketSizeNs, nowNs: nowNs)
  }

  /// Counts every span of a processed batch. Removed chunks and snapshots of unfinished spans are left out.
  ///
  /// - Parameter isForwarded: false when the client says that it computes the statistics itself; then those of its spans
  ///   which it would count are not sent, and count here only if it sends none.
  package mutating func add(_ batch: borrowing SpanBatch, nowNs: Int64, isForwarded: Bool) {
    beginPayload(batch)
    defer { endPayload() }
    for index in 0..<batch.chunks.count {
      let chunk = batch.chunks[index]
      if chunk.isRemoved { continue }
      let weight = Self.weight(batch, root: batch.spans[Int(chunk.root)])
      let isSynthetics = batch.bytes(chunk.origin).starts(with: "synthetics".utf8)
      for position in chunk.spans.range where !batch.spans[position].flags.contains(.partialSnapshot) {
        add(batch, batch.spans[position], weight, isSynthetics, nowNs, isForwarded)
      }
    }
  }

  mutating func beginPayload(_ batch: borrowing SpanBatch) {
    key.writePayload(batch, defaultEnv: defaultEnv)
    bytesLimit = bytes &+ budget.leftBytes
  }

  mutating func endPayload() { reportBytes() }

  /// Takes out the buckets that are closed at `nowNs`, or all of them.
  package mutating func takeBuckets(nowNs: Int64, all: Bool = false) -> [StatsBucket] {
    let taken = buckets.filter { all || isClosed($0, nowNs: nowNs) }
    buckets = buckets.filter { !all && !isClosed($0, nowNs: nowNs) }
    clock.advance(nowNs: nowNs)
    for bucket in taken {
      bytes &-= bucket.bytes
      coarsenedBefore &+= bucket.coarsenedSpans
    }
    reportBytes()
    return taken
  }

  /// What is left to clients waits for their statistics for as long as they may take.
  private func isClosed(_ bucket: StatsBucket, nowNs: Int64) -> Bool {
    guard clock.isClosed(bucket.startNs, nowNs: nowNs) else { return false }
    guard bucket.isLeftToClients, bucket.startNs <= nowNs else { return true }
    return nowNs &- bucket.startNs >= ClientStatisticsSenders.patienceNs &+ configuration.bucketSizeNs
  }

  /// Spans whose duration was counted in a bin nearby, because there was no memory for another one.
  package var coarsenedSpans: UInt64 { buckets.reduce(coarsenedBefore) { $0 &+ $1.coarsenedSpans } }

  private mutating func reportBytes() {
    guard bytes != reportedBytes else { return }
    budget.report(bytes &- reportedBytes)
    reportedBytes = bytes
  }

  /// The inverse of the rate at which the client sampled the trace; 1 when it gave none that makes sense.
  private static func weight(_ batch: borrowing SpanBatch, root: SpanRecord) -> Double {
    batch.metric(.sampleRate, of: root).map { ClientRates.weight($0) } ?? 1
  }

  @inline(__always)
  private mutating func add(
    _ batch: borrowing SpanBatch, _ span: SpanRecord, _ weight: Double, _ isSynthetics: Bool, _ nowNs: Int64,
    _ isForwarded: Bool
  ) {
    let kind = batch.meta(.spanKind, of: span) ?? .empty
    let isTopLevel = span.flags.contains(.topLevel)
    let isCounted =
      isTopLevel || span.flags.contains(.measured)
      || (configuration.countsBySpanKind && SpanDimensions.isCountedKind(batch.bytes(kind)))
    var local: LocalMarks = []
    if isTopLevel { local.insert(.topLevel) }
    if isCounted { local.insert(isForwarded ? .forwarded : .leftToClient) }
    key.writeSpan(
      batch, span, kind: kind, isSynthetics: isSynthetics, resource: batch.bytes(span.resource), local: local)

    let endNs = span.endNs
    let bucket = bucketIndex(endNs: endNs, nowNs: nowNs, isLeftToClients: isCounted && !isForwarded)
    let found = key.finish()
    let before = buckets[bucket].bytes
    let mayGrow = self.mayGrow
    let group =
      buckets[bucket].find(
        found.key, hash: found.hash,
        groupsMax: key.hasPeer ? StatsBucket.groupsWithPeerMax : StatsBucket.groupsMax, mayGrow: mayGrow)
      ?? collapse(
        batch, span, bucket: bucket, kind: kind, isSynthetics: isSynthetics, local: local, mayGrow: mayGrow)
    buckets[bucket].count(
      group, weight: weight, durationNs: span.durationNs, endNs: min(endNs, nowNs), isError: span.error != 0,
      isTopLevel: isTopLevel, mayGrow: mayGrow)
    bytes &+= buckets[bucket].bytes &- before
  }

  /// Whether the payload at hand may take more memory.
  @inline(__always) var mayGrow: Bool { bytes < bytesLimit }

  /// The bucket of a span, opened when it is not yet. Those left to clients begin a nanosecond later, so that they are
  /// buckets of their own.
  @inline(__always)
  private mutating func bucketIndex(endNs: Int64, nowNs: Int64, isLeftToClients: Bool) -> Int {
    var startNs = clock.bucket(endNs: endNs)
    if clock.isAhead(endNs: endNs, nowNs: nowNs) {
      startNs = clock.current(nowNs: nowNs)
      spansAhead &+= 1
    }
    return openBucketIndex(isLeftToClients ? startNs &+ 1 : startNs, isLeftToClients: isLeftToClients)
  }

  /// The bucket that begins at a time, opened when it is not yet.
  @inline(__always)
  mutating func openBucketIndex(_ startNs: Int64, isLeftToClients: Bool = false) -> Int {
    if let index = openBucket(startNs) { return index }
    buckets.append(StatsBucket(startNs: startNs, isLeftToClients: isLeftToClients))
    return buckets.count - 1
  }

  @inline(__always)
  private func openBucket(_ startNs: Int64) -> Int? {
    var index = buckets.count
    while index > 0 {
      index &-= 1
      if buckets[index].startNs == startNs { return index }
    }
    return nil
  }

  /// The bucket is full: the span counts without its peer where it has one; else under its service and name, with a
  /// resource that stands for all further ones.
  /// - Parameter spans: how many are counted there.
  mutating func collapse(
    _ batch: borrowing SpanBatch, _ span: SpanRecord, bucket: Int, kind: ByteSlice, isSynthetics: Bool,
    local: LocalMarks, mayGrow: Bool, spans: UInt64 = 1
  ) -> Int {
    if key.hasPeer {
      key.writeSpan(
        batch, span, kind: kind, isSynthetics: isSynthetics, resource: batch.bytes(span.resource), local: local,
        withPeer: false)
      let found = key.finish()
      if let group = buckets[bucket].find(found.key, hash: found.hash, mayGrow: mayGrow) {
        spansWithoutPeer &+= 1
        return group
      }
    }
    collapsedSpans &+= spans
    var blocked = StatsBucket.blockedValue
    blocked.withUTF8 {
      key.writeSpan(
        batch, span, kind: kind, isSynthetics: isSynthetics, resource: UnsafeRawBufferPointer($0), local: local,
        withPeer: false)
    }
    if local.contains(.clientComputed) { key.writeNoClientDimensions() }
    let found = key.finish()
    // Past the budget too, as long as it is not much: the sums of a service are more than those of its resources.
    if buckets[bucket].groups.count < Self.groupsMaxCollapsed, bytes &- bytesLimit / 10 < bytesLimit {
      return buckets[bucket].findOrInsert(found.key, hash: found.hash)
    }
    if let group = buckets[bucket].find(found.key, hash: found.hash) { return group }
    key.writeBlockedSpan(local: local)
    let last = key.finish()
    return buckets[bucket].findOrInsert(last.key, hash: last.hash)
  }
}

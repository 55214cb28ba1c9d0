import TraceModel

/// Counting what clients have counted themselves, as the client statistics aggregator of Datadog's trace-agent does.
extension Concentrator {
  /// Times of clients' buckets are cut to so many ns, and moved by half of it: they never meet those of our own.
  static var clientStepNs: Int64 { 2_000_000_000 }

  /// Counts a decoded payload whose texts were processed as those of spans are.
  package mutating func add(
    _ statistics: borrowing ClientStatistics, _ batch: borrowing SpanBatch, nowNs: Int64
  ) {
    beginPayload(batch)
    for index in 0..<min(statistics.groups.count, batch.chunks.count) where !batch.chunks[index].isRemoved {
      guard let first = batch.chunks[index].spans.range.first else { continue }
      countedByClients.note(batch, batch.spans[first])
      add(statistics.groups[index], statistics, batch, batch.spans[first], nowNs)
    }
    endPayload()
    configuration.senders.note(countedByClients.take(), of: StatisticsClient(batch), nowNs: nowNs)
  }

  private mutating func add(
    _ group: ClientGroupRecord, _ statistics: borrowing ClientStatistics, _ batch: borrowing SpanBatch,
    _ span: SpanRecord, _ nowNs: Int64
  ) {
    // Tables have a row for service-entry spans or for others; the few groups that hold both are shown as the more.
    let isTopLevel = group.topLevelHits > group.hits / 2
    let local: LocalMarks = isTopLevel ? [.clientComputed, .topLevel] : .clientComputed
    let kind = batch.meta(.spanKind, of: span) ?? .empty
    key.writeSpan(
      batch, span, kind: kind, isSynthetics: group.isSynthetics, resource: batch.bytes(span.resource), local: local,
      withPeer: false)
    key.writeClientDimensions(group, statistics, batch)
    let bucket = clientBucketIndex(startNs: Int64(clamping: group.bucketStartNs), nowNs: nowNs)
    let found = key.finish()
    let mayGrow = self.mayGrow
    let before = buckets[bucket].bytes
    let place =
      buckets[bucket].find(found.key, hash: found.hash, mayGrow: mayGrow)
      ?? collapse(
        batch, span, bucket: bucket, kind: kind, isSynthetics: group.isSynthetics, local: local, mayGrow: mayGrow,
        spans: min(group.hits, ClientGroupRecord.hitsMax))
    let (end, overflow) = group.bucketStartNs.addingReportingOverflow(group.bucketWidthNs)
    buckets[bucket].count(
      place, group, bins: statistics.bins.pointer, endNs: min(overflow ? .max : Int64(clamping: end), nowNs),
      mayGrow: mayGrow)
    bytes &+= buckets[bucket].bytes &- before
  }

  /// The bucket of a client's bucket: its own time, unless that is over already or yet to come.
  private mutating func clientBucketIndex(startNs: Int64, nowNs: Int64) -> Int {
    let step = Self.clientStepNs
    let oldest = BucketClock.align(nowNs &+ step &- 2 &* configuration.bucketSizeNs, step)
    let start = max(BucketClock.align(min(max(startNs, 0), nowNs), step), oldest)
    return openBucketIndex(start &+ step / 2)
  }
}

/// Which operations of which services one payload of clients' statistics is about, each once.
struct CountedByClients: Sendable {
  private let seed = TableSeed.random()
  private var hashes: Set<UInt64> = []
  /// Of the group before: those of one operation come one after the other.
  private var last: UInt64?
  private var operations: [ServiceOperation] = []

  mutating func note(_ batch: borrowing SpanBatch, _ span: SpanRecord) {
    let (service, name) = (batch.bytes(span.service), batch.bytes(span.name))
    let hash = seed.hash(name, after: seed.hash(service))
    guard hash != last else { return }
    last = hash
    guard operations.count < ClientStatisticsSenders.operationsMax, hashes.insert(hash).inserted else { return }
    operations.append(
      ServiceOperation(service: GroupKeyBuilder.text(service), operation: GroupKeyBuilder.text(name)))
  }

  /// Takes out what was noted of the payload.
  mutating func take() -> [ServiceOperation] {
    defer { (hashes, operations, last) = ([], [], nil) }
    return operations
  }
}

import TraceModel

/// How statistics are computed.
package struct ConcentratorConfiguration: Sendable {
  /// Width of a time bucket in ns.
  package var bucketSizeNs: Int64 = 10_000_000_000
  /// Spans of kind server, client, producer and consumer count, also when they are neither top-level nor measured.
  package var countsBySpanKind = true
  /// Spans are also told apart by their peer.
  package var usesPeerTags = true
  /// Environment of payloads that name none.
  package var defaultEnv = "none"

  package init() {}
}

/// Counts the spans of one receiving thread into time buckets.
///
/// All spans are counted, for the person at this machine; those the Datadog agent would count are marked to be sent. A
/// flush takes closed buckets out; shards are merged after that, off the receiving threads.
package struct Concentrator: ~Copyable, Sendable {
  private let configuration: ConcentratorConfiguration
  private let defaultEnv: [UInt8]
  private let keys: KeyTable
  private var key = GroupKeyBuilder()
  private var clock: BucketClock
  package private(set) var buckets: [StatsBucket] = []
  /// Spans that were counted under `StatsBucket.blockedValue` because a bucket was full.
  package private(set) var collapsedSpans: UInt64 = 0
  /// Buckets open at a time at most, as far as spans from the future open them.
  package static let bucketsMax = 32
  /// Spans from the future that were counted in the current bucket, because too many buckets were open.
  package private(set) var clampedSpans: UInt64 = 0

  package init(configuration: ConcentratorConfiguration, keys: KeyTable, nowNs: Int64) {
    self.configuration = configuration
    self.keys = keys
    defaultEnv = Array(configuration.defaultEnv.utf8)
    clock = BucketClock(sizeNs: configuration.bucketSizeNs, nowNs: nowNs)
  }

  /// Counts every span of a processed batch. Removed chunks and snapshots of unfinished spans are left out.
  ///
  /// - Parameter isForwarded: false when the client computes the statistics itself; then spans count only here.
  package mutating func add(_ batch: borrowing SpanBatch, nowNs: Int64, isForwarded: Bool) {
    key.beginPayload(batch, defaultEnv: defaultEnv)
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

  /// Takes out the buckets that are closed at `nowNs`, or all of them.
  package mutating func takeBuckets(nowNs: Int64, all: Bool = false) -> [StatsBucket] {
    let taken = buckets.filter { all || clock.isClosed($0.startNs, nowNs: nowNs) }
    buckets.removeAll { all || clock.isClosed($0.startNs, nowNs: nowNs) }
    clock.advance(nowNs: nowNs)
    return taken
  }

  /// The inverse of the rate at which the client sampled the trace; 1 when it gave none that makes sense.
  private static func weight(_ batch: borrowing SpanBatch, root: SpanRecord) -> Double {
    guard let rate = batch.metric(.sampleRate, of: root), rate > 0, rate <= 1 else { return 1 }
    return 1 / rate
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
    if isTopLevel { local.insert(.entry) }
    if isCounted, isForwarded { local.insert(.forwarded) }
    writeKey(batch, span, kind: kind, isSynthetics: isSynthetics, resource: batch.bytes(span.resource), local: local)

    let endNs = span.endNs
    let bucket = bucketIndex(clock.bucket(endNs: endNs), nowNs: nowNs)
    let found = key.finish()
    let group =
      buckets[bucket].find(found.key, hash: found.hash)
      ?? collapse(batch, span, bucket: bucket, kind: kind, isSynthetics: isSynthetics, local: local)
    buckets[bucket].count(
      group, weight: weight, durationNs: span.durationNs, endNs: min(endNs, nowNs), isError: span.error != 0,
      isTopLevel: isTopLevel)
  }

  @inline(__always)
  private mutating func writeKey(
    _ batch: borrowing SpanBatch, _ span: SpanRecord, kind: ByteSlice, isSynthetics: Bool,
    resource: UnsafeRawBufferPointer, local: LocalMarks, withPeer: Bool = true
  ) {
    key.beginSpan()
    var marks: GroupMarks = []
    if span.parentID == 0 { marks.insert(.traceRoot) }
    if isSynthetics { marks.insert(.synthetics) }
    key.append(byte: marks.rawValue)
    key.append(number: SpanDimensions.httpStatus(batch, span))
    key.append(text: batch.bytes(span.service))
    key.append(text: batch.bytes(span.name))
    key.append(text: resource, bytesMax: GroupKeyBuilder.resourceBytesMax)
    key.append(text: batch.bytes(span.type))
    let kindBytes = batch.bytes(kind)
    key.append(text: kindBytes)
    key.append(text: batch.bytes(batch.meta(.serviceSource, of: span) ?? .empty))
    if SpanDimensions.hasGRPCStatus(span) {
      var status = SpanDimensions.grpcStatus(batch, span)
      status.withUTF8 { key.append(text: UnsafeRawBufferPointer($0)) }
    } else {
      key.append(text: UnsafeRawBufferPointer(start: nil, count: 0))
    }
    if withPeer, configuration.usesPeerTags, span.metaKeys.hasPeerTag {
      writePeer(batch, span, kind: kindBytes)
    } else {
      key.append(byte: 0)
    }
    key.append(byte: local.rawValue)
  }

  /// Writes the attributes that name the span's peer, in the order of the attributes; quantizing and sorting them is
  /// left to the flush, which does it once a group.
  private mutating func writePeer(_ batch: borrowing SpanBatch, _ span: SpanRecord, kind: UnsafeRawBufferPointer) {
    let takesAll = SpanDimensions.hasPeer(kind)
    let takesBase = !takesAll && SpanDimensions.isInternal(kind)
    let countAt = key.bytes.count
    key.append(byte: 0)
    guard takesAll || takesBase else { return }
    var count: UInt8 = 0
    for index in span.meta.range {
      let entry = batch.meta[index]
      guard entry.known != .unknown, entry.known != .removed, count < .max, !entry.value.isEmpty else { continue }
      guard takesAll ? keys.isPeerTag(entry.known) : entry.known == .baseService else { continue }
      key.append(byte: UInt8(truncatingIfNeeded: entry.known.rawValue))
      key.append(byte: UInt8(truncatingIfNeeded: entry.known.rawValue >> 8))
      key.append(text: batch.bytes(entry.value))
      count += 1
    }
    key.setByte(count, at: countAt)
  }

  @inline(__always)
  private mutating func bucketIndex(_ startNs: Int64, nowNs: Int64) -> Int {
    if let index = openBucket(startNs) { return index }
    let current = clock.current(nowNs: nowNs)
    // Clocks that are ahead may differ without end; from here on such spans count as of now.
    if startNs > current, buckets.count >= Self.bucketsMax {
      clampedSpans &+= 1
      if let index = openBucket(current) { return index }
      buckets.append(StatsBucket(startNs: current))
    } else {
      buckets.append(StatsBucket(startNs: startNs))
    }
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

  /// The bucket is full: the span counts under its service and name, with a resource that stands for all further ones.
  private mutating func collapse(
    _ batch: borrowing SpanBatch, _ span: SpanRecord, bucket: Int, kind: ByteSlice, isSynthetics: Bool,
    local: LocalMarks
  ) -> Int {
    collapsedSpans &+= 1
    var blocked = StatsBucket.blockedValue
    blocked.withUTF8 {
      writeKey(
        batch, span, kind: kind, isSynthetics: isSynthetics, resource: UnsafeRawBufferPointer($0), local: local,
        withPeer: false)
    }
    let found = key.finish()
    if let group = buckets[bucket].find(
      found.key, hash: found.hash, mayGrow: buckets[bucket].groups.count < StatsBucket.groupsMax * 11 / 10)
    {
      return group
    }
    key.beginSpan()
    key.appendBlocked(local: local.rawValue)
    let last = key.finish()
    return buckets[bucket].find(last.key, hash: last.hash, mayGrow: true) ?? 0
  }
}

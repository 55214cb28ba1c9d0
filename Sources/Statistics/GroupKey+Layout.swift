import TraceModel

// The layout of a group key. Each of the writers and the reader below goes through the fields in the same order; whoever
// adds one adds it to all of them, and a row to the table of `GroupKeyTests`.

/// Writing the payload's part, then a span's.
extension GroupKeyBuilder {
  mutating func writePayload(_ batch: borrowing SpanBatch, defaultEnv: [UInt8]) {
    beginPayload()
    let payload = batch.payload
    if payload.env.isEmpty {
      defaultEnv.withUnsafeBytes { append(text: $0) }
    } else {
      append(text: batch.bytes(payload.env))
    }
    append(text: batch.bytes(payload.hostname))
    append(text: batch.bytes(payload.appVersion))
    append(text: batch.bytes(payload.containerID))
    append(text: batch.bytes(payload.gitCommitSha))
    append(text: batch.bytes(payload.languageName))
    append(text: batch.bytes(payload.processTags))
    endPayload()
  }

  @inline(__always)
  mutating func writeSpan(
    _ batch: borrowing SpanBatch, _ span: SpanRecord, kind: ByteSlice, isSynthetics: Bool,
    resource: UnsafeRawBufferPointer, local: LocalMarks, withPeer: Bool = true
  ) {
    beginSpan()
    hasPeer = false
    var marks: GroupMarks = []
    if span.parentID == 0 { marks.insert(.traceRoot) }
    if isSynthetics { marks.insert(.synthetics) }
    append(byte: marks.rawValue)
    append(number: SpanDimensions.httpStatus(batch, span))
    append(text: batch.bytes(span.service))
    append(text: batch.bytes(span.name))
    append(text: resource, bytesMax: Self.resourceBytesMax)
    append(text: batch.bytes(span.type))
    append(text: batch.bytes(kind))
    append(text: batch.bytes(batch.meta(.serviceSource, of: span) ?? .empty))
    if SpanDimensions.hasGRPCStatus(span) {
      append(text: SpanDimensions.grpcStatus(batch, span))
    } else {
      append(text: UnsafeRawBufferPointer(start: nil, count: 0))
    }
    if withPeer, usesPeerTags, span.metaKeys.hasPeerTag {
      writePeer(batch, span, kind: batch.bytes(kind))
    } else {
      append(byte: 0)
    }
    append(byte: local.rawValue)
    if local.contains(.leftToClient) { append(text: batch.bytes(batch.payload.tracerVersion)) }
  }

  /// Writes the attributes that name the span's peer, in the order of the attributes; quantizing and sorting them is
  /// left to the flush, which does it once a group. Of a name that stands twice the last value counts.
  private mutating func writePeer(_ batch: borrowing SpanBatch, _ span: SpanRecord, kind: UnsafeRawBufferPointer) {
    let takesAll = SpanDimensions.hasPeer(kind)
    let takesBase = !takesAll && SpanDimensions.isInternal(kind)
    let countAt = bytes.count
    append(byte: 0)
    var count: UInt8 = 0
    if takesBase, let base = batch.meta(.baseService, of: span), !base.isEmpty {
      append(peer: .baseService, base, batch)
      count = 1
    }
    if takesAll {
      // A bit for each key, of which some share one.
      var seen: UInt64 = 0
      for index in span.meta.range {
        let entry = batch.meta[index]
        guard keys.isPeerTag(entry.known) else { continue }
        let bit: UInt64 = 1 << UInt64(entry.known.rawValue & 63)
        guard seen & bit == 0 else { return writeLastPeers(batch, span, at: countAt) }
        seen |= bit
        guard !entry.value.isEmpty else { continue }
        append(peer: entry.known, entry.value, batch)
        count += 1
      }
    }
    setByte(count, at: countAt)
    hasPeer = count > 0
  }

  /// Writes all of them anew where a name may stand twice, the last one first.
  @inline(never) private mutating func writeLastPeers(
    _ batch: borrowing SpanBatch, _ span: SpanRecord, at countAt: Int
  ) {
    truncate(to: countAt)
    append(byte: 0)
    var count: UInt8 = 0
    var seen: [KnownKey] = []
    for index in span.meta.range.reversed() {
      let entry = batch.meta[index]
      guard keys.isPeerTag(entry.known), !seen.contains(entry.known) else { continue }
      seen.append(entry.known)
      guard !entry.value.isEmpty, count < .max else { continue }
      append(peer: entry.known, entry.value, batch)
      count += 1
    }
    setByte(count, at: countAt)
    hasPeer = count > 0
  }

  @inline(__always) private mutating func append(peer: KnownKey, _ value: ByteSlice, _ batch: borrowing SpanBatch) {
    append(key: peer)
    append(text: batch.bytes(value))
  }

  /// Writes a span's part in which service, name and resource are `StatsBucket.blockedValue`, and nothing else is said:
  /// the one group that always has a place.
  mutating func writeBlockedSpan(local: LocalMarks) {
    beginSpan()
    append(byte: GroupMarks().rawValue)
    append(number: 0)
    append(text: StatsBucket.blockedValue)
    append(text: StatsBucket.blockedValue)
    append(text: StatsBucket.blockedValue)
    append(text: "")
    append(text: "")
    append(text: "")
    append(text: "")
    append(byte: 0)
    append(byte: local.rawValue)
    if local.contains(.leftToClient) { append(text: "") }
    if local.contains(.clientComputed) { writeNoClientDimensions() }
  }

  /// Writes what only a client says, behind the span's part.
  mutating func writeClientDimensions(
    _ group: ClientGroupRecord, _ statistics: borrowing ClientStatistics, _ batch: borrowing SpanBatch
  ) {
    append(byte: group.traceRoot == 0 ? 1 : 0)
    append(text: batch.bytes(statistics.imageTag))
    append(text: batch.bytes(group.httpMethod))
    append(text: batch.bytes(group.httpEndpoint))
    append(texts: group.peerTags, statistics, batch)
    append(texts: group.primaryTags, statistics, batch)
    append(texts: group.metricTags, statistics, batch)
  }

  @inline(__always) private mutating func append(
    texts list: IndexRange, _ statistics: borrowing ClientStatistics, _ batch: borrowing SpanBatch
  ) {
    if list.isEmpty { return append(byte: 0) }
    let texts = list.range.prefix(Int(UInt8.max))
    append(byte: UInt8(texts.count))
    for index in texts { append(text: batch.bytes(statistics.texts[index])) }
  }

  /// Writes the same of a group that stands for others.
  mutating func writeNoClientDimensions() {
    append(byte: 0)
    for _ in 0..<3 { append(text: "") }
    for _ in 0..<3 { append(byte: 0) }
  }
}

/// Reading both parts, in the order in which they are written.
extension GroupKey {
  init(_ bytes: ArraySlice<UInt8>) {
    var reader = GroupKeyReader(bytes)
    self.init(&reader)
  }

  init(_ reader: inout GroupKeyReader) {
    env = reader.text()
    hostname = reader.text()
    version = reader.text()
    containerID = reader.text()
    gitCommitSha = reader.text()
    language = reader.text()
    processTags = reader.text()

    let marks = GroupMarks(rawValue: reader.byte())
    isTraceRoot = marks.contains(.traceRoot)
    isSynthetics = marks.contains(.synthetics)
    httpStatus = reader.number()
    service = reader.text()
    name = reader.text()
    resource = reader.text()
    type = reader.text()
    spanKind = reader.text()
    serviceSource = reader.text()
    grpcStatus = reader.text()
    for _ in 0..<reader.byte() {
      let key = KnownKey(rawValue: UInt16(reader.byte()) | UInt16(reader.byte()) << 8)
      peerAttributes.append((key, reader.text()))
    }
    let local = LocalMarks(rawValue: reader.byte())
    isTopLevel = local.contains(.topLevel)
    isForwarded = local.contains(.forwarded)
    if local.contains(.leftToClient) { leftTo = reader.text() }
    if local.contains(.clientComputed) { client = ClientDimensions(&reader) }
  }
}

extension ClientDimensions {
  init(_ reader: inout GroupKeyReader) {
    isTraceRootUnknown = reader.byte() != 0
    imageTag = reader.text()
    httpMethod = reader.text()
    httpEndpoint = reader.text()
    peerTags = Self.texts(&reader)
    primaryTags = Self.texts(&reader)
    metricTags = Self.texts(&reader)
  }

  private static func texts(_ reader: inout GroupKeyReader) -> [String] {
    (0..<reader.byte()).map { _ in reader.text() }
  }
}

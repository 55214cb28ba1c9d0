import TraceModel

/// Decodes the body of `/v0.6/stats`: a map of the client with buckets of groups, each with its DDSketches in protobuf.
///
/// Accepts what the decoders of traces accept: nil for any value, `bin` for `str`, unknown and missing keys in any order.
package enum ClientStatisticsV06 {
  /// Reads the whole body; on the first value that cannot be read, says where it is.
  ///
  /// - Parameters:
  ///   - batch: has to have begun with the same `body`; gets a chunk of one span for each group, with its texts.
  ///   - statistics: empty; gets what was counted. After an error both hold what was read before it, for people to see.
  package static func decode(
    _ body: RawSpan, keys: KeyTable, scratch: inout DecodingScratch, into batch: inout SpanBatch,
    _ statistics: inout ClientStatistics
  ) throws(DecodeError) {
    var decoder = ClientStatisticsDecoder(body, keys: keys, memory: scratch.memory)
    // Such payloads are few: memory for the order of keys is theirs only.
    var order = KeyOrder(.messagePack)
    order.begin()
    var failure: ValueError?
    do throws(ValueError) {
      try decoder.readPayload(&batch, &statistics, &order)
      try decoder.wire.context.finish(at: decoder.wire.reader.offset)
    } catch {
      failure = error
    }
    if let failure { throw decoder.located(failure) }
  }
}

private struct ClientStatisticsDecoder: ~Escapable {
  var wire: MessagePackDecoder
  /// Number of the bucket in the payload and of the group in the bucket; -1 before the first.
  private var bucket = -1
  private var group = -1
  /// The field of a group that is being read.
  private var groupField: ClientStatisticsField?
  private var names = AttributeNames()

  /// Keys of attributes, written once a payload.
  private struct AttributeNames {
    var spanKind = ByteSlice.empty
    var serviceSource = ByteSlice.empty
    var grpcStatus = ByteSlice.empty
    var dbType = ByteSlice.empty
    var httpStatus = ByteSlice.empty

    init() {}

    init(_ batch: inout SpanBatch) {
      spanKind = batch.addText("span.kind")
      serviceSource = batch.addText("_dd.svc_src")
      grpcStatus = batch.addText("rpc.grpc.status_code")
      dbType = batch.addText("db.type")
      httpStatus = batch.addText("http.status_code")
    }
  }

  @_lifetime(copy body)
  init(_ body: RawSpan, keys: KeyTable, memory: MemoryClaim?) {
    wire = MessagePackDecoder(body, keys: keys, memory: memory)
  }

  func located(_ error: ValueError) -> DecodeError {
    var field = "\(groupField?.name ?? wire.context.field)"
    if group >= 0 { field += " of group \(group)" }
    if bucket >= 0 { field += " of bucket \(bucket)" }
    return error.located(trace: -1, span: -1, field: field)
  }

  @_lifetime(self: copy self)
  private mutating func readField(_ batch: borrowing SpanBatch) throws(ValueError) -> ClientStatisticsField {
    let (start, length) = try wire.reader.readRawString()
    let field = unsafe ClientStatisticsField(batch.bytes(ByteSlice(bodyOffset: start, length: length)))
    wire.context.field = field.name
    return field
  }

  @_lifetime(self: copy self)
  mutating func readPayload(
    _ batch: inout SpanBatch, _ statistics: inout ClientStatistics, _ order: inout KeyOrder
  ) throws(ValueError) {
    wire.context.field = "payload"
    names = AttributeNames(&batch)
    let pairs = try wire.reader.readMapCount()
    for _ in 0..<pairs {
      switch try readField(batch) {
      case .hostname: batch.payload.hostname = try wire.readText(&batch)
      case .env: batch.payload.env = try wire.readText(&batch)
      case .version: batch.payload.appVersion = try wire.readText(&batch)
      case .lang: batch.payload.languageName = try wire.readText(&batch)
      case .tracerVersion: batch.payload.tracerVersion = try wire.readText(&batch)
      case .runtimeID: batch.payload.runtimeID = try wire.readText(&batch)
      case .containerID: batch.payload.containerID = try wire.readText(&batch)
      case .gitCommitSha: batch.payload.gitCommitSha = try wire.readText(&batch)
      case .imageTag: statistics.imageTag = try wire.readText(&batch)
      case .processTags: batch.payload.processTags = try wire.readText(&batch)
      case .stats:
        let count = try wire.reader.readArrayCount()
        for index in 0..<count {
          bucket = index
          try readBucket(&batch, &statistics, &order)
        }
        bucket = -1
      default: try wire.reader.skipValue()
      }
    }
  }

  @_lifetime(self: copy self)
  private mutating func readBucket(
    _ batch: inout SpanBatch, _ statistics: inout ClientStatistics, _ order: inout KeyOrder
  ) throws(ValueError) {
    var (startNs, widthNs) = (0 as UInt64, 0 as UInt64)
    let first = statistics.groups.count
    // The times may come behind the groups.
    defer {
      for index in first..<statistics.groups.count {
        statistics.groups[index].bucketStartNs = startNs
        statistics.groups[index].bucketWidthNs = widthNs
      }
    }
    wire.context.field = "bucket"
    if wire.reader.readNil() { return }
    let pairs = try wire.reader.readMapCount()
    for _ in 0..<pairs {
      switch try readField(batch) {
      case .start: startNs = try wire.reader.readUInt64()
      case .duration: widthNs = try wire.reader.readUInt64()
      case .stats:
        let count = try wire.reader.readArrayCount()
        try wire.reserve(count, in: &statistics.groups)
        try wire.reserve(count, in: &batch.spans)
        try wire.reserve(count, in: &batch.chunks)
        for index in 0..<count {
          group = index
          try readGroup(&batch, &statistics, &order)
        }
        group = -1
      default: try wire.reader.skipValue()
      }
    }
  }

  @_lifetime(self: copy self)
  private mutating func readGroup(
    _ batch: inout SpanBatch, _ statistics: inout ClientStatistics, _ order: inout KeyOrder
  ) throws(ValueError) {
    wire.context.field = "group"
    if wire.reader.readNil() { return }
    var group = ClientGroupRecord()
    var span = SpanRecord()
    // Ids that no group of the payload has twice; processing wants some.
    span.traceID = UInt64(batch.spans.count) + 1
    span.spanID = span.traceID
    // When the spans were is said by the bucket; this is a time that processing has nothing to repair of.
    span.startNs = .max
    let (firstMeta, firstMetric) = (batch.meta.count, batch.metrics.count)
    var place = KeyOrder.start
    let pairs = try wire.reader.readMapCount()
    for _ in 0..<pairs {
      let field = try readGroupField(after: &place, batch, &order)
      groupField = field
      if try readText(of: field, into: &span, &batch) { continue }
      try readValue(of: field, into: &group, &span, &batch, &statistics)
    }
    groupField = nil
    span.meta = IndexRange(start: firstMeta, end: batch.meta.count)
    span.metrics = IndexRange(start: firstMetric, end: batch.metrics.count)
    // The processing of spans takes this for a span that began its trace, or for one that did not.
    span.parentID = group.traceRoot == 1 ? 0 : .max
    batch.spans.append(span)
    wire.context.appendChunk(spansFrom: batch.spans.count - 1, &batch)
    statistics.groups.append(group)
  }

  @_lifetime(self: copy self)
  @inline(__always) private mutating func readGroupField(
    after place: inout KeyOrder.Place, _ batch: borrowing SpanBatch, _ order: inout KeyOrder
  ) throws(ValueError) -> ClientStatisticsField {
    if let expected = wire.reader.skipExpectedKey(&order, after: place) {
      place = expected
    } else if let remembered = wire.reader.skipRememberedKey(&order, after: place) {
      place = remembered
    } else {
      let (start, length) = try wire.reader.readRawString()
      let field = unsafe ClientStatisticsField(batch.bytes(ByteSlice(bodyOffset: start, length: length)))
      place = order.note(field.rawValue, after: place, in: wire.reader.bytes, start: start, length: length)
      return field
    }
    return ClientStatisticsField(rawValue: order.meaning(of: place)) ?? .unknown
  }

  /// Reads what a span has as a text. Returns whether the field is one.
  @_lifetime(self: copy self)
  private mutating func readText(
    of field: ClientStatisticsField, into span: inout SpanRecord, _ batch: inout SpanBatch
  ) throws(ValueError) -> Bool {
    switch field {
    case .service: span.service = try wire.readText(&batch)
    case .name: span.name = try wire.readText(&batch)
    case .resource: span.resource = try wire.readText(&batch)
    case .type: span.type = try wire.readText(&batch)
    case .dbType: try readAttribute(names.dbType, .dbType, into: &span, &batch)
    case .spanKind: try readAttribute(names.spanKind, .spanKind, into: &span, &batch)
    case .serviceSource: try readAttribute(names.serviceSource, .serviceSource, into: &span, &batch)
    case .grpcStatusCode: try readAttribute(names.grpcStatus, .rpcGrpcStatusCode, into: &span, &batch)
    default: return false
    }
    return true
  }

  @_lifetime(self: copy self)
  private mutating func readAttribute(
    _ name: ByteSlice, _ key: KnownKey, into span: inout SpanRecord, _ batch: inout SpanBatch
  ) throws(ValueError) {
    let value = try wire.readText(&batch)
    guard !value.isEmpty else { return }
    try wire.reserve(1, in: &batch.meta)
    wire.context.appendMeta(name, value, known: key, to: &span, &batch)
  }

  @_lifetime(self: copy self)
  private mutating func readValue(
    of field: ClientStatisticsField, into group: inout ClientGroupRecord, _ span: inout SpanRecord,
    _ batch: inout SpanBatch, _ statistics: inout ClientStatistics
  ) throws(ValueError) {
    switch field {
    case .httpStatusCode:
      let code = try wire.reader.readUInt32()
      guard code > 0 else { return }
      try wire.reserve(1, in: &batch.metrics)
      wire.context.appendMetric(names.httpStatus, Double(code), known: .httpStatusCode, to: &span, &batch)
    case .hits: group.hits = try wire.reader.readUInt64()
    case .errors: group.errors = try wire.reader.readUInt64()
    case .duration: group.durationNs = try wire.reader.readUInt64()
    case .topLevelHits: group.topLevelHits = try wire.reader.readUInt64()
    case .synthetics: group.isSynthetics = try wire.reader.readBool()
    case .isTraceRoot: group.traceRoot = UInt8(exactly: try wire.reader.readInt32()).flatMap { $0 <= 2 ? $0 : nil } ?? 0
    case .httpMethod: group.httpMethod = try wire.readText(&batch)
    case .httpEndpoint: group.httpEndpoint = try wire.readText(&batch)
    case .peerTags: group.peerTags = try readTexts(&batch, &statistics)
    case .primaryTags: group.primaryTags = try readTexts(&batch, &statistics)
    case .metricTags: group.metricTags = try readTexts(&batch, &statistics)
    case .okSummary: group.okSketch = try wire.readSketch(&statistics)
    case .errorSummary: group.errorSketch = try wire.readSketch(&statistics)
    default: try wire.reader.skipValue()
    }
  }

  @_lifetime(self: copy self)
  private mutating func readTexts(
    _ batch: inout SpanBatch, _ statistics: inout ClientStatistics
  ) throws(ValueError) -> IndexRange {
    let count = try wire.reader.readArrayCount()
    let first = statistics.texts.count
    try wire.reserve(count, in: &statistics.texts)
    for _ in 0..<count { statistics.texts.append(try wire.readText(&batch)) }
    return IndexRange(start: first, end: statistics.texts.count)
  }
}

import TraceModel

/// The fields of a `Span`. They are written in the order in which they are known, which protobuf leaves free.
extension OTLPTracesEncoder {
  /// What a span's text attributes say that are none in OpenTelemetry.
  struct SpanFacts {
    var kind = ByteSlice.empty
    var env = ByteSlice.empty
    var version = ByteSlice.empty
    var statusCode = ByteSlice.empty
    var statusDescription = ByteSlice.empty
    var traceState = ByteSlice.empty
    var errorType = ByteSlice.empty
    var errorMessage = ByteSlice.empty
    var errorStack = ByteSlice.empty
    /// Where lists that tracers write into tags are in `SpanBatch.meta`; -1 for none.
    var events = -1
    var links = -1
    /// Of a span that came as OTLP: its status is an error.
    var hasFailed = false
    /// The error of the span becomes an event, in place of tags.
    var movesError = false
  }

  @inline(__always) mutating func encode(_ span: SpanRecord, _ context: ChunkContext, _ batch: borrowing SpanBatch) {
    let mark = buffer.count
    var facts = SpanFacts()
    facts.movesError = !context.isOTLP && span.error != 0 && !hasException(span, batch)
    encodeTexts(of: span, &facts, batch)
    facts.hasFailed = context.isOTLP && batch.equal(facts.statusCode, "Error")
    encodeNumbers(of: span, batch)
    if !span.typed.isEmpty { encodeTyped(of: span, batch) }
    if !span.type.isEmpty { encodeAttribute("span.type", span.type, batch) }
    if !span.resource.isEmpty { encodeAttribute("resource.name", span.resource, batch) }
    if !span.name.isEmpty { encodeAttribute("operation.name", span.name, batch) }
    if context.isOTLP { encodeForDatadog(of: span, facts, batch) }
    encodeLists(of: span, facts, batch)
    encodeStatus(of: span, facts, context, batch)
    let end = UInt64(bitPattern: span.startNs &+ span.durationNs)
    buffer.prepend(fixed64: end)
    buffer.prepend(byte: 0x41)
    buffer.prepend(fixed64: UInt64(bitPattern: span.startNs))
    buffer.prepend(byte: 0x39)
    encodeKind(of: span, facts, context, batch)
    buffer.prepend(field: 0x2A, text: batch.title(of: span), of: batch)
    if span.parentID != 0 { encode(spanID: span.parentID, field: 0x22) }
    buffer.prepend(field: 0x1A, text: facts.traceState, of: batch)
    encode(spanID: span.spanID, field: 0x12)
    encode(traceIDHigh: context.traceIDHigh, low: span.traceID)
    if context.isSampled {
      // W3C's flag of a sampled trace. Field 16 is the first whose tag has two bytes.
      buffer.prepend(fixed32: 1)
      buffer.prepend(byte: 0x01)
      buffer.prepend(byte: 0x85)
    }
    buffer.closeMessage(field: 0x12, since: mark)
  }

  @inline(__always) mutating func encode(spanID: UInt64, field tag: UInt8) {
    buffer.prepend(fixed64: spanID.byteSwapped)
    buffer.prepend(byte: 8)
    buffer.prepend(byte: tag)
  }

  @inline(__always) mutating func encode(traceIDHigh high: UInt64, low: UInt64) {
    buffer.prepend(fixed64: low.byteSwapped)
    buffer.prepend(fixed64: high.byteSwapped)
    buffer.prepend(byte: 16)
    buffer.prepend(byte: 0x0A)
  }

  // MARK: Kind

  /// The number of a `SpanKind`: as the client says, else what the type suggests.
  private mutating func encodeKind(
    of span: SpanRecord, _ facts: SpanFacts, _ context: ChunkContext, _ batch: borrowing SpanBatch
  ) {
    if facts.kind.isEmpty {
      if !context.isOTLP { buffer.prepend(field: 0x30, varint: Self.kind(ofType: batch.bytes(span.type))) }
    } else if let kind = Self.kind(named: batch.bytes(facts.kind)) {
      buffer.prepend(field: 0x30, varint: kind)
    } else {
      encodeAttribute(context.isOTLP ? "datadog.span.kind" : "span.kind", facts.kind, batch)
    }
  }

  /// `nil` for what OpenTelemetry has no kind for.
  private static func kind(named name: UnsafeRawBufferPointer) -> UInt64? {
    switch name.count {
    case 6:
      if ByteString.equal(name, "server") { return 2 }
      if ByteString.equal(name, "client") { return 3 }
    case 8:
      if ByteString.equal(name, "internal") { return 1 }
      if ByteString.equal(name, "producer") { return 4 }
      if ByteString.equal(name, "consumer") { return 5 }
    case 11: if ByteString.equal(name, "unspecified") { return 0 }
    default: break
    }
    return nil
  }

  /// Types of spans that are calls of other programs.
  private static let typesOfClients: [StaticString] = [
    "http", "sql", "db", "cache", "redis", "valkey", "memcached", "mongodb", "elasticsearch", "opensearch",
    "cassandra", "grpc",
  ]

  private static func kind(ofType type: UnsafeRawBufferPointer) -> UInt64 {
    if ByteString.equal(type, "web") { return 2 }
    for name in typesOfClients where ByteString.equal(type, name) { return 3 }
    return 1
  }

  // MARK: Status

  /// A `Status`; unset, and nothing, where there is neither an error nor a word about it.
  private mutating func encodeStatus(
    of span: SpanRecord, _ facts: SpanFacts, _ context: ChunkContext, _ batch: borrowing SpanBatch
  ) {
    let hasError = span.error != 0
    var code: UInt64 = hasError ? 2 : 0
    var message = hasError ? facts.errorMessage : .empty
    if context.isOTLP {
      code = facts.hasFailed ? 2 : batch.equal(facts.statusCode, "Ok") ? 1 : 0
      message = facts.statusDescription
    }
    guard code != 0 || !message.isEmpty else { return }
    let mark = buffer.count
    buffer.prepend(field: 0x18, varint: code)
    buffer.prepend(field: 0x12, text: message, of: batch)
    buffer.closeMessage(field: 0x7A, since: mark)
  }

  // MARK: What was said for Datadog

  /// What a span that came as OTLP says for Datadog alone: its environment and version, where these are not those of the
  /// resource, and its error. A text that lies where the resource's does comes from there: the span has none of its own.
  private mutating func encodeForDatadog(of span: SpanRecord, _ facts: SpanFacts, _ batch: borrowing SpanBatch) {
    if facts.env != saidEnv,
      !isSaid(facts.env, "deployment.environment.name", or: "deployment.environment", span, batch)
    {
      encodeAttribute("datadog.env", facts.env, batch)
    }
    if facts.version != saidVersion, !isSaid(facts.version, "service.version", span, batch) {
      encodeAttribute("datadog.version", facts.version, batch)
    }
    if facts.hasFailed != (span.error != 0) { encodeAttribute("datadog.error", facts.hasFailed ? "0" : "1") }
    guard !span.metaKeys.contains(.hasException) else { return }
    if !facts.errorStack.isEmpty { encodeAttribute("datadog.error.stack", facts.errorStack, batch) }
    if !facts.errorType.isEmpty { encodeAttribute("datadog.error.type", facts.errorType, batch) }
    if !facts.errorMessage.isEmpty, !batch.equal(facts.errorMessage, facts.statusDescription) {
      encodeAttribute("datadog.error.msg", facts.errorMessage, batch)
    }
  }

  /// Whether an attribute of the span or the resource says this, which decoding finds by one of two names.
  private func isSaid(
    _ value: ByteSlice, _ name: StaticString, or other: StaticString? = nil, _ span: SpanRecord,
    _ batch: borrowing SpanBatch
  ) -> Bool {
    if value.isEmpty { return true }
    var key: StaticString? = name
    while let name = key {
      let own = own(name, of: span, batch)
      let found = own.isEmpty ? said(name, batch) : own
      if !found.isEmpty { return batch.equal(found, value) }
      key = key?.utf8Start == other?.utf8Start ? nil : other
    }
    return false
  }

  private func own(_ key: StaticString, of span: SpanRecord, _ batch: borrowing SpanBatch) -> ByteSlice {
    for index in span.meta.range {
      let entry = batch.meta[index]
      if Int(entry.key.length) == key.utf8CodeUnitCount, entry.known != .removed, batch.equal(entry.key, key) {
        return entry.value
      }
    }
    return .empty
  }

  /// Whether one of a span's events is an exception: then it need not be made one.
  private func hasException(_ span: SpanRecord, _ batch: borrowing SpanBatch) -> Bool {
    if batch.meta(.hasException, of: span) != nil { return true }
    for index in span.events.range where batch.equal(batch.events[index].name, "exception") { return true }
    return false
  }
}

import TraceModel

/// Writes kept chunks of a batch that came in v1.0 as a protobuf `idx.TracerPayload`, field 11 of the intake's
/// `AgentPayload`: attributes have types, and texts are references into a table at the payload's beginning.
///
/// Field numbers are those of the Datadog intake. Tags below are `number << 3 | wire type`. The table has only what is
/// referred to; its first text is the empty one.
package struct IdxPayloadEncoder: ~Copyable, Sendable {
  package private(set) var buffer = ReverseProtobufBuffer()
  private var strings = IdxStringTable()

  package init() {}

  /// Forgets what was written, once it is used; gives memory back after a huge payload.
  package mutating func removeAll() {
    buffer.removeAll()
    strings.removeAll()
  }

  /// Writes the chunks of `range` that are kept, from its end, as many as fit `bytesMax`; at least one, however large.
  ///
  /// - Returns: what of `range` was neither written nor passed over, and what was written. The bytes are in `buffer`,
  ///   including field tag and length within the `AgentPayload`; nothing when no chunk was kept.
  package mutating func encode(
    _ batch: borrowing SpanBatch, chunks range: Range<Int>, bytesMax: Int
  ) -> (rest: Range<Int>, counts: TracerPayloadEncoder.Counts) {
    removeAll()
    encodeSender(batch.payload, batch)
    let capacity = bytesMax - Self.tagAndLengthMax
    var counts = TracerPayloadEncoder.Counts()
    var index = range.upperBound
    while index > range.lowerBound {
      let chunk = batch.chunks[index &- 1]
      if chunk.isKept {
        let (mark, known) = (buffer.count, strings.count)
        encode(chunk, batch)
        buffer.closeMessage(field: 0x5A, since: mark)
        if counts.traces > 0, buffer.count &+ strings.encodedBytes > capacity {
          buffer.removeFront(since: mark)
          strings.removeLast(strings.count - known, batch)
          break
        }
        counts.traces &+= 1
        counts.spans &+= chunk.sentSpanCount
      }
      index &-= 1
    }
    guard counts.traces > 0 else {
      removeAll()
      return (range.lowerBound..<range.lowerBound, counts)
    }
    strings.encode(into: &buffer, batch)
    buffer.closeMessage(field: 0x5A, since: 0)
    return (range.lowerBound..<index, counts)
  }

  /// The longest tag and length of the message itself.
  private static let tagAndLengthMax = 6

  private mutating func encodeSender(_ payload: PayloadAttributes, _ batch: borrowing SpanBatch) {
    encodeAttributes(payload.attributes, field: 0x52, batch)
    if !payload.processTags.isEmpty {
      encode(key: strings.number(.processTags), text: payload.processTags, field: 0x52, batch)
    }
    if !payload.containerTags.isEmpty {
      encode(key: strings.number(.containerTags), text: payload.containerTags, field: 0x52, batch)
    }
    encodeReference(field: 0x48, payload.appVersion, batch)
    encodeReference(field: 0x40, payload.hostname, batch)
    encodeReference(field: 0x38, payload.env, batch)
    encodeReference(field: 0x30, payload.runtimeID, batch)
    encodeReference(field: 0x28, payload.tracerVersion, batch)
    encodeReference(field: 0x20, payload.languageVersion, batch)
    encodeReference(field: 0x18, payload.languageName, batch)
    encodeReference(field: 0x10, payload.containerID, batch)
  }

  /// The fields of a `TraceChunk`.
  private mutating func encode(_ chunk: ChunkRecord, _ batch: borrowing SpanBatch) {
    let mechanism = Self.samplingMechanism(batch.bytes(chunk.decisionMaker))
    buffer.prepend(field: 0x38, varint: UInt64(mechanism ?? 0))
    let low = chunk.spans.isEmpty ? 0 : batch.spans[chunk.spans.range.lowerBound].traceID
    encodeTraceID(field: 0x32, high: batch.traceIDHigh(of: chunk), low: low)
    if chunk.sentPart == .events { buffer.prepend(field: 0x28, varint: 1) }
    var index = chunk.spans.range.upperBound
    while index > chunk.spans.range.lowerBound {
      index &-= 1
      if chunk.sends(batch.spans[index]) { encode(batch.spans[index], batch) }
    }
    encodeAttributes(chunk.attributes, field: 0x1A, batch)
    if mechanism == nil, !chunk.decisionMaker.isEmpty {
      encode(key: strings.number(.decisionMaker), text: chunk.decisionMaker, field: 0x1A, batch)
    }
    encodeReference(field: 0x10, chunk.origin, batch)
    // An int32 travels sign-extended: a negative priority takes ten bytes.
    buffer.prepend(field: 0x08, varint: UInt64(bitPattern: Int64(chunk.sentPriority)))
  }

  /// The number in `-4`, as older formats write sampling mechanism 4; `nil` for any other text.
  private static func samplingMechanism(_ text: UnsafeRawBufferPointer) -> UInt32? {
    guard text.count > 1, text[0] == UInt8(ascii: "-") else { return nil }
    return DecimalText.unsigned(UnsafeRawBufferPointer(rebasing: text[1...]))
  }

  private mutating func encodeTraceID(field tag: UInt8, high: UInt64, low: UInt64) {
    buffer.prepend(fixed64: low.byteSwapped)
    buffer.prepend(fixed64: high.byteSwapped)
    buffer.prepend(byte: 16)
    buffer.prepend(byte: tag)
  }

  @inline(__always) private mutating func encodeReference(
    field tag: UInt8, _ text: ByteSlice, _ batch: borrowing SpanBatch
  ) {
    guard !text.isEmpty else { return }
    buffer.prepend(field: tag, varint: UInt64(strings.number(text, batch)))
  }

  // MARK: Spans

  private mutating func encode(_ span: SpanRecord, _ batch: borrowing SpanBatch) {
    let mark = buffer.count
    encodePromoted(span, batch)
    if !span.events.isEmpty { encodeEvents(span.events, batch) }
    if !span.links.isEmpty { encodeLinks(span.links, batch) }
    encodeReference(field: 0x50, span.type, batch)
    encodeAttributes(of: span, batch)
    buffer.prepend(field: 0x40, varint: span.error != 0 ? 1 : 0)
    buffer.prepend(field: 0x38, varint: UInt64(bitPattern: span.durationNs))
    encode(field: 0x31, fixed64: UInt64(bitPattern: span.startNs))
    buffer.prepend(field: 0x28, varint: span.parentID)
    encode(field: 0x21, fixed64: span.spanID)
    encodeReference(field: 0x18, span.resource, batch)
    encodeReference(field: 0x10, span.name, batch)
    encodeReference(field: 0x08, span.service, batch)
    buffer.closeMessage(field: 0x22, since: mark)
  }

  /// What a span has fields for here, and attributes in the batch: kind, component, version and environment.
  private mutating func encodePromoted(_ span: SpanRecord, _ batch: borrowing SpanBatch) {
    if let kind = batch.meta(.spanKind, of: span), let number = SpanKindNumber(batch.bytes(kind)) {
      // Field 16 is the first whose tag has two bytes.
      buffer.prepend(varint: UInt64(number.rawValue))
      buffer.prepend(byte: 0x01)
      buffer.prepend(byte: 0x80)
    }
    if let component = batch.meta(.component, of: span) { encodeReference(field: 0x78, component, batch) }
    if let version = batch.meta(.version, of: span) { encodeReference(field: 0x70, version, batch) }
    if let env = batch.meta(.env, of: span) { encodeReference(field: 0x68, env, batch) }
  }

  @inline(__always) private static func isPromoted(_ entry: MetaEntry, _ batch: borrowing SpanBatch) -> Bool {
    switch entry.known {
    case .env, .version, .component: !entry.value.isEmpty
    case .spanKind: SpanKindNumber(batch.bytes(entry.value)) != nil
    default: false
    }
  }

  private mutating func encodeAttributes(of span: SpanRecord, _ batch: borrowing SpanBatch) {
    if !span.typed.isEmpty { encodeAttributes(span.typed, field: 0x4A, batch) }
    for index in span.metaStruct.range where batch.metaStruct[index].known != .removed {
      let entry = batch.metaStruct[index]
      encode(key: strings.number(entry.key, batch), .bytes(entry.value), field: 0x4A, batch)
    }
    encodeNumbers(of: span, batch)
    var index = span.meta.range.upperBound
    while index > span.meta.range.lowerBound {
      index &-= 1
      let entry = batch.meta[index]
      if entry.known == .removed || Self.isPromoted(entry, batch) { continue }
      encode(key: strings.number(entry.key, batch), text: entry.value, field: 0x4A, batch)
    }
  }

  private mutating func encodeNumbers(of span: SpanRecord, _ batch: borrowing SpanBatch) {
    let isTopLevel = span.flags.contains(.topLevel)
    if isTopLevel { encode(key: strings.number(.topLevel), number: 1, isInteger: false) }
    var next = span.addedMetrics
    while next >= 0 {
      let added = batch.addedMetrics[Int(next)]
      if added.entry.known != .removed { encode(added.entry, batch) }
      next = added.next
    }
    var index = span.metrics.range.upperBound
    while index > span.metrics.range.lowerBound {
      index &-= 1
      let entry = batch.metrics[index]
      // The tracer's own `_top_level` gives way to ours.
      if entry.known == .removed || (isTopLevel && entry.known == .topLevel) { continue }
      encode(entry, batch)
    }
  }

  @inline(__always) private mutating func encode(_ entry: MetricEntry, _ batch: borrowing SpanBatch) {
    encode(key: strings.number(entry.key, batch), number: entry.value, isInteger: entry.isInteger)
  }

  private mutating func encode(field tag: UInt8, fixed64 value: UInt64) {
    guard value != 0 else { return }
    buffer.prepend(fixed64: value)
    buffer.prepend(byte: tag)
  }

  // MARK: Attributes

  /// An entry of a map of attributes whose value is a text.
  @inline(__always) private mutating func encode(
    key: UInt32, text: ByteSlice, field tag: UInt8, _ batch: borrowing SpanBatch
  ) {
    buffer.prependEntry(field: tag, key: key, reference: strings.number(text, batch))
  }

  /// An entry of a span's attributes whose value is a number.
  @inline(__always) private mutating func encode(key: UInt32, number: Double, isInteger: Bool) {
    guard isInteger, let integer = Int64(exactly: number) else {
      return buffer.prependEntry(field: 0x4A, key: key, double: number)
    }
    let mark = buffer.count
    buffer.prependAlways(field: 0x20, varint: UInt64(bitPattern: integer))
    buffer.closeEntry(key: key, field: 0x4A, since: mark)
  }

  /// An entry of a map of attributes with a value of any type.
  private mutating func encode(
    key: UInt32, _ value: AnyValueRecord, field tag: UInt8, _ batch: borrowing SpanBatch
  ) {
    let mark = buffer.count
    encode(value, batch)
    buffer.closeEntry(key: key, field: tag, since: mark)
  }

  private mutating func encodeAttributes(_ range: IndexRange, field tag: UInt8, _ batch: borrowing SpanBatch) {
    for index in range.range.reversed() {
      let attribute = batch.typedAttributes[index]
      if attribute.value.isRemoved { continue }
      encode(key: strings.number(attribute.key, batch), attribute.value, field: tag, batch)
    }
  }

  /// An `AnyValue`: one of its fields, written also where it holds the default.
  private mutating func encode(_ value: AnyValueRecord, _ batch: borrowing SpanBatch) {
    switch value.type {
    case 0:
      buffer.prependAlways(field: 0x08, varint: UInt64(strings.number(value.string, batch)))
    case 1:
      buffer.prepend(byte: value.bool ? 1 : 0)
      buffer.prepend(byte: 0x10)
    case 2:
      buffer.prependAlways(field: 0x20, varint: UInt64(bitPattern: value.int))
    case 3: buffer.prepend(field: 0x19, double: value.double)
    case 4:
      let mark = buffer.count
      for index in value.array.range.reversed() {
        let element = buffer.count
        encode(batch.arrayValues[index], batch)
        buffer.closeMessage(field: 0x0A, since: element)
      }
      buffer.closeMessage(field: 0x32, since: mark)
    case 5: buffer.prependAlways(field: 0x2A, text: value.string, of: batch)
    case 6:
      let mark = buffer.count
      encodeAttributes(value.keyValues, field: 0x0A, batch)
      buffer.closeMessage(field: 0x3A, since: mark)
    default: break
    }
  }

  // MARK: Links and events

  private mutating func encodeLinks(_ range: IndexRange, _ batch: borrowing SpanBatch) {
    for index in range.range.reversed() {
      let link = batch.links[index]
      let mark = buffer.count
      buffer.prepend(field: 0x28, varint: UInt64(link.flags))
      encodeReference(field: 0x20, link.tracestate, batch)
      encodeAttributes(link.typed, field: 0x1A, batch)
      for attribute in link.attributes.range.reversed() {
        let entry = batch.linkAttributes[attribute]
        encode(key: strings.number(entry.key, batch), text: entry.value, field: 0x1A, batch)
      }
      encode(field: 0x11, fixed64: link.spanID)
      encodeTraceID(field: 0x0A, high: link.traceIDHigh, low: link.traceID)
      buffer.closeMessage(field: 0x5A, since: mark)
    }
  }

  private mutating func encodeEvents(_ range: IndexRange, _ batch: borrowing SpanBatch) {
    for index in range.range.reversed() {
      let event = batch.events[index]
      let mark = buffer.count
      encodeAttributes(event.attributes, field: 0x1A, batch)
      encodeReference(field: 0x10, event.name, batch)
      encode(field: 0x09, fixed64: event.timeUnixNano)
      buffer.closeMessage(field: 0x62, since: mark)
    }
  }
}

/// The numbers of OpenTelemetry's kinds of spans.
private enum SpanKindNumber: UInt8 {
  case internalKind = 1
  case server, client, producer, consumer

  /// The kind that a tag names as tracers write it; `nil` for any other text.
  init?(_ text: UnsafeRawBufferPointer) {
    guard text.count > 5, text.count < 9 else { return nil }
    if ByteString.equal(text, "server") {
      self = .server
    } else if ByteString.equal(text, "client") {
      self = .client
    } else if ByteString.equal(text, "internal") {
      self = .internalKind
    } else if ByteString.equal(text, "producer") {
      self = .producer
    } else if ByteString.equal(text, "consumer") {
      self = .consumer
    } else {
      return nil
    }
  }
}

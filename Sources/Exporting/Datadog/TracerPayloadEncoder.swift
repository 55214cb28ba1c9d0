import TraceModel

/// Writes kept chunks of a batch as a protobuf `TracerPayload`, field 5 of the intake's `AgentPayload`.
///
/// Field numbers are those of the Datadog intake. Tags below are `number << 3 | wire type`.
package struct TracerPayloadEncoder: ~Copyable, Sendable {
  package private(set) var buffer = ReverseProtobufBuffer()
  /// Where the chunks of the last `encode` lie, the last one first; empty unless `notesChunks`.
  private var places = GrowableBuffer<ChunkPlace>()
  /// Where the entries of `SpanBatch.sharedMeta` were written first; empty before that.
  private var sharedMarks = 0..<0
  /// Whether `forEachChunk` is wanted after `encode`.
  private let notesChunks: Bool

  /// - Parameter notesChunks: whether `forEachChunk` is going to be called.
  package init(notesChunks: Bool = false) { self.notesChunks = notesChunks }

  /// A chunk's message, without tag and length, counted from the end of the buffer. Not private, because the compiler may
  /// have other targets release the buffer of these.
  package struct ChunkPlace: BitwiseCopyable {
    var chunk: Int32
    var start: Int32
    var length: Int32
  }

  /// Forgets what was written, once it is used; gives memory back after a huge payload.
  package mutating func removeAll() { buffer.removeAll() }

  /// Chunks and spans that were written.
  package struct Counts: Sendable, Equatable {
    package var traces = 0
    package var spans = 0
  }

  /// Writes the chunks of `range` that are kept, from its end, as many as fit `bytesMax`; at least one, however large.
  ///
  /// - Returns: what of `range` was neither written nor passed over, and what was written. The bytes are in `buffer`,
  ///   including field tag and length within the `AgentPayload`; nothing when no chunk was kept.
  package mutating func encode(
    _ batch: borrowing SpanBatch, chunks range: Range<Int>, bytesMax: Int
  ) -> (rest: Range<Int>, counts: Counts) {
    buffer.removeAll()
    sharedMarks = 0..<0
    places.removeAll(keepingBytes: Self.placesBytesKept)
    let payload = batch.payload
    encodeFieldsBehindChunks(payload, batch)
    let capacity = bytesMax - Self.bytesInFrontMax(payload)
    var counts = Counts()
    var index = range.upperBound
    while index > range.lowerBound {
      let chunk = batch.chunks[index &- 1]
      if chunk.isKept {
        let mark = buffer.count
        encode(chunk, chunk.sentPart, batch)
        let end = buffer.count
        buffer.closeMessage(field: 0x32, since: mark)
        if counts.traces > 0, buffer.count > capacity {
          buffer.removeFront(since: mark)
          break
        }
        if notesChunks, chunk.sentPart == .whole {
          places.append(
            ChunkPlace(
              chunk: Int32(clamping: index &- 1), start: Int32(clamping: end), length: Int32(clamping: end &- mark)))
        }
        counts.traces &+= 1
        counts.spans &+= chunk.sentSpanCount
      }
      index &-= 1
    }
    guard counts.traces > 0 else {
      buffer.removeAll()
      return (range.lowerBound..<range.lowerBound, counts)
    }
    encodeFieldsInFront(payload, batch)
    buffer.closeMessage(field: 0x2A, since: 0)
    return (range.lowerBound..<index, counts)
  }

  /// Lends the messages of the chunks that the last `encode` wrote whole, the last chunk first.
  func forEachChunk(_ body: (_ chunk: Int, _ message: UnsafeRawBufferPointer) -> Void) {
    let bytes = buffer.bytes
    var index = 0
    while index < places.count {
      let place = places[index]
      let start = bytes.count &- Int(place.start)
      body(Int(place.chunk), UnsafeRawBufferPointer(rebasing: bytes[start..<start + Int(place.length)]))
      index &+= 1
    }
  }

  /// Writes a single chunk with all of its spans, kept or not, as a `TraceChunk` without tag and length into `buffer`.
  package mutating func encode(chunk index: Int, of batch: borrowing SpanBatch) {
    buffer.removeAll()
    sharedMarks = 0..<0
    encode(batch.chunks[index], .whole, batch)
  }

  /// Writes the `TracerPayload` of a batch without its chunks, without tag and length, into `buffer`.
  package mutating func encodeSender(of batch: borrowing SpanBatch) {
    buffer.removeAll()
    encodeFieldsBehindChunks(batch.payload, batch)
    encodeFieldsInFront(batch.payload, batch)
  }

  private mutating func encodeFieldsBehindChunks(_ payload: PayloadAttributes, _ batch: borrowing SpanBatch) {
    buffer.prepend(field: 0x52, text: payload.appVersion, of: batch)
    buffer.prepend(field: 0x4A, text: payload.hostname, of: batch)
    buffer.prepend(field: 0x42, text: payload.env, of: batch)
    encodeTexts(payload.attributes, field: 0x3A, batch)
    encodeTagList("_dd.tags.container", payload.containerTags, batch)
    encodeTagList("_dd.tags.process", payload.processTags, batch)
  }

  /// A tag of the payload that holds a list of tags; none for an empty list.
  private mutating func encodeTagList(_ name: StaticString, _ list: ByteSlice, _ batch: borrowing SpanBatch) {
    guard !list.isEmpty else { return }
    let mark = buffer.count
    buffer.prepend(field: 0x12, text: list, of: batch)
    buffer.prepend(field: 0x0A, text: name)
    buffer.closeMessage(field: 0x3A, since: mark)
  }

  private mutating func encodeFieldsInFront(_ payload: PayloadAttributes, _ batch: borrowing SpanBatch) {
    buffer.prepend(field: 0x2A, text: payload.runtimeID, of: batch)
    buffer.prepend(field: 0x22, text: payload.tracerVersion, of: batch)
    buffer.prepend(field: 0x1A, text: payload.languageVersion, of: batch)
    buffer.prepend(field: 0x12, text: payload.languageName, of: batch)
    buffer.prepend(field: 0x0A, text: payload.containerID, of: batch)
  }

  /// Memory kept for the places of chunks from one batch to the next.
  private static let placesBytesKept = 1 << 16

  /// The longest tag and length of a field.
  private static let tagAndLengthMax = 6

  /// What the fields in front of the chunks take at most: five texts, and tag and length of the message itself.
  private static func bytesInFrontMax(_ payload: PayloadAttributes) -> Int {
    let languageBytes = Int(payload.languageName.length) + Int(payload.languageVersion.length)
    let tracerBytes = Int(payload.tracerVersion.length) + Int(payload.runtimeID.length)
    return languageBytes + tracerBytes + Int(payload.containerID.length) + 6 * tagAndLengthMax
  }

  /// Typed attributes of whatever has only texts in this form: the payload, a chunk, a span's `meta` and a link.
  private mutating func encodeTexts(_ range: IndexRange, field tag: UInt8, _ batch: borrowing SpanBatch) {
    for index in range.range.reversed() {
      let attribute = batch.typedAttributes[index]
      if attribute.value.isRemoved { continue }
      if attribute.value.type == 0 {
        buffer.prependEntry(field: tag, key: attribute.key, text: attribute.value.string, of: batch)
        continue
      }
      let mark = buffer.count
      buffer.prepend(field: 0x12, textOf: attribute.value, of: batch)
      buffer.prependAlways(field: 0x0A, text: attribute.key, of: batch)
      buffer.closeMessage(field: tag, since: mark)
    }
  }

  /// The fields of a `TraceChunk`.
  private mutating func encode(_ chunk: ChunkRecord, _ part: SentPart, _ batch: borrowing SpanBatch) {
    // `droppedTrace`: said of events alone, as single spans are kept by a rule.
    if part == .events { buffer.prepend(field: 0x28, varint: 1) }
    if !chunk.decisionMaker.isEmpty {
      let entry = buffer.count
      buffer.prependAlways(field: 0x12, text: chunk.decisionMaker, of: batch)
      buffer.prepend(field: 0x0A, text: "_dd.p.dm" as StaticString)
      buffer.closeMessage(field: 0x22, since: entry)
    }
    if !chunk.attributes.isEmpty { encodeTexts(chunk.attributes, field: 0x22, batch) }
    var index = chunk.spans.range.upperBound
    while index > chunk.spans.range.lowerBound {
      index &-= 1
      if part == .whole || chunk.sends(batch.spans[index]) { encode(batch.spans[index], batch) }
    }
    buffer.prepend(field: 0x12, text: chunk.origin, of: batch)
    let priority = part == .whole ? chunk.priority : chunk.sentPriority
    // An int32 travels sign-extended: a negative priority takes ten bytes.
    buffer.prepend(field: 0x08, varint: UInt64(bitPattern: Int64(priority)))
  }

  @inline(__always) private mutating func encode(_ span: SpanRecord, _ batch: borrowing SpanBatch) {
    let mark = buffer.count
    if !span.events.isEmpty { encodeEvents(span.events, batch) }
    if !span.links.isEmpty { encodeLinks(span.links, batch) }
    if !span.metaStruct.isEmpty { encodeMetaStruct(span.metaStruct, batch) }
    buffer.prepend(field: 0x62, text: span.type, of: batch)
    encodeMetrics(span.metrics, added: span.addedMetrics, isTopLevel: span.flags.contains(.topLevel), batch)
    if !span.typed.isEmpty { encodeTexts(span.typed, field: 0x52, batch) }
    encodeMeta(span.meta, batch)
    buffer.prepend(field: 0x48, varint: UInt64(bitPattern: Int64(span.error)))
    buffer.prepend(field: 0x40, varint: UInt64(bitPattern: span.durationNs))
    buffer.prepend(field: 0x38, varint: UInt64(bitPattern: span.startNs))
    buffer.prepend(field: 0x30, varint: span.parentID)
    buffer.prepend(field: 0x28, varint: span.spanID)
    buffer.prepend(field: 0x20, varint: span.traceID)
    buffer.prepend(field: 0x1A, text: span.resource, of: batch)
    buffer.prepend(field: 0x12, text: span.name, of: batch)
    buffer.prepend(field: 0x0A, text: span.service, of: batch)
    buffer.closeMessage(field: 0x1A, since: mark)
  }

  // What is not inlined gets parts of the span: a whole record would be copied for each.
  @inline(__always) private mutating func encodeMeta(_ entries: IndexRange, _ batch: borrowing SpanBatch) {
    let range = entries.range
    if range.count > batch.sharedMeta.count, !batch.sharedMeta.isEmpty { return encodeMetaWithShared(range, batch) }
    encodeMeta(range, batch)
  }

  @inline(__always) private mutating func encodeMeta(_ range: Range<Int>, _ batch: borrowing SpanBatch) {
    let texts = batch.texts
    var index = range.upperBound
    while index > range.lowerBound {
      index &-= 1
      let entry = batch.meta[index]
      if entry.known != .removed { encode(entry, texts) }
    }
  }

  /// The same where a part of the entries may be those of other spans, which were written already.
  @inline(never) private mutating func encodeMetaWithShared(_ range: Range<Int>, _ batch: borrowing SpanBatch) {
    let shared = batch.sharedMeta.range
    let last = batch.meta[shared.upperBound &- 1]
    let texts = batch.texts
    var index = range.upperBound
    while index > range.lowerBound {
      index &-= 1
      let entry = batch.meta[index]
      if entry == last, index &+ 1 &- shared.count >= range.lowerBound {
        let run = index &+ 1 &- shared.count..<index &+ 1
        if batch.repeatsSharedMeta(before: run.upperBound) {
          encodeShared(run, batch)
          index = run.lowerBound
          continue
        }
      }
      if entry.known != .removed { encode(entry, texts) }
    }
  }

  private mutating func encodeShared(_ run: Range<Int>, _ batch: borrowing SpanBatch) {
    if !sharedMarks.isEmpty { return buffer.prependAgain(sharedMarks) }
    let mark = buffer.count
    encodeMeta(run, batch)
    sharedMarks = mark..<buffer.count
  }

  @inline(__always) private mutating func encode(_ entry: MetaEntry, _ texts: BatchTexts) {
    buffer.prependEntry(field: 0x52, key: entry.key, text: entry.value, of: texts)
  }

  @inline(__always) private mutating func encodeMetrics(
    _ entries: IndexRange, added: Int32, isTopLevel: Bool, _ batch: borrowing SpanBatch
  ) {
    if isTopLevel {
      let mark = buffer.count
      buffer.prepend(field: 0x11, double: 1)
      buffer.prepend(field: 0x0A, text: "_top_level" as StaticString)
      buffer.closeMessage(field: 0x5A, since: mark)
    }
    var next = added
    while next >= 0 {
      let metric = batch.addedMetrics[Int(next)]
      if metric.entry.known != .removed { encode(metric.entry, batch) }
      next = metric.next
    }
    var index = entries.range.upperBound
    while index > entries.range.lowerBound {
      index &-= 1
      let entry = batch.metrics[index]
      // The tracer's own `_top_level` gives way to ours.
      if entry.known == .removed || (isTopLevel && entry.known == .topLevel) { continue }
      encode(entry, batch)
    }
  }

  @inline(__always) private mutating func encode(_ entry: MetricEntry, _ batch: borrowing SpanBatch) {
    buffer.prependEntry(field: 0x5A, key: entry.key, double: entry.value, of: batch)
  }

  private mutating func encodeMetaStruct(_ range: IndexRange, _ batch: borrowing SpanBatch) {
    for index in range.range.reversed() where batch.metaStruct[index].known != .removed {
      let entry = batch.metaStruct[index]
      buffer.prependEntry(field: 0x6A, key: entry.key, text: entry.value, of: batch)
    }
  }

  private mutating func encodeLinks(_ range: IndexRange, _ batch: borrowing SpanBatch) {
    for index in range.range.reversed() {
      let link = batch.links[index]
      let mark = buffer.count
      buffer.prepend(field: 0x30, varint: UInt64(link.flags))
      buffer.prepend(field: 0x2A, text: link.tracestate, of: batch)
      if !link.typed.isEmpty { encodeTexts(link.typed, field: 0x22, batch) }
      for attribute in link.attributes.range.reversed() {
        let entry = batch.linkAttributes[attribute]
        buffer.prependEntry(field: 0x22, key: entry.key, text: entry.value, of: batch)
      }
      buffer.prepend(field: 0x18, varint: link.spanID)
      buffer.prepend(field: 0x10, varint: link.traceIDHigh)
      buffer.prepend(field: 0x08, varint: link.traceID)
      buffer.closeMessage(field: 0x72, since: mark)
    }
  }

  private mutating func encodeEvents(_ range: IndexRange, _ batch: borrowing SpanBatch) {
    for index in range.range.reversed() {
      let event = batch.events[index]
      let mark = buffer.count
      for attribute in event.attributes.range.reversed() {
        let entry = batch.typedAttributes[attribute]
        let entryMark = buffer.count
        encodeAnyValue(entry.value, field: 0x12, batch, isElement: false)
        buffer.prependAlways(field: 0x0A, text: entry.key, of: batch)
        buffer.closeMessage(field: 0x1A, since: entryMark)
      }
      buffer.prepend(field: 0x12, text: event.name, of: batch)
      if event.timeUnixNano != 0 {
        buffer.prepend(fixed64: event.timeUnixNano)
        buffer.prepend(byte: 0x09)
      }
      buffer.closeMessage(field: 0x7A, since: mark)
    }
  }

  /// `isElement`: within an array, where this form has no further arrays.
  private mutating func encodeAnyValue(
    _ value: AnyValueRecord, field tag: UInt8, _ batch: borrowing SpanBatch, isElement: Bool
  ) {
    let mark = buffer.count
    if batch.isIndexed, value.type > (isElement ? 3 : 4) {
      // Of a type that only v1.0 has.
      buffer.prepend(field: 0x12, textOf: value, of: batch)
      return buffer.closeMessage(field: tag, since: mark)
    }
    if value.hasArray {
      let arrayMark = buffer.count
      for index in value.array.range.reversed() {
        encodeAnyValue(batch.arrayValues[index], field: 0x0A, batch, isElement: true)
      }
      buffer.closeMessage(field: 0x32, since: arrayMark)
    }
    if value.double.bitPattern != 0 { buffer.prepend(field: 0x29, double: value.double) }
    buffer.prepend(field: 0x20, varint: UInt64(bitPattern: value.int))
    buffer.prepend(field: 0x18, varint: value.bool ? 1 : 0)
    buffer.prepend(field: 0x12, text: value.string, of: batch)
    buffer.prepend(field: 0x08, varint: UInt64(bitPattern: Int64(value.type)))
    buffer.closeMessage(field: tag, since: mark)
  }
}

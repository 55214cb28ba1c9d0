import TraceModel

/// Decodes the body of `/v1.0/traces`: maps whose keys are numbers, in which a client describes itself and sends its traces
/// as chunks. Texts stand there once and are referred to by number (`StreamingStrings`), attributes have types.
///
/// What a chunk says of its trace goes where stages look for it in every format: its id into each span, and how it was
/// sampled into `ChunkRecord.decisionMaker`. So do a span's environment, version, component and kind, which become text
/// attributes. `droppedTrace` is checked and not used: sampling decides anew.
///
/// Takes as much as the other formats do: nil for any value, unknown and missing keys, any order, of duplicate keys the
/// last. Texts within what nobody knows have numbers all the same.
package enum TracesV10 {
  /// Reads the whole body; on the first value that cannot be read, says where it is.
  ///
  /// - Parameters:
  ///   - scratch: lends the memory for the texts.
  ///   - batch: has to have begun with the same `body`. After an error its contents are to be discarded.
  package static func decode(
    _ body: RawSpan, keys: KeyTable, scratch: inout DecodingScratch, into batch: inout SpanBatch
  ) throws(DecodeError) {
    var decoder = MessagePackDecoder(body, keys: keys, memory: scratch.memory)
    scratch.streaming.begin()
    batch.isIndexed = true
    batch.sharesTexts = true
    var failure: ValueError?
    do throws(ValueError) {
      try decoder.readPayloadV10(&batch, &scratch.streaming)
      try decoder.context.finish(at: decoder.reader.offset)
    } catch {
      failure = error
    }
    if let failure { throw decoder.context.located(failure) }
  }
}

// MARK: The payload

extension MessagePackDecoder {
  @_lifetime(self: copy self)
  fileprivate mutating func readPayloadV10(
    _ batch: inout SpanBatch, _ strings: inout StreamingStrings
  ) throws(ValueError) {
    context.field = "payload"
    for _ in 0..<(try reader.readMapCount()) {
      context.field = "payload"
      switch try reader.readNumberKey() {
      case 1: try readStringTable(&batch, &strings)
      case 2: batch.payload.containerID = try readSenderText("container_id", &batch, &strings)
      case 3: batch.payload.languageName = try readSenderText("language_name", &batch, &strings)
      case 4: batch.payload.languageVersion = try readSenderText("language_version", &batch, &strings)
      case 5: batch.payload.tracerVersion = try readSenderText("tracer_version", &batch, &strings)
      case 6: batch.payload.runtimeID = try readSenderText("runtime_id", &batch, &strings)
      case 7: batch.payload.env = try readSenderText("env", &batch, &strings)
      case 8: batch.payload.hostname = try readSenderText("hostname", &batch, &strings)
      case 9: batch.payload.appVersion = try readSenderText("app_version", &batch, &strings)
      case 10: try readPayloadAttributes(&batch, &strings)
      case 11: try readChunks(&batch, &strings)
      default: try skipUnknown(&batch, &strings)
      }
    }
  }

  /// Texts that a client sends before it refers to them.
  @_lifetime(self: copy self)
  private mutating func readStringTable(
    _ batch: inout SpanBatch, _ strings: inout StreamingStrings
  ) throws(ValueError) {
    context.field = "string table"
    for _ in 0..<(try reader.readArrayCount()) {
      let text = try readText(&batch)
      if !text.isEmpty { _ = try strings.append(text, in: &context, at: reader.offset) }
    }
  }

  @_lifetime(self: copy self)
  private mutating func readSenderText(
    _ field: StaticString, _ batch: inout SpanBatch, _ strings: inout StreamingStrings
  ) throws(ValueError) -> ByteSlice {
    context.field = field
    return Self.shortened(try readStreamed(&batch, &strings), batch, bytesMax: TracesV07.senderTextBytesMax)
  }

  @_lifetime(self: copy self)
  private mutating func readPayloadAttributes(
    _ batch: inout SpanBatch, _ strings: inout StreamingStrings
  ) throws(ValueError) {
    context.field = "attributes"
    batch.payload.processTags = .empty
    let at = reader.offset
    let attributes = try readAttributeList(&batch, &strings, depth: 0)
    for index in attributes.range {
      let attribute = batch.typedAttributes[index]
      guard attribute.value.type == 0, context.knownKey(attribute.key, batch) == .processTags else { continue }
      batch.payload.processTags = Self.shortened(
        attribute.value.string, batch, bytesMax: TracesV07.processTagsBytesMax)
      batch.typedAttributes[index].value = .removed
    }
    guard batch.textBytes(of: attributes) <= TracesV07.payloadTagsBytesMax else {
      throw ValueError(kind: .tooMany, offset: at, expected: .fewer, seen: .more)
    }
    batch.payload.attributes = attributes
  }

  @_lifetime(self: copy self)
  private mutating func skipUnknown(
    _ batch: inout SpanBatch, _ strings: inout StreamingStrings
  ) throws(ValueError) {
    context.field = "(unknown key)"
    try skipStreamed(&batch, &strings)
  }
}

// MARK: Chunks

extension MessagePackDecoder {
  @_lifetime(self: copy self)
  private mutating func readChunks(
    _ batch: inout SpanBatch, _ strings: inout StreamingStrings
  ) throws(ValueError) {
    context.field = "chunks"
    // Of two lists the last counts.
    batch.chunks.truncate(to: 0)
    batch.spans.truncate(to: 0)
    let count = try reader.readArrayCount()
    try reserve(count, in: &batch.chunks)
    for index in 0..<count {
      context.traceIndex = index
      batch.chunks.append(try readChunk(&batch, &strings))
    }
    (context.traceIndex, context.spanIndex) = (-1, -1)
  }

  @_lifetime(self: copy self)
  private mutating func readChunk(
    _ batch: inout SpanBatch, _ strings: inout StreamingStrings
  ) throws(ValueError) -> ChunkRecord {
    let first = batch.spans.count
    var chunk = ChunkRecord()
    var traceID: UInt64 = 0
    // What the Datadog agent makes of a chunk that does not say it: dropped automatically, and not without a priority.
    chunk.priority = 0
    (context.spanIndex, context.field) = (-1, "chunk")
    for _ in 0..<(try reader.readMapCount()) {
      (context.spanIndex, context.field) = (-1, "chunk")
      switch try reader.readNumberKey() {
      case 1:
        context.field = "priority"
        // Priorities are 8 bits wide inside the Datadog agent; larger ones wrap there and so here.
        chunk.priority = Int32(Int8(truncatingIfNeeded: try reader.readInt32()))
      case 2:
        context.field = "origin"
        chunk.origin = try readStreamed(&batch, &strings)
      case 3:
        context.field = "attributes"
        chunk.attributes = try readAttributeList(&batch, &strings, depth: 0)
      case 4:
        batch.spans.truncate(to: first)
        try readSpansV10(&batch, &strings)
      case 5:
        context.field = "dropped_trace"
        _ = try reader.readBool()
      case 6:
        context.field = "trace_id"
        (chunk.traceIDHigh, traceID) = try readTraceID()
      case 7:
        context.field = "sampling_mechanism"
        chunk.decisionMaker = strings.decisionMaker(try reader.readUInt32(), &batch)
      default: try skipUnknown(&batch, &strings)
      }
    }
    chunk.spans = IndexRange(start: first, end: batch.spans.count)
    for index in chunk.spans.range { batch.spans[index].traceID = traceID }
    return chunk
  }

  /// 16 bytes, the upper half first; nil is zero.
  @_lifetime(self: copy self)
  private mutating func readTraceID() throws(ValueError) -> (high: UInt64, low: UInt64) {
    let at = reader.offset
    let marker = try reader.peekMarker()
    if reader.readNil() { return (0, 0) }
    guard (0xC4...0xC6).contains(marker) else { throw reader.wrongType(.traceID, at: at, marker: marker) }
    let (start, length) = try reader.readRawString()
    guard length == 16 else {
      throw ValueError(kind: .wrongLength, offset: at, expected: .traceID, seen: .bytes)
    }
    return (reader.bigEndian64(at: start), reader.bigEndian64(at: start &+ 8))
  }
}

// MARK: Spans

extension MessagePackDecoder {
  /// What a span has fields for, and other formats attributes. Numbers of texts; 0 where nothing is said.
  private struct PromotedFields {
    var env = 0
    var version = 0
    var component = 0
    var kind: UInt32 = 0
  }

  @_lifetime(self: copy self)
  private mutating func readSpansV10(
    _ batch: inout SpanBatch, _ strings: inout StreamingStrings
  ) throws(ValueError) {
    context.field = "spans"
    let count = try reader.readArrayCount()
    try reserve(count, in: &batch.spans)
    for index in 0..<count {
      context.spanIndex = index
      context.field = "span"
      if reader.readNil() { continue }
      try readSpanV10(&batch, &strings)
    }
  }

  @_lifetime(self: copy self)
  private mutating func readSpanV10(
    _ batch: inout SpanBatch, _ strings: inout StreamingStrings
  ) throws(ValueError) {
    var span = SpanRecord()
    var promoted = PromotedFields()
    span.meta = IndexRange(start: batch.meta.count, end: batch.meta.count)
    for _ in 0..<(try reader.readMapCount()) {
      let field = SpanFieldV10(rawValue: try reader.readNumberKey()) ?? .unknown
      do throws(ValueError) {
        try readValue(of: field, into: &span, &promoted, &batch, &strings)
      } catch {
        context.field = field.name
        throw error
      }
    }
    try append(promoted, to: &span, &batch, &strings)
    batch.spans.append(span)
  }

  @_lifetime(self: copy self)
  @inline(__always) private mutating func readValue(
    of field: SpanFieldV10, into span: inout SpanRecord, _ promoted: inout PromotedFields, _ batch: inout SpanBatch,
    _ strings: inout StreamingStrings
  ) throws(ValueError) {
    switch field {
    case .service: span.service = try readStreamed(&batch, &strings)
    case .name: span.name = try readStreamed(&batch, &strings)
    case .resource: span.resource = try readStreamed(&batch, &strings)
    case .spanID: span.spanID = try reader.readUInt64()
    case .parentID: span.parentID = try reader.readUInt64()
    case .start: span.startNs = try reader.readInt64()
    case .duration: span.durationNs = try reader.readInt64()
    case .error: span.error = try reader.readBool() ? 1 : 0
    case .attributes: try readAttributes(of: &span, &batch, &strings)
    case .type: span.type = try readStreamed(&batch, &strings)
    case .links: try readLinksV10(of: &span, &batch, &strings)
    case .events: try readEventsV10(of: &span, &batch, &strings)
    case .env: promoted.env = try readNumber(&batch, &strings)
    case .version: promoted.version = try readNumber(&batch, &strings)
    case .component: promoted.component = try readNumber(&batch, &strings)
    case .kind: promoted.kind = try reader.readUInt32()
    case .unknown: try skipStreamed(&batch, &strings)
    }
  }

  /// Makes text attributes of a span's fields, which go before attributes with the same key.
  @_lifetime(self: copy self)
  private mutating func append(
    _ promoted: PromotedFields, to span: inout SpanRecord, _ batch: inout SpanBatch,
    _ strings: inout StreamingStrings
  ) throws(ValueError) {
    let first = Int(span.meta.start)
    if promoted.env != 0 {
      let key = strings.name(.env, &batch)
      try appendText(key, strings.text(promoted.env), known: .env, to: &span, from: first, &batch)
    }
    if promoted.version != 0 {
      let key = strings.name(.version, &batch)
      try appendText(key, strings.text(promoted.version), known: .version, to: &span, from: first, &batch)
    }
    if promoted.component != 0 {
      let key = strings.name(.component, &batch)
      try appendText(key, strings.text(promoted.component), known: .component, to: &span, from: first, &batch)
    }
    if let kind = ImpliedText(kind: promoted.kind) {
      let key = strings.name(.spanKind, &batch)
      try appendText(key, strings.name(kind, &batch), known: .spanKind, to: &span, from: first, &batch)
    }
    span.meta = IndexRange(start: first, end: batch.meta.count)
  }
}

/// The keys of a span in v1.0.
private enum SpanFieldV10: UInt64 {
  case unknown = 0
  case service = 1
  case name, resource, spanID, parentID, start, duration, error, attributes, type, links, events, env, version
  case component, kind

  /// What it is called in messages, as in the other formats.
  var name: StaticString {
    switch self {
    case .service: "service"
    case .name: "name"
    case .resource: "resource"
    case .spanID: "span_id"
    case .parentID: "parent_id"
    case .start: "start"
    case .duration: "duration"
    case .error: "error"
    case .attributes: "attributes"
    case .type: "type"
    case .links: "span_links"
    case .events: "span_events"
    case .env: "env"
    case .version: "version"
    case .component: "component"
    case .kind: "kind"
    case .unknown: "(unknown key)"
    }
  }
}

// MARK: Links and events

extension MessagePackDecoder {
  @_lifetime(self: copy self)
  private mutating func readLinksV10(
    of span: inout SpanRecord, _ batch: inout SpanBatch, _ strings: inout StreamingStrings
  ) throws(ValueError) {
    let count = try reader.readArrayCount()
    let first = batch.links.count
    try reserve(count, in: &batch.links)
    for _ in 0..<count {
      if reader.readNil() { continue }
      var link = LinkRecord()
      for _ in 0..<(try reader.readMapCount()) {
        switch try reader.readNumberKey() {
        case 1: (link.traceIDHigh, link.traceID) = try readTraceID()
        case 2: link.spanID = try reader.readUInt64()
        case 3: try readAttributes(of: &link, &batch, &strings)
        case 4: link.tracestate = try readStreamed(&batch, &strings)
        case 5: link.flags = try reader.readUInt32()
        default: try skipStreamed(&batch, &strings)
        }
      }
      batch.links.append(link)
    }
    span.links = IndexRange(start: first, end: batch.links.count)
  }

  @_lifetime(self: copy self)
  private mutating func readEventsV10(
    of span: inout SpanRecord, _ batch: inout SpanBatch, _ strings: inout StreamingStrings
  ) throws(ValueError) {
    let count = try reader.readArrayCount()
    let first = batch.events.count
    try reserve(count, in: &batch.events)
    for _ in 0..<count {
      if reader.readNil() { continue }
      var event = EventRecord()
      for _ in 0..<(try reader.readMapCount()) {
        switch try reader.readNumberKey() {
        case 1: event.timeUnixNano = try reader.readUInt64()
        case 2: event.name = try readStreamed(&batch, &strings)
        case 3: event.attributes = try readAttributeList(&batch, &strings, depth: 0)
        default: try skipStreamed(&batch, &strings)
        }
      }
      batch.events.append(event)
    }
    span.events = IndexRange(start: first, end: batch.events.count)
  }
}

import TraceModel

/// Decodes the body of `/v0.7/traces`: a map in which a client describes itself, and sends its traces as chunks, each with
/// a priority, an origin and tags of its own. The spans in them are those of `TracesV04`.
///
/// Takes as much as `TracesV04` does: nil for any value, unknown and missing keys, any key order, of duplicate keys the
/// last. What a client says of a trace's being dropped (`dropped_trace`) is checked and not used: sampling decides anew, as
/// in the Datadog agent.
package enum TracesV07 {
  /// Bytes of each text in which a client describes itself that are kept; as many as of a header with the same meaning.
  package static let senderTextBytesMax = 256
  /// The same for the process tags, which are a list.
  package static let processTagsBytesMax = 5_000
  /// Bytes of all tags of a payload together: every payload to the intake that is made of its chunks repeats them.
  package static let payloadTagsBytesMax = 256 << 10

  /// Reads the whole body; on the first value that cannot be read, says where it is.
  ///
  /// - Parameters:
  ///   - scratch: has the order of keys, and the claim for memory.
  ///   - batch: has to have begun with the same `body`. After an error its contents are to be discarded.
  package static func decode(
    _ body: RawSpan, keys: KeyTable, scratch: inout DecodingScratch, into batch: inout SpanBatch
  ) throws(DecodeError) {
    scratch.begin(keys)
    var decoder = MessagePackDecoder(body, keys: keys, memory: scratch.memory)
    var failure: ValueError?
    do throws(ValueError) {
      try decoder.readPayloadV07(&batch, &scratch)
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
  fileprivate mutating func readPayloadV07(
    _ batch: inout SpanBatch, _ scratch: inout DecodingScratch
  ) throws(ValueError) {
    context.field = "payload"
    for _ in 0..<(try reader.readMapCount()) {
      context.field = "payload"
      let key = try readText(&batch)
      if batch.equal(key, "chunks") {
        try readChunks(&batch, &scratch)
        (context.traceIndex, context.spanIndex) = (-1, -1)
      } else if batch.equal(key, "tags") {
        context.field = "tags"
        try readPayloadTags(&batch)
      } else if try !readSenderField(key, &batch) {
        context.field = "(unknown key)"
        try reader.skipValue()
      }
    }
  }

  /// Reads the value of a key in which the client describes itself; false, and nothing, for any other key.
  @_lifetime(self: copy self)
  private mutating func readSenderField(_ key: ByteSlice, _ batch: inout SpanBatch) throws(ValueError) -> Bool {
    if batch.equal(key, "container_id") {
      batch.payload.containerID = try readSenderText("container_id", &batch)
    } else if batch.equal(key, "language_name") {
      batch.payload.languageName = try readSenderText("language_name", &batch)
    } else if batch.equal(key, "language_version") {
      batch.payload.languageVersion = try readSenderText("language_version", &batch)
    } else if batch.equal(key, "tracer_version") {
      batch.payload.tracerVersion = try readSenderText("tracer_version", &batch)
    } else if batch.equal(key, "runtime_id") {
      batch.payload.runtimeID = try readSenderText("runtime_id", &batch)
    } else if batch.equal(key, "env") {
      batch.payload.env = try readSenderText("env", &batch)
    } else if batch.equal(key, "hostname") {
      batch.payload.hostname = try readSenderText("hostname", &batch)
    } else if batch.equal(key, "app_version") {
      batch.payload.appVersion = try readSenderText("app_version", &batch)
    } else {
      return false
    }
    return true
  }

  @_lifetime(self: copy self)
  private mutating func readSenderText(
    _ field: StaticString, _ batch: inout SpanBatch
  ) throws(ValueError) -> ByteSlice {
    context.field = field
    return Self.shortened(try readText(&batch), batch, bytesMax: TracesV07.senderTextBytesMax)
  }

  /// The text, or as many whole characters of it as fit.
  static func shortened(_ text: ByteSlice, _ batch: borrowing SpanBatch, bytesMax: Int) -> ByteSlice {
    text.prefix(unsafe ByteString.truncatedLength(batch.bytes(text), limit: bytesMax))
  }

  @_lifetime(self: copy self)
  private mutating func readPayloadTags(_ batch: inout SpanBatch) throws(ValueError) {
    batch.payload.processTags = .empty
    let at = reader.offset
    let count = try reader.readMapCount()
    let first = batch.typedAttributes.count
    try reserve(count, in: &batch.typedAttributes)
    var bytes = 0
    for _ in 0..<count {
      let key = try readText(&batch)
      let value = try readText(&batch)
      if context.knownKey(key, batch) == .processTags {
        batch.payload.processTags = Self.shortened(value, batch, bytesMax: TracesV07.processTagsBytesMax)
        continue
      }
      bytes += Int(key.length) + Int(value.length)
      guard bytes <= TracesV07.payloadTagsBytesMax else {
        throw ValueError(kind: .tooMany, offset: at, expected: .fewer, seen: .more)
      }
      batch.appendTag(key, value)
    }
    batch.payload.attributes = IndexRange(start: first, end: batch.typedAttributes.count)
  }
}

// MARK: Chunks

extension MessagePackDecoder {
  @_lifetime(self: copy self)
  private mutating func readChunks(_ batch: inout SpanBatch, _ scratch: inout DecodingScratch) throws(ValueError) {
    context.field = "chunks"
    // Of two lists the last counts.
    batch.chunks.truncate(to: 0)
    batch.spans.truncate(to: 0)
    let count = try reader.readArrayCount()
    try reserve(count, in: &batch.chunks)
    for index in 0..<count {
      context.traceIndex = index
      batch.chunks.append(try readChunk(&batch, &scratch))
    }
  }

  @_lifetime(self: copy self)
  private mutating func readChunk(
    _ batch: inout SpanBatch, _ scratch: inout DecodingScratch
  ) throws(ValueError) -> ChunkRecord {
    let first = batch.spans.count
    var chunk = ChunkRecord()
    chunk.spans = IndexRange(start: first, end: first)
    // What the Datadog agent makes of a chunk that does not say it: dropped automatically, and not without a priority.
    chunk.priority = 0
    (context.spanIndex, context.field) = (-1, "chunk")
    for _ in 0..<(try reader.readMapCount()) {
      (context.spanIndex, context.field) = (-1, "chunk")
      let key = try readRawKey()
      if key.length == 5, batch.equal(key, "spans") {
        batch.spans.truncate(to: first)
        try readSpans(&batch, &scratch)
        chunk.spans = IndexRange(start: first, end: batch.spans.count)
      } else {
        try readField(key, of: &chunk, &batch)
      }
    }
    return chunk
  }

  /// A key of a chunk, as it stands in the body: those that are known are ASCII.
  @_lifetime(self: copy self)
  private mutating func readRawKey() throws(ValueError) -> ByteSlice {
    let (start, length) = try reader.readRawString()
    return ByteSlice(bodyOffset: start, length: length)
  }

  @_lifetime(self: copy self)
  private mutating func readField(
    _ key: ByteSlice, of chunk: inout ChunkRecord, _ batch: inout SpanBatch
  ) throws(ValueError) {
    // Lengths tell nearly all of them apart.
    if key.length == 8, batch.equal(key, "priority") {
      context.field = "priority"
      // Priorities are 8 bits wide inside the Datadog agent; larger ones wrap there and so here.
      chunk.priority = Int32(Int8(truncatingIfNeeded: try reader.readInt32()))
    } else if key.length == 6, batch.equal(key, "origin") {
      context.field = "origin"
      chunk.origin = try readText(&batch)
    } else if key.length == 4, batch.equal(key, "tags") {
      context.field = "tags"
      try readTags(of: &chunk, &batch)
    } else if batch.equal(key, "dropped_trace") {
      context.field = "dropped_trace"
      _ = try reader.readBool()
    } else {
      context.field = "(unknown key)"
      try reader.skipValue()
    }
  }

  @_lifetime(self: copy self)
  private mutating func readTags(of chunk: inout ChunkRecord, _ batch: inout SpanBatch) throws(ValueError) {
    (chunk.decisionMaker, chunk.traceIDHigh) = (.empty, 0)
    let count = try reader.readMapCount()
    let first = batch.typedAttributes.count
    try reserve(count, in: &batch.typedAttributes)
    for _ in 0..<count {
      let key = try readText(&batch)
      let value = try readText(&batch)
      let known = context.knownKey(key, batch)
      if known == .decisionMaker {
        chunk.decisionMaker = value
        continue
      }
      if known == .traceIDHigh { chunk.traceIDHigh = unsafe HexText.unsigned(batch.bytes(value)) ?? 0 }
      batch.appendTag(key, value)
    }
    chunk.attributes = IndexRange(start: first, end: batch.typedAttributes.count)
  }
}

extension SpanBatch {
  /// Appends a text attribute of a payload or a chunk.
  fileprivate mutating func appendTag(_ key: ByteSlice, _ value: ByteSlice) {
    var attribute = TypedAttribute()
    (attribute.key, attribute.value) = (key, .string(value))
    typedAttributes.append(attribute)
  }
}

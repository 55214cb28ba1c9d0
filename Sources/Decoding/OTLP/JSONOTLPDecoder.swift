import TraceModel

/// Reads OTLP as JSON: the messages of `opentelemetry.proto.trace.v1` in proto3's mapping, with ids in hexadecimal digits as
/// OTLP wants them, or in base64.
///
/// Members come in any order, under either of the names that proto3 allows; those that nobody knows are passed over.
extension JSONTracesDecoder {
  /// Finds the parts of an `ExportTraceServiceRequest`.
  @_lifetime(self: copy self)
  mutating func readOTLPParts(
    _ parts: inout GrowableBuffer<ByteSlice>, _ batch: borrowing SpanBatch
  ) throws(ValueError) {
    context.field = "resource_spans"
    try reader.openObject()
    while let name = try readRawName() {
      guard batch.isEither(name, "resourceSpans", "resource_spans") else {
        try reader.skipValue()
        continue
      }
      guard try openArray() else { continue }
      while try reader.readElement() {
        _ = try reader.peek(.object)
        let start = reader.offset
        guard try openObject() else { continue }
        var hasSpans = false
        while let name = try readRawName() {
          if batch.isEither(name, "scopeSpans", "scope_spans") { hasSpans = true }
          try reader.skipValue()
        }
        let part = ByteSlice(bodyOffset: start, length: reader.offset - start)
        if hasSpans { try context.append(part, to: &parts, at: start) }
      }
    }
  }

  // MARK: Resource and scope

  /// Reads one `ResourceSpans`, which begins at an offset.
  @_lifetime(self: copy self)
  mutating func readResourceSpans(
    at start: Int, _ otlp: inout OTLPAssembler, _ batch: inout SpanBatch
  ) throws(ValueError) {
    reader.move(to: start)
    otlp.beginResource()
    // Spans get what the resource says, which may stand behind them.
    let beginning = reader
    guard try openObject() else { return }
    context.field = "resource"
    while let name = try readRawName() {
      try batch.isEither(name, "resource", nil) ? readResource(&otlp, &batch) : reader.skipValue()
    }
    try otlp.finishResource(&context, &batch, at: reader.offset)
    reader = beginning
    try reader.openObject()
    while let name = try readRawName() {
      context.field = "scope_spans"
      guard batch.isEither(name, "scopeSpans", "scope_spans") else {
        try reader.skipValue()
        continue
      }
      guard try openArray() else { continue }
      while try reader.readElement() { try readScopeSpans(&otlp, &batch) }
    }
  }

  @_lifetime(self: copy self)
  private mutating func readResource(
    _ otlp: inout OTLPAssembler, _ batch: inout SpanBatch
  ) throws(ValueError) {
    let start = reader.offset
    guard try openObject() else { return }
    while let name = try readRawName() {
      guard batch.isEither(name, "attributes", nil) else {
        try reader.skipValue()
        continue
      }
      guard try openArray() else { continue }
      while try reader.readElement() {
        let attribute = try readAttribute(otlp, &batch)
        try otlp.addToResource(attribute, &context, at: reader.offset)
      }
    }
    otlp.noteResource(from: start, to: reader.offset)
  }

  @_lifetime(self: copy self)
  private mutating func readScopeSpans(
    _ otlp: inout OTLPAssembler, _ batch: inout SpanBatch
  ) throws(ValueError) {
    otlp.beginScope()
    let beginning = reader
    guard try openObject() else { return }
    while let name = try readRawName() {
      try batch.isEither(name, "scope", nil) ? readScope(&otlp, &batch) : reader.skipValue()
    }
    try otlp.finishScope(&context, at: reader.offset)
    reader = beginning
    try reader.openObject()
    while let name = try readRawName() {
      guard batch.isEither(name, "spans", nil) else {
        try reader.skipValue()
        continue
      }
      guard try openArray() else { continue }
      while try reader.readElement() {
        context.spanIndex += 1
        context.field = "span"
        if try openObject() { try readOTLPSpan(&otlp, &batch) }
      }
    }
  }

  @_lifetime(self: copy self)
  private mutating func readScope(_ otlp: inout OTLPAssembler, _ batch: inout SpanBatch) throws(ValueError) {
    context.field = "scope"
    guard try openObject() else { return }
    while let name = try readRawName() {
      if batch.isEither(name, "name", nil) {
        otlp.setScope(name: try readText(&batch))
      } else if batch.isEither(name, "version", nil) {
        otlp.setScope(version: try readText(&batch))
      } else if batch.isEither(name, "attributes", nil) {
        guard try openArray() else { continue }
        while try reader.readElement() {
          let attribute = try readAttribute(otlp, &batch)
          try otlp.addToScope(attribute, &context, &batch, at: reader.offset)
        }
      } else {
        try reader.skipValue()
      }
    }
  }

  // MARK: Spans

  @_lifetime(self: copy self)
  private mutating func readOTLPSpan(_ otlp: inout OTLPAssembler, _ batch: inout SpanBatch) throws(ValueError) {
    otlp.beginSpan()
    while let name = try readRawName() {
      if batch.isEither(name, "traceId", "trace_id") {
        otlp.span.traceID = try readTraceID(&batch)
      } else if batch.isEither(name, "spanId", "span_id") {
        otlp.span.spanID = try readSpanID(&batch)
      } else if batch.isEither(name, "parentSpanId", "parent_span_id") {
        otlp.span.parentID = try readSpanID(&batch)
      } else if batch.isEither(name, "traceState", "trace_state") {
        otlp.span.traceState = try readText(&batch)
      } else if batch.isEither(name, "name", nil) {
        otlp.span.name = try readText(&batch)
      } else if batch.isEither(name, "kind", nil) {
        otlp.span.kind = OTLPSpan.Kind(number: try readEnum(Self.kinds, batch))
      } else if batch.isEither(name, "startTimeUnixNano", "start_time_unix_nano") {
        otlp.span.startNs = try reader.readID()
      } else if batch.isEither(name, "endTimeUnixNano", "end_time_unix_nano") {
        otlp.span.endNs = try reader.readID()
      } else {
        try readSpanPart(name, &otlp, &batch)
      }
    }
    try otlp.finishSpan(&context, &batch, at: reader.offset)
  }

  /// Attributes, events, links and status.
  @_lifetime(self: copy self)
  private mutating func readSpanPart(
    _ name: ByteSlice, _ otlp: inout OTLPAssembler, _ batch: inout SpanBatch
  ) throws(ValueError) {
    if batch.isEither(name, "attributes", nil) {
      guard try openArray() else { return }
      while try reader.readElement() {
        let attribute = try readAttribute(otlp, &batch)
        try otlp.add(attribute, &context, at: reader.offset)
      }
    } else if batch.isEither(name, "events", nil) {
      guard try openArray() else { return }
      while try reader.readElement() { try readOTLPEvent(&otlp, &batch) }
    } else if batch.isEither(name, "links", nil) {
      guard try openArray() else { return }
      while try reader.readElement() { try readOTLPLink(&otlp, &batch) }
    } else if batch.isEither(name, "status", nil) {
      guard try openObject() else { return }
      while let name = try readRawName() {
        if batch.isEither(name, "message", nil) {
          otlp.span.statusMessage = try readText(&batch)
        } else if batch.isEither(name, "code", nil) {
          otlp.span.statusCode = UInt32(truncatingIfNeeded: try readEnum(Self.statusCodes, batch))
        } else {
          try reader.skipValue()
        }
      }
    } else {
      try reader.skipValue()
    }
  }

  @_lifetime(self: copy self)
  private mutating func readOTLPEvent(_ otlp: inout OTLPAssembler, _ batch: inout SpanBatch) throws(ValueError) {
    guard try openObject() else { return }
    var event = OTLPEvent()
    while let name = try readRawName() {
      if batch.isEither(name, "timeUnixNano", "time_unix_nano") {
        event.timeUnixNano = try reader.readID()
      } else if batch.isEither(name, "name", nil) {
        event.name = try readText(&batch)
      } else if batch.isEither(name, "attributes", nil) {
        event.attributes = try readNestedAttributes(&otlp, &batch)
      } else if batch.isEither(name, "droppedAttributesCount", "dropped_attributes_count") {
        event.droppedAttributes = UInt32(truncatingIfNeeded: try reader.readID())
      } else {
        try reader.skipValue()
      }
    }
    try otlp.add(event, &context, at: reader.offset)
  }

  @_lifetime(self: copy self)
  private mutating func readOTLPLink(_ otlp: inout OTLPAssembler, _ batch: inout SpanBatch) throws(ValueError) {
    guard try openObject() else { return }
    var link = OTLPLink()
    while let name = try readRawName() {
      if batch.isEither(name, "traceId", "trace_id") {
        link.traceID = try readTraceID(&batch)
      } else if batch.isEither(name, "spanId", "span_id") {
        link.spanID = try readSpanID(&batch)
      } else if batch.isEither(name, "traceState", "trace_state") {
        link.traceState = try readText(&batch)
      } else if batch.isEither(name, "attributes", nil) {
        link.attributes = try readNestedAttributes(&otlp, &batch)
      } else if batch.isEither(name, "droppedAttributesCount", "dropped_attributes_count") {
        link.droppedAttributes = UInt32(truncatingIfNeeded: try reader.readID())
      } else {
        try reader.skipValue()
      }
    }
    try otlp.add(link, &context, at: reader.offset)
  }

  @_lifetime(self: copy self)
  private mutating func readNestedAttributes(
    _ otlp: inout OTLPAssembler, _ batch: inout SpanBatch
  ) throws(ValueError) -> IndexRange {
    let first = otlp.nested.count
    if try openArray() {
      while try reader.readElement() {
        let attribute = try readAttribute(otlp, &batch)
        try otlp.addNested(attribute, &context, at: reader.offset)
      }
    }
    return IndexRange(start: first, end: otlp.nested.count)
  }

  // MARK: Scalars

  /// A member's name as it stands in the body: none that is known is written with escapes.
  @_lifetime(self: copy self)
  mutating func readRawName() throws(ValueError) -> ByteSlice? {
    guard let key = try reader.readKey() else { return nil }
    return ByteSlice(bodyOffset: key.start, length: key.length)
  }

  private static let kinds: [StaticString] = [
    "SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER",
    "SPAN_KIND_CONSUMER",
  ]
  private static let statusCodes: [StaticString] = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"]

  /// A number, or the name of one; a name that nobody knows is 0.
  @_lifetime(self: copy self)
  private mutating func readEnum(_ names: [StaticString], _ batch: borrowing SpanBatch) throws(ValueError) -> UInt64 {
    guard try reader.peek(.value) == 0x22 else { return try reader.readUInt64() }
    let text = try reader.readString()
    let name = ByteSlice(bodyOffset: text.start, length: text.length)
    for (number, known) in names.enumerated() where batch.equal(name, known) { return UInt64(number) }
    return 0
  }

  /// 32 hexadecimal digits, 16 bytes in base64, or nothing.
  @_lifetime(self: copy self)
  private mutating func readTraceID(_ batch: inout SpanBatch) throws(ValueError) -> OTLPTraceID {
    _ = try reader.peek(.string)
    let at = reader.offset
    let text = try reader.readString()
    switch text.length {
    case 0: return OTLPTraceID()
    case 32: return OTLPTraceID(high: try hex(text.start, at, batch), low: try hex(text.start + 16, at, batch))
    case 24:
      let bytes = try context.base64(text, &batch)
      guard bytes.length == 16 else { break }
      return OTLPTraceID(high: batch.bigEndian64(bytes, at: 0), low: batch.bigEndian64(bytes, at: 8))
    default: break
    }
    throw ValueError(kind: .wrongLength, offset: at, expected: .traceID, seen: .string)
  }

  /// 16 hexadecimal digits, 8 bytes in base64, or nothing.
  @_lifetime(self: copy self)
  private mutating func readSpanID(_ batch: inout SpanBatch) throws(ValueError) -> UInt64 {
    _ = try reader.peek(.string)
    let at = reader.offset
    let text = try reader.readString()
    switch text.length {
    case 0: return 0
    case 16: return try hex(text.start, at, batch)
    case 12:
      let bytes = try context.base64(text, &batch)
      if bytes.length == 8 { return batch.bigEndian64(bytes, at: 0) }
    default: break
    }
    throw ValueError(kind: .wrongLength, offset: at, expected: .spanID, seen: .string)
  }

  private func hex(_ start: Int, _ at: Int, _ batch: borrowing SpanBatch) throws(ValueError) -> UInt64 {
    guard let number = unsafe HexText.unsigned(batch.bytes(ByteSlice(bodyOffset: start, length: 16))) else {
      throw ValueError(kind: .malformed, offset: at, expected: .hexadecimal, seen: .foreign)
    }
    return number
  }

  /// A number, or a text of one, as JSON has no others for what is no number.
  @_lifetime(self: copy self)
  mutating func readOTLPDouble(_ batch: borrowing SpanBatch) throws(ValueError) -> Double {
    guard try reader.peek(.number) == 0x22 else { return try reader.readDouble() }
    let at = reader.offset
    let text = try reader.readString()
    let slice = ByteSlice(bodyOffset: text.start, length: text.length)
    if batch.equal(slice, "NaN") { return .nan }
    if batch.equal(slice, "Infinity") { return .infinity }
    if batch.equal(slice, "-Infinity") { return -.infinity }
    var digits = JSONReader(reader.bytes)
    digits.move(to: text.start)
    let value = try digits.readDouble()
    guard text.length > 0, digits.offset == text.start + text.length else {
      throw ValueError(kind: .wrongType, offset: at, expected: .number, seen: .string)
    }
    return value
  }
}

extension SpanBatch {
  /// Whether a name is one of those that proto3 has for a field in JSON.
  func isEither(_ name: ByteSlice, _ camelCase: StaticString, _ original: StaticString?) -> Bool {
    if equal(name, camelCase) { return true }
    guard let original else { return false }
    return equal(name, original)
  }

  /// Eight bytes of a slice that has so many, the highest first.
  fileprivate func bigEndian64(_ slice: ByteSlice, at offset: Int) -> UInt64 {
    var value: UInt64 = 0
    for index in offset..<offset + 8 { value = value << 8 | UInt64(unsafe bytes(slice)[index]) }
    return value
  }
}

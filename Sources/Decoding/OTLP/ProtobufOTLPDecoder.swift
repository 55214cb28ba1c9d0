import TraceModel

/// Reads OTLP as protobuf: the messages of `opentelemetry.proto.trace.v1`, in whatever order their fields come.
///
/// Fields that nobody knows are passed over, as protobuf wants it.
struct ProtobufOTLPDecoder: ~Escapable {
  var reader: ProtobufReader
  var context: DecodingContext

  @_lifetime(copy body)
  init(_ body: RawSpan, part: Range<Int>, _ context: DecodingContext) {
    reader = ProtobufReader(body, message: part)
    self.context = context
  }

  /// Finds the parts of an `ExportTraceServiceRequest`.
  @_lifetime(self: copy self)
  mutating func readParts(_ parts: inout GrowableBuffer<ByteSlice>) throws(ValueError) {
    context.field = "resource_spans"
    while let tag = try reader.readTag() {
      guard tag.field == 1 else {
        try reader.skip(tag)
        continue
      }
      let outside = try reader.enterMessage(tag)
      let start = reader.offset
      var hasSpans = false
      while let tag = try reader.readTag() {
        if tag.field == 2 { hasSpans = true }
        try reader.skip(tag)
      }
      let length = reader.offset - start
      reader.leaveMessage(outside)
      if hasSpans { try context.append(ByteSlice(bodyOffset: start, length: length), to: &parts, at: tag.offset) }
    }
  }

  // MARK: Resource and scope

  /// Reads a resource and the spans of its scopes.
  @_lifetime(self: copy self)
  mutating func readResourceSpans(_ otlp: inout OTLPAssembler, _ batch: inout SpanBatch) throws(ValueError) {
    otlp.beginResource()
    // Spans get what the resource says, which may stand behind them.
    let beginning = reader
    context.field = "resource"
    while let tag = try reader.readTag() {
      try tag.field == 1 ? readResource(tag, &otlp, &batch) : reader.skip(tag)
    }
    try otlp.finishResource(&context, &batch, at: reader.offset)
    reader = beginning
    while let tag = try reader.readTag() {
      context.field = "scope_spans"
      try tag.field == 2 ? readScopeSpans(tag, &otlp, &batch) : reader.skip(tag)
    }
  }

  @_lifetime(self: copy self)
  private mutating func readResource(
    _ tag: ProtobufReader.Tag, _ otlp: inout OTLPAssembler, _ batch: inout SpanBatch
  ) throws(ValueError) {
    var place = KeyOrder.startOfOthers
    let outside = try reader.enterMessage(tag)
    let start = reader.offset
    while let tag = try reader.readTag() {
      if tag.field == 1 {
        let attribute = try readAttribute(tag, after: &place, &otlp, &batch)
        try otlp.addToResource(attribute, &context, at: tag.offset)
      } else {
        try reader.skip(tag)
      }
    }
    otlp.noteResource(from: start, to: reader.offset)
    reader.leaveMessage(outside)
  }

  @_lifetime(self: copy self)
  private mutating func readScopeSpans(
    _ tag: ProtobufReader.Tag, _ otlp: inout OTLPAssembler, _ batch: inout SpanBatch
  ) throws(ValueError) {
    let outside = try reader.enterMessage(tag)
    otlp.beginScope()
    let beginning = reader
    while let tag = try reader.readTag() {
      try tag.field == 1 ? readScope(tag, &otlp, &batch) : reader.skip(tag)
    }
    try otlp.finishScope(&context, at: reader.offset)
    reader = beginning
    while let tag = try reader.readTag() {
      guard tag.field == 2 else {
        try reader.skip(tag)
        continue
      }
      context.spanIndex += 1
      context.field = "span"
      try readSpan(tag, &otlp, &batch)
    }
    reader.leaveMessage(outside)
  }

  @_lifetime(self: copy self)
  private mutating func readScope(
    _ tag: ProtobufReader.Tag, _ otlp: inout OTLPAssembler, _ batch: inout SpanBatch
  ) throws(ValueError) {
    context.field = "scope"
    var place = KeyOrder.startOfOthers
    let outside = try reader.enterMessage(tag)
    while let tag = try reader.readTag() {
      switch tag.field {
      case 1: otlp.setScope(name: try readText(tag, &batch))
      case 2: otlp.setScope(version: try readText(tag, &batch))
      case 3:
        let attribute = try readAttribute(tag, after: &place, &otlp, &batch)
        try otlp.addToScope(attribute, &context, &batch, at: tag.offset)
      default: try reader.skip(tag)
      }
    }
    reader.leaveMessage(outside)
  }

  // MARK: Spans

  @_lifetime(self: copy self)
  private mutating func readSpan(
    _ tag: ProtobufReader.Tag, _ otlp: inout OTLPAssembler, _ batch: inout SpanBatch
  ) throws(ValueError) {
    otlp.beginSpan()
    var place = KeyOrder.start
    let outside = try reader.enterMessage(tag)
    while let tag = try reader.readTag() {
      switch tag.field {
      case 1: otlp.span.traceID = try readTraceID(tag)
      case 2: otlp.span.spanID = try readSpanID(tag)
      case 3: otlp.span.traceState = try readText(tag, &batch)
      case 4: otlp.span.parentID = try readSpanID(tag)
      case 5: otlp.span.name = try readText(tag, &batch)
      case 6: otlp.span.kind = OTLPSpan.Kind(number: try reader.readVarint(tag))
      case 7: otlp.span.startNs = try reader.readFixed64(tag)
      case 8: otlp.span.endNs = try reader.readFixed64(tag)
      case 9: try otlp.add(try readAttribute(tag, after: &place, &otlp, &batch), &context, at: tag.offset)
      case 11: try readEvent(tag, &otlp, &batch)
      case 13: try readLink(tag, &otlp, &batch)
      case 15: try readStatus(tag, &otlp, &batch)
      default: try reader.skip(tag)
      }
    }
    reader.leaveMessage(outside)
    try otlp.finishSpan(&context, &batch, at: tag.offset)
  }

  @_lifetime(self: copy self)
  private mutating func readStatus(
    _ tag: ProtobufReader.Tag, _ otlp: inout OTLPAssembler, _ batch: inout SpanBatch
  ) throws(ValueError) {
    let outside = try reader.enterMessage(tag)
    while let tag = try reader.readTag() {
      switch tag.field {
      case 2: otlp.span.statusMessage = try readText(tag, &batch)
      case 3: otlp.span.statusCode = UInt32(truncatingIfNeeded: try reader.readVarint(tag))
      default: try reader.skip(tag)
      }
    }
    reader.leaveMessage(outside)
  }

  @_lifetime(self: copy self)
  private mutating func readEvent(
    _ tag: ProtobufReader.Tag, _ otlp: inout OTLPAssembler, _ batch: inout SpanBatch
  ) throws(ValueError) {
    var event = OTLPEvent()
    let first = otlp.nested.count
    var place = KeyOrder.startOfOthers
    let outside = try reader.enterMessage(tag)
    while let tag = try reader.readTag() {
      switch tag.field {
      case 1: event.timeUnixNano = try reader.readFixed64(tag)
      case 2: event.name = try readText(tag, &batch)
      case 3: try otlp.addNested(try readAttribute(tag, after: &place, &otlp, &batch), &context, at: tag.offset)
      case 4: event.droppedAttributes = UInt32(truncatingIfNeeded: try reader.readVarint(tag))
      default: try reader.skip(tag)
      }
    }
    reader.leaveMessage(outside)
    event.attributes = IndexRange(start: first, end: otlp.nested.count)
    try otlp.add(event, &context, at: tag.offset)
  }

  @_lifetime(self: copy self)
  private mutating func readLink(
    _ tag: ProtobufReader.Tag, _ otlp: inout OTLPAssembler, _ batch: inout SpanBatch
  ) throws(ValueError) {
    var link = OTLPLink()
    let first = otlp.nested.count
    var place = KeyOrder.startOfOthers
    let outside = try reader.enterMessage(tag)
    while let tag = try reader.readTag() {
      switch tag.field {
      case 1: link.traceID = try readTraceID(tag)
      case 2: link.spanID = try readSpanID(tag)
      case 3: link.traceState = try readText(tag, &batch)
      case 4: try otlp.addNested(try readAttribute(tag, after: &place, &otlp, &batch), &context, at: tag.offset)
      case 5: link.droppedAttributes = UInt32(truncatingIfNeeded: try reader.readVarint(tag))
      default: try reader.skip(tag)
      }
    }
    reader.leaveMessage(outside)
    link.attributes = IndexRange(start: first, end: otlp.nested.count)
    try otlp.add(link, &context, at: tag.offset)
  }

  // MARK: Scalars

  @_lifetime(self: copy self)
  mutating func readText(_ tag: ProtobufReader.Tag, _ batch: inout SpanBatch) throws(ValueError) -> ByteSlice {
    let (start, length) = try reader.readBytes(tag)
    return context.text(start: start, length: length, &batch)
  }

  /// A trace id of 16 bytes, or zero where it is empty.
  @_lifetime(self: copy self)
  private mutating func readTraceID(_ tag: ProtobufReader.Tag) throws(ValueError) -> OTLPTraceID {
    let (start, length) = try reader.readBytes(tag)
    if length == 0 { return OTLPTraceID() }
    guard length == 16 else {
      throw ValueError(kind: .wrongLength, offset: tag.offset, expected: .traceID, seen: .bytes)
    }
    return OTLPTraceID(high: reader.bigEndian64(at: start), low: reader.bigEndian64(at: start &+ 8))
  }

  /// A span id of 8 bytes, or zero where it is empty.
  @_lifetime(self: copy self)
  private mutating func readSpanID(_ tag: ProtobufReader.Tag) throws(ValueError) -> UInt64 {
    let (start, length) = try reader.readBytes(tag)
    if length == 0 { return 0 }
    guard length == 8 else {
      throw ValueError(kind: .wrongLength, offset: tag.offset, expected: .spanID, seen: .bytes)
    }
    return reader.bigEndian64(at: start)
  }
}

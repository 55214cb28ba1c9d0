import TraceModel

/// The rarer fields of a span map: binary attributes, links and events.
extension MessagePackDecoder {
  /// Bytes of one `meta_struct` value at most; the Datadog agent's decoder has the same limit.
  static var metaStructValueBytesMax: Int { 10_485_760 }

  @_lifetime(self: copy self)
  mutating func readMetaStruct(of span: inout SpanRecord, _ batch: inout SpanBatch) throws(ValueError) {
    let count = try reader.readMapCount()
    let first = batch.metaStruct.count
    try reserve(count, in: &batch.metaStruct)
    for _ in 0..<count {
      let key = try readText(&batch)
      let at = reader.offset
      let marker = try reader.peekMarker()
      let (start, length) = try reader.readRawString()
      guard length <= Self.metaStructValueBytesMax else {
        throw reader.outOfRange(.bytes, at: at, marker: marker)
      }
      batch.metaStruct.append(
        MetaEntry(key: key, value: ByteSlice(bodyOffset: start, length: length), known: .unknown))
    }
    span.metaStruct = IndexRange(start: first, end: batch.metaStruct.count)
  }

  @_lifetime(self: copy self)
  mutating func readLinks(of span: inout SpanRecord, _ batch: inout SpanBatch) throws(ValueError) {
    let count = try reader.readArrayCount()
    let first = batch.links.count
    try reserve(count, in: &batch.links)
    for _ in 0..<count {
      if reader.readNil() { continue }
      batch.links.append(try readLink(&batch))
    }
    span.links = IndexRange(start: first, end: batch.links.count)
  }

  @_lifetime(self: copy self)
  private mutating func readLink(_ batch: inout SpanBatch) throws(ValueError) -> LinkRecord {
    var link = LinkRecord()
    for _ in 0..<(try reader.readMapCount()) {
      let key = try readText(&batch)
      if batch.equal(key, "trace_id") {
        link.traceID = try reader.readUInt64()
      } else if batch.equal(key, "trace_id_high") {
        link.traceIDHigh = try reader.readUInt64()
      } else if batch.equal(key, "span_id") {
        link.spanID = try reader.readUInt64()
      } else if batch.equal(key, "attributes") {
        link.attributes = try readLinkAttributes(&batch)
      } else if batch.equal(key, "tracestate") {
        link.tracestate = try readText(&batch)
      } else if batch.equal(key, "flags") {
        link.flags = try reader.readUInt32()
      } else {
        try reader.skipValue()
      }
    }
    return link
  }

  @_lifetime(self: copy self)
  private mutating func readLinkAttributes(_ batch: inout SpanBatch) throws(ValueError) -> IndexRange {
    let count = try reader.readMapCount()
    let first = batch.linkAttributes.count
    try reserve(count, in: &batch.linkAttributes)
    for _ in 0..<count {
      let key = try readText(&batch)
      let value = try readText(&batch)
      batch.linkAttributes.append(MetaEntry(key: key, value: value, known: .unknown))
    }
    return IndexRange(start: first, end: batch.linkAttributes.count)
  }

  @_lifetime(self: copy self)
  mutating func readEvents(of span: inout SpanRecord, _ batch: inout SpanBatch) throws(ValueError) {
    let count = try reader.readArrayCount()
    let first = batch.events.count
    try reserve(count, in: &batch.events)
    for _ in 0..<count {
      if reader.readNil() { continue }
      batch.events.append(try readEvent(&batch))
    }
    span.events = IndexRange(start: first, end: batch.events.count)
  }

  @_lifetime(self: copy self)
  private mutating func readEvent(_ batch: inout SpanBatch) throws(ValueError) -> EventRecord {
    var event = EventRecord()
    for _ in 0..<(try reader.readMapCount()) {
      let key = try readText(&batch)
      if batch.equal(key, "time_unix_nano") {
        event.timeUnixNano = try reader.readUInt64()
      } else if batch.equal(key, "name") {
        event.name = try readText(&batch)
      } else if batch.equal(key, "attributes") {
        event.attributes = try readEventAttributes(&batch)
      } else {
        try reader.skipValue()
      }
    }
    return event
  }

  @_lifetime(self: copy self)
  private mutating func readEventAttributes(_ batch: inout SpanBatch) throws(ValueError) -> IndexRange {
    let count = try reader.readMapCount()
    let first = batch.typedAttributes.count
    try reserve(count, in: &batch.typedAttributes)
    for _ in 0..<count {
      var attribute = TypedAttribute()
      attribute.key = try readText(&batch)
      attribute.value = try readAnyValue(&batch, isElement: false)
      batch.typedAttributes.append(attribute)
    }
    return IndexRange(start: first, end: batch.typedAttributes.count)
  }

  /// A typed value. `isElement`: inside an array, where arrays are not read again.
  @_lifetime(self: copy self)
  private mutating func readAnyValue(
    _ batch: inout SpanBatch, isElement: Bool
  ) throws(ValueError) -> AnyValueRecord {
    var value = AnyValueRecord()
    for _ in 0..<(try reader.readMapCount()) {
      let key = try readText(&batch)
      if batch.equal(key, "type") {
        value.type = try reader.readInt32()
      } else if batch.equal(key, "string_value") {
        value.string = try readText(&batch)
      } else if batch.equal(key, "bool_value") {
        value.bool = try reader.readBool()
      } else if batch.equal(key, "int_value") {
        value.int = try reader.readInt64()
      } else if batch.equal(key, "double_value") {
        value.double = try reader.readDouble()
      } else if !isElement, batch.equal(key, "array_value") {
        try readArrayValue(&value, &batch)
      } else {
        try reader.skipValue()
      }
    }
    return value
  }

  @_lifetime(self: copy self)
  private mutating func readArrayValue(
    _ value: inout AnyValueRecord, _ batch: inout SpanBatch
  ) throws(ValueError) {
    // Of two arrays the last counts, also when it is nil or empty.
    value.array = .empty
    value.hasArray = !reader.readNil()
    guard value.hasArray else { return }
    for _ in 0..<(try reader.readMapCount()) {
      let key = try readText(&batch)
      guard batch.equal(key, "values") else {
        try reader.skipValue()
        continue
      }
      let count = try reader.readArrayCount()
      let first = batch.arrayValues.count
      try reserve(count, in: &batch.arrayValues)
      for _ in 0..<count {
        batch.arrayValues.append(try readAnyValue(&batch, isElement: true))
      }
      value.array = IndexRange(start: first, end: batch.arrayValues.count)
    }
  }
}

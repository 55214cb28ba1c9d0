import TraceModel

/// The rarer members of a span: binary attributes, which JSON has as base64, links and events.
extension JSONTracesDecoder {
  @_lifetime(self: copy self)
  mutating func readMetaStruct(of span: inout SpanRecord, _ batch: inout SpanBatch) throws(ValueError) {
    let first = batch.metaStruct.count
    if try openObject() {
      while let key = try readName(&batch) {
        let value = try context.base64(try reader.readString(), &batch)
        guard value.length <= MessagePackDecoder.metaStructValueBytesMax else {
          throw ValueError(kind: .outOfRange, offset: reader.offset, expected: .bytes, seen: .more)
        }
        try reserve(&batch.metaStruct)
        batch.metaStruct.append(MetaEntry(key: key, value: value, known: .unknown))
      }
    }
    span.metaStruct = IndexRange(start: first, end: batch.metaStruct.count)
  }

  @_lifetime(self: copy self)
  mutating func readLinks(of span: inout SpanRecord, _ batch: inout SpanBatch) throws(ValueError) {
    let first = batch.links.count
    if try openArray() {
      while try reader.readElement() {
        guard try openObject() else { continue }
        try reserve(&batch.links)
        batch.links.append(try readLink(&batch))
      }
    }
    span.links = IndexRange(start: first, end: batch.links.count)
  }

  @_lifetime(self: copy self)
  private mutating func readLink(_ batch: inout SpanBatch) throws(ValueError) -> LinkRecord {
    var link = LinkRecord()
    while let name = try readName(&batch) {
      if batch.isNamed(name, "trace_id") {
        link.traceID = try reader.readID()
      } else if batch.isNamed(name, "trace_id_high") {
        link.traceIDHigh = try reader.readID()
      } else if batch.isNamed(name, "span_id") {
        link.spanID = try reader.readID()
      } else if batch.isNamed(name, "attributes") {
        link.attributes = try readLinkAttributes(&batch)
      } else if batch.isNamed(name, "tracestate") {
        link.tracestate = try readText(&batch)
      } else if batch.isNamed(name, "flags") {
        link.flags = try reader.readUInt32()
      } else {
        try reader.skipValue()
      }
    }
    return link
  }

  @_lifetime(self: copy self)
  private mutating func readLinkAttributes(_ batch: inout SpanBatch) throws(ValueError) -> IndexRange {
    let first = batch.linkAttributes.count
    if try openObject() {
      while let key = try readName(&batch) {
        let value = try readText(&batch)
        try reserve(&batch.linkAttributes)
        batch.linkAttributes.append(MetaEntry(key: key, value: value, known: .unknown))
      }
    }
    return IndexRange(start: first, end: batch.linkAttributes.count)
  }

  @_lifetime(self: copy self)
  mutating func readEvents(of span: inout SpanRecord, _ batch: inout SpanBatch) throws(ValueError) {
    let first = batch.events.count
    if try openArray() {
      while try reader.readElement() {
        guard try openObject() else { continue }
        try reserve(&batch.events)
        batch.events.append(try readEvent(&batch))
      }
    }
    span.events = IndexRange(start: first, end: batch.events.count)
  }

  @_lifetime(self: copy self)
  private mutating func readEvent(_ batch: inout SpanBatch) throws(ValueError) -> EventRecord {
    var event = EventRecord()
    while let name = try readName(&batch) {
      if batch.isNamed(name, "time_unix_nano") {
        event.timeUnixNano = try reader.readID()
      } else if batch.isNamed(name, "name") {
        event.name = try readText(&batch)
      } else if batch.isNamed(name, "attributes") {
        event.attributes = try readEventAttributes(&batch)
      } else {
        try reader.skipValue()
      }
    }
    return event
  }

  @_lifetime(self: copy self)
  private mutating func readEventAttributes(_ batch: inout SpanBatch) throws(ValueError) -> IndexRange {
    let first = batch.typedAttributes.count
    if try openObject() {
      while let key = try readName(&batch) {
        var attribute = TypedAttribute()
        attribute.key = key
        attribute.value = try readAnyValue(&batch, isElement: false)
        try reserve(&batch.typedAttributes)
        batch.typedAttributes.append(attribute)
      }
    }
    return IndexRange(start: first, end: batch.typedAttributes.count)
  }

  /// A typed value. `isElement`: inside an array, where arrays are not read again.
  @_lifetime(self: copy self)
  private mutating func readAnyValue(
    _ batch: inout SpanBatch, isElement: Bool
  ) throws(ValueError) -> AnyValueRecord {
    var value = AnyValueRecord()
    guard try openObject() else { return value }
    while let name = try readName(&batch) {
      if batch.isNamed(name, "type") {
        value.type = try reader.readInt32()
      } else if batch.isNamed(name, "string_value") {
        value.string = try readText(&batch)
      } else if batch.isNamed(name, "bool_value") {
        value.bool = try reader.readBool()
      } else if batch.isNamed(name, "int_value") {
        value.int = try reader.readInt64()
      } else if batch.isNamed(name, "double_value") {
        value.double = try reader.readDouble()
      } else if !isElement, batch.isNamed(name, "array_value") {
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
    // Of two arrays the last counts, also when it is null or empty.
    value.array = .empty
    value.hasArray = try openObject()
    guard value.hasArray else { return }
    while let name = try readName(&batch) {
      guard batch.isNamed(name, "values") else {
        try reader.skipValue()
        continue
      }
      let first = batch.arrayValues.count
      if try openArray() {
        while try reader.readElement() {
          let element = try readAnyValue(&batch, isElement: true)
          try reserve(&batch.arrayValues)
          batch.arrayValues.append(element)
        }
      }
      value.array = IndexRange(start: first, end: batch.arrayValues.count)
    }
  }
}

extension SpanBatch {
  /// Whether a member's name is this one, in upper or lower case.
  fileprivate func isNamed(_ name: ByteSlice, _ text: StaticString) -> Bool {
    unsafe ByteString.equalIgnoringCase(bytes(name), text)
  }
}

import TraceModel

/// Attributes of OTLP as JSON, and their values of several parts, which are written as the JSON that Datadog has of them.
extension JSONTracesDecoder {
  /// Reads an attribute: its key and its value, in either order.
  @_lifetime(self: copy self)
  mutating func readAttribute(
    _ otlp: borrowing OTLPAssembler, _ batch: inout SpanBatch
  ) throws(ValueError) -> OTLPAttribute {
    var key = ByteSlice.empty
    var value = OTLPValue()
    if try openObject() {
      while let name = try readRawName() {
        if batch.isEither(name, "key", nil) {
          key = try readText(&batch)
        } else if batch.isEither(name, "value", nil) {
          value = try readOTLPValue(&batch)
        } else {
          try reader.skipValue()
        }
      }
    }
    return OTLPAttribute(key: key, facts: otlp.facts(of: key, context.knownKey(key, batch), batch), value: value)
  }

  /// Reads a value: of several kinds in one the last counts.
  @_lifetime(self: copy self)
  private mutating func readOTLPValue(_ batch: inout SpanBatch) throws(ValueError) -> OTLPValue {
    var value = OTLPValue()
    guard try openObject() else { return value }
    while let name = try readRawName() {
      if batch.isEither(name, "stringValue", "string_value") || batch.isEither(name, "bytesValue", "bytes_value") {
        // Bytes stay in base64, as Datadog has them.
        value = .text(try readText(&batch))
      } else if batch.isEither(name, "boolValue", "bool_value") {
        value = .bool(try reader.readBool())
      } else if batch.isEither(name, "intValue", "int_value") {
        value = .int(Int64(bitPattern: try reader.readID()))
      } else if batch.isEither(name, "doubleValue", "double_value") {
        value = .double(try readOTLPDouble(batch))
      } else {
        let start = batch.sideArena.count
        guard try writeList(name, &batch) else { continue }
        let text = ByteSlice(sideOffset: start, length: batch.sideArena.count - start)
        try context.charge(Int(text.length), at: reader.offset)
        value = .json(text)
      }
    }
    return value
  }

  private static func isList(_ name: ByteSlice, _ batch: borrowing SpanBatch) -> Bool {
    if batch.isEither(name, "arrayValue", "array_value") { return true }
    return batch.isEither(name, "kvlistValue", "kvlist_value")
  }

  /// Writes an array or a list of keys and values as JSON; false, and nothing, for a member with any other name.
  @_lifetime(self: copy self)
  private mutating func writeList(_ name: ByteSlice, _ batch: inout SpanBatch) throws(ValueError) -> Bool {
    guard Self.isList(name, batch) else {
      try reader.skipValue()
      return false
    }
    let isArray = batch.isEither(name, "arrayValue", "array_value")
    guard batch.appendJSON(isArray ? "[" : "{") else { throw .noMemory(at: reader.offset) }
    if try openObject() {
      var isFirst = true
      while let name = try readRawName() {
        guard batch.isEither(name, "values", nil) else {
          try reader.skipValue()
          continue
        }
        guard try openArray() else { continue }
        while try reader.readElement() {
          if !isFirst, !batch.appendJSON(",") { throw .noMemory(at: reader.offset) }
          isFirst = false
          try isArray ? writeAnyValue(&batch) : writeMember(&batch)
        }
      }
    }
    guard batch.appendJSON(isArray ? "]" : "}") else { throw .noMemory(at: reader.offset) }
    return true
  }

  /// One `KeyValue`, whose key goes first wherever it stands.
  @_lifetime(self: copy self)
  private mutating func writeMember(_ batch: inout SpanBatch) throws(ValueError) {
    let beginning = reader
    var key = ByteSlice.empty
    guard try openObject() else {
      guard batch.appendJSON("\"\":null") else { throw .noMemory(at: reader.offset) }
      return
    }
    while let name = try readRawName() {
      guard batch.isEither(name, "key", nil) else {
        try reader.skipValue()
        continue
      }
      let text = try reader.readString()
      key = ByteSlice(bodyOffset: text.start, length: text.length)
    }
    guard try context.appendQuoted(key, isEscaped: true, &batch, at: reader.offset), batch.appendJSON(":") else {
      throw .noMemory(at: reader.offset)
    }
    reader = beginning
    try reader.openObject()
    let start = batch.sideArena.count
    while let name = try readRawName() {
      guard batch.isEither(name, "value", nil) else {
        try reader.skipValue()
        continue
      }
      batch.sideArena.truncate(to: start)
      try writeAnyValue(&batch)
    }
    if batch.sideArena.count == start, !batch.appendJSON("null") { throw .noMemory(at: reader.offset) }
  }

  /// One `AnyValue`; without a value it is null.
  @_lifetime(self: copy self)
  private mutating func writeAnyValue(_ batch: inout SpanBatch) throws(ValueError) {
    let start = batch.sideArena.count
    if try openObject() {
      while let name = try readRawName() {
        if try writeScalar(name, from: start, &batch) { continue }
        if Self.isList(name, batch) { batch.sideArena.truncate(to: start) }
        _ = try writeList(name, &batch)
      }
    }
    if batch.sideArena.count == start, !batch.appendJSON("null") { throw .noMemory(at: reader.offset) }
  }

  /// Writes a value of one part in place of what was written from `start` on; false, and nothing, for any other member.
  @_lifetime(self: copy self)
  private mutating func writeScalar(
    _ name: ByteSlice, from start: Int, _ batch: inout SpanBatch
  ) throws(ValueError) -> Bool {
    let isWritten: Bool
    if batch.isEither(name, "stringValue", "string_value") || batch.isEither(name, "bytesValue", "bytes_value") {
      let text = try reader.readString()
      batch.sideArena.truncate(to: start)
      let slice = ByteSlice(bodyOffset: text.start, length: text.length)
      isWritten = try context.appendQuoted(slice, isEscaped: true, &batch, at: text.start)
    } else if batch.isEither(name, "boolValue", "bool_value") {
      let value = try reader.readBool()
      batch.sideArena.truncate(to: start)
      isWritten = batch.appendJSON(value ? "true" : "false")
    } else if batch.isEither(name, "intValue", "int_value") {
      let value = Int64(bitPattern: try reader.readID())
      batch.sideArena.truncate(to: start)
      isWritten = batch.appendJSON(value)
    } else if batch.isEither(name, "doubleValue", "double_value") {
      let value = try readOTLPDouble(batch)
      batch.sideArena.truncate(to: start)
      isWritten = batch.appendJSON(value)
    } else {
      return false
    }
    guard isWritten else { throw .noMemory(at: reader.offset) }
    return true
  }
}

import TraceModel

/// The error of a span, and its events and links, which Datadog has as JSON in text attributes.
extension OTLPAssembler {
  // MARK: Errors

  mutating func addError(
    to record: inout SpanRecord, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) {
    let isError = try text(.datadogError, &context, &batch, at: offset)
    record.error =
      isError.isEmpty
      ? (span.statusCode == 2 ? 1 : 0) : batch.equal(isError, "1") || batch.equal(isError, "true") ? 1 : 0
    var error = ErrorTexts()
    if record.error != 0 { try readException(&error, &context, &batch, at: offset) }
    try error.replace(
      message: text(.datadogErrorMessage, &context, &batch, at: offset),
      type: text(.datadogErrorType, &context, &batch, at: offset),
      stack: text(.datadogErrorStack, &context, &batch, at: offset))
    if record.error != 0, error.message.isEmpty { error.message = try statusText(record, &context, &batch, at: offset) }
    if !error.message.isEmpty { set(.errorMessage, error.message, in: &record, &context, &batch) }
    if !error.type.isEmpty { set(.errorType, error.type, in: &record, &context, &batch) }
    if !error.stack.isEmpty { set(.errorStack, error.stack, in: &record, &context, &batch) }
  }

  private struct ErrorTexts {
    var message = ByteSlice.empty
    var type = ByteSlice.empty
    var stack = ByteSlice.empty

    mutating func replace(message: ByteSlice, type: ByteSlice, stack: ByteSlice) {
      if !message.isEmpty { self.message = message }
      if !type.isEmpty { self.type = type }
      if !stack.isEmpty { self.stack = stack }
    }
  }

  /// What the last event that is an exception says, and earlier ones where it says nothing.
  private mutating func readException(
    _ error: inout ErrorTexts, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) {
    for index in 0..<events.count where Self.isException(events[index], batch) {
      for place in events[index].attributes.range {
        let (key, value) = (nested[place].key, nested[place].value)
        if batch.equal(key, "exception.message") {
          error.message = try text(of: value, &context, &batch, at: offset)
        } else if batch.equal(key, "exception.type") {
          error.type = try text(of: value, &context, &batch, at: offset)
        } else if batch.equal(key, "exception.stacktrace") {
          error.stack = try text(of: value, &context, &batch, at: offset)
        }
      }
    }
  }

  private static func isException(_ event: OTLPEvent, _ batch: borrowing SpanBatch) -> Bool {
    unsafe ByteString.equalIgnoringCase(batch.bytes(event.name), "exception")
  }

  /// What is said of an error without an exception: the status's message, else the status of HTTP.
  private mutating func statusText(
    _ record: SpanRecord, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    if !span.statusMessage.isEmpty { return span.statusMessage }
    let code = try text(.responseStatus, or: .status, &context, &batch, at: offset)
    let name = try text(.statusText, &context, &batch, at: offset)
    guard !code.isEmpty, !name.isEmpty else { return code }
    let start = batch.sideArena.count
    guard try append(code, &batch, at: offset), batch.appendJSON(" "), try append(name, &batch, at: offset) else {
      throw .noMemory(at: offset)
    }
    return ByteSlice(sideOffset: start, length: batch.sideArena.count - start)
  }

  // MARK: Lists

  mutating func addLists(
    to record: inout SpanRecord, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) {
    if events.isEmpty, links.isEmpty { return }
    let textBytes = listedTextBytes
    try context.chargeJSON(textBytes: textBytes, at: offset)
    // What they became is charged with the span.
    defer { context.refundJSON(textBytes: textBytes, written: 0) }
    if !events.isEmpty {
      for index in 0..<events.count where Self.isException(events[index], batch) {
        set(.hasException, texts.slice(.yes), in: &record, &context, &batch)
        break
      }
      let start = batch.sideArena.count
      guard writeEvents(&batch) else { throw .noMemory(at: offset) }
      set(.events, ByteSlice(sideOffset: start, length: batch.sideArena.count - start), in: &record, &context, &batch)
    }
    if !links.isEmpty {
      let start = batch.sideArena.count
      guard writeLinks(&batch) else { throw .noMemory(at: offset) }
      set(.links, ByteSlice(sideOffset: start, length: batch.sideArena.count - start), in: &record, &context, &batch)
    }
  }

  /// Bytes of all texts in events and links.
  private var listedTextBytes: Int {
    var bytes = 0
    for index in 0..<nested.count { bytes &+= Int(nested[index].key.length) &+ Int(nested[index].value.text.length) }
    for index in 0..<events.count { bytes &+= Int(events[index].name.length) }
    for index in 0..<links.count { bytes &+= Int(links[index].traceState.length) }
    return bytes
  }

  private mutating func writeEvents(_ batch: inout SpanBatch) -> Bool {
    for index in 0..<events.count {
      let event = events[index]
      guard batch.appendJSON(index == 0 ? "[{\"time_unix_nano\":" : ",{\"time_unix_nano\":"),
        batch.appendJSON(event.timeUnixNano), batch.appendJSON(",\"name\":"), batch.appendQuoted(event.name),
        writeAttributes(event.attributes, asTexts: false, &batch),
        writeDropped(event.droppedAttributes, &batch), batch.appendJSON("}")
      else { return false }
    }
    return batch.appendJSON("]")
  }

  private mutating func writeLinks(_ batch: inout SpanBatch) -> Bool {
    for index in 0..<links.count {
      let link = links[index]
      guard batch.appendJSON(index == 0 ? "[{\"trace_id\":\"" : ",{\"trace_id\":\""),
        batch.appendHex(link.traceID.high), batch.appendHex(link.traceID.low),
        batch.appendJSON("\",\"span_id\":\""), batch.appendHex(link.spanID), batch.appendJSON("\"")
      else { return false }
      if !link.traceState.isEmpty {
        guard batch.appendJSON(",\"tracestate\":"), batch.appendQuoted(link.traceState) else { return false }
      }
      guard writeAttributes(link.attributes, asTexts: true, &batch), writeDropped(link.droppedAttributes, &batch),
        batch.appendJSON("}")
      else { return false }
    }
    return batch.appendJSON("]")
  }

  private mutating func writeDropped(_ count: UInt32, _ batch: inout SpanBatch) -> Bool {
    if count == 0 { return true }
    guard batch.appendJSON(",\"dropped_attributes_count\":") else { return false }
    return batch.appendJSON(UInt64(count))
  }

  /// - Parameter asTexts: every value in quotes, as links have them.
  private mutating func writeAttributes(_ range: IndexRange, asTexts: Bool, _ batch: inout SpanBatch) -> Bool {
    if range.isEmpty { return true }
    guard batch.appendJSON(",\"attributes\":{") else { return false }
    for place in range.range {
      let attribute = nested[place]
      if place > range.range.lowerBound, !batch.appendJSON(",") { return false }
      guard batch.appendQuoted(attribute.key), batch.appendJSON(":"), write(attribute.value, asText: asTexts, &batch)
      else { return false }
    }
    return batch.appendJSON("}")
  }

  private mutating func write(_ value: OTLPValue, asText: Bool, _ batch: inout SpanBatch) -> Bool {
    switch value.kind {
    case .text: return batch.appendQuoted(value.text)
    case .json: return asText ? batch.appendQuoted(value.text) : appendRaw(value.text, &batch)
    case .bool, .int, .double:
      guard asText else { return writePlain(value, &batch) }
      guard batch.appendJSON("\""), writePlain(value, &batch) else { return false }
      return batch.appendJSON("\"")
    }
  }

  private mutating func writePlain(_ value: OTLPValue, _ batch: inout SpanBatch) -> Bool {
    switch value.kind {
    case .bool: batch.appendJSON(value.bits == 1 ? "true" : "false")
    case .int: batch.appendJSON(Int64(bitPattern: value.bits))
    case .double: batch.appendJSON(Double(bitPattern: value.bits))
    case .text, .json: true
    }
  }

  private mutating func appendRaw(_ text: ByteSlice, _ batch: inout SpanBatch) -> Bool {
    guard batch.sideArena.reserve(Int(text.length)) else { return false }
    // Behind the reservation: it may have moved the side arena.
    _ = unsafe batch.addBytes(batch.bytes(text))
    return true
  }
}

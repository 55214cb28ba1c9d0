import TraceModel

/// Events and links that are JSON in a tag, as v0.5 and what came as OTLP have them. A tag that is not whole, or not such a
/// list, is an attribute like any other.
extension OTLPTracesEncoder {
  mutating func encodeTaggedEvents(_ entry: MetaEntry, _ batch: borrowing SpanBatch) {
    let text = batch.bytes(entry.value)
    guard readList(text), areAll(EventMembers.self, text) else { return encode(entry, batch) }
    forEachElementFromTheLast { encoder, place in
      guard let event = EventMembers(encoder.tape, place, text) else { return }
      let mark = encoder.buffer.count
      encoder.encodeMembers(of: event.attributes, field: 0x1A, text)
      encoder.buffer.prepend(field: 0x20, varint: event.droppedAttributes)
      encoder.encode(textAt: event.name, field: 0x12, text)
      encoder.closeEvent(atNs: event.timeNs, since: mark)
    }
  }

  mutating func encodeTaggedLinks(_ entry: MetaEntry, _ batch: borrowing SpanBatch) {
    let text = batch.bytes(entry.value)
    guard readList(text), areAll(LinkMembers.self, text) else { return encode(entry, batch) }
    forEachElementFromTheLast { encoder, place in
      guard let link = LinkMembers(encoder.tape, place, text) else { return }
      let mark = encoder.buffer.count
      encoder.encode(linkFlags: link.flags)
      encoder.buffer.prepend(field: 0x28, varint: link.droppedAttributes)
      encoder.encodeMembers(of: link.attributes, field: 0x22, text)
      if link.traceState >= 0 { encoder.encode(textAt: link.traceState, field: 0x1A, text) }
      encoder.encode(spanID: link.spanID, field: 0x12)
      encoder.encode(traceIDHigh: link.traceIDHigh, low: link.traceID)
      encoder.buffer.closeMessage(field: Self.link, since: mark)
    }
  }

  private mutating func readList(_ text: UnsafeRawBufferPointer) -> Bool {
    tape.read(text) && tape[0].kind == .array
  }

  private func areAll<Members: TaggedMembers>(_: Members.Type, _ text: UnsafeRawBufferPointer) -> Bool {
    var place = 1
    while place < tape.count {
      if Members(tape, place, text) == nil { return false }
      place = tape[place].next
    }
    return true
  }

  private mutating func forEachElementFromTheLast(_ body: (inout OTLPTracesEncoder, Int) -> Void) {
    let first = noteElements(of: 0, step: 1)
    while elements.count > first {
      let place = Int(elements[elements.count - 1])
      elements.truncate(to: elements.count - 1)
      body(&self, place)
    }
  }

  /// Appends where the elements of an array, or the names of an object's members, are. Returns where the first one is noted.
  private mutating func noteElements(of list: Int, step: Int) -> Int {
    let first = elements.count
    var place = list + 1
    while place < tape[list].next {
      elements.append(Int32(truncatingIfNeeded: place))
      for _ in 0..<step { place = tape[place].next }
    }
    return first
  }

  // MARK: Values

  /// The members of an object as `KeyValue`s; none for -1.
  private mutating func encodeMembers(of object: Int, field tag: UInt8, _ text: UnsafeRawBufferPointer) {
    guard object >= 0 else { return }
    let first = noteElements(of: object, step: 2)
    while elements.count > first {
      let name = Int(elements[elements.count - 1])
      elements.truncate(to: elements.count - 1)
      let mark = buffer.count
      encodeValue(at: tape[name].next, field: 0x12, text)
      encode(textAt: name, field: 0x0A, text)
      buffer.closeMessage(field: tag, since: mark)
    }
  }

  /// An `AnyValue`. The tape is no deeper than `JSONTape.depthMax`.
  private mutating func encodeValue(at place: Int, field tag: UInt8, _ text: UnsafeRawBufferPointer) {
    let mark = buffer.count
    switch tape[place].kind {
    case .null: break
    case .text: encode(textAt: place, field: 0x0A, text)
    case .yes, .no:
      buffer.prepend(byte: tape[place].kind == .yes ? 1 : 0)
      buffer.prepend(byte: 0x10)
    case .integer:
      buffer.prepend(varint: UInt64(bitPattern: tape.integer(at: place, text) ?? 0))
      buffer.prepend(byte: 0x18)
    case .number: buffer.prepend(field: 0x21, double: tape.number(at: place, text))
    case .array:
      let first = noteElements(of: place, step: 1)
      while elements.count > first {
        let element = Int(elements[elements.count - 1])
        elements.truncate(to: elements.count - 1)
        encodeValue(at: element, field: 0x0A, text)
      }
      buffer.closeMessage(field: 0x2A, since: mark)
    case .object:
      encodeMembers(of: place, field: 0x0A, text)
      buffer.closeMessage(field: 0x32, since: mark)
    }
    buffer.closeMessage(field: tag, since: mark)
  }

  /// A field with a text, written also when empty.
  private mutating func encode(textAt place: Int, field tag: UInt8, _ text: UnsafeRawBufferPointer) {
    let mark = buffer.count
    buffer.prepend(bytes: tape.unescaped(at: place, text), readable: 0)
    buffer.closeMessage(field: tag, since: mark)
  }
}

/// An element of such a list: where its parts are on the tape.
private protocol TaggedMembers {
  /// `nil` where it is none, or has a part that OpenTelemetry has no place for.
  init?(_ tape: borrowing JSONTape, _ place: Int, _ text: UnsafeRawBufferPointer)
}

private struct EventMembers: TaggedMembers {
  var timeNs: UInt64 = 0
  var name = -1
  var attributes = -1
  var droppedAttributes: UInt64 = 0

  init?(_ tape: borrowing JSONTape, _ place: Int, _ text: UnsafeRawBufferPointer) {
    guard tape[place].kind == .object else { return nil }
    var hasTime = false
    var key = place + 1
    while key < tape[place].next {
      let value = tape[key].next
      let kind = tape[value].kind
      if tape.isText(at: key, "name", text), kind == .text {
        name = value
      } else if tape.isText(at: key, "time_unix_nano", text), let time = tape.wholeNumber(at: value, text) {
        (timeNs, hasTime) = (time, true)
      } else if tape.isText(at: key, "attributes", text), kind == .object {
        attributes = value
      } else if tape.isText(at: key, "dropped_attributes_count", text), let count = tape.wholeNumber(at: value, text) {
        droppedAttributes = UInt64(UInt32(clamping: count))
      } else if kind != .null {
        return nil
      }
      key = tape[value].next
    }
    // Any tag may be called like the list.
    guard hasTime, name >= 0 else { return nil }
  }
}

private struct LinkMembers: TaggedMembers {
  var traceIDHigh: UInt64 = 0
  var traceID: UInt64 = 0
  var spanID: UInt64 = 0
  var traceState = -1
  var attributes = -1
  var flags: UInt32 = 0
  var droppedAttributes: UInt64 = 0

  init?(_ tape: borrowing JSONTape, _ place: Int, _ text: UnsafeRawBufferPointer) {
    guard tape[place].kind == .object else { return nil }
    var (hasTrace, hasSpan) = (false, false)
    var key = place + 1
    while key < tape[place].next {
      let value = tape[key].next
      let kind = tape[value].kind
      if tape.isText(at: key, "trace_id", text), let id = tape.identifier(at: value, text) {
        if id.high != 0 { traceIDHigh = id.high }
        (traceID, hasTrace) = (id.low, true)
      } else if tape.isText(at: key, "trace_id_high", text), let id = tape.identifier(at: value, text), id.high == 0 {
        if id.low != 0 { traceIDHigh = id.low }
      } else if tape.isText(at: key, "span_id", text), let id = tape.identifier(at: value, text), id.high == 0 {
        (spanID, hasSpan) = (id.low, true)
      } else if tape.isText(at: key, "tracestate", text), kind == .text {
        traceState = value
      } else if tape.isText(at: key, "attributes", text), kind == .object {
        attributes = value
      } else if tape.isText(at: key, "flags", text), let number = tape.wholeNumber(at: value, text) {
        flags = UInt32(truncatingIfNeeded: number)
      } else if tape.isText(at: key, "dropped_attributes_count", text), let count = tape.wholeNumber(at: value, text) {
        droppedAttributes = UInt64(UInt32(clamping: count))
      } else if kind != .null {
        return nil
      }
      key = tape[value].next
    }
    guard hasTrace, hasSpan else { return nil }
  }
}

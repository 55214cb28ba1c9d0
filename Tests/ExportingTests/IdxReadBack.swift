import TestTraces

/// An `idx.TracerPayload` as an intake reads it, with the texts in place of the references to them.
struct ReadIdxPayload: Equatable {
  /// The table as it stands.
  var strings: [PlainText] = []
  /// Numbers of texts that something refers to.
  var referredTo: Set<UInt64> = [0]
  var sender = PlainSender()
  var chunks: [ReadIdxChunk] = []

  init(_ source: ProtobufMessage) throws {
    var message = source
    strings = try message.takeAll(1).map { value in
      guard case .bytes(let bytes) = value else { throw ProtobufMessage.Malformed.wireType(2) }
      return PlainText(Array(bytes))
    }
    for (number, name) in [
      (2, "container_id"), (3, "language_name"), (4, "language_version"), (5, "tracer_version"), (6, "runtime_id"),
      (7, "env"), (8, "hostname"), (9, "app_version"),
    ] { sender.set(name, try text(&message, number)) }
    sender.tags = try attributes(&message, 10)
    for chunk in try message.messages(11) { chunks.append(try self.chunk(chunk)) }
    try message.finish()
  }

  private mutating func text(_ number: UInt64) throws -> PlainText {
    guard number < strings.count else { throw ProtobufMessage.Malformed.truncated }
    referredTo.insert(number)
    return strings[Int(number)]
  }

  private mutating func text(_ message: inout ProtobufMessage, _ field: Int) throws -> PlainText {
    try text(try message.varint(field))
  }

  private mutating func chunk(_ source: ProtobufMessage) throws -> ReadIdxChunk {
    var message = source
    var chunk = ReadIdxChunk()
    chunk.priority = try message.int32(1)
    chunk.origin = try text(&message, 2)
    chunk.tags = try attributes(&message, 3)
    for span in try message.messages(4) { chunk.spans.append(try self.span(span)) }
    let id = try Self.traceID(&message, 6)
    chunk.traceIDHigh = id.high
    for index in chunk.spans.indices { chunk.spans[index].traceID = id.low }
    chunk.samplingMechanism = try message.varint(7)
    chunk.isDroppedTrace = try message.varint(5) == 1
    try message.finish()
    return chunk
  }

  private static func traceID(_ message: inout ProtobufMessage, _ field: Int) throws -> (high: UInt64, low: UInt64) {
    let bytes = try message.text(field).bytes
    guard bytes.count == 16 else { throw ProtobufMessage.Malformed.truncated }
    func half(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    return (half(bytes[..<8]), half(bytes[8...]))
  }

  private mutating func span(_ source: ProtobufMessage) throws -> PlainSpan {
    var message = source
    var span = PlainSpan()
    span.service = try text(&message, 1)
    span.name = try text(&message, 2)
    span.resource = try text(&message, 3)
    (span.spanID, span.parentID) = (try message.fixed64(4), try message.varint(5))
    (span.startNs, span.durationNs) = (Int64(bitPattern: try message.fixed64(6)), try message.int64(7))
    span.error = try message.varint(8) != 0 ? 1 : 0
    for pair in try attributes(&message, 9) { span.put(pair) }
    span.type = try text(&message, 10)
    for link in try message.messages(11) { span.links.append(try self.link(link)) }
    for event in try message.messages(12) { span.events.append(try self.event(event)) }
    for (number, name) in [(13, "env"), (14, "version"), (15, "component")] as [(Int, PlainText)] {
      let text = try text(&message, number)
      if !text.bytes.isEmpty { span.meta.append(Pair(name, text)) }
    }
    let kinds: [PlainText] = ["", "internal", "server", "client", "producer", "consumer"]
    let kind = try message.varint(16)
    guard kind < kinds.count else { throw ProtobufMessage.Malformed.truncated }
    if kind > 0 { span.meta.append(Pair("span.kind", kinds[Int(kind)])) }
    try message.finish()
    return span
  }

  private mutating func link(_ source: ProtobufMessage) throws -> PlainLink {
    var message = source
    var link = PlainLink()
    (link.traceIDHigh, link.traceID) = try Self.traceID(&message, 1)
    link.spanID = try message.fixed64(2)
    let pairs = try attributes(&message, 3)
    link.attributes = pairs.filter { $0.value.type == 0 }.map { Pair($0.key, $0.value.string) }
    link.typed = pairs.filter { $0.value.type != 0 }
    link.tracestate = try text(&message, 4)
    link.flags = UInt32(truncatingIfNeeded: try message.varint(5))
    try message.finish()
    return link
  }

  private mutating func event(_ source: ProtobufMessage) throws -> PlainEvent {
    var message = source
    var event = PlainEvent()
    event.timeUnixNano = try message.fixed64(1)
    event.name = try text(&message, 2)
    event.attributes = try attributes(&message, 3)
    try message.finish()
    return event
  }

  private mutating func attributes(_ message: inout ProtobufMessage, _ field: Int) throws -> [Pair<PlainValue>] {
    var pairs: [Pair<PlainValue>] = []
    for entry in try message.messages(field) {
      var entry = entry
      let key = try text(&entry, 1)
      let values = try entry.messages(2)
      guard values.count == 1 else { throw ProtobufMessage.Malformed.twice(field: 2) }
      pairs.append(Pair(key, try value(values[0])))
      try entry.finish()
    }
    return pairs
  }

  /// An `AnyValue`, of which exactly one field has to be there.
  private mutating func value(_ source: ProtobufMessage) throws -> PlainValue {
    var message = source
    guard message.fields.count == 1 else {
      throw ProtobufMessage.Malformed.unexpected(fields: message.fields.map(\.number))
    }
    switch message.fields[0].number {
    case 1: return PlainValue(try text(&message, 1))
    case 2: return PlainValue(bool: try message.varint(2) != 0)
    case 3: return PlainValue(double: try message.double(3).value)
    case 4: return PlainValue(int: try message.int64(4))
    case 5: return PlainValue(bytes: try message.text(5).bytes)
    case 6:
      var values: [PlainValue] = []
      for list in try message.messages(6) {
        var list = list
        for element in try list.messages(1) { values.append(try value(element)) }
        try list.finish()
      }
      return PlainValue(array: values)
    case 7:
      var pairs: [Pair<PlainValue>] = []
      for list in try message.messages(7) {
        var list = list
        pairs += try attributes(&list, 1)
        try list.finish()
      }
      return PlainValue(keyValues: pairs)
    default: throw ProtobufMessage.Malformed.unexpected(fields: message.fields.map(\.number))
    }
  }
}

/// What came of one trace.
struct ReadIdxChunk: Equatable {
  var isDroppedTrace = false
  var priority: Int32 = 0
  var origin = PlainText()
  var tags: [Pair<PlainValue>] = []
  var spans: [PlainSpan] = []
  var traceIDHigh: UInt64 = 0
  var samplingMechanism: UInt64 = 0
}

extension PlainSpan {
  /// Puts an attribute where a batch has those of its type.
  fileprivate mutating func put(_ pair: Pair<PlainValue>) {
    switch pair.value.type {
    case 0: meta.append(Pair(pair.key, pair.value.string))
    case 2 where Double(exactly: pair.value.int) != nil:
      metrics.append(Pair(pair.key, PlainNumber(Double(pair.value.int), isInteger: true)))
    case 3: metrics.append(Pair(pair.key, pair.value.double))
    case 5: metaStruct.append(Pair(pair.key, pair.value.string))
    default: typed.append(pair)
    }
  }
}

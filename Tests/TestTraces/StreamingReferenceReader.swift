import MessagePack
import TraceModel

/// The reference for v1.0: libmsgpack-c's tree, read in the order of its bytes, with a table of the texts that came.
struct StreamingReferenceReader {
  private var texts = [PlainText()]

  static func payload(_ document: MessagePackValue) throws -> PlainPayload {
    var reader = StreamingReferenceReader()
    return try reader.payload(document)
  }

  /// Keys that stages look for: of text attributes with one of them the last counts, whatever its number.
  private static let knownKeys = Set(KeyTable(peerTags: []).names.dropFirst())

  private mutating func payload(_ document: MessagePackValue) throws -> PlainPayload {
    var payload = PlainPayload()
    let names: [UInt64: String] = [
      2: "container_id", 3: "language_name", 4: "language_version", 5: "tracer_version", 6: "runtime_id", 7: "env",
      8: "hostname", 9: "app_version",
    ]
    for (key, value) in try document.entries() {
      let key = try key.wireID()
      switch key {
      case 1: for text in try value.elements() { note(try text.wireText()) }
      case 2...9: payload.sender.set(names[key] ?? "", try text(value).prefix(bytesMax: 256))
      case 10:
        let tags = try attributes(value)
        payload.sender.tags = tags.filter { $0.key != "_dd.tags.process" || $0.value.type != 0 }
        let process = tags.last { $0.key == "_dd.tags.process" && $0.value.type == 0 }?.value.string ?? PlainText()
        payload.sender.set("_dd.tags.process", process.prefix(bytesMax: 5_000))
        guard Self.textBytes(payload.sender.tags) <= 256 << 10 else {
          throw ReferenceReader.Refusal(wanted: "fewer texts in the attributes of the payload")
        }
      case 11:
        (payload.traces, payload.chunks) = ([], [])
        for value in try value.elements() {
          let (trace, chunk) = try chunk(value)
          payload.traces.append(trace)
          payload.chunks.append(chunk)
        }
      default: skip(value)
      }
    }
    return payload
  }

  private mutating func chunk(_ value: MessagePackValue) throws -> ([PlainSpan], PlainChunk) {
    var (trace, chunk): ([PlainSpan], PlainChunk) = ([], PlainChunk())
    chunk.priority = 0
    var traceID: UInt64 = 0
    for (key, value) in try value.entries() {
      switch try key.wireID() {
      case 1: chunk.priority = Int32(Int8(truncatingIfNeeded: try value.wireInt32()))
      case 2: chunk.origin = try text(value)
      case 3: chunk.tags = try attributes(value)
      case 4:
        trace = []
        for value in try value.elements() where !value.isNull { trace.append(try span(value)) }
      case 5: _ = try value.wireBool()
      case 6: (chunk.traceIDHigh, traceID) = try Self.traceID(value)
      case 7:
        let mechanism = try value.wireUInt32()
        chunk.decisionMaker = mechanism == 0 ? PlainText() : PlainText("-\(mechanism)")
      default: skip(value)
      }
    }
    for index in trace.indices { trace[index].traceID = traceID }
    return (trace, chunk)
  }

  private mutating func span(_ value: MessagePackValue) throws -> PlainSpan {
    var span = PlainSpan()
    var attributes: [Attribute] = []
    var promoted: [UInt64: PlainText] = [:]
    for (key, value) in try value.entries() {
      let key = try key.wireID()
      switch key {
      case 1: span.service = try text(value)
      case 2: span.name = try text(value)
      case 3: span.resource = try text(value)
      case 4: span.spanID = try value.wireID()
      case 5: span.parentID = try value.wireID()
      case 6: span.startNs = try value.wireInt64()
      case 7: span.durationNs = try value.wireInt64()
      case 8: span.error = try value.wireBool() ? 1 : 0
      case 9: attributes = try spanAttributes(value)
      case 10: span.type = try text(value)
      case 11:
        span.links = []
        for value in try value.elements() where !value.isNull { span.links.append(try link(value)) }
      case 12:
        span.events = []
        for value in try value.elements() where !value.isNull { span.events.append(try event(value)) }
      case 13...15: promoted[key] = try text(value)
      case 16:
        let kinds = ["", "internal", "server", "client", "producer", "consumer"]
        let kind = Int(try value.wireUInt32())
        promoted[key] = PlainText(kinds.indices.contains(kind) ? kinds[kind] : "")
      default: skip(value)
      }
    }
    for (key, name) in [(13, "env"), (14, "version"), (15, "component"), (16, "span.kind")] as [(UInt64, PlainText)] {
      guard let text = promoted[key], !text.bytes.isEmpty else { continue }
      Self.add(Attribute(number: nil, key: name, value: PlainValue(text)), to: &attributes)
    }
    for attribute in attributes { attribute.put(into: &span) }
    return span
  }

  // MARK: Attributes

  private struct Attribute {
    /// Of the key's text; `nil` for one that a field stands for.
    let number: Int?
    let key: PlainText
    let value: PlainValue

    func put(into span: inout PlainSpan) {
      switch value.type {
      case 0: span.meta.append(Pair(key, value.string))
      case 2 where Double(exactly: value.int) != nil:
        span.metrics.append(Pair(key, PlainNumber(Double(value.int), isInteger: true)))
      case 3: span.metrics.append(Pair(key, value.double))
      case 5: span.metaStruct.append(Pair(key, value.string))
      default: span.typed.append(Pair(key, value))
      }
    }
  }

  private static func add(_ attribute: Attribute, to attributes: inout [Attribute]) {
    let isKnownText = attribute.value.type == 0 && knownKeys.contains(attribute.key.bytes)
    attributes.removeAll {
      ($0.number != nil && $0.number == attribute.number)
        || (isKnownText && $0.value.type == 0 && $0.key == attribute.key)
    }
    attributes.append(attribute)
  }

  private mutating func spanAttributes(_ value: MessagePackValue) throws -> [Attribute] {
    var attributes: [Attribute] = []
    for (key, type, value) in try triples(value) {
      let number = try number(key)
      Self.add(Attribute(number: number, key: texts[number], value: try anyValue(type, value)), to: &attributes)
    }
    return attributes
  }

  private mutating func attributes(_ value: MessagePackValue) throws -> [Pair<PlainValue>] {
    var pairs: [Pair<PlainValue>] = []
    for (key, type, value) in try triples(value) {
      let key = try text(key)
      pairs.append(Pair(key, try anyValue(type, value)))
    }
    return pairs
  }

  private func triples(
    _ value: MessagePackValue
  ) throws -> [(key: MessagePackValue, type: MessagePackValue, value: MessagePackValue)] {
    let elements = try value.elements()
    guard elements.count % 3 == 0 else { throw ReferenceReader.Refusal(wanted: "three elements an attribute") }
    return stride(from: 0, to: elements.count, by: 3).map { (elements[$0], elements[$0 + 1], elements[$0 + 2]) }
  }

  private mutating func anyValue(_ type: MessagePackValue, _ value: MessagePackValue) throws -> PlainValue {
    switch try type.wireID() {
    case 1: return PlainValue(try text(value))
    case 2: return PlainValue(bool: try value.wireBool())
    case 3: return PlainValue(double: try value.wireNumber().value)
    case 4: return PlainValue(int: try value.wireInt64())
    case 5: return PlainValue(bytes: try value.wireBytes().bytes)
    case 6:
      let elements = try value.elements()
      guard elements.count % 2 == 0 else { throw ReferenceReader.Refusal(wanted: "two elements a value") }
      var values: [PlainValue] = []
      for index in stride(from: 0, to: elements.count, by: 2) {
        values.append(try anyValue(elements[index], elements[index + 1]))
      }
      return PlainValue(array: values)
    case 7: return PlainValue(keyValues: try attributes(value))
    default: throw ReferenceReader.Refusal(wanted: "a type of attribute")
    }
  }

  /// Bytes of all texts, those that are referred to counted each time.
  private static func textBytes(_ pairs: [Pair<PlainValue>]) -> Int {
    pairs.reduce(0) { $0 + $1.key.bytes.count + textBytes($1.value) }
  }

  private static func textBytes(_ value: PlainValue) -> Int {
    let inside = (value.array ?? []).reduce(0) { $0 + textBytes($1) }
    return value.string.bytes.count + inside + textBytes(value.keyValues ?? [])
  }

  // MARK: Links and events

  private mutating func link(_ value: MessagePackValue) throws -> PlainLink {
    var link = PlainLink()
    for (key, value) in try value.entries() {
      switch try key.wireID() {
      case 1: (link.traceIDHigh, link.traceID) = try Self.traceID(value)
      case 2: link.spanID = try value.wireID()
      case 3:
        let pairs = try attributes(value)
        link.attributes = pairs.filter { $0.value.type == 0 }.map { Pair($0.key, $0.value.string) }
        link.typed = pairs.filter { $0.value.type != 0 }
      case 4: link.tracestate = try text(value)
      case 5: link.flags = try value.wireUInt32()
      default: skip(value)
      }
    }
    return link
  }

  private mutating func event(_ value: MessagePackValue) throws -> PlainEvent {
    var event = PlainEvent()
    for (key, value) in try value.entries() {
      switch try key.wireID() {
      case 1: event.timeUnixNano = try value.wireID()
      case 2: event.name = try text(value)
      case 3: event.attributes = try attributes(value)
      default: skip(value)
      }
    }
    return event
  }

  private static func traceID(_ value: MessagePackValue) throws -> (high: UInt64, low: UInt64) {
    if value.isNull { return (0, 0) }
    guard case .binary(let bytes) = value, bytes.count == 16 else { throw ReferenceReader.Refusal(wanted: "16 bytes") }
    func half(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    return (half(bytes[..<8]), half(bytes[8...]))
  }

  // MARK: Texts

  private mutating func text(_ value: MessagePackValue) throws -> PlainText { texts[try number(value)] }

  private mutating func number(_ value: MessagePackValue) throws -> Int {
    if value.isNull || value.bytes != nil { return note(try value.wireText()) }
    let number = try value.wireID()
    guard number < texts.count else { throw ReferenceReader.Refusal(wanted: "the number of a text that came before") }
    return Int(number)
  }

  @discardableResult
  private mutating func note(_ text: PlainText) -> Int {
    if text.bytes.isEmpty { return 0 }
    texts.append(text)
    return texts.count - 1
  }

  /// Texts in what nobody knows have numbers all the same.
  private mutating func skip(_ value: MessagePackValue) {
    switch value {
    case .string(let bytes): note(PlainText(bytes).repaired)
    case .array(let elements): for element in elements { skip(element) }
    case .map(let entries):
      for entry in entries {
        skip(entry.key)
        skip(entry.value)
      }
    default: break
    }
  }
}

import MessagePack

/// Reads trace payloads slowly and plainly: libmsgpack-c takes the bytes apart, and what the Datadog agent makes of each
/// value is applied to the tree. An opinion on every byte that owes nothing to roost's decoders.
package enum ReferenceReader {
  /// A value that its place cannot take.
  package struct Refusal: Error {
    package let wanted: String
  }

  /// A payload's traces, and what it says besides.
  ///
  /// - Throws: `MessagePackError` for what is not MessagePack, `Refusal` for MessagePack that is no payload.
  package static func payload(of bytes: [UInt8], as format: TraceFormat) throws -> PlainPayload {
    let document = try MessagePackValue.unpack(bytes).value
    return switch format {
    case .v04: PlainPayload(traces: try document.elements().map { try $0.elements().compactMap(spanV04) })
    case .v05: PlainPayload(traces: try payloadV05(document))
    case .v07: try payloadV07(document)
    case .v10: try StreamingReferenceReader.payload(document)
    }
  }

  static func spanV04(_ value: MessagePackValue) throws -> PlainSpan? {
    if value.isNull { return nil }
    var span = PlainSpan()
    for (key, value) in try value.entries() {
      switch String(decoding: try key.wireText().bytes, as: UTF8.self) {
      case "service": span.service = try value.wireText()
      case "name": span.name = try value.wireText()
      case "resource": span.resource = try value.wireText()
      case "type": span.type = try value.wireText()
      case "trace_id": span.traceID = try value.wireID()
      case "span_id": span.spanID = try value.wireID()
      case "parent_id": span.parentID = try value.wireID()
      case "start": span.startNs = try value.wireInt64()
      case "duration": span.durationNs = try value.wireInt64()
      case "error": span.error = try value.wireInt32()
      case "meta": span.meta = try value.textPairs()
      case "metrics": span.metrics = try value.pairs { try $0.wireNumber() }
      case "meta_struct": span.metaStruct = try value.pairs { try $0.wireBytes() }
      case "span_links": span.links = try value.elements().compactMap(link)
      case "span_events": span.events = try value.elements().compactMap(event)
      default: break
      }
    }
    return span
  }

  private static func link(_ value: MessagePackValue) throws -> PlainLink? {
    if value.isNull { return nil }
    var link = PlainLink()
    for (key, value) in try value.entries() {
      switch String(decoding: try key.wireText().bytes, as: UTF8.self) {
      case "trace_id": link.traceID = try value.wireID()
      case "trace_id_high": link.traceIDHigh = try value.wireID()
      case "span_id": link.spanID = try value.wireID()
      case "attributes": link.attributes = try value.textPairs()
      case "tracestate": link.tracestate = try value.wireText()
      case "flags": link.flags = try value.wireUInt32()
      default: break
      }
    }
    return link
  }

  private static func event(_ value: MessagePackValue) throws -> PlainEvent? {
    if value.isNull { return nil }
    var event = PlainEvent()
    for (key, value) in try value.entries() {
      switch String(decoding: try key.wireText().bytes, as: UTF8.self) {
      case "time_unix_nano": event.timeUnixNano = try value.wireID()
      case "name": event.name = try value.wireText()
      case "attributes": event.attributes = try value.pairs { try anyValue($0, isElement: false) }
      default: break
      }
    }
    return event
  }

  private static func anyValue(_ value: MessagePackValue, isElement: Bool) throws -> PlainValue {
    var result = PlainValue()
    for (key, value) in try value.entries() {
      switch String(decoding: try key.wireText().bytes, as: UTF8.self) {
      case "type": result.type = try value.wireInt32()
      case "string_value": result.string = try value.wireText()
      case "bool_value": result.bool = try value.wireBool()
      case "int_value": result.int = try value.wireInt64()
      case "double_value": result.double = try value.wireNumber()
      case "array_value" where !isElement: result.array = try value.isNull ? nil : arrayValue(value)
      default: break
      }
    }
    return result
  }

  private static func arrayValue(_ value: MessagePackValue) throws -> [PlainValue] {
    var values: [PlainValue] = []
    for (key, value) in try value.entries() where try key.wireText() == "values" {
      values = try value.elements().map { try anyValue($0, isElement: true) }
    }
    return values
  }

  private static func payloadV05(_ document: MessagePackValue) throws -> [[PlainSpan]] {
    let parts = try document.elements()
    guard parts.count == 2 else { throw Refusal(wanted: "an array of 2") }
    let table = try parts[0].elements().map { try $0.wireText() }
    return try parts[1].elements().map { try $0.elements().compactMap { try spanV05($0, table) } }
  }

  private static func spanV05(_ value: MessagePackValue, _ table: [PlainText]) throws -> PlainSpan? {
    if value.isNull { return nil }
    let fields = try value.elements()
    guard fields.count == 12 else { throw Refusal(wanted: "an array of 12") }
    func text(_ value: MessagePackValue) throws -> PlainText {
      let index = try value.wireID()
      guard index < table.count else { throw Refusal(wanted: "an index into the string table") }
      return table[Int(index)]
    }
    var span = PlainSpan()
    span.service = try text(fields[0])
    span.name = try text(fields[1])
    span.resource = try text(fields[2])
    (span.traceID, span.spanID) = (try fields[3].wireID(), try fields[4].wireID())
    span.parentID = try fields[5].wireID()
    (span.startNs, span.durationNs) = (try fields[6].wireInt64(), try fields[7].wireInt64())
    span.error = try fields[8].wireInt32()
    span.meta = try fields[9].entries().map { Pair(try text($0.key), try text($0.value)) }
    span.metrics = try fields[10].entries().map { Pair(try text($0.key), try $0.value.wireNumber()) }
    span.type = try text(fields[11])
    return span
  }
}

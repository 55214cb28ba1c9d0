import TraceModel
import Traces

/// Reads `Span` messages of the intake's protobuf, as far as their bytes make sense.
enum SpanReader {
  /// What of spans is read.
  enum Depth {
    case whole
    /// What a list of traces shows of them, and what tells whose clock is wrong: no links or events, and few attributes.
    case row
  }

  /// Fills a span with what its message holds beside ids and times.
  static func read(_ message: UnsafeRawBufferPointer, _ depth: Depth = .whole, into span: inout TraceSpan) {
    var fields = ProtobufFields(message)
    while let field = fields.next() {
      switch field.tag {
      case 0x52 where depth == .row && !isInRow(textAttribute: field.content): break
      case 0x5A where depth == .row && !SpanFields.isStatus(SpanFields.key(field.content)): break
      case 0x72 where depth == .row, 0x7A where depth == .row: break
      case 0x0A: span.service = field.text
      case 0x12: span.operation = field.text
      case 0x1A: span.resource = field.text
      case 0x48: span.isError = field.number != 0
      case 0x52:
        let (key, value) = SpanFields.entry(field.content)
        span.meta.append((String(decoding: key, as: UTF8.self), String(decoding: value, as: UTF8.self)))
      case 0x5A: span.metrics.append(metric(field.content))
      case 0x62: span.type = field.text
      case 0x72: span.links.append(link(field.content))
      case 0x7A: span.events.append(event(field.content))
      default: break
      }
    }
  }

  private static func isInRow(textAttribute message: UnsafeRawBufferPointer) -> Bool {
    let key = SpanFields.key(message)
    return ByteString.equal(key, "env") || ByteString.equal(key, "span.kind") || SpanFields.isStatus(key)
  }

  private static func metric(_ message: UnsafeRawBufferPointer) -> (key: String, value: Double) {
    var metric = (key: "", value: 0.0)
    var fields = ProtobufFields(message)
    while let field = fields.next() {
      if field.tag == 0x0A { metric.key = field.text }
      if field.tag == 0x11 { metric.value = Double(bitPattern: field.number) }
    }
    return metric
  }

  private static func link(_ message: UnsafeRawBufferPointer) -> TraceSpanLink {
    var link = TraceSpanLink(traceID: TraceID(high: 0, low: 0), spanID: 0)
    var fields = ProtobufFields(message)
    while let field = fields.next() {
      switch field.tag {
      case 0x08: link.traceID.low = field.number
      case 0x10: link.traceID.high = field.number
      case 0x18: link.spanID = field.number
      case 0x22:
        let (key, value) = SpanFields.entry(field.content)
        link.attributes.append(
          TraceAttribute(String(decoding: key, as: UTF8.self), .text(String(decoding: value, as: UTF8.self))))
      case 0x2A: link.tracestate = field.text
      case 0x30: link.flags = TraceSpanLink.flags(marked: field.number)
      default: break
      }
    }
    return link
  }

  private static func event(_ message: UnsafeRawBufferPointer) -> TraceSpanEvent {
    var event = TraceSpanEvent(timeNs: 0, name: "")
    var fields = ProtobufFields(message)
    while let field = fields.next() {
      switch field.tag {
      case 0x09: event.timeNs = Int64(clamping: field.number)
      case 0x12: event.name = field.text
      case 0x1A:
        let (key, value) = SpanFields.entry(field.content)
        event.attributes.append(TraceAttribute(String(decoding: key, as: UTF8.self), self.value(value, depth: 0)))
      default: break
      }
    }
    return event
  }

  /// An `AttributeAnyValue`: its type says which of its fields counts.
  private static func value(_ message: UnsafeRawBufferPointer, depth: Int) -> TraceAttributeValue {
    var (type, text, number, double) = (UInt64(0), "", UInt64(0), 0.0)
    var isTrue = false
    var items: [TraceAttributeValue] = []
    var fields = ProtobufFields(message)
    while let field = fields.next() {
      switch field.tag {
      case 0x08: type = field.number
      case 0x12: text = field.text
      case 0x18: isTrue = field.number != 0
      case 0x20: number = field.number
      case 0x29: double = Double(bitPattern: field.number)
      case 0x32 where depth < SpanFields.depthMax:
        var array = ProtobufFields(field.content)
        while let item = array.next() {
          if item.tag == 0x0A { items.append(value(item.content, depth: depth + 1)) }
        }
      default: break
      }
    }
    switch type {
    case 1: return .bool(isTrue)
    case 2: return .int(Int64(bitPattern: number))
    case 3: return .double(double)
    case 4: return .array(items)
    default: return .text(text)
    }
  }
}

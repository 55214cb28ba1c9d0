import MessagePack

/// Writes traces as a v1.0 client does that has them as v0.4: each text once, what spans have in common as fields of the
/// chunk, and no field of which nothing is said.
package struct WriterV10 {
  private var numbers: [[UInt8]: UInt64] = [:]

  package init() {}

  /// A payload of traces of v0.4.
  package mutating func payload(_ traces: MessagePackValue) -> MessagePackValue {
    var chunks: [MessagePackValue] = []
    for trace in traces.array ?? [] { chunks.append(trace.isNull ? .null : chunk(trace)) }
    return [11: .array(chunks)]
  }

  private mutating func chunk(_ trace: MessagePackValue) -> MessagePackValue {
    let spans = trace.array ?? []
    var fields: [(key: MessagePackValue, value: MessagePackValue)] = []
    let low = spans.lazy.compactMap { $0[field: "trace_id"] }.first
    let high = spans.lazy.compactMap { $0[field: "meta"]?[field: "_dd.p.tid"]?.string }.first
    if low != nil || high != nil {
      let id = Self.traceID(high: high.flatMap { UInt64($0, radix: 16) } ?? 0, low: low?.id ?? 0)
      fields.append((key: 6, value: .binary(id)))
    }
    var values: [MessagePackValue] = []
    for value in spans { values.append(value.isNull ? .null : span(value)) }
    fields.append((key: 4, value: .array(values)))
    return .map(fields)
  }

  private static func traceID(high: UInt64, low: UInt64) -> [UInt8] {
    [high, low].flatMap { half in (0..<8).reversed().map { UInt8(truncatingIfNeeded: half >> ($0 * 8)) } }
  }

  private mutating func span(_ span: MessagePackValue) -> MessagePackValue {
    var fields: [(key: MessagePackValue, value: MessagePackValue)] = []
    for (key, name) in [(1, "service"), (2, "name"), (3, "resource"), (10, "type")] as [(MessagePackValue, String)] {
      if let value = span[field: name] { fields.append((key: key, value: text(value))) }
    }
    for (key, name) in [(4, "span_id"), (5, "parent_id"), (6, "start"), (7, "duration")] as [(MessagePackValue, String)]
    {
      if let value = span[field: name] { fields.append((key: key, value: value)) }
    }
    if let error = span[field: "error"]?.int { fields.append((key: 8, value: .bool(error != 0))) }
    let attributes = attributes(of: span)
    if !attributes.isEmpty { fields.append((key: 9, value: .array(attributes))) }
    if let links = span[field: "span_links"]?.array {
      fields.append((key: 11, value: .array(links.map { link($0) })))
    }
    if let events = span[field: "span_events"]?.array {
      fields.append((key: 12, value: .array(events.map { event($0) })))
    }
    let meta = span[field: "meta"]
    for (key, name) in [(13, "env"), (14, "version"), (15, "component")] as [(MessagePackValue, String)] {
      if let value = meta?[field: name] { fields.append((key: key, value: text(value))) }
    }
    if let kind = meta?[field: "span.kind"]?.string, let number = Self.kinds[kind] {
      fields.append((key: 16, value: .uint(number)))
    }
    return .map(fields)
  }

  private static let kinds: [String: UInt64] = ["internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5]

  private mutating func attributes(of span: MessagePackValue) -> [MessagePackValue] {
    var flat: [MessagePackValue] = []
    for (key, value) in span[field: "meta"]?.map ?? [] {
      switch key.string {
      case "env", "version", "component", "_dd.p.tid": continue
      case "span.kind" where Self.kinds[value.string ?? ""] != nil: continue
      default: flat += [text(key), 1, text(value)]
      }
    }
    for (key, value) in span[field: "metrics"]?.map ?? [] {
      flat += [text(key), 3, value.double.map { .double($0) } ?? value]
    }
    for (key, value) in span[field: "meta_struct"]?.map ?? [] { flat += [text(key), 5, .binary(value.bytes ?? [])] }
    return flat
  }

  private mutating func link(_ link: MessagePackValue) -> MessagePackValue {
    let id = Self.traceID(high: link[field: "trace_id_high"]?.id ?? 0, low: link[field: "trace_id"]?.id ?? 0)
    var fields: [(key: MessagePackValue, value: MessagePackValue)] = [(key: 1, value: .binary(id))]
    if let value = link[field: "span_id"] { fields.append((key: 2, value: value)) }
    if let attributes = link[field: "attributes"]?.map {
      var flat: [MessagePackValue] = []
      for (key, value) in attributes { flat += [text(key), 1, text(value)] }
      fields.append((key: 3, value: .array(flat)))
    }
    if let value = link[field: "tracestate"] { fields.append((key: 4, value: text(value))) }
    if let value = link[field: "flags"] { fields.append((key: 5, value: value)) }
    return .map(fields)
  }

  private mutating func event(_ event: MessagePackValue) -> MessagePackValue {
    var fields: [(key: MessagePackValue, value: MessagePackValue)] = []
    if let value = event[field: "time_unix_nano"] { fields.append((key: 1, value: value)) }
    if let value = event[field: "name"] { fields.append((key: 2, value: text(value))) }
    var flat: [MessagePackValue] = []
    for (key, value) in event[field: "attributes"]?.map ?? [] {
      flat.append(text(key))
      flat += typed(value)
    }
    fields.append((key: 3, value: .array(flat)))
    return .map(fields)
  }

  /// Type and value of an attribute of an event.
  private mutating func typed(_ value: MessagePackValue) -> [MessagePackValue] {
    switch value[field: "type"]?.int {
    case 1: return [2, value[field: "bool_value"] ?? false]
    case 2: return [4, value[field: "int_value"] ?? 0]
    case 3: return [3, value[field: "double_value"] ?? 0]
    case 4:
      var flat: [MessagePackValue] = []
      for element in value[field: "array_value"]?[field: "values"]?.array ?? [] { flat += typed(element) }
      return [6, .array(flat)]
    default: return [1, text(value[field: "string_value"] ?? "")]
    }
  }

  /// A text where it stands first, later its number.
  private mutating func text(_ value: MessagePackValue) -> MessagePackValue {
    guard let bytes = value.bytes, !bytes.isEmpty else { return 0 }
    if let number = numbers[bytes] { return .uint(number) }
    numbers[bytes] = UInt64(numbers.count + 1)
    return .string(bytes)
  }
}

extension MessagePackValue {
  /// The value of a map's key; of several the last.
  fileprivate subscript(field name: String) -> MessagePackValue? {
    map?.last { $0.key.bytes == Array(name.utf8) }?.value
  }

  /// The text of a string, which old tracers write as bytes.
  fileprivate var string: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

  /// An integer with the bits of a 64-bit id.
  fileprivate var id: UInt64? { try? wireID() }
}

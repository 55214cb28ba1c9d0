import JSON

extension TraceSpan {
  /// The span as `roost.trace.v1` has it. Ids are hexadecimal texts, as the numbers of many JSON readers end at 2^53; a
  /// root's parent is null. Of attributes with the same key the last one is written.
  /// - Parameter place: which span of the tree's trace it is.
  func json(_ place: Int, of tree: TraceTree) -> JSONValue {
    .object(
      [
        ("span_id", .string(TraceID.hex(spanID))),
        ("parent_id", parentID == 0 ? .null : .string(TraceID.hex(parentID))),
        ("service", .string(service)), ("operation", .string(operation)), ("resource", .string(resource)),
        ("type", .string(type)), ("start_ns", .int(startNs)), ("duration_ns", .int(durationNs)),
        ("self_ns", .int(tree.selfNs[place])), ("offset_ns", .int(tree.times[place].startNs)),
        ("parent_index", tree.parents[place].map { .int(Int64($0)) } ?? .null),
        ("error", .bool(isError)), ("critical", .bool(tree.isCritical[place])),
        ("meta", .object(Self.lastOfEach(meta.map { ($0.key, .string($0.value)) }))),
        ("metrics", .object(Self.lastOfEach(metrics.map { ($0.key, Self.number($0.value)) }))),
        ("links", .array(links.map(\.json))), ("events", .array(events.map(\.json))),
      ] + (tree.oddities[place].map { [("oddity", .string($0.name))] } ?? []))
  }

  /// Reads what `json` writes; what is missing or of another type is empty.
  init(json: JSONValue) {
    self.init(
      spanID: TraceID.number(json["span_id"]), parentID: TraceID.number(json["parent_id"]),
      service: json["service"]?.string ?? "", operation: json["operation"]?.string ?? "",
      resource: json["resource"]?.string ?? "", type: json["type"]?.string ?? "",
      startNs: json["start_ns"]?.integer ?? 0, durationNs: json["duration_ns"]?.integer ?? 0,
      isError: json["error"]?.bool ?? false)
    meta = (json["meta"]?.members ?? []).compactMap { key, value in value.string.map { (key, $0) } }
    metrics = (json["metrics"]?.members ?? []).map { ($0, $1.number ?? .nan) }
    links = (json["links"]?.elements ?? []).map(TraceSpanLink.init(json:))
    events = (json["events"]?.elements ?? []).map(TraceSpanEvent.init(json:))
  }

  /// Whole numbers without a fraction, as they were meant.
  private static func number(_ value: Double) -> JSONValue {
    Int64(exactly: value).map(JSONValue.int) ?? .double(value)
  }

  fileprivate static func lastOfEach(_ members: [(String, JSONValue)]) -> [(String, JSONValue)] {
    var places: [String: Int] = [:]
    var kept: [(String, JSONValue)] = []
    kept.reserveCapacity(members.count)
    for member in members {
      if let place = places[member.0] {
        kept[place].1 = member.1
      } else {
        places[member.0] = kept.count
        kept.append(member)
      }
    }
    return kept
  }
}

extension TraceOddity {
  /// The word for it that documents have.
  fileprivate var name: String {
    switch self {
    case .orphan: "orphan"
    case .cycle: "cycle"
    case .sharedID: "shared_id"
    case .copy: "copy"
    }
  }
}

extension TraceID {
  /// The id of its hexadecimal digits; 0 where there are none.
  init(json: JSONValue?) {
    let digits = json?.string ?? ""
    self.init(high: UInt64(digits.dropLast(16), radix: 16) ?? 0, low: UInt64(digits.suffix(16), radix: 16) ?? 0)
  }

  fileprivate static func number(_ json: JSONValue?) -> UInt64 { json?.string.flatMap { UInt64($0, radix: 16) } ?? 0 }
}

extension TraceSpanLink {
  fileprivate var json: JSONValue {
    var members: [(String, JSONValue)] = [
      ("trace_id", .string(traceID.hex)), ("span_id", .string(TraceID.hex(spanID))),
      ("tracestate", .string(tracestate)),
    ]
    if let flags { members.append(("flags", .int(Int64(flags)))) }
    members.append(("attributes", .object(attributes.json)))
    if droppedAttributes > 0 { members.append(("dropped_attributes_count", .int(Int64(droppedAttributes)))) }
    return .object(members)
  }

  fileprivate init(json: JSONValue) {
    self.init(
      traceID: TraceID(json: json["trace_id"]), spanID: TraceID.number(json["span_id"]),
      tracestate: json["tracestate"]?.string ?? "", flags: json["flags"]?.integer.map { UInt32(clamping: $0) },
      droppedAttributes: UInt32(clamping: json["dropped_attributes_count"]?.integer ?? 0),
      attributes: [TraceAttribute](json: json["attributes"]))
  }
}

extension TraceSpanEvent {
  fileprivate var json: JSONValue {
    var members: [(String, JSONValue)] = [
      ("time_ns", .int(timeNs)), ("name", .string(name)), ("attributes", .object(attributes.json)),
    ]
    if droppedAttributes > 0 { members.append(("dropped_attributes_count", .int(Int64(droppedAttributes)))) }
    return .object(members)
  }

  fileprivate init(json: JSONValue) {
    self.init(
      timeNs: json["time_ns"]?.integer ?? 0, name: json["name"]?.string ?? "",
      droppedAttributes: UInt32(clamping: json["dropped_attributes_count"]?.integer ?? 0),
      attributes: [TraceAttribute](json: json["attributes"]))
  }
}

extension [TraceAttribute] {
  fileprivate var json: [(String, JSONValue)] { TraceSpan.lastOfEach(map { ($0.key, $0.value.json) }) }

  fileprivate init(json: JSONValue?) {
    self = (json?.members ?? []).compactMap { key, value in
      TraceAttributeValue(json: value).map { TraceAttribute(key, $0) }
    }
  }
}

extension TraceAttributeValue {
  fileprivate var json: JSONValue {
    switch self {
    case .text(let text): .string(text)
    case .bool(let value): .bool(value)
    case .int(let value): .int(value)
    case .double(let value): .double(value)
    case .array(let elements): .array(elements.map(\.json))
    }
  }

  /// `nil` for what no attribute is.
  fileprivate init?(json: JSONValue) {
    switch json {
    case .string(let text): self = .text(text)
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .uint(let value): self = .double(Double(value))
    case .double(let value): self = .double(value)
    case .array(let elements): self = .array(elements.compactMap(TraceAttributeValue.init(json:)))
    case .null: self = .double(.nan)
    case .object: return nil
    }
  }
}

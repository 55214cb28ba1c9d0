import JSON

extension Trace {
  /// The same trace with the links and events that tracers wrote as JSON into tags, `_dd.span_links` and `events`: v0.5 has
  /// no other place for them, and v0.4 none for events unless the agent asks for them. Tags that were read as a whole are
  /// left out then; of others nothing is lost.
  package var readingTaggedLists: Trace {
    var trace = self
    for place in trace.spans.indices { trace.spans[place].readTaggedLists() }
    return trace
  }
}

extension TraceSpan {
  fileprivate mutating func readTaggedLists() {
    for place in links.indices { links[place].attributes = links[place].attributes.joiningLists }
    var read: Set<Int> = []
    for (place, tag) in meta.enumerated() {
      switch tag.key {
      case "_dd.span_links":
        guard
          let (list, isWhole) = Self.list(tag.value, { json, isWhole in TraceSpanLink(tag: json, isWhole: &isWhole) })
        else { continue }
        if links != list { links += list }
        if isWhole { read.insert(place) }
      case "events":
        guard
          let (list, isWhole) = Self.list(tag.value, { json, isWhole in TraceSpanEvent(tag: json, isWhole: &isWhole) })
        else { continue }
        if events != list { events += list }
        if isWhole { read.insert(place) }
      default: continue
      }
    }
    if !read.isEmpty { meta = meta.enumerated().filter { !read.contains($0.offset) }.map(\.element) }
  }

  /// Of a longer tag, only the links that end within so many bytes are searched.
  private static let searchedBytesMax = 1 << 16

  /// The links in a tag `_dd.span_links` that make sense, for a search.
  static func links(ofTag text: String) -> [TraceSpanLink] {
    let begin =
      text.utf8.count <= searchedBytesMax ? text : String(decoding: text.utf8.prefix(searchedBytesMax), as: UTF8.self)
    return list(begin) { json, isWhole in TraceSpanLink(tag: json, isWhole: &isWhole) }?.list ?? []
  }

  /// The elements that make sense, and whether that is all there was to read; `nil` when none does.
  private static func list<Element>(
    _ text: String, _ read: (JSONValue, inout Bool) -> Element?
  ) -> (list: [Element], isWhole: Bool)? {
    guard let tagged = TaggedList(text) else { return nil }
    var isWhole = tagged.isWhole
    let list = tagged.elements.compactMap { read($0, &isWhole) }
    return list.isEmpty ? nil : (list, isWhole && list.count == tagged.elements.count)
  }
}

extension TraceSpanLink {
  /// Reads a link of `_dd.span_links`; `nil` without ids.
  /// - Parameter isWhole: becomes false when something is there that a link has no place for.
  fileprivate init?(tag json: JSONValue, isWhole: inout Bool) {
    guard let members = json.members, var id = TraceID(tag: json["trace_id"]), let span = TraceID(tag: json["span_id"]),
      span.high == 0
    else { return nil }
    if let high = json["trace_id_high"] {
      guard let upper = TraceID(tag: high), upper.high == 0, id.high == 0 || id.high == upper.low else { return nil }
      id.high = upper.low
    }
    self.init(traceID: id, spanID: span.low)
    for (name, value) in members {
      switch (name, value) {
      case ("trace_id", _), ("trace_id_high", _), ("span_id", _), (_, .null): break
      case ("tracestate", .string(let text)): tracestate = text
      case ("flags", .int(let number)) where UInt32(exactly: number) != nil:
        flags = UInt32(truncatingIfNeeded: number & 0x7FFF_FFFF)
      case ("dropped_attributes_count", .int(let number)) where UInt32(exactly: number) != nil:
        droppedAttributes = UInt32(clamping: number)
      case ("attributes", .object(let list)):
        attributes = list.map { TraceAttribute($0.0, .init(tag: $0.1)) }.joiningLists
      default: isWhole = false
      }
    }
  }
}

extension TraceSpanEvent {
  /// Reads an event of `events`; `nil` without a name or a time, as any tag may be called so.
  /// - Parameter isWhole: becomes false when something is there that an event has no place for.
  fileprivate init?(tag json: JSONValue, isWhole: inout Bool) {
    guard let members = json.members, let name = json["name"]?.string,
      let timeNs = json["time_unix_nano"].flatMap({ $0.integer ?? $0.string.flatMap { Int64($0) } ?? $0.wholeNumber })
    else { return nil }
    self.init(timeNs: timeNs, name: name)
    for (name, value) in members {
      switch (name, value) {
      case ("name", _), ("time_unix_nano", _), (_, .null): break
      case ("dropped_attributes_count", .int(let number)) where UInt32(exactly: number) != nil:
        droppedAttributes = UInt32(clamping: number)
      case ("attributes", .object(let list)): attributes = list.map { TraceAttribute($0.0, .init(tag: $0.1)) }
      default: isWhole = false
      }
    }
  }
}

extension TraceAttributeValue {
  /// What no attribute can be is its JSON as a text.
  fileprivate init(tag json: JSONValue) {
    switch json {
    case .string(let text): self = .text(text)
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .double(let value): self = .double(value)
    case .array(let elements): self = .array(elements.map(TraceAttributeValue.init(tag:)))
    case .uint, .null, .object: self = .text(json.compactText)
    }
  }
}

extension JSONValue {
  /// A number without a fraction that was written with one, or with an exponent.
  fileprivate var wholeNumber: Int64? {
    guard case .double(let value) = self else { return nil }
    return Int64(exactly: value)
  }
}

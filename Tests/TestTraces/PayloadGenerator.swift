import MessagePack

/// Makes trace payloads that a client could send: every field in every form that is accepted, extreme numbers, broken
/// UTF-8, nil, unknown, missing and duplicate keys.
package struct PayloadGenerator {
  var random: SeededGenerator
  /// Texts that the payload of v1.0 at hand has so far, at least.
  var streamedTexts = 0

  package init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// The bytes of a valid payload.
  package mutating func payload(_ format: TraceFormat) -> [UInt8] {
    let document =
      switch format {
      case .v04: list(3) { $0.list(4) { $0.spanV04() } }
      case .v05: payloadV05()
      case .v07: payloadV07()
      case .v10: payloadV10()
      }
    return WireWriter.bytes(document, seed: random.next())
  }

  /// An array of up to `countMax` values, or nil.
  mutating func list(
    _ countMax: Int, _ element: (inout PayloadGenerator) -> MessagePackValue
  ) -> MessagePackValue {
    if random.once(in: 20) { return nil }
    var values: [MessagePackValue] = []
    for _ in 0..<random.below(countMax + 1) { values.append(element(&self)) }
    return .array(values)
  }

  /// A map of up to `countMax` entries, or nil.
  private mutating func map(
    _ countMax: Int, _ key: (inout PayloadGenerator) -> MessagePackValue,
    _ value: (inout PayloadGenerator) -> MessagePackValue
  ) -> MessagePackValue {
    if random.once(in: 20) { return nil }
    var entries: [(key: MessagePackValue, value: MessagePackValue)] = []
    for _ in 0..<random.below(countMax + 1) { entries.append((key: key(&self), value: value(&self))) }
    return .map(entries)
  }

  /// Some of the named fields, in any order, now and then one twice or one that nobody knows.
  private mutating func fields(
    _ known: [(String, (inout PayloadGenerator) -> MessagePackValue)]
  ) -> MessagePackValue {
    var entries: [(key: MessagePackValue, value: MessagePackValue)] = []
    for (name, value) in known.shuffled(using: &random) where !random.once(in: 5) {
      entries.append((key: .text(name), value: value(&self)))
      if random.once(in: 15) { entries.append((key: .text(name), value: value(&self))) }
      if random.once(in: 15) { entries.append((key: text(), value: anything(depth: 3))) }
    }
    return .map(entries)
  }

  private mutating func spanV04() -> MessagePackValue {
    if random.once(in: 20) { return nil }
    return fields([
      ("service", { $0.text() }), ("name", { $0.text() }), ("resource", { $0.text() }), ("type", { $0.text() }),
      ("trace_id", { $0.id() }), ("span_id", { $0.id() }), ("parent_id", { $0.id() }),
      ("start", { $0.time() }), ("duration", { $0.time() }), ("error", { $0.int32() }),
      ("meta", { $0.map(6, { $0.key() }, { $0.text() }) }),
      ("metrics", { $0.map(5, { $0.key() }, { $0.number() }) }),
      ("meta_struct", { $0.map(2, { $0.text() }, { $0.text() }) }),
      ("span_links", { $0.list(2) { $0.link() } }), ("span_events", { $0.list(2) { $0.event() } }),
    ])
  }

  private mutating func link() -> MessagePackValue {
    if random.once(in: 10) { return nil }
    return fields([
      ("trace_id", { $0.id() }), ("trace_id_high", { $0.id() }), ("span_id", { $0.id() }),
      ("attributes", { $0.map(3, { $0.text() }, { $0.text() }) }), ("tracestate", { $0.text() }),
      ("flags", { .uint($0.random.next() >> 32) }),
    ])
  }

  private mutating func event() -> MessagePackValue {
    if random.once(in: 10) { return nil }
    return fields([
      ("time_unix_nano", { $0.id() }), ("name", { $0.text() }),
      ("attributes", { $0.map(3, { $0.text() }, { $0.anyValue(isElement: false) }) }),
    ])
  }

  private mutating func anyValue(isElement: Bool) -> MessagePackValue {
    fields([
      ("type", { .uint(UInt64($0.random.below(5))) }), ("string_value", { $0.text() }),
      ("bool_value", { $0.random.pick([true, false, nil]) }), ("int_value", { $0.time() }),
      ("double_value", { $0.number() }),
      (
        "array_value",
        {
          if isElement { return $0.anything(depth: 2) }
          return $0.random.once(in: 8)
            ? nil : $0.fields([("values", { $0.list(3) { $0.anyValue(isElement: true) } })])
        }
      ),
    ])
  }

  private mutating func payloadV05() -> MessagePackValue {
    let table = (0...random.below(12)).map { _ in random.once(in: 3) ? key() : text() }
    let traces = list(3) { $0.list(4) { $0.spanV05(strings: table.count) } }
    return .array([.array(table), traces])
  }

  private mutating func spanV05(strings count: Int) -> MessagePackValue {
    if random.once(in: 20) { return nil }
    let reference: (inout PayloadGenerator) -> MessagePackValue = { .uint(UInt64($0.random.below(count))) }
    return .array([
      reference(&self), reference(&self), reference(&self), id(), id(), id(), time(), time(), int32(),
      map(6, reference, reference), map(5, reference) { $0.number() }, reference(&self),
    ])
  }

  private mutating func payloadV07() -> MessagePackValue {
    if random.once(in: 20) { return nil }
    return fields([
      ("container_id", { $0.text() }), ("language_name", { $0.text() }), ("language_version", { $0.text() }),
      ("tracer_version", { $0.text() }), ("runtime_id", { $0.text() }), ("env", { $0.text() }),
      ("hostname", { $0.text() }), ("app_version", { $0.text() }), ("tags", { $0.tags() }),
      ("chunks", { $0.list(3) { $0.chunkV07() } }),
    ])
  }

  private mutating func chunkV07() -> MessagePackValue {
    if random.once(in: 20) { return nil }
    return fields([
      ("priority", { $0.int32() }), ("origin", { $0.text() }), ("spans", { $0.list(4) { $0.spanV04() } }),
      ("tags", { $0.tags() }), ("dropped_trace", { $0.random.pick([true, false, nil]) }),
    ])
  }

  /// Tags of a payload or a chunk.
  private mutating func tags() -> MessagePackValue {
    map(
      4, { $0.random.pick(["_dd.p.dm", "_dd.p.tid", "_dd.tags.process", "_dd.tags.container", "k", ""]) },
      { $0.random.once(in: 3) ? $0.random.pick(["6655443300000001", "-4", "+1", "f"]) : $0.text() })
  }

  mutating func key() -> MessagePackValue {
    .text(
      random.pick([
        "_sampling_priority_v1", "_dd.p.dm", "env", "version", "http.status_code", "_dd.top_level", "_dd.measured",
        "peer.service", "db.instance", "custom.tag", "k", "",
      ]))
  }

  mutating func text() -> MessagePackValue {
    switch random.below(10) {
    case 0: return nil
    case 1: return ""
    case 2: return .text("naïve ✓ 🦉")
    case 3: return .string((0..<random.below(20)).map { _ in UInt8.random(in: 0...255, using: &random) })
    case 4: return .text(String(repeating: "long ", count: random.below(100)))
    default:
      return .text(random.pick(["web", "flask.request", "GET /orders/<id>", "postgres", "a", "sixteen bytes 16"]))
    }
  }

  mutating func id() -> MessagePackValue {
    switch random.below(6) {
    case 0: nil
    case 1: .uint(random.pick([0, 1, .max, 1 << 63, 127, 128, 65536]))
    case 2: .int(-Int64(random.next() >> 2))
    default: .uint(random.next())
    }
  }

  mutating func time() -> MessagePackValue {
    switch random.below(5) {
    case 0: nil
    case 1: .int(random.pick([.min, -1, 0, .max, -32, -33, -128, -129, -32_769]))
    default: .int(Int64(bitPattern: random.next() >> UInt64(1 + random.below(60))))
    }
  }

  mutating func int32() -> MessagePackValue {
    random.once(in: 4) ? nil : .int(random.pick([0, 1, -1, Int64(Int32.max), Int64(Int32.min), 300]))
  }

  mutating func number() -> MessagePackValue {
    switch random.below(6) {
    case 0: nil
    case 1: time()
    case 2: .uint(random.next())
    case 3: .double(random.pick([0, -0.0, 1, 0.1, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, 1e300]))
    default: .double(Double(bitPattern: random.next()))
    }
  }

  mutating func anything(depth: Int) -> MessagePackValue {
    switch random.below(depth > 0 ? 9 : 6) {
    case 0: text()
    case 1: number()
    case 2: true
    case 3: .ext(type: 5, [UInt8](repeating: 7, count: random.pick([1, 2, 3, 4, 8, 16, 17])))
    case 4: .binary([1, 2, 3])
    case 5: id()
    case 6: list(3) { $0.anything(depth: depth - 1) }
    default: map(3, { $0.text() }, { $0.anything(depth: depth - 1) })
    }
  }
}

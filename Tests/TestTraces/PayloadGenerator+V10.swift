import MessagePack

/// Payloads of v1.0: the same values, with numbers for keys, and texts that are written once and referred to later.
extension PayloadGenerator {
  mutating func payloadV10() -> MessagePackValue {
    streamedTexts = 0
    if random.once(in: 20) { return nil }
    return numbered([
      (2, { $0.streamed() }), (3, { $0.streamed() }), (4, { $0.streamed() }), (5, { $0.streamed() }),
      (6, { $0.streamed() }), (7, { $0.streamed() }), (8, { $0.streamed() }), (9, { $0.streamed() }),
      (10, { $0.attributes() }), (11, { $0.list(3) { $0.chunk() } }), (1, { $0.table() }),
    ])
  }

  /// Some of the fields, in any order, now and then one twice or one that nobody knows.
  private mutating func numbered(
    _ known: [(UInt64, (inout PayloadGenerator) -> MessagePackValue)]
  ) -> MessagePackValue {
    var entries: [(key: MessagePackValue, value: MessagePackValue)] = []
    for (number, value) in known.shuffled(using: &random) where !random.once(in: 5) {
      entries.append((key: .uint(number), value: value(&self)))
      if random.once(in: 15) { entries.append((key: .uint(number), value: value(&self))) }
      if random.once(in: 15) {
        entries.append((key: .uint(random.pick([0, 99, 1 << 40])), value: anything(depth: 3)))
      }
    }
    return .map(entries)
  }

  private mutating func table() -> MessagePackValue {
    list(3) { generator in generator.fresh(generator.text()) }
  }

  private mutating func chunk() -> MessagePackValue {
    if random.once(in: 20) { return nil }
    return numbered([
      (1, { $0.int32() }), (2, { $0.streamed() }), (3, { $0.attributes() }), (4, { $0.list(4) { $0.span() } }),
      (5, { $0.random.pick([true, false, nil]) }), (6, { $0.traceID() }), (7, { $0.uint32() }),
    ])
  }

  private mutating func span() -> MessagePackValue {
    if random.once(in: 20) { return nil }
    return numbered([
      (1, { $0.streamed() }), (2, { $0.streamed() }), (3, { $0.streamed() }), (10, { $0.streamed() }),
      (4, { $0.id() }), (5, { $0.id() }), (6, { $0.time() }), (7, { $0.time() }),
      (8, { $0.random.pick([true, false, nil]) }), (9, { $0.attributes() }),
      (11, { $0.list(2) { $0.link() } }), (12, { $0.list(2) { $0.event() } }),
      (13, { $0.streamed() }), (14, { $0.streamed() }), (15, { $0.streamed() }),
      (16, { .uint($0.random.pick([0, 1, 2, 3, 4, 5, 6, 4_000_000_000])) }),
    ])
  }

  private mutating func link() -> MessagePackValue {
    if random.once(in: 10) { return nil }
    return numbered([
      (1, { $0.traceID() }), (2, { $0.id() }), (3, { $0.attributes() }), (4, { $0.streamed() }),
      (5, { $0.uint32() }),
    ])
  }

  private mutating func event() -> MessagePackValue {
    if random.once(in: 10) { return nil }
    return numbered([(1, { $0.id() }), (2, { $0.streamed() }), (3, { $0.attributes() })])
  }

  private mutating func attributes(depth: Int = 3) -> MessagePackValue {
    if random.once(in: 20) { return nil }
    var flat: [MessagePackValue] = []
    for _ in 0..<random.below(7) {
      flat.append(random.once(in: 2) ? fresh(key()) : streamed())
      flat += typed(depth: depth)
    }
    return .array(flat)
  }

  /// A type and a value of it.
  private mutating func typed(depth: Int) -> [MessagePackValue] {
    switch random.below(depth > 0 ? 10 : 8) {
    case 0: return [2, random.pick([true, false, nil])]
    case 1, 2: return [3, number()]
    case 3: return [4, time()]
    case 4: return [5, random.pick([nil, .binary([0, 255, 1]), .binary([]), "text"])]
    case 8:
      var flat: [MessagePackValue] = []
      for _ in 0..<random.below(4) { flat += typed(depth: depth - 1) }
      return [6, .array(flat)]
    case 9: return [7, attributes(depth: depth - 1)]
    default: return [1, streamed()]
    }
  }

  private mutating func traceID() -> MessagePackValue {
    random.once(in: 10) ? nil : .binary((0..<16).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  private mutating func uint32() -> MessagePackValue { random.once(in: 4) ? nil : .uint(random.next() >> 32) }

  /// A text, or the number of one that came before.
  private mutating func streamed() -> MessagePackValue {
    random.once(in: 2) ? .uint(UInt64(random.below(streamedTexts + 1))) : fresh(text())
  }

  /// Counts a text that stands here for the first time.
  private mutating func fresh(_ text: MessagePackValue) -> MessagePackValue {
    if let bytes = text.bytes, !bytes.isEmpty { streamedTexts += 1 }
    return text
  }
}

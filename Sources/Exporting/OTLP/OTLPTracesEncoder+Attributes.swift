import TraceModel

/// Attributes of spans: `KeyValue`s, field 9 of a `Span`.
extension OTLPTracesEncoder {
  private static let spanAttribute: UInt8 = 0x4A

  // MARK: Texts

  /// Writes those that are attributes in OpenTelemetry too, and notes what the others say.
  @inline(__always) mutating func encodeTexts(
    of span: SpanRecord, _ facts: inout SpanFacts, _ batch: borrowing SpanBatch
  ) {
    let isOTLP = batch.payload.isOTLP
    let place = batch.payload.resource
    let texts = batch.texts
    // Attributes of the resource come in its order, and most are those of all spans of the group.
    var next = resource.count
    var index = span.meta.range.upperBound
    while index > span.meta.range.lowerBound {
      index &-= 1
      let entry = batch.meta[index]
      switch AttributeMeaning(entry, batch, isOTLP: isOTLP, &addedMeanings) {
      case .attribute:
        if place.holdsBeginning(of: entry.key) {
          if skipShared(&index, of: span, &facts, batch) || isShared(entry, &next, batch) { continue }
        }
        buffer.prependAttribute(field: Self.spanAttribute, key: entry.key, text: entry.value, of: texts)
      case .none: continue
      case .kind: facts.kind = entry.value
      case .env: if !skipShared(&index, of: span, &facts, batch) { facts.env = entry.value }
      case .version: if !skipShared(&index, of: span, &facts, batch) { facts.version = entry.value }
      case .statusCode: facts.statusCode = entry.value
      case .statusDescription: facts.statusDescription = entry.value
      case .traceState: facts.traceState = entry.value
      case .events: facts.events = index
      case .links: facts.links = index
      case .errorType:
        facts.errorType = entry.value
        if !isOTLP { encode(entry, batch) }
      case .errorMessage:
        // Tracers have had two names for it; where a span has both, they say the same.
        if facts.errorMessage.isEmpty { facts.errorMessage = entry.value }
        if !isOTLP, !facts.movesError { encode(entry, batch) }
      case .errorStack:
        facts.errorStack = entry.value
        if !isOTLP, !facts.movesError { encode(entry, batch) }
      case .language: if !Self.isOfTracer(entry.value, batch) { encode(entry, batch) }
      case .operation: if span.name.isEmpty { encode(entry, batch) }
      case .resource: if span.resource.isEmpty { encode(entry, batch) }
      case .type: if span.type.isEmpty { encode(entry, batch) }
      case .httpStatus: encodeHTTPStatus(entry, batch)
      case .renamed(let name): encodeAttribute(AttributeMeaning.newerNames[Int(name)].newer, entry.value, batch)
      case .requestHeader: encodeRequestHeader(entry, batch)
      }
    }
  }

  /// Goes to the first entry of `sharedMeta` where `index` is at its last one, and notes what it says besides the resource.
  @inline(__always) private func skipShared(
    _ index: inout Int, of span: SpanRecord, _ facts: inout SpanFacts, _ batch: borrowing SpanBatch
  ) -> Bool {
    let first = index &+ 1 &- batch.sharedMeta.range.count
    guard let shared = sharedFacts, first >= span.meta.range.lowerBound, batch.repeatsSharedMeta(before: index &+ 1)
    else { return false }
    if !shared.env.isEmpty { facts.env = shared.env }
    if !shared.version.isEmpty { facts.version = shared.version }
    index = first
    return true
  }

  /// Whether the resource of the group says this of all of its spans.
  @inline(__always) private func isShared(
    _ entry: MetaEntry, _ next: inout Int, _ batch: borrowing SpanBatch
  ) -> Bool {
    while next > 0 {
      let shared = resource[next &- 1]
      if shared.key.offset < entry.key.offset { return false }
      next &-= 1
      if shared.key == entry.key { return batch.equal(shared.value, entry.value) }
    }
    return false
  }

  @inline(never) mutating func encode(_ entry: MetaEntry, _ batch: borrowing SpanBatch) {
    buffer.prependAttribute(field: Self.spanAttribute, key: entry.key, text: entry.value, of: batch.texts)
  }

  /// What some tracers call their language in tags, and otherwise in headers.
  private static let languagesInTags: [StaticString] = ["jvm", "javascript", "dotnet"]

  /// Whether the tag `language` says what a tracer is written in.
  private static func isOfTracer(_ language: ByteSlice, _ batch: borrowing SpanBatch) -> Bool {
    if batch.equal(language, batch.payload.languageName) { return true }
    for name in languagesInTags where batch.equal(language, name) { return true }
    return false
  }

  /// Tracers write the status as a text; what asks for it in OpenTelemetry compares it with numbers.
  private mutating func encodeHTTPStatus(_ entry: MetaEntry, _ batch: borrowing SpanBatch) {
    let text = batch.bytes(entry.value)
    guard text.count == 3, let status = DecimalText.unsigned(text) else { return encode(entry, batch) }
    let mark = buffer.count
    buffer.prepend(varint: UInt64(status))
    buffer.prepend(byte: 0x18)
    close(key: entry.key, since: mark, batch)
  }

  private mutating func encodeRequestHeader(_ entry: MetaEntry, _ batch: borrowing SpanBatch) {
    let mark = buffer.count
    buffer.prependAlways(field: 0x0A, text: entry.value, of: batch)
    buffer.closeMessage(field: 0x12, since: mark)
    let keyMark = buffer.count
    let name = UnsafeRawBufferPointer(
      rebasing: batch.bytes(entry.key)[AttributeMeaning.headerPrefix.utf8CodeUnitCount...])
    buffer.prepend(bytes: name, readable: 0)
    buffer.prepend(literal: AttributeMeaning.newerHeaderPrefix)
    buffer.closeMessage(field: 0x0A, since: keyMark)
    buffer.closeMessage(field: Self.spanAttribute, since: mark)
  }

  /// An attribute with a name of ours and a text of the batch.
  @inline(__always) mutating func encodeAttribute(
    _ name: StaticString, _ text: ByteSlice, _ batch: borrowing SpanBatch, field tag: UInt8 = 0x4A
  ) {
    let mark = buffer.count
    buffer.prependAlways(field: 0x0A, text: text, of: batch)
    buffer.closeMessage(field: 0x12, since: mark)
    buffer.prepend(field: 0x0A, text: name)
    buffer.closeMessage(field: tag, since: mark)
  }

  /// An attribute with a name and a text of ours.
  mutating func encodeAttribute(_ name: StaticString, _ text: StaticString, field tag: UInt8 = 0x4A) {
    let mark = buffer.count
    buffer.prepend(field: 0x0A, text: text)
    buffer.closeMessage(field: 0x12, since: mark)
    buffer.prepend(field: 0x0A, text: name)
    buffer.closeMessage(field: tag, since: mark)
  }

  // MARK: Numbers

  /// An integer where the client sent one, or sends all numbers alike and this one is whole. What roost has added is for
  /// Datadog's intake, and is left out.
  @inline(__always) mutating func encodeNumbers(of span: SpanRecord, _ batch: borrowing SpanBatch) {
    let isOTLP = batch.payload.isOTLP
    let hasTypes = isOTLP || batch.isIndexed
    var index = span.metrics.range.upperBound
    while index > span.metrics.range.lowerBound {
      index &-= 1
      let entry = batch.metrics[index]
      if entry.known == .removed { continue }
      let isOwn = isOTLP && !entry.key.isInSideArena
      if !isOwn, batch.bytes(entry.key).first == UInt8(ascii: "_") {
        encodeMeaningful(entry, batch)
        continue
      }
      let mark = buffer.count
      encodeNumber(entry.value, isInteger: entry.isInteger || !hasTypes)
      if isOTLP, !isOwn, case .renamed(let name) = meaning(of: entry, batch) {
        close(key: AttributeMeaning.newerNames[Int(name)].newer, since: mark)
      } else {
        close(key: entry.key, since: mark, batch)
      }
    }
  }

  /// What the key of a number means that does not stand in the body.
  private mutating func meaning(of entry: MetricEntry, _ batch: borrowing SpanBatch) -> AttributeMeaning {
    addedMeanings.meaning(of: MetaEntry(key: entry.key, value: .empty, known: entry.known), batch)
  }

  /// Of the numbers that are for Datadog's intake, those that decoding makes of attributes of OpenTelemetry.
  private mutating func encodeMeaningful(_ entry: MetricEntry, _ batch: borrowing SpanBatch) {
    let mark = buffer.count
    switch entry.known {
    case .measured: if entry.value == 1 { encodeAttribute("_dd.measured", "1") }
    case .samplingPriority:
      encodeNumber(entry.value, isInteger: true)
      close(key: "sampling.priority", since: mark)
    case .eventRate where entry.value == 0 || entry.value == 1:
      buffer.prepend(byte: entry.value == 1 ? 1 : 0)
      buffer.prepend(byte: 0x10)
      close(key: "analytics.event", since: mark)
    default: break
    }
  }

  /// An `AnyValue` with a number, without tag and length.
  @inline(__always) private mutating func encodeNumber(_ value: Double, isInteger: Bool) {
    // The largest integers come here as the number above them.
    if isInteger, let integer = value == 0x1p63 ? .max : Int64(exactly: value) {
      buffer.prepend(varint: UInt64(bitPattern: integer))
      buffer.prepend(byte: 0x18)
    } else {
      buffer.prepend(field: 0x21, double: value)
    }
  }

  /// Closes the value that began when `count` was `mark`, puts the key in front of it, and closes the attribute.
  @inline(__always) private mutating func close(key: ByteSlice, since mark: Int, _ batch: borrowing SpanBatch) {
    buffer.closeMessage(field: 0x12, since: mark)
    buffer.prependAlways(field: 0x0A, text: key, of: batch)
    buffer.closeMessage(field: Self.spanAttribute, since: mark)
  }

  private mutating func close(key: StaticString, since mark: Int) {
    buffer.closeMessage(field: 0x12, since: mark)
    buffer.prepend(field: 0x0A, text: key)
    buffer.closeMessage(field: Self.spanAttribute, since: mark)
  }

  // MARK: Typed values

  mutating func encodeTyped(of span: SpanRecord, _ batch: borrowing SpanBatch) {
    for index in span.typed.range.reversed() {
      if batch.bytes(batch.typedAttributes[index].key).first == UInt8(ascii: "_") { continue }
      encodeTyped(batch.typedAttributes[index], field: Self.spanAttribute, batch)
    }
  }

  mutating func encodeTyped(_ range: IndexRange, field tag: UInt8, _ batch: borrowing SpanBatch) {
    for index in range.range.reversed() { encodeTyped(batch.typedAttributes[index], field: tag, batch) }
  }

  mutating func encodeTyped(_ attribute: TypedAttribute, field tag: UInt8, _ batch: borrowing SpanBatch) {
    if attribute.value.isRemoved { return }
    let mark = buffer.count
    encodeAnyValue(attribute.value, field: 0x12, batch)
    buffer.prependAlways(field: 0x0A, text: attribute.key, of: batch)
    buffer.closeMessage(field: tag, since: mark)
  }

  /// An `AnyValue`: one of its fields, written also where it holds the default. Values lie within each other no deeper than
  /// decoders go.
  private mutating func encodeAnyValue(_ value: AnyValueRecord, field tag: UInt8, _ batch: borrowing SpanBatch) {
    let mark = buffer.count
    switch value.type {
    case 0: buffer.prependAlways(field: 0x0A, text: value.string, of: batch)
    case 1:
      buffer.prepend(byte: value.bool ? 1 : 0)
      buffer.prepend(byte: 0x10)
    case 2:
      buffer.prepend(varint: UInt64(bitPattern: value.int))
      buffer.prepend(byte: 0x18)
    case 3: buffer.prepend(field: 0x21, double: value.double)
    case 4:
      let list = buffer.count
      for index in value.array.range.reversed() { encodeAnyValue(batch.arrayValues[index], field: 0x0A, batch) }
      buffer.closeMessage(field: 0x2A, since: list)
    // Clients of older formats may say any number, and have no such values.
    case 5 where batch.isIndexed: buffer.prependAlways(field: 0x3A, text: value.string, of: batch)
    case 6 where batch.isIndexed:
      let list = buffer.count
      encodeTyped(value.keyValues, field: 0x0A, batch)
      buffer.closeMessage(field: 0x32, since: list)
    default: break
    }
    buffer.closeMessage(field: tag, since: mark)
  }
}

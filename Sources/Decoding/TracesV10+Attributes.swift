import TraceModel

/// The attributes of v1.0: flat arrays of a key, a type and a value each.
extension MessagePackDecoder {
  /// Attributes of a span go where `SpanBatch` has those of their type. Of a key that comes twice the last counts, whatever
  /// the types.
  @_lifetime(self: copy self)
  mutating func readAttributes(
    of span: inout SpanRecord, _ batch: inout SpanBatch, _ strings: inout StreamingStrings
  ) throws(ValueError) {
    let count = try readCount(of: 3, .triples)
    strings.beginList()
    (span.metaKeys, span.metricKeys) = (.empty, .empty)
    let (meta, metrics, metaStruct) = (batch.meta.count, batch.metrics.count, batch.metaStruct.count)
    var typed = TypedPlaces(first: batch.typedAttributes.count)
    for index in 0..<count {
      let key = try readNumber(&batch, &strings)
      let earlier = strings.earlier(key)
      if earlier.place != .none { Self.remove(earlier.place, earlier.index, from: &span, &batch) }
      switch try readAttributeType() {
      case .string:
        let known = known(key, batch, &strings)
        let value = try readStreamed(&batch, &strings)
        strings.note(key, .meta, at: batch.meta.count)
        try appendText(strings.text(key), value, known: known, to: &span, from: meta, &batch)
      case .double:
        try appendNumber(key, try reader.readDouble(), isInteger: false, to: &span, &batch, &strings)
      case .int:
        let value = try reader.readInt64()
        if let double = Double(exactly: value) {
          try appendNumber(key, double, isInteger: true, to: &span, &batch, &strings)
        } else {
          let at = try place(for: 1, in: &typed, &batch)
          set(.int(value), key, at, &batch, &strings)
        }
      case .bytes:
        let value = try readBytes()
        strings.note(key, .metaStruct, at: batch.metaStruct.count)
        try reserve(1, in: &batch.metaStruct)
        batch.metaStruct.append(MetaEntry(key: strings.text(key), value: value, known: .unknown))
      case .bool:
        let at = try place(for: 1, in: &typed, &batch)
        set(.bool(try reader.readBool()), key, at, &batch, &strings)
      case let type:
        // What is within may need places of the same array, so that all that may come are taken first.
        let at = try place(for: count &- index, in: &typed, &batch)
        set(try readValue(of: type, &batch, &strings, depth: 0), key, at, &batch, &strings)
      }
    }
    span.meta = IndexRange(start: meta, end: batch.meta.count)
    span.metrics = IndexRange(start: metrics, end: batch.metrics.count)
    span.metaStruct = IndexRange(start: metaStruct, end: batch.metaStruct.count)
    span.typed = finish(typed, &batch)
  }

  /// Attributes of a link: texts apart from the others, as other formats have only texts there.
  @_lifetime(self: copy self)
  mutating func readAttributes(
    of link: inout LinkRecord, _ batch: inout SpanBatch, _ strings: inout StreamingStrings
  ) throws(ValueError) {
    let count = try readCount(of: 3, .triples)
    let first = batch.linkAttributes.count
    var typed = TypedPlaces(first: batch.typedAttributes.count)
    for index in 0..<count {
      let key = try readStreamed(&batch, &strings)
      let type = try readAttributeType()
      if type == .string {
        let value = try readStreamed(&batch, &strings)
        try reserve(1, in: &batch.linkAttributes)
        batch.linkAttributes.append(MetaEntry(key: key, value: value, known: .unknown))
      } else {
        let at = try place(for: count &- index, in: &typed, &batch)
        let value = try readValue(of: type, &batch, &strings, depth: 0)
        batch.typedAttributes[at].key = key
        batch.typedAttributes[at].value = value
      }
    }
    link.attributes = IndexRange(start: first, end: batch.linkAttributes.count)
    link.typed = finish(typed, &batch)
  }

  /// Attributes of a payload, a chunk or an event, or the entries of a key-value list: all of them in one place.
  @_lifetime(self: copy self)
  mutating func readAttributeList(
    _ batch: inout SpanBatch, _ strings: inout StreamingStrings, depth: Int
  ) throws(ValueError) -> IndexRange {
    let count = try readCount(of: 3, .triples)
    // Places at the end may be given back, and an empty range must not point behind them.
    guard count > 0 else { return .empty }
    let first = try context.reserveTyped(count, &batch, at: reader.offset)
    for index in first..<first + count {
      batch.typedAttributes[index].key = try readStreamed(&batch, &strings)
      batch.typedAttributes[index].value = try readValue(
        of: try readAttributeType(), &batch, &strings, depth: depth)
    }
    return IndexRange(start: first, end: first + count)
  }

  // MARK: Values

  @_lifetime(self: copy self)
  private mutating func readValue(
    of type: AttributeType, _ batch: inout SpanBatch, _ strings: inout StreamingStrings, depth: Int
  ) throws(ValueError) -> AnyValueRecord {
    switch type {
    case .string: return .string(try readStreamed(&batch, &strings))
    case .bool: return .bool(try reader.readBool())
    case .double: return .double(try reader.readDouble())
    case .int: return .int(try reader.readInt64())
    case .bytes: return .bytes(try readBytes())
    case .array, .keyValues: break
    }
    let at = reader.offset
    guard depth < MessagePackReader.depthMax else {
      let seen = MessagePackReader.sight(of: try reader.peekMarker())
      throw ValueError(kind: .tooDeep, offset: at, expected: .depth, seen: seen)
    }
    if type == .keyValues { return .keyValues(try readAttributeList(&batch, &strings, depth: depth + 1)) }
    let count = try readCount(of: 2, .typedPairs)
    let first = try context.reserveElements(count, &batch, at: reader.offset)
    for index in first..<first + count {
      batch.arrayValues[index] = try readValue(of: try readAttributeType(), &batch, &strings, depth: depth + 1)
    }
    return .array(IndexRange(start: first, end: first + count))
  }

  /// How many attributes or values an array holds, which have so many elements each.
  @_lifetime(self: copy self)
  @inline(__always) private mutating func readCount(
    of elements: Int, _ expected: ValueError.Expectation
  ) throws(ValueError) -> Int {
    let at = reader.offset
    let count = try reader.readArrayCount()
    guard count % elements == 0 else {
      throw ValueError(kind: .wrongLength, offset: at, expected: expected, seen: .array)
    }
    return count / elements
  }

  @_lifetime(self: copy self)
  @inline(__always) private mutating func readAttributeType() throws(ValueError) -> AttributeType {
    let at = reader.offset
    let marker = try reader.peekMarker()
    guard let type = AttributeType(rawValue: try reader.readNumberKey()) else {
      throw reader.outOfRange(.attributeType, at: at, marker: marker)
    }
    return type
  }

  @_lifetime(self: copy self)
  private mutating func readBytes() throws(ValueError) -> ByteSlice {
    let at = reader.offset
    let marker = try reader.peekMarker()
    let (start, length) = try reader.readRawString()
    guard length <= Self.metaStructValueBytesMax else { throw reader.outOfRange(.bytes, at: at, marker: marker) }
    return ByteSlice(bodyOffset: start, length: length)
  }

  // MARK: Places

  /// The known key that the text with a number spells.
  @inline(__always) private func known(
    _ number: Int, _ batch: borrowing SpanBatch, _ strings: inout StreamingStrings
  ) -> KnownKey {
    if let known = strings.known(number) { return known }
    let known = context.knownKey(strings.text(number), batch)
    strings.setKnown(known, number)
    return known
  }

  /// Appends a text attribute to those of a span, which begin at `first`, in place of one with the same known key.
  @_lifetime(self: copy self)
  @inline(__always) mutating func appendText(
    _ key: ByteSlice, _ value: ByteSlice, known: KnownKey, to span: inout SpanRecord, from first: Int,
    _ batch: inout SpanBatch
  ) throws(ValueError) {
    try reserve(1, in: &batch.meta)
    if known != .unknown {
      if known.hasBit, span.metaKeys.contains(known) { DecodingContext.removeLast(known, of: &batch.meta, from: first) }
      span.metaKeys.insert(known, isPeerTag: context.keys.isPeerTag(known))
    }
    batch.meta.append(MetaEntry(key: key, value: value, known: known))
  }

  @_lifetime(self: copy self)
  @inline(__always) private mutating func appendNumber(
    _ key: Int, _ value: Double, isInteger: Bool, to span: inout SpanRecord, _ batch: inout SpanBatch,
    _ strings: inout StreamingStrings
  ) throws(ValueError) {
    let known = known(key, batch, &strings)
    strings.note(key, .metrics, at: batch.metrics.count)
    try reserve(1, in: &batch.metrics)
    if known != .unknown { span.metricKeys.insert(known, isPeerTag: false) }
    batch.metrics.append(MetricEntry(key: strings.text(key), value: value, known: known, isInteger: isInteger))
  }

  /// Fills the place of an attribute of a span that has neither a text nor a number's.
  private func set(
    _ value: AnyValueRecord, _ key: Int, _ place: Int, _ batch: inout SpanBatch, _ strings: inout StreamingStrings
  ) {
    batch.typedAttributes[place].key = strings.text(key)
    batch.typedAttributes[place].value = value
    strings.note(key, .typed, at: place)
  }

  /// Takes out an attribute that a later one with its key replaces.
  private static func remove(
    _ place: AttributePlace, _ index: Int, from span: inout SpanRecord, _ batch: inout SpanBatch
  ) {
    switch place {
    case .none: break
    case .meta:
      guard batch.meta[index].known != .removed else { return }
      span.metaKeys.remove(batch.meta[index].known)
      batch.meta[index].known = .removed
    case .metrics: batch.metrics[index].known = .removed
    case .metaStruct: batch.metaStruct[index].known = .removed
    case .typed: batch.typedAttributes[index].value = .removed
    }
  }

  /// The place for an attribute among those that lie together. `count`: places to take when none is left; the other ones
  /// are for attributes that come after it.
  @_lifetime(self: copy self)
  private mutating func place(
    for count: Int, in places: inout TypedPlaces, _ batch: inout SpanBatch
  ) throws(ValueError) -> Int {
    if places.used == places.taken {
      _ = try context.reserveTyped(count, &batch, at: reader.offset)
      places.taken += count
    }
    places.used += 1
    return places.first + places.used - 1
  }

  /// Gives back the places that were not used, where nothing lies behind them.
  @_lifetime(self: copy self)
  private mutating func finish(_ places: TypedPlaces, _ batch: inout SpanBatch) -> IndexRange {
    let end = places.first + places.used
    if places.taken > places.used, batch.typedAttributes.count == places.first + places.taken {
      batch.typedAttributes.truncate(to: end)
      context.refund((places.taken - places.used) * MemoryLayout<TypedAttribute>.stride)
    }
    return IndexRange(start: places.first, end: end)
  }
}

/// Places in `SpanBatch.typedAttributes` for attributes of one span or link.
private struct TypedPlaces {
  let first: Int
  var used = 0
  var taken = 0
}

/// The types of attributes on the wire.
private enum AttributeType: UInt64 {
  case string = 1
  case bool, double, int, bytes, array, keyValues
}

extension SpanBatch {
  /// Bytes of all texts in a list of typed attributes, references to one text counted each.
  func textBytes(of attributes: IndexRange) -> Int {
    var bytes = 0
    for index in attributes.range where !typedAttributes[index].value.isRemoved {
      bytes += Int(typedAttributes[index].key.length) + textBytes(of: typedAttributes[index].value)
    }
    return bytes
  }

  private func textBytes(of value: AnyValueRecord) -> Int {
    if value.type == 6 { return textBytes(of: value.keyValues) }
    var bytes = Int(value.string.length)
    for index in value.array.range { bytes += textBytes(of: arrayValues[index]) }
    return bytes
  }
}

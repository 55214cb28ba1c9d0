import TraceModel

extension MessagePackDecoder {
  /// A sketch, which lies in the payload as bytes.
  @_lifetime(self: copy self)
  mutating func readSketch(_ statistics: inout ClientStatistics) throws(ValueError) -> SketchRecord {
    let (start, length) = try reader.readRawString()
    guard length > 0 else { return SketchRecord() }
    var sketch = SketchDecoder(reader.bytes.extracting(start..<start + length))
    do throws(ValueError) {
      return try sketch.read(&statistics.bins, &context)
    } catch {
      // Inside of the sketch offsets begin at its first byte.
      var located = error
      located.offset += start
      throw located
    }
  }
}

/// DDSketches as clients write them, in protobuf inside MessagePack: `DDSketch{1 mapping, 2 positiveValues,
/// 3 negativeValues, 4 double zeroCount}`. A store has its bins in a map, in a row, or in both; they are summed.
private struct SketchDecoder: ~Escapable {
  /// Bins in one sketch at most, the empty ones of a row among them. Tracers keep 2,048.
  private static var binsMax: Int { 65_536 }

  private var reader: ProtobufReader

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) { reader = ProtobufReader(bytes) }

  @_lifetime(self: copy self)
  mutating func read(
    _ bins: inout GrowableBuffer<SketchBin>, _ context: inout DecodingContext
  ) throws(ValueError) -> SketchRecord {
    var record = SketchRecord()
    let first = bins.count
    while let tag = try reader.readTag() {
      switch tag.field {
      case 1: try readMapping(tag, into: &record)
      case 2: try readStore(tag, &bins, &context, binsMax: first + Self.binsMax)
      case 3:
        // Durations below zero: none that a clock could measure.
        let before = bins.count
        try readStore(tag, &bins, &context, binsMax: first + Self.binsMax)
        for index in before..<bins.count { record.zeroCount += bins[index].count }
        bins.truncate(to: before)
      case 4: record.zeroCount += try readCount(tag)
      default: try reader.skip(tag)
      }
    }
    record.bins = IndexRange(start: first, end: bins.count)
    guard record.bins.isEmpty || record.gamma > 1 else { throw Self.badMapping(at: 0) }
    return record
  }

  private static func badMapping(at offset: Int) -> ValueError {
    ValueError(kind: .outOfRange, offset: offset, expected: .mapping, seen: .otherMapping)
  }

  /// `IndexMapping{1 double gamma, 2 double indexOffset, 3 enum interpolation}`. All tracers of Datadog interpolate
  /// nothing (0).
  @_lifetime(self: copy self)
  private mutating func readMapping(
    _ tag: ProtobufReader.Tag, into record: inout SketchRecord
  ) throws(ValueError) {
    let end = try reader.enterMessage(tag)
    while let inner = try reader.readTag() {
      switch inner.field {
      case 1: record.gamma = Double(bitPattern: try reader.readFixed64(inner))
      case 2: record.indexOffset = Double(bitPattern: try reader.readFixed64(inner))
      case 3:
        guard try reader.readVarint(inner) == 0 else { throw Self.badMapping(at: inner.offset) }
      default: try reader.skip(inner)
      }
    }
    reader.leaveMessage(end)
    guard record.gamma > 1, record.gamma.isFinite, record.indexOffset.isFinite else {
      throw Self.badMapping(at: tag.offset)
    }
  }

  @_lifetime(self: copy self)
  private mutating func readCount(
    _ tag: ProtobufReader.Tag
  ) throws(ValueError) -> Double {
    let count = Double(bitPattern: try reader.readFixed64(tag))
    guard count >= 0, count.isFinite else {
      throw ValueError(kind: .outOfRange, offset: tag.offset, expected: .count, seen: .number)
    }
    return count
  }

  /// `Store{1 map<sint32, double> binCounts, 2 packed double contiguousBinCounts, 3 sint32 contiguousBinIndexOffset}`.
  @_lifetime(self: copy self)
  private mutating func readStore(
    _ tag: ProtobufReader.Tag, _ bins: inout GrowableBuffer<SketchBin>, _ context: inout DecodingContext, binsMax: Int
  ) throws(ValueError) {
    let end = try reader.enterMessage(tag)
    // A row may come in several runs, and in front of the index of its first bin.
    let firstOfRow = bins.count
    var (position, rowOffset) = (0, 0)
    var pairs: [SketchBin] = []
    while let field = try reader.readTag() {
      guard bins.count + pairs.count < binsMax else {
        throw ValueError(kind: .tooMany, offset: field.offset, expected: .fewer, seen: .more)
      }
      switch (field.field, field.type) {
      case (1, _): pairs.append(try readPair(field))
      case (2, .lengthDelimited):
        let (start, length) = try reader.readBytes(field)
        guard length % 8 == 0, position + length / 8 <= Self.binsMax else {
          throw ValueError(
            kind: length % 8 == 0 ? .tooMany : .malformed, offset: field.offset, expected: .fixed64,
            seen: length % 8 == 0 ? .more : .messageEnd)
        }
        try context.reserve(length / 8, in: &bins, at: reader.offset)
        try readRow(start, length / 8, at: &position, to: &bins)
      case (2, _):
        guard position < Self.binsMax else {
          throw ValueError(kind: .tooMany, offset: field.offset, expected: .fewer, seen: .more)
        }
        try context.reserve(1, in: &bins, at: reader.offset)
        try Self.append(
          Double(bitPattern: try reader.readFixed64(field)), at: position, offset: field.offset, to: &bins)
        position &+= 1
      case (3, _): rowOffset = Int(Self.signed(try reader.readVarint(field)))
      default: try reader.skip(field)
      }
    }
    if rowOffset != 0 {
      for index in firstOfRow..<bins.count {
        bins[index].index = Int32(clamping: Int(bins[index].index) + rowOffset)
      }
    }
    if !pairs.isEmpty {
      try context.reserve(pairs.count, in: &bins, at: reader.offset)
      for pair in pairs { bins.append(pair) }
    }
    reader.leaveMessage(end)
  }

  /// Appends the bins of a row of doubles, for which there is room, but for empty ones.
  private func readRow(
    _ start: Int, _ length: Int, at position: inout Int, to bins: inout GrowableBuffer<SketchBin>
  ) throws(ValueError) {
    for number in 0..<length {
      let at = start &+ 8 &* number
      let bits = unsafe reader.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self).littleEndian
      // Most bins of a row are empty.
      if bits == 0 { continue }
      try Self.append(Double(bitPattern: bits), at: position &+ number, offset: at, to: &bins)
    }
    position &+= length
  }

  /// Appends a bin of a row unless it is empty. `position`: within the row, below `binsMax`.
  @inline(__always) private static func append(
    _ count: Double, at position: Int, offset: Int, to bins: inout GrowableBuffer<SketchBin>
  ) throws(ValueError) {
    // The bits of doubles above zero grow with them, up to those of infinity: one comparison for all that is a count.
    if count.bitPattern &- 1 < Double.infinity.bitPattern &- 1 {
      bins.append(SketchBin(index: Int32(truncatingIfNeeded: position), count: count))
    } else if count != 0 {
      throw ValueError(kind: .outOfRange, offset: offset, expected: .count, seen: .number)
    }
  }

  @_lifetime(self: copy self)
  private mutating func readPair(
    _ tag: ProtobufReader.Tag
  ) throws(ValueError) -> SketchBin {
    var bin = SketchBin(index: 0, count: 0)
    let end = try reader.enterMessage(tag)
    while let inner = try reader.readTag() {
      switch inner.field {
      case 1: bin.index = Self.signed(try reader.readVarint(inner))
      case 2: bin.count = try readCount(inner)
      default: try reader.skip(inner)
      }
    }
    reader.leaveMessage(end)
    return bin
  }

  /// A sint32 from its varint.
  private static func signed(_ value: UInt64) -> Int32 {
    let word = UInt32(truncatingIfNeeded: value)
    return Int32(bitPattern: word >> 1) ^ -Int32(bitPattern: word & 1)
  }
}

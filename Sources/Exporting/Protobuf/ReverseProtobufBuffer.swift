import TraceModel

/// A protobuf message written from its end to its beginning.
///
/// In protobuf a nested message is preceded by its length. Written backwards, the length is known when it is due: one
/// pass, no sizes computed first, no gap to close. Fields are therefore written in descending order.
package struct ReverseProtobufBuffer: ~Copyable, @unchecked Sendable {
  /// Free bytes kept before every write, so that strings can be copied in whole blocks.
  static let slack = 64
  private static let block = 16
  /// Bytes of memory that are kept from one request to the next.
  private static let keptBytes = 1 << 20

  private var base: UnsafeMutableRawPointer?
  private var capacity = 0
  /// Offset of the first byte in use; everything from here to `capacity` is written.
  private var start = 0

  package init() {}

  deinit { base?.deallocate() }

  /// Bytes that have been written since the last `removeAll`.
  @inline(__always) package var count: Int { capacity &- start }

  /// Bytes of memory held, used or not.
  var allocatedBytes: Int { capacity }

  /// Empties the buffer; gives memory back after a huge message.
  package mutating func removeAll() {
    if capacity > Self.keptBytes {
      base?.deallocate()
      base = nil
      capacity = 0
    }
    start = capacity
  }

  /// Takes back what was written since `count` was `mark`.
  mutating func removeFront(since mark: Int) {
    precondition(mark >= 0 && mark <= count)
    start = capacity - mark
  }

  /// The message so far. Valid until the next write.
  package var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base.map { $0 + start }, count: count)
  }

  /// Lends the message to a function that may fail.
  func withBytes<Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    try body(bytes)
  }

  /// Makes sure that `extra` bytes and the slack fit.
  @inline(__always) mutating func reserve(_ extra: Int) {
    if start < extra &+ Self.slack { grow(extra) }
  }

  // Rare, and large where it is inlined.
  @inline(never) private mutating func grow(_ extra: Int) {
    let used = count
    let wanted = max(capacity * 2, used + extra + Self.slack, 64 * 1024)
    let grown = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
    if let base {
      (grown + (wanted - used)).copyMemory(from: base + start, byteCount: used)
      base.deallocate()
    }
    base = grown
    start = wanted - used
    capacity = wanted
  }

  @inline(__always) mutating func prepend(byte: UInt8) {
    reserve(1)
    start &-= 1
    base.unsafelyUnwrapped.storeBytes(of: byte, toByteOffset: start, as: UInt8.self)
  }

  @inline(__always) mutating func prepend(varint value: UInt64) {
    if value < 0x80 {
      prepend(byte: UInt8(truncatingIfNeeded: value))
      return
    }
    prependLong(varint: value)
  }

  @inline(never) private mutating func prependLong(varint value: UInt64) { storeLong(varint: value) }

  /// Two bytes and more. Seven bits go into each byte, eight bytes at once; what is stored too much lies in front and is
  /// overwritten next.
  @inline(__always) private mutating func storeLong(varint value: UInt64) {
    reserve(10)
    let base = base.unsafelyUnwrapped
    if value < 0x4000 {
      start &-= 2
      let both = UInt16(truncatingIfNeeded: value & 0x7F | value << 1 & 0x7F00 | 0x80)
      return base.storeBytes(of: both.littleEndian, toByteOffset: start, as: UInt16.self)
    }
    let length = (70 &- (value | 1).leadingZeroBitCount) / 7
    let groups = Self.groups(value & 0xFF_FFFF_FFFF_FFFF)
    if length <= 8 {
      let more = Self.moreBits >> UInt64(8 &* (9 &- length))
      let aligned = (groups | more) << UInt64(8 &* (8 &- length))
      base.storeBytes(of: aligned.littleEndian, toByteOffset: start &- 8, as: UInt64.self)
      start &-= length
      return
    }
    start &-= length
    base.storeBytes(of: (groups | Self.moreBits).littleEndian, toByteOffset: start, as: UInt64.self)
    let top = UInt8(truncatingIfNeeded: value >> 56)
    if length == 9 {
      base.storeBytes(of: top, toByteOffset: start &+ 8, as: UInt8.self)
    } else {
      base.storeBytes(of: top | 0x80, toByteOffset: start &+ 8, as: UInt8.self)
      base.storeBytes(of: 1, toByteOffset: start &+ 9, as: UInt8.self)
    }
  }

  /// The bit that says that more bytes follow, in each of eight bytes.
  private static let moreBits: UInt64 = 0x8080_8080_8080_8080

  /// The lowest 56 bits, seven in each byte, the lowest first.
  @inline(__always) private static func groups(_ value: UInt64) -> UInt64 {
    var spread = (value & 0xFFF_FFFF) | (value & 0xFF_FFFF_F000_0000) << 4
    spread = (spread & 0x3FFF_0000_3FFF) | (spread & 0x0FFF_C000_0FFF_C000) << 2
    return (spread & 0x7F_007F_007F_007F) | (spread & 0x3F80_3F80_3F80_3F80) << 1
  }

  @inline(__always) mutating func prepend(fixed64 value: UInt64) {
    reserve(8)
    start &-= 8
    base.unsafelyUnwrapped.storeBytes(of: value.littleEndian, toByteOffset: start, as: UInt64.self)
  }

  /// Up to eight bytes of a number, the lowest one first.
  @inline(__always) mutating func prepend(lowestBytes length: Int, of value: UInt64) {
    reserve(8)
    start &-= length
    // What is stored too much lies in front, and is overwritten next.
    base.unsafelyUnwrapped.storeBytes(
      of: (value << UInt64(64 &- 8 &* length)).littleEndian, toByteOffset: start &+ length &- 8, as: UInt64.self)
  }

  @inline(__always) mutating func prepend(fixed32 value: UInt32) {
    reserve(4)
    start &-= 4
    base.unsafelyUnwrapped.storeBytes(of: value.littleEndian, toByteOffset: start, as: UInt32.self)
  }

  /// Copies a text. `readable` says how many bytes before the text may be read along with it.
  @inline(__always) mutating func prepend(bytes source: UnsafeRawBufferPointer, readable: Int) {
    let length = source.count
    guard length > 0, let from = source.baseAddress else { return }
    reserve(length)
    let base = base.unsafelyUnwrapped
    if readable >= Self.block {
      Self.copyBlocks(source, before: base + start)
    } else if length >= 8, length <= 16 {
      // As two words, which may overlap.
      let (first, last) = (
        source.loadUnaligned(as: UInt64.self), source.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
      )
      base.storeBytes(of: first, toByteOffset: start &- length, as: UInt64.self)
      base.storeBytes(of: last, toByteOffset: start &- 8, as: UInt64.self)
    } else {
      (base + (start &- length)).copyMemory(from: from, byteCount: length)
    }
    start &-= length
  }

  /// Writes again what was written while `count` went from one mark to another.
  mutating func prependAgain(_ marks: Range<Int>) {
    precondition(marks.lowerBound >= 0 && marks.upperBound <= count)
    reserve(marks.count)
    let base = base.unsafelyUnwrapped
    // It lies behind `start`, where nothing is written.
    (base + (start &- marks.count)).copyMemory(from: base + (capacity &- marks.upperBound), byteCount: marks.count)
    start &-= marks.count
  }

  // MARK: Fields

  /// A field with a number; zero is the default and not written.
  @inline(__always) mutating func prepend(field tag: UInt8, varint value: UInt64) {
    guard value != 0 else { return }
    prependAlways(field: tag, varint: value)
  }

  /// A field with a number or a length, zero too.
  @inline(__always) mutating func prependAlways(field tag: UInt8, varint value: UInt64) {
    guard value < 0x80 else { return prependLong(varint: value, behind: tag) }
    reserve(2)
    start &-= 2
    Self.store(tag: tag, length: Int(truncatingIfNeeded: value), at: base.unsafelyUnwrapped + start)
  }

  @inline(never) private mutating func prependLong(varint value: UInt64, behind tag: UInt8) {
    storeLong(varint: value)
    prepend(byte: tag)
  }

  /// A field with a text; empty is the default and not written.
  @inline(__always) mutating func prepend(field tag: UInt8, text: ByteSlice, of batch: borrowing SpanBatch) {
    guard !text.isEmpty else { return }
    prependAlways(field: tag, text: text, of: batch)
  }

  /// A field with a text, written also when empty, as in the entries of a map.
  @inline(__always) mutating func prependAlways(field tag: UInt8, text: ByteSlice, of batch: borrowing SpanBatch) {
    prependAlways(field: tag, text: text, of: batch.texts)
  }

  @inline(__always) mutating func prependAlways(field tag: UInt8, text: ByteSlice, of texts: BatchTexts) {
    let length = Int(text.length)
    guard length < 0x80, text.offset >= Self.block else { return prependLong(field: tag, text: text, of: texts) }
    reserve(length &+ 2)
    let end = base.unsafelyUnwrapped + start
    Self.copyBlocks(texts[text], before: end)
    start &-= length &+ 2
    Self.store(tag: tag, length: length, at: end - (length &+ 2))
  }

  @inline(never) private mutating func prependLong(field tag: UInt8, text: ByteSlice, of texts: BatchTexts) {
    prepend(bytes: texts[text], readable: text.offset)
    prependAlways(field: tag, varint: UInt64(text.length))
  }

  /// An entry of a map: a message of a key, field 1, and a text, field 2. Written also when they are empty.
  @inline(__always) mutating func prependEntry(
    field tag: UInt8, key: ByteSlice, text: ByteSlice, of batch: borrowing SpanBatch
  ) {
    prependEntry(field: tag, key: key, text: text, of: batch.texts)
  }

  @inline(__always) mutating func prependEntry(
    field tag: UInt8, key: ByteSlice, text: ByteSlice, of texts: BatchTexts
  ) {
    let (keyLength, textLength) = (Int(key.length), Int(text.length))
    let length = keyLength &+ textLength &+ 4
    guard length < 0x80, key.offset >= Self.block, text.offset >= Self.block else {
      return prependLongEntry(field: tag, key: key, text: text, of: texts)
    }
    // All lengths have one byte: one look for space, and no varint.
    reserve(length &+ 2)
    var front = base.unsafelyUnwrapped + start
    Self.copyBlocks(texts[text], before: front)
    front -= textLength &+ 2
    Self.store(tag: 0x12, length: textLength, at: front)
    Self.copyBlocks(texts[key], before: front)
    front -= keyLength &+ 4
    Self.store(tag: tag, length: length, at: front)
    Self.store(tag: 0x0A, length: keyLength, at: front + 2)
    start &-= length &+ 2
  }

  @inline(never) private mutating func prependLongEntry(
    field tag: UInt8, key: ByteSlice, text: ByteSlice, of texts: BatchTexts
  ) {
    let mark = count
    prependAlways(field: 0x12, text: text, of: texts)
    prependAlways(field: 0x0A, text: key, of: texts)
    closeMessage(field: tag, since: mark)
  }

  /// An entry of a map: a message of a key, field 1, and a number, field 2. Written also when they are empty and zero.
  @inline(__always) mutating func prependEntry(
    field tag: UInt8, key: ByteSlice, double value: Double, of batch: borrowing SpanBatch
  ) {
    let keyLength = Int(key.length)
    let length = keyLength &+ 11
    guard length < 0x80, key.offset >= Self.block else {
      return prependLongEntry(field: tag, key: key, double: value, of: batch)
    }
    reserve(length &+ 2)
    var front = base.unsafelyUnwrapped + (start &- 9)
    front.storeBytes(of: value.bitPattern.littleEndian, toByteOffset: 1, as: UInt64.self)
    front.storeBytes(of: 0x11, as: UInt8.self)
    Self.copyBlocks(batch.bytes(key), before: front)
    front -= keyLength &+ 4
    Self.store(tag: tag, length: length, at: front)
    Self.store(tag: 0x0A, length: keyLength, at: front + 2)
    start &-= length &+ 2
  }

  @inline(never) private mutating func prependLongEntry(
    field tag: UInt8, key: ByteSlice, double value: Double, of batch: borrowing SpanBatch
  ) {
    let mark = count
    prepend(field: 0x11, double: value)
    prependAlways(field: 0x0A, text: key, of: batch)
    closeMessage(field: tag, since: mark)
  }

  /// A `KeyValue` of OpenTelemetry with a text: a key, field 1, and in field 2 a value, whose field 1 the text is. Written
  /// also when they are empty.
  @inline(__always) mutating func prependAttribute(
    field tag: UInt8, key: ByteSlice, text: ByteSlice, of texts: BatchTexts
  ) {
    let (keyLength, textLength) = (Int(key.length), Int(text.length))
    let length = keyLength &+ textLength &+ 6
    guard length < 0x80, key.offset >= Self.block, text.offset >= Self.block else {
      return prependLongAttribute(field: tag, key: key, text: text, of: texts)
    }
    reserve(length &+ 2)
    var front = base.unsafelyUnwrapped + start
    Self.copyBlocks(texts[text], before: front)
    front -= textLength &+ 2
    Self.store(tag: 0x0A, length: textLength, at: front)
    front -= 2
    Self.store(tag: 0x12, length: textLength &+ 2, at: front)
    Self.copyBlocks(texts[key], before: front)
    front -= keyLength &+ 4
    Self.store(tag: tag, length: length, at: front)
    Self.store(tag: 0x0A, length: keyLength, at: front + 2)
    start &-= length &+ 2
  }

  @inline(never) private mutating func prependLongAttribute(
    field tag: UInt8, key: ByteSlice, text: ByteSlice, of texts: BatchTexts
  ) {
    let mark = count
    prependAlways(field: 0x0A, text: text, of: texts)
    closeMessage(field: 0x12, since: mark)
    prependAlways(field: 0x0A, text: key, of: texts)
    closeMessage(field: tag, since: mark)
  }

  /// A tag, and a length below 128.
  @inline(__always) private static func store(tag: UInt8, length: Int, at place: UnsafeMutableRawPointer) {
    let both = UInt16(tag) | UInt16(truncatingIfNeeded: length) << 8
    place.storeBytes(of: both.littleEndian, as: UInt16.self)
  }

  /// Copies bytes to where they end before `end`, in whole blocks from their end down: up to a block more is read before
  /// `source` and written in front, where it is overwritten next. For no bytes it copies a block too, so that most texts
  /// need no loop.
  @inline(__always) private static func copyBlocks(
    _ source: UnsafeRawBufferPointer, before end: UnsafeMutableRawPointer
  ) {
    guard let first = source.baseAddress else { return }
    let from = first + source.count
    copyBlock(from, before: end)
    if source.count > block { copyFurtherBlocks(source.count, from, before: end) }
  }

  @inline(__always) private static func copyFurtherBlocks(
    _ count: Int, _ from: UnsafeRawPointer, before end: UnsafeMutableRawPointer
  ) {
    var copied = block
    repeat {
      copyBlock(from - copied, before: end - copied)
      copied &+= block
    } while copied < count
  }

  @inline(__always) private static func copyBlock(_ from: UnsafeRawPointer, before end: UnsafeMutableRawPointer) {
    (end - block).storeBytes(of: (from - block).loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
  }

  mutating func prepend(literal text: StaticString) {
    prepend(bytes: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount), readable: 0)
  }

  mutating func prepend(field tag: UInt8, text: StaticString) {
    prepend(literal: text)
    prependAlways(field: tag, varint: UInt64(text.utf8CodeUnitCount))
  }

  mutating func prepend(field tag: UInt8, text: String) {
    var text = text
    text.withUTF8 { bytes in
      guard !bytes.isEmpty else { return }
      prepend(bytes: UnsafeRawBufferPointer(bytes), readable: 0)
      prependAlways(field: tag, varint: UInt64(bytes.count))
    }
  }

  /// A field with a double; zero is written, as in the entries of a map.
  @inline(__always) mutating func prepend(field tag: UInt8, double value: Double) {
    prepend(fixed64: value.bitPattern)
    prepend(byte: tag)
  }

  /// Closes a nested message that began when `count` was `mark`.
  @inline(__always) mutating func closeMessage(field tag: UInt8, since mark: Int) {
    prependAlways(field: tag, varint: UInt64(truncatingIfNeeded: count &- mark))
  }
}

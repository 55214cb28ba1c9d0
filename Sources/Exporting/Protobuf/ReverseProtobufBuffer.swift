import TraceModel

/// A protobuf message written from its end to its beginning.
///
/// In protobuf a nested message is preceded by its length. Written backwards, the length is known when it is due: one
/// pass, no sizes computed first, no gap to close. Fields are therefore written in descending order.
package struct ReverseProtobufBuffer: ~Copyable, @unchecked Sendable {
  /// Free bytes kept before every write, so that strings can be copied in whole blocks.
  private static let slack = 64
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

  private mutating func grow(_ extra: Int) {
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

  private mutating func prependLong(varint value: UInt64) {
    reserve(10)
    let base = base.unsafelyUnwrapped
    let length = (70 - (value | 1).leadingZeroBitCount) / 7
    start &-= length
    var rest = value
    for offset in 0..<length {
      let more: UInt8 = offset == length - 1 ? 0 : 0x80
      base.storeBytes(of: UInt8(rest & 0x7F) | more, toByteOffset: start &+ offset, as: UInt8.self)
      rest >>= 7
    }
  }

  @inline(__always) mutating func prepend(fixed64 value: UInt64) {
    reserve(8)
    start &-= 8
    base.unsafelyUnwrapped.storeBytes(of: value.littleEndian, toByteOffset: start, as: UInt64.self)
  }

  /// Copies a text. `readable` says how many bytes before the text may be read along with it.
  @inline(__always) mutating func prepend(bytes source: UnsafeRawBufferPointer, readable: Int) {
    let length = source.count
    guard length > 0, let from = source.baseAddress else { return }
    reserve(length)
    let base = base.unsafelyUnwrapped
    if readable >= Self.block {
      // Whole blocks from the end down: what is copied too much lies in front and is overwritten next.
      var left = length
      while left > 0 {
        let piece = (from + left - Self.block).loadUnaligned(as: SIMD16<UInt8>.self)
        base.storeBytes(of: piece, toByteOffset: start &+ left &- length &- Self.block, as: SIMD16<UInt8>.self)
        left &-= Self.block
      }
    } else {
      (base + (start &- length)).copyMemory(from: from, byteCount: length)
    }
    start &-= length
  }

  // MARK: Fields

  /// A field with a number; zero is the default and not written.
  @inline(__always) mutating func prepend(field tag: UInt8, varint value: UInt64) {
    guard value != 0 else { return }
    prepend(varint: value)
    prepend(byte: tag)
  }

  /// A field with a text; empty is the default and not written.
  @inline(__always) mutating func prepend(field tag: UInt8, text: ByteSlice, of batch: borrowing SpanBatch) {
    guard !text.isEmpty else { return }
    prependAlways(field: tag, text: text, of: batch)
  }

  /// A field with a text, written also when empty, as in the entries of a map.
  @inline(__always) mutating func prependAlways(field tag: UInt8, text: ByteSlice, of batch: borrowing SpanBatch) {
    prepend(bytes: batch.bytes(text), readable: text.offset)
    prepend(varint: UInt64(text.length))
    prepend(byte: tag)
  }

  mutating func prepend(field tag: UInt8, text: StaticString) {
    let bytes = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    prepend(bytes: bytes, readable: 0)
    prepend(varint: UInt64(bytes.count))
    prepend(byte: tag)
  }

  mutating func prepend(field tag: UInt8, text: String) {
    var text = text
    text.withUTF8 { bytes in
      guard !bytes.isEmpty else { return }
      prepend(bytes: UnsafeRawBufferPointer(bytes), readable: 0)
      prepend(varint: UInt64(bytes.count))
      prepend(byte: tag)
    }
  }

  /// A field with a double; zero is written, as in the entries of a map.
  @inline(__always) mutating func prepend(field tag: UInt8, double value: Double) {
    prepend(fixed64: value.bitPattern)
    prepend(byte: tag)
  }

  /// Closes a nested message that began when `count` was `mark`.
  @inline(__always) mutating func closeMessage(field tag: UInt8, since mark: Int) {
    prepend(varint: UInt64(truncatingIfNeeded: count &- mark))
    prepend(byte: tag)
  }
}

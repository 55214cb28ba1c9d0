import TraceModel

/// Which key has followed which in the spans of a map format so far.
///
/// A tracer writes the fields of all spans in one order, so that a key is nearly always the one that has followed the
/// key before it the last time: that takes two comparisons of eight bytes, and no look at what it could be.
struct SpanFieldOrder: ~Copyable, Sendable {
  /// A short key as it stands in the body: its marker, then its text.
  struct Key: BitwiseCopyable, Sendable {
    /// Bytes of marker and text at most.
    static let bytesMax = 16

    /// Marker and first seven bytes of the text; bytes behind the text are zero, in the mask too.
    fileprivate(set) var head: UInt64 = 1
    fileprivate(set) var mask: UInt64 = 0
    /// The last eight bytes of a text that has as many.
    fileprivate(set) var tail: UInt64 = 0
    /// Bytes of the text alone, without its marker.
    fileprivate(set) var length = 0
    fileprivate(set) var field = SpanField.unknown
  }

  private var following = GrowableBuffer<Key>()

  init() { following.append(repeating: Key(), count: Int(SpanField.unknown.rawValue) + 1) }

  /// The key that followed the one of `field` the last time; `.unknown` stands for the beginning of a span too.
  @inline(__always) func key(after field: SpanField) -> Key { following[Int(field.rawValue)] }

  /// Remembers the key whose text lies at `start`.
  mutating func note(_ field: SpanField, after previous: SpanField, in body: RawSpan, start: Int, length: Int) {
    guard length > 0, length < Key.bytesMax, start > 0, body.byteCount - start >= Key.bytesMax - 1 else { return }
    let head = unsafe body.unsafeLoadUnaligned(fromUncheckedByteOffset: start - 1, as: UInt64.self).littleEndian
    // Other markers of a text have a length of their own behind them.
    guard head & 0xFF == 0xA0 | UInt64(length) else { return }
    var key = Key()
    key.mask = length < 7 ? 1 << UInt64(8 * (length + 1)) - 1 : .max
    key.head = head & key.mask
    key.length = length
    key.field = field
    if length >= 8 {
      key.tail = unsafe body.unsafeLoadUnaligned(fromUncheckedByteOffset: start + length - 8, as: UInt64.self)
    }
    following[Int(previous.rawValue)] = key
  }
}

extension MessagePackReader {
  /// Moves over a key if it is this one.
  @_lifetime(self: copy self)
  @inline(__always) mutating func skip(_ key: SpanFieldOrder.Key) -> Bool {
    guard remaining >= SpanFieldOrder.Key.bytesMax else { return false }
    let head = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self).littleEndian
    guard head & key.mask == key.head else { return false }
    if key.length >= 8 {
      let tail = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset &+ key.length &- 7, as: UInt64.self)
      guard tail == key.tail else { return false }
    }
    advance(key.length &+ 1)
    return true
  }
}

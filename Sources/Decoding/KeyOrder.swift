import TraceModel

/// Which key has followed which in the maps of one kind so far.
///
/// A tracer writes the keys of all spans in nearly the same order, so that a key is nearly always one that has followed
/// the key before it: that takes a few comparisons of eight bytes, and no look at what it could be. What a key means is
/// the number that whoever noted it gave it.
struct KeyOrder: ~Copyable, Sendable {
  /// Where a key is remembered; for one that is not, where the keys that begin a map are.
  typealias Place = UInt8

  /// Before the first key of a span's fields, or of its text attributes.
  static let start: Place = 0
  /// Before the first key of a span's number attributes.
  static let startOfMetrics: Place = 1
  /// The first two are the beginnings; the others are pairs, of which a key has its place in one.
  private static let placesCount = 256

  /// A key as it stands in the body: its marker, then its text.
  struct Key: BitwiseCopyable, Sendable {
    /// The first eight bytes; what lies behind a shorter key is zero, in the mask too.
    var head: UInt64 = 1
    var mask: UInt64 = 0
    /// The last eight bytes of a longer key.
    var tail: UInt64 = 0
    /// Of one of more than 16 bytes, the eight behind the head and the eight before the tail.
    var second: UInt64 = 0
    var third: UInt64 = 0
    var meaning: UInt16 = 0
    /// Bytes of the marker and the text.
    var length: UInt8 = 0
    /// Where the keys are that followed it the last times, the last one first; no key is at `start`.
    var next = KeyOrder.start
    var nextButOne = KeyOrder.start
  }

  private var keys = GrowableBuffer<Key>()

  init() { keys.append(repeating: Key(), count: Self.placesCount) }

  /// What the key at a place means.
  @inline(__always) func meaning(of place: Place) -> UInt16 { key(at: place).meaning }

  /// Bytes of the text of the key at a place.
  @inline(__always) func length(of place: Place) -> Int { Int(key(at: place).length) &- 1 }

  @inline(__always) fileprivate func key(at place: Place) -> Key { keys[Int(place)] }

  /// Notes that the key at `other` came after the one at `place`, which expected another.
  fileprivate mutating func prefer(_ other: Place, after place: Place) {
    guard keys[Int(place)].next != other else { return }
    keys[Int(place)].nextButOne = keys[Int(place)].next
    keys[Int(place)].next = other
  }

  /// Remembers the key whose text lies at `start` of a body, in ASCII, and where it came.
  ///
  /// - Returns: its place, or `start` for a key that is too long, too near the end, or has another marker than most.
  mutating func note(_ meaning: UInt16, after place: Place, in body: RawSpan, start: Int, length: Int) -> Place {
    guard start > 0, var key = Key(in: body, at: start &- 1), Int(key.length) == length &+ 1 else { return Self.start }
    key.meaning = meaning
    let pair = Self.pair(key)
    // The older key of the pair gives way.
    keys[Int(pair | 1)] = keys[Int(pair)]
    keys[Int(pair)] = key
    prefer(pair, after: place)
    return pair
  }

  /// The place of a key that stands in a body and is remembered.
  @inline(__always) fileprivate func find(_ key: Key) -> Place? {
    let pair = Self.pair(key)
    if keys[Int(pair)].isSame(as: key) { return pair }
    return keys[Int(pair | 1)].isSame(as: key) ? pair | 1 : nil
  }

  @inline(__always) fileprivate static func word(_ body: RawSpan, _ offset: Int) -> UInt64 {
    unsafe body.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self).littleEndian
  }

  /// The first of the two places of a key.
  @inline(__always) private static func pair(_ key: Key) -> Place {
    let mixed = (key.head ^ key.tail &* 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
    return Place(2 &+ (mixed >> 33) % UInt64(placesCount / 2 - 1) &* 2)
  }
}

extension KeyOrder.Key {
  /// The key that stands at an offset of a body, marker first; `nil` if there is none, or one that is not remembered.
  @inline(__always) fileprivate init?(in body: RawSpan, at offset: Int) {
    guard body.byteCount &- offset >= MessagePackReader.expectedKeyBytesMax else { return nil }
    head = KeyOrder.word(body, offset)
    // Other markers of a text have a length of their own behind them; this one tells lengths up to 31.
    guard head & 0xE0 == 0xA0, head & 0xFF != 0xA0 else { return nil }
    let bytes = Int(head & 0x1F) &+ 1
    length = UInt8(truncatingIfNeeded: bytes)
    mask = bytes < 8 ? 1 << UInt64(8 &* bytes) &- 1 : .max
    head &= mask
    if bytes > 8 { tail = KeyOrder.word(body, offset &+ bytes &- 8) }
    if bytes > 16 {
      second = KeyOrder.word(body, offset &+ 8)
      third = KeyOrder.word(body, offset &+ bytes &- 16)
    }
  }

  /// Whether it is this text. The head holds its length.
  @inline(__always) fileprivate func isSame(as other: Self) -> Bool {
    head == other.head && tail == other.tail && second == other.second && third == other.third
  }
}

extension MessagePackReader {
  /// Bytes that are looked at for an expected key at most.
  fileprivate static let expectedKeyBytesMax = 32

  /// Moves over the key that came after the one at `place` before, and gives its place; `nil` if another one stands here.
  @_lifetime(self: copy self)
  @inline(__always) mutating func skipExpectedKey(_ order: inout KeyOrder, after place: KeyOrder.Place)
    -> KeyOrder.Place?
  {
    guard remaining >= Self.expectedKeyBytesMax else { return nil }
    let last = order.key(at: place)
    let next = last.next
    if matches(order.key(at: next)) {
      advance(order.length(of: next) &+ 1)
      return next
    }
    let other = last.nextButOne
    guard matches(order.key(at: other)) else { return nil }
    order.prefer(other, after: place)
    advance(order.length(of: other) &+ 1)
    return other
  }

  /// Moves over a key that is remembered, wherever it came before, and gives its place.
  @_lifetime(self: copy self)
  @inline(__always) mutating func skipRememberedKey(_ order: inout KeyOrder, after place: KeyOrder.Place)
    -> KeyOrder.Place?
  {
    guard let key = KeyOrder.Key(in: bytes, at: offset), let found = order.find(key) else { return nil }
    order.prefer(found, after: place)
    advance(Int(key.length))
    return found
  }

  @inline(__always) private func matches(_ key: KeyOrder.Key) -> Bool {
    guard word(0) & key.mask == key.head else { return false }
    let length = Int(key.length)
    if length <= 8 { return true }
    guard word(length &- 8) == key.tail else { return false }
    if length <= 16 { return true }
    return word(8) == key.second && word(length &- 16) == key.third
  }

  @inline(__always) private func word(_ from: Int) -> UInt64 { KeyOrder.word(bytes, offset &+ from) }
}

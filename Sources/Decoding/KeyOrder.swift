import TraceModel

/// Which key has followed which in the maps of one kind so far.
///
/// A client writes the keys of all spans in nearly the same order, so that a key is nearly always one that has followed
/// the key before it: that takes a few comparisons of eight bytes, and no look at what it could be. What a key means is
/// the number that whoever noted it gave it.
///
/// Keys of up to 31 bytes are remembered, as they stand in a body: a byte that tells the length, then the text.
struct KeyOrder: ~Copyable, Sendable {
  /// What the byte in front of a text is besides the text's length, which its lowest five bits tell.
  enum Marker: UInt8, Sendable {
    case messagePack = 0xA0
    case protobuf = 0
  }

  /// Where a key is remembered; for one that is not, where the keys that begin a map are.
  typealias Place = UInt8

  /// Before the first key of a span's fields, or of its text attributes.
  static let start: Place = 0
  /// Before the first key of a span's number attributes; in OTLP, of the attributes of anything but a span.
  static let startOfOthers: Place = 1
  /// The first two are the beginnings; the others are pairs, of which a key has its place in one.
  private static let placesCount = 256

  /// A key as it stands in the body.
  struct Key: BitwiseCopyable, Sendable {
    /// The first eight bytes; what lies behind a shorter key is zero, in the mask too. Of a place without a key, what
    /// none begins with.
    var head = UInt64.max
    var mask: UInt64 = 0
    /// The last eight bytes of a longer key.
    var tail: UInt64 = 0
    /// Of one of more than 16 bytes, the eight behind the head and the eight before the tail.
    var second: UInt64 = 0
    var third: UInt64 = 0
    var meaning: UInt32 = 0
    /// Bytes of the marker and the text.
    var length: UInt8 = 0
    /// Where the keys are that followed it the last times; no key is at `start`.
    var followers = KeyOrder.Followers()
  }

  /// Four places, the last one taken first. Spans of one kind have one key after another, and few services have more kinds
  /// of spans than this.
  struct Followers: BitwiseCopyable, Sendable {
    /// A byte each, the first the lowest.
    private var places: UInt32 = 0

    @inline(__always) subscript(index: Int) -> Place { Place(truncatingIfNeeded: places >> UInt32(8 &* index)) }

    /// Puts a place in front; where it was not there, the last one gives way.
    mutating func prefer(_ place: Place) {
      var index = 0
      while index < 3, self[index] != place { index &+= 1 }
      let moved = UInt64(places) & ((1 << UInt64(8 &* index)) &- 1)
      let kept = UInt64(places) & ~((1 << UInt64(8 &* index &+ 8)) &- 1)
      places = UInt32(truncatingIfNeeded: kept | moved << 8 | UInt64(place))
    }
  }

  private var keys = GrowableBuffer<Key>()
  private let marker: UInt8

  /// `begin` has to be called before any look-up: there is no table before, and none of them checks that.
  init(_ marker: Marker) { self.marker = marker.rawValue }

  /// For the first payload, and for the first with other meanings: nothing is remembered then.
  mutating func begin() {
    keys.removeAll()
    keys.append(repeating: Key(), count: Self.placesCount)
  }

  /// What the key at a place means.
  @inline(__always) func meaning(of place: Place) -> UInt32 { key(at: place).meaning }

  /// Bytes of the text of the key at a place.
  @inline(__always) func length(of place: Place) -> Int { Int(key(at: place).length) &- 1 }

  /// No place lies outside of the table, which `begin` has made: nothing is checked for each key of each span.
  @inline(__always) fileprivate func key(at place: Place) -> Key { unsafe keys.pointer[Int(place)] }

  /// Notes that the key at `other` came after the one at `place`, which expected another.
  private mutating func prefer(_ other: Place, after place: Place) {
    keys[Int(place)].followers.prefer(other)
  }

  /// Remembers the key whose text lies at `start` of a body, in ASCII, and where it came.
  ///
  /// - Returns: its place, or `start` for a key that is too long, too near the end, or has another marker than most.
  mutating func note(_ meaning: UInt32, after place: Place, in body: RawSpan, start: Int, length: Int) -> Place {
    guard start > 0, var key = Key(in: body, at: start &- 1, marker), Int(key.length) == length &+ 1 else {
      return Self.start
    }
    key.meaning = meaning
    let pair = Self.pair(key)
    // The older key of the pair gives way.
    keys[Int(pair | 1)] = keys[Int(pair)]
    keys[Int(pair)] = key
    prefer(pair, after: place)
    return pair
  }

  /// The place of the key at an offset of a body, if it is one of those that came last after the one at `place`.
  @inline(__always) mutating func findExpected(in body: RawSpan, at offset: Int, after place: Place) -> Place? {
    guard body.byteCount &- offset >= Self.bytesLookedAt else { return nil }
    let followers = keys[Int(place)].followers
    if key(at: followers[0]).stands(in: body, at: offset) { return followers[0] }
    return findLater(followers, in: body, at: offset, after: place)
  }

  @inline(never) private mutating func findLater(
    _ followers: Followers, in body: RawSpan, at offset: Int, after place: Place
  ) -> Place? {
    for index in 1..<4 where key(at: followers[index]).stands(in: body, at: offset) {
      prefer(followers[index], after: place)
      return followers[index]
    }
    return nil
  }

  /// The place of the key at an offset of a body, if it is remembered, wherever it came before.
  @inline(__always) mutating func findRemembered(in body: RawSpan, at offset: Int, after place: Place) -> Place? {
    guard let key = Key(in: body, at: offset, marker) else { return nil }
    let pair = Self.pair(key)
    let found = keys[Int(pair)].isSame(as: key) ? pair : pair | 1
    guard found == pair || keys[Int(found)].isSame(as: key) else { return nil }
    prefer(found, after: place)
    return found
  }

  /// Bytes that are looked at for a key, whatever its length.
  fileprivate static let bytesLookedAt = 32

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
  @inline(__always) fileprivate init?(in body: RawSpan, at offset: Int, _ marker: UInt8) {
    guard body.byteCount &- offset >= KeyOrder.bytesLookedAt else { return nil }
    head = KeyOrder.word(body, offset)
    // Other markers of a text have a length of their own behind them; this one tells lengths up to 31.
    guard head & 0xE0 == UInt64(marker), head & 0x1F != 0 else { return nil }
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

  /// Whether the key stands at an offset of a body, behind which there are as many bytes as are looked at.
  @inline(__always) fileprivate func stands(in body: RawSpan, at offset: Int) -> Bool {
    guard KeyOrder.word(body, offset) & mask == head else { return false }
    let length = Int(length)
    if length <= 8 { return true }
    guard KeyOrder.word(body, offset &+ length &- 8) == tail else { return false }
    if length <= 16 { return true }
    return KeyOrder.word(body, offset &+ 8) == second && KeyOrder.word(body, offset &+ length &- 16) == third
  }
}

extension MessagePackReader {
  /// Moves over the key that came after the one at `place` before, and gives its place; `nil` if another one stands here.
  @_lifetime(self: copy self)
  @inline(__always) mutating func skipExpectedKey(_ order: inout KeyOrder, after place: KeyOrder.Place)
    -> KeyOrder.Place?
  {
    guard let found = order.findExpected(in: bytes, at: offset, after: place) else { return nil }
    advance(order.length(of: found) &+ 1)
    return found
  }

  /// Moves over a key that is remembered, wherever it came before, and gives its place.
  @_lifetime(self: copy self)
  @inline(__always) mutating func skipRememberedKey(_ order: inout KeyOrder, after place: KeyOrder.Place)
    -> KeyOrder.Place?
  {
    guard let found = order.findRemembered(in: bytes, at: offset, after: place) else { return nil }
    advance(order.length(of: found) &+ 1)
    return found
  }
}

extension ProtobufReader {
  /// The same for a key that is a field's value.
  @_lifetime(self: copy self)
  @inline(__always) mutating func skipExpectedKey(_ order: inout KeyOrder, after place: KeyOrder.Place)
    -> KeyOrder.Place?
  {
    guard let found = order.findExpected(in: bytes, at: offset, after: place),
      order.length(of: found) < end &- offset
    else { return nil }
    advance(order.length(of: found) &+ 1)
    return found
  }

  /// Moves over a key that is remembered, wherever it came before, and gives its place.
  @_lifetime(self: copy self)
  @inline(__always) mutating func skipRememberedKey(_ order: inout KeyOrder, after place: KeyOrder.Place)
    -> KeyOrder.Place?
  {
    guard let found = order.findRemembered(in: bytes, at: offset, after: place),
      order.length(of: found) < end &- offset
    else { return nil }
    advance(order.length(of: found) &+ 1)
    return found
  }
}

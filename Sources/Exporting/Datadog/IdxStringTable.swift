import TraceModel

/// The texts that one `idx.TracerPayload` refers to, each with its number; 0 is the empty one.
///
/// A text of the request's body is known by where it lies, because v1.0 writes each text once; one that roost wrote, by
/// what it says.
struct IdxStringTable: ~Copyable, Sendable {
  /// Keys of attributes that no batch has.
  enum Fixed: Int, CaseIterable {
    case topLevel, processTags, containerTags, decisionMaker

    var text: StaticString {
      switch self {
      case .topLevel: "_top_level"
      case .processTags: "_dd.tags.process"
      case .containerTags: "_dd.tags.container"
      case .decisionMaker: "_dd.p.dm"
      }
    }
  }

  private struct Entry: BitwiseCopyable {
    var slice: ByteSlice
    /// The number of the `Fixed` text in place of the slice; -1 for a slice.
    var fixed: Int8
  }

  private var entries = GrowableBuffer<Entry>()
  /// By hash, the number of a text; 0 for a free place. A power of two, at most half of it used.
  private var places = GrowableBuffer<UInt32>()
  /// Of each `Fixed` text, its number; 0 while nothing refers to it. As long as there are cases.
  private var fixed = InlineArray<4, UInt32>(repeating: 0)
  private let seed = TableSeed.random()
  /// Texts that were asked for last, each where its own place in the body says, so that most need no search: keys and
  /// values come again and again.
  private var recent = GrowableBuffer<Recent>()
  private static let recentCount = 256

  // Not private: the optimizer names it from other modules.
  struct Recent: BitwiseCopyable {
    var slice = ByteSlice.empty
    var number: UInt32 = 0
  }
  /// Bytes that the table takes in the message.
  private(set) var encodedBytes = Self.emptyTextBytes

  private static let emptyTextBytes = 2
  private static let placesMin = 1 << 8

  /// How many texts there are, the empty one not counted.
  var count: Int { entries.count }

  /// Before the first text of a payload; gives memory back after a huge one.
  mutating func removeAll() {
    entries.removeAll(keepingBytes: 1 << 16)
    if places.count * MemoryLayout<UInt32>.stride > 1 << 16 {
      places.removeAll(keepingBytes: 1 << 16)
    } else {
      places.mutablePointer.update(repeating: 0)
    }
    fixed = InlineArray(repeating: 0)
    encodedBytes = Self.emptyTextBytes
    forgetRecent()
  }

  private mutating func forgetRecent() {
    if recent.isEmpty {
      recent.append(repeating: Recent(), count: Self.recentCount)
    } else {
      recent.mutablePointer.update(repeating: Recent())
    }
  }

  /// The number of a text, which takes the next one when it is new. `removeAll` has to be called before the first.
  @inline(__always) mutating func number(_ text: ByteSlice, _ batch: borrowing SpanBatch) -> UInt32 {
    guard !text.isEmpty else { return 0 }
    let spot = (text.offset ^ text.offset >> 8) & (Self.recentCount - 1)
    // Not checked: `removeAll` has filled every spot.
    let known = recent.pointer[spot]
    if known.slice == text { return known.number }
    let number = findOrAppend(text, batch)
    recent[spot] = Recent(slice: text, number: number)
    return number
  }

  @inline(never) private mutating func findOrAppend(_ text: ByteSlice, _ batch: borrowing SpanBatch) -> UInt32 {
    if entries.count &* 2 >= places.count { grow(batch) }
    let mask = places.count &- 1
    var place = Int(truncatingIfNeeded: hash(text, batch)) & mask
    while true {
      let number = places[place]
      if number == 0 { break }
      if isSame(entries[Int(number) &- 1], text, batch) { return number }
      place = (place &+ 1) & mask
    }
    return append(Entry(slice: text, fixed: -1), bytes: Int(text.length), at: place)
  }

  /// The number of a text that no batch has.
  mutating func number(_ text: Fixed) -> UInt32 {
    if fixed[text.rawValue] == 0 {
      entries.append(Entry(slice: .empty, fixed: Int8(text.rawValue)))
      encodedBytes += Self.encodedBytes(text.text.utf8CodeUnitCount)
      fixed[text.rawValue] = UInt32(truncatingIfNeeded: entries.count)
    }
    return fixed[text.rawValue]
  }

  private mutating func append(_ entry: Entry, bytes: Int, at place: Int) -> UInt32 {
    entries.append(entry)
    encodedBytes &+= Self.encodedBytes(bytes)
    let number = UInt32(truncatingIfNeeded: entries.count)
    places[place] = number
    return number
  }

  /// Takes out the texts that came last.
  mutating func removeLast(_ count: Int, _ batch: borrowing SpanBatch) {
    for index in (entries.count - count..<entries.count).reversed() {
      let entry = entries[index]
      if let text = Fixed(rawValue: Int(entry.fixed)) {
        fixed[text.rawValue] = 0
        encodedBytes -= Self.encodedBytes(text.text.utf8CodeUnitCount)
      } else {
        // No text that came before was put behind this one.
        places[place(of: UInt32(index + 1), entry.slice, batch)] = 0
        encodedBytes -= Self.encodedBytes(Int(entry.slice.length))
      }
    }
    entries.truncate(to: entries.count - count)
    // Their numbers go to the texts that come next.
    forgetRecent()
  }

  /// Writes the texts in the order of their numbers: `strings`, field 1.
  func encode(into buffer: inout ReverseProtobufBuffer, _ batch: borrowing SpanBatch) {
    var index = entries.count
    while index > 0 {
      index &-= 1
      let entry = entries[index]
      if let text = Fixed(rawValue: Int(entry.fixed)) {
        buffer.prepend(field: 0x0A, text: text.text)
      } else {
        buffer.prependAlways(field: 0x0A, text: entry.slice, of: batch)
      }
    }
    buffer.prepend(byte: 0)
    buffer.prepend(byte: 0x0A)
  }

  /// What a text takes with its tag and its length.
  @inline(__always) private static func encodedBytes(_ length: Int) -> Int {
    length &+ (length < 0x80 ? 2 : length < 0x4000 ? 3 : 6)
  }

  // MARK: Places

  @inline(__always) private func hash(_ text: ByteSlice, _ batch: borrowing SpanBatch) -> UInt64 {
    text.isInSideArena ? seed.hash(batch.bytes(text)) : seed.hash(text.identity)
  }

  @inline(__always) private func isSame(_ entry: Entry, _ text: ByteSlice, _ batch: borrowing SpanBatch) -> Bool {
    if entry.slice == text { return true }
    return text.isInSideArena && entry.slice.isInSideArena && batch.equal(entry.slice, text)
  }

  private func place(of number: UInt32, _ text: ByteSlice, _ batch: borrowing SpanBatch) -> Int {
    let mask = places.count - 1
    var place = Int(truncatingIfNeeded: hash(text, batch)) & mask
    while places[place] != number { place = (place + 1) & mask }
    return place
  }

  @inline(never) private mutating func grow(_ batch: borrowing SpanBatch) {
    let size = max(places.count * 2, Self.placesMin)
    places.removeAll()
    places.append(repeating: 0, count: size)
    for index in 0..<entries.count where entries[index].fixed < 0 {
      var place = Int(truncatingIfNeeded: hash(entries[index].slice, batch)) & (size - 1)
      while places[place] != 0 { place = (place + 1) & (size - 1) }
      places[place] = UInt32(truncatingIfNeeded: index + 1)
    }
  }
}

import TraceModel

/// Text attributes that all spans of a scope get, unless they have ones with the same keys themselves.
struct OTLPSharedAttributes: ~Copyable, Sendable {
  /// Attributes of a resource, and of it and a scope together, that are taken; SDKs keep 128 of anything. Each attribute of
  /// a span is compared with all of them.
  static let entriesMax = 1_024

  static func tooMany(at offset: Int) -> ValueError {
    ValueError(kind: .tooMany, offset: offset, expected: .fewer, seen: .more)
  }

  private(set) var entries = GrowableBuffer<MetaEntry>()
  /// Hashes of their keys: most comparisons end there.
  private var hashes = GrowableBuffer<UInt32>()
  private var knownKeys = KnownKeySet.empty
  private var knownOfResource = KnownKeySet.empty
  /// Whether the span at hand has one of its own in place of any.
  private var hasReplaced = false
  /// The last span that has an attribute of its own in place of an entry.
  private var replacedBy = GrowableBuffer<UInt32>()
  private var ofResource = 0
  /// A bit for each entry's key, by its ends: most keys of spans meet none.
  private var filter: UInt64 = 0
  private var resourceFilter: UInt64 = 0
  private var spanNumber: UInt32 = 0
  /// Bytes of all keys and values together.
  private(set) var textBytes = 0
  private var resourceTextBytes = 0

  mutating func removeAll() {
    entries.removeAll(keepingBytes: SpanBatch.keptBytesPerArray)
    hashes.removeAll(keepingBytes: SpanBatch.keptBytesPerArray)
    replacedBy.removeAll(keepingBytes: SpanBatch.keptBytesPerArray)
    begin()
  }

  mutating func begin() {
    entries.truncate(to: 0)
    hashes.truncate(to: 0)
    replacedBy.truncate(to: 0)
    (ofResource, filter, resourceFilter, textBytes, resourceTextBytes, spanNumber) = (0, 0, 0, 0, 0, 0)
    (knownKeys, knownOfResource) = (.empty, .empty)
  }

  mutating func endResource() {
    (ofResource, knownOfResource) = (entries.count, knownKeys)
    (resourceFilter, resourceTextBytes) = (filter, textBytes)
  }

  /// Forgets the attributes of the scope before; those of the resource stay.
  mutating func beginScope() {
    entries.truncate(to: ofResource)
    hashes.truncate(to: ofResource)
    replacedBy.truncate(to: ofResource)
    (knownKeys, filter, textBytes) = (knownOfResource, resourceFilter, resourceTextBytes)
  }

  mutating func add(
    _ attribute: OTLPAttribute, _ value: ByteSlice, _ context: inout DecodingContext, _ batch: inout SpanBatch,
    at offset: Int
  ) throws(ValueError) {
    let hash = unsafe Self.hash(batch.bytes(attribute.key))
    let bit: UInt64 = 1 << UInt64(Self.filterBit(hash))
    // What a resource says goes before what its scopes say, and what it says first before what it says again.
    if filter & bit != 0, index(of: attribute.key, hash, batch) != nil { return }
    guard entries.count < Self.entriesMax else { throw Self.tooMany(at: offset) }
    try context.reserve(1, in: &entries, at: offset)
    guard replacedBy.reserve(1), hashes.reserve(1) else { throw .noMemory(at: offset) }
    let known = attribute.facts.known
    entries.append(MetaEntry(key: attribute.key, value: value, known: known))
    hashes.append(hash)
    replacedBy.append(0)
    if known != .unknown { knownKeys.insert(known, isPeerTag: context.keys.isPeerTag(known)) }
    filter |= bit
    textBytes += Int(attribute.key.length) + Int(value.length)
  }

  /// Before the attributes of a span. There are fewer spans in a body than 32 bits count.
  mutating func beginSpan() {
    spanNumber &+= 1
    hasReplaced = false
  }

  /// Notes that the span has an attribute of its own with this key, of which the bit is known.
  @inline(__always) mutating func replace(_ key: ByteSlice, filterBit: UInt8, _ batch: borrowing SpanBatch) {
    if filter >> UInt64(filterBit) & 1 != 0 { replaceSame(key, batch) }
  }

  @inline(never) private mutating func replaceSame(_ key: ByteSlice, _ batch: borrowing SpanBatch) {
    guard let index = unsafe index(of: key, Self.hash(batch.bytes(key)), batch) else { return }
    replacedBy[index] = spanNumber
    hasReplaced = true
  }

  /// Gives a span what it has none of its own for. There has to be memory for all of it.
  func append(to record: inout SpanRecord, _ batch: inout SpanBatch) {
    record.metaKeys.formUnion(knownKeys)
    if !hasReplaced {
      let start = batch.meta.count
      unsafe batch.meta.append(contentsOf: entries.pointer)
      // The attributes of a scope stand behind those of the resource, which spans of other scopes have too.
      if batch.sharedMeta.isEmpty { batch.sharedMeta = IndexRange(start: start, end: start + ofResource) }
      return
    }
    for index in 0..<entries.count where replacedBy[index] != spanNumber { batch.meta.append(entries[index]) }
  }

  private func index(of key: ByteSlice, _ hash: UInt32, _ batch: borrowing SpanBatch) -> Int? {
    for index in 0..<hashes.count where hashes[index] == hash {
      if batch.equal(entries[index].key, key) { return index }
    }
    return nil
  }

  @inline(__always) private static func filterBit(_ hash: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: hash >> 26) }

  /// Number of the bit that a key has in the filter.
  static func filterBit(of key: UnsafeRawBufferPointer) -> UInt8 { unsafe filterBit(hash(key)) }

  /// Of a key's length, its first eight bytes and its last eight.
  @inline(__always) private static func hash(_ key: UnsafeRawBufferPointer) -> UInt32 {
    let count = key.count
    var (first, last): (UInt64, UInt64) = (0, 0)
    if count >= 8 {
      unsafe first = key.loadUnaligned(as: UInt64.self)
      unsafe last = key.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    } else {
      for index in 0..<count { first = unsafe first << 8 | UInt64(key[index]) }
    }
    let mixed = (first ^ UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
    return UInt32(truncatingIfNeeded: ((mixed ^ last ^ mixed >> 29) &* 0x94D0_49BB_1331_11EB) >> 32)
  }
}

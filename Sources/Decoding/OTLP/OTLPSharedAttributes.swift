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
  /// The known keys of those that the resource or the scope says with that very key.
  private(set) var saidKeys = KnownKeySet.empty
  private var saidOfResource = KnownKeySet.empty
  /// The last entries of the resource: what spans get that nobody has said with that key. A scope may.
  private var defaults = GrowableBuffer<MetaEntry>()
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
    defaults.removeAll(keepingBytes: SpanBatch.keptBytesPerArray)
    begin()
  }

  mutating func begin() {
    entries.truncate(to: 0)
    hashes.truncate(to: 0)
    replacedBy.truncate(to: 0)
    defaults.truncate(to: 0)
    (ofResource, filter, resourceFilter, textBytes, resourceTextBytes, spanNumber) = (0, 0, 0, 0, 0, 0)
    (knownKeys, knownOfResource) = (.empty, .empty)
    (saidKeys, saidOfResource) = (.empty, .empty)
  }

  mutating func endResource() {
    (ofResource, knownOfResource, saidOfResource) = (entries.count, knownKeys, saidKeys)
    (resourceFilter, resourceTextBytes) = (filter, textBytes)
  }

  /// Forgets the attributes of the scope before; those of the resource stay.
  mutating func beginScope() {
    entries.truncate(to: ofResource)
    hashes.truncate(to: ofResource)
    replacedBy.truncate(to: ofResource)
    for index in 0..<defaults.count { entries[ofResource - defaults.count + index] = defaults[index] }
    (knownKeys, saidKeys) = (knownOfResource, saidOfResource)
    (filter, textBytes) = (resourceFilter, resourceTextBytes)
  }

  mutating func add(
    _ attribute: OTLPAttribute, _ value: ByteSlice, _ context: inout DecodingContext, _ batch: inout SpanBatch,
    at offset: Int
  ) throws(ValueError) {
    let hash = unsafe Self.hash(batch.bytes(attribute.key))
    let entry = MetaEntry(key: attribute.key, value: value, known: attribute.facts.known)
    if let index = mayHold(hash) ? index(of: attribute.key, hash, batch) : nil {
      // What a resource says goes before what its scopes say, and what it says first before what it says again.
      guard index >= ofResource - defaults.count, index < ofResource, entries[index].key.isInSideArena else { return }
      textBytes += Int(value.length) - Int(entries[index].value.length)
      entries[index] = entry
    } else {
      guard entries.count - defaults.count < Self.entriesMax else { throw Self.tooMany(at: offset) }
      try addAlways(entry, hash: hash, &context, at: offset)
    }
    if entry.known != .unknown { saidKeys.insert(entry.known, isPeerTag: false) }
  }

  /// Adds what spans get that have no attribute with this key, behind all that the resource says.
  mutating func addDefault(
    _ entry: MetaEntry, _ context: inout DecodingContext, _ batch: borrowing SpanBatch, at offset: Int
  ) throws(ValueError) {
    let hash = unsafe Self.hash(batch.bytes(entry.key))
    if mayHold(hash), index(of: entry.key, hash, batch) != nil { return }
    guard defaults.reserve(1) else { throw .noMemory(at: offset) }
    defaults.append(entry)
    try addAlways(entry, hash: hash, &context, at: offset)
  }

  /// - Parameter hash: of its key; 0 for what spans get whatever they say themselves.
  mutating func addAlways(
    _ entry: MetaEntry, hash: UInt32, _ context: inout DecodingContext, at offset: Int
  ) throws(ValueError) {
    try context.reserve(1, in: &entries, at: offset)
    guard replacedBy.reserve(1), hashes.reserve(1) else { throw .noMemory(at: offset) }
    entries.append(entry)
    hashes.append(hash)
    replacedBy.append(0)
    if entry.known != .unknown { knownKeys.insert(entry.known, isPeerTag: context.keys.isPeerTag(entry.known)) }
    if hash != 0 { filter |= 1 << UInt64(Self.filterBit(hash)) }
    textBytes += Int(entry.key.length) + Int(entry.value.length)
  }

  private func mayHold(_ hash: UInt32) -> Bool { filter >> UInt64(Self.filterBit(hash)) & 1 != 0 }

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
  /// - Returns: whether it got all of it, in one run.
  func append(to record: inout SpanRecord, _ batch: inout SpanBatch) -> Bool {
    record.metaKeys.formUnion(knownKeys)
    if !hasReplaced {
      unsafe batch.meta.append(contentsOf: entries.pointer)
      return true
    }
    for index in 0..<entries.count where replacedBy[index] != spanNumber { batch.meta.append(entries[index]) }
    return false
  }

  /// Remembers a span's run of entries as those that spans share, unless something that was said later took the place of
  /// one: no other span would have such a run.
  func noteRun(at start: Int, _ batch: inout SpanBatch) {
    // The attributes of a scope stand behind those of the resource, which spans of other scopes have too.
    for index in start..<start + ofResource where batch.meta[index].known == .removed { return }
    batch.sharedMeta = IndexRange(start: start, end: start + ofResource)
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
    // Never 0, which is no key's.
    return UInt32(truncatingIfNeeded: ((mixed ^ last ^ mixed >> 29) &* 0x94D0_49BB_1331_11EB) >> 32) | 1
  }
}

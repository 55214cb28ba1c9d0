/// Recognizes attribute keys: a byte string to its `KnownKey`, in a few ns and without a copy.
///
/// Built once at start from the keys the stages look for and the configured peer tags, then only read.
package struct KeyTable: Sendable {
  /// Slots are a power of two, at most a quarter used: most unknown keys meet an empty slot at once.
  @usableFromInline let slots: [Slot]
  @usableFromInline let mask: Int
  /// Names by raw value; index 0 is the unknown key.
  package let names: [[UInt8]]
  /// Whether a key is a peer tag, by raw value.
  @usableFromInline let peerTagFlags: [Bool]
  /// Rank of a key when `key:value` strings of different keys are sorted by bytes.
  package let sortRank: [UInt16]

  @usableFromInline struct Slot: Sendable {
    @usableFromInline var hash: UInt64
    @usableFromInline var key: KnownKey
    @inlinable init(hash: UInt64, key: KnownKey) {
      self.hash = hash
      self.key = key
    }
  }

  /// - Parameter peerTags: attribute names that describe the peer of a client span; duplicates are fine.
  package init(peerTags: [String]) {
    var names: [[UInt8]] = [[]] + KnownKey.baseNames.map { Array($0.utf8) }
    for tag in peerTags where !tag.isEmpty && !names.contains(Array(tag.utf8)) && names.count < 4096 {
      names.append(Array(tag.utf8))
    }
    let peers = Set(peerTags.map { Array($0.utf8) })
    var size = 256
    while size < names.count * 4 { size *= 2 }
    var slots = [Slot](repeating: Slot(hash: 0, key: .unknown), count: size)
    for (raw, name) in names.enumerated().dropFirst() {
      let hash = unsafe name.withUnsafeBytes { unsafe Self.hash($0) }
      var slot = Int(truncatingIfNeeded: hash >> 32) & (size - 1)
      while slots[slot].key != .unknown { slot = (slot + 1) & (size - 1) }
      slots[slot] = Slot(hash: hash, key: KnownKey(rawValue: UInt16(raw)))
    }
    self.slots = slots
    mask = size - 1
    self.names = names
    peerTagFlags = names.map { peers.contains($0) }
    let order = names.indices.sorted { (names[$0] + [0x3A]).lexicographicallyPrecedes(names[$1] + [0x3A]) }
    var rank = [UInt16](repeating: 0, count: names.count)
    for (position, raw) in order.enumerated() { rank[raw] = UInt16(position) }
    sortRank = rank
  }

  /// The key that `bytes` spell, or `.unknown`.
  @inlinable package func lookup(_ bytes: UnsafeRawBufferPointer) -> KnownKey {
    let hash = unsafe Self.hash(bytes)
    var slot = Int(truncatingIfNeeded: hash >> 32) & mask
    return unsafe slots.withUnsafeBufferPointer { slots in
      while true {
        let candidate = unsafe slots[slot]
        if candidate.key == .unknown { return .unknown }
        if candidate.hash == hash, unsafe spells(candidate.key, bytes) { return candidate.key }
        slot = (slot + 1) & mask
      }
    }
  }

  @inlinable package func isPeerTag(_ key: KnownKey) -> Bool {
    Int(key.rawValue) < peerTagFlags.count && peerTagFlags[Int(key.rawValue)]
  }

  @usableFromInline func spells(_ key: KnownKey, _ bytes: UnsafeRawBufferPointer) -> Bool {
    let name = names[Int(key.rawValue)]
    return unsafe name.count == bytes.count
      && name.withUnsafeBytes { unsafe ByteString.equal($0, bytes) }
  }

  /// Mixes length, first and last bytes; keys that agree in all of these are told apart by `spells`.
  @inlinable static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let n = bytes.count
    var first: UInt64 = 0
    var last: UInt64 = 0
    if n >= 8 {
      unsafe first = bytes.loadUnaligned(as: UInt64.self)
      unsafe last = bytes.loadUnaligned(fromByteOffset: n - 8, as: UInt64.self)
    } else if n >= 4 {
      unsafe first = UInt64(bytes.loadUnaligned(as: UInt32.self))
      unsafe last = UInt64(bytes.loadUnaligned(fromByteOffset: n - 4, as: UInt32.self))
    } else if n > 0 {
      unsafe first = UInt64(bytes[0])
      unsafe last = UInt64(bytes[n - 1])
    }
    let mixed = (first ^ UInt64(truncatingIfNeeded: n) &* 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
    return (mixed ^ last ^ mixed >> 29) &* 0x94D0_49BB_1331_11EB
  }
}

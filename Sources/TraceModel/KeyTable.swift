import Synchronization

/// Recognizes attribute keys: a byte string to its `KnownKey`, in a few ns and without a copy.
///
/// Built once at start from the keys the stages look for and the configured peer tags, then only read.
public struct KeyTable: Sendable {
  private static let made = Atomic<UInt64>(0)

  /// Tells tables apart: equal for copies of one table, and never 0.
  package let identity = Self.made.wrappingAdd(1, ordering: .relaxed).newValue
  /// Slots are a power of two, at most a quarter used: most unknown keys meet an empty slot at once.
  @usableFromInline let slots: [Slot]
  @usableFromInline let mask: Int
  /// All names one after the other; a slot says where its name lies.
  @usableFromInline let nameBytes: [UInt8]
  /// Names by raw value; index 0 is the unknown key.
  public let names: [[UInt8]]
  /// Whether a key is a peer tag, by raw value.
  @usableFromInline let peerTagFlags: [Bool]

  /// What tells keys apart at a glance: length, first and last bytes. Up to 16 bytes they are the whole key.
  @usableFromInline struct Digest: Sendable, Equatable {
    @usableFromInline var length: Int
    @usableFromInline var first: UInt64
    @usableFromInline var last: UInt64

    @inline(__always) @inlinable init(_ bytes: UnsafeRawBufferPointer) {
      length = bytes.count
      first = 0
      last = 0
      if length >= 8 {
        unsafe first = bytes.loadUnaligned(as: UInt64.self)
        unsafe last = bytes.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
      } else if length >= 4 {
        unsafe first = UInt64(bytes.loadUnaligned(as: UInt32.self))
        unsafe last = UInt64(bytes.loadUnaligned(fromByteOffset: length &- 4, as: UInt32.self))
      } else if length > 0 {
        unsafe first = UInt64(bytes[0]) | UInt64(bytes[length / 2]) << 8
        unsafe last = UInt64(bytes[length &- 1])
      }
    }

    @inline(__always) @inlinable var slot: Int {
      let mixed = (first ^ UInt64(truncatingIfNeeded: length) &* 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
      return Int(truncatingIfNeeded: ((mixed ^ last ^ mixed >> 29) &* 0x94D0_49BB_1331_11EB) >> 32)
    }
  }

  @usableFromInline struct Slot: Sendable {
    @usableFromInline var digest: Digest
    @usableFromInline var key: KnownKey
    @usableFromInline var nameStart: Int
  }

  /// Names at most; a configuration lists a few dozen.
  private static let namesMax = 4096

  /// - Parameter peerTags: attribute names that describe the peer of a client span; duplicates are fine.
  public init(peerTags: [String]) {
    var names: [[UInt8]] = [[]] + KnownKey.baseNames.map { Array($0.utf8) }
    // The empty name is that of the unknown key: an empty tag is none.
    var seen = Set(names)
    for tag in peerTags where names.count < Self.namesMax && seen.insert(Array(tag.utf8)).inserted {
      names.append(Array(tag.utf8))
    }
    let peers = Set(peerTags.filter { !$0.isEmpty }.map { Array($0.utf8) })
    var size = 256
    while size < names.count * 4 { size *= 2 }
    let empty = unsafe Digest(UnsafeRawBufferPointer(start: nil, count: 0))
    var slots = [Slot](repeating: Slot(digest: empty, key: .unknown, nameStart: 0), count: size)
    var nameBytes: [UInt8] = []
    for (raw, name) in names.enumerated().dropFirst() {
      let digest = unsafe name.withUnsafeBytes { unsafe Digest($0) }
      var slot = digest.slot & (size - 1)
      while slots[slot].key != .unknown { slot = (slot + 1) & (size - 1) }
      slots[slot] = Slot(digest: digest, key: KnownKey(rawValue: UInt16(raw)), nameStart: nameBytes.count)
      nameBytes += name
    }
    self.slots = slots
    self.nameBytes = nameBytes
    mask = size - 1
    self.names = names
    peerTagFlags = names.map { peers.contains($0) }
  }

  /// The key that `bytes` spell, or `.unknown`.
  @inlinable public func lookup(_ bytes: UnsafeRawBufferPointer) -> KnownKey {
    unsafe find(Digest(bytes), bytes)
  }

  /// The key that `bytes` spell, and whether all of them are ASCII, which costs next to nothing beside it.
  @inline(__always) @inlinable public func find(_ bytes: UnsafeRawBufferPointer) -> (key: KnownKey, isASCII: Bool) {
    let digest = unsafe Digest(bytes)
    // Up to 16 bytes the digest holds all of them.
    let isASCII =
      digest.length <= 16
      ? (digest.first | digest.last) & 0x8080_8080_8080_8080 == 0 : unsafe ByteString.isASCII(bytes)
    return (unsafe find(digest, bytes), isASCII)
  }

  @inline(__always) @inlinable func find(_ digest: Digest, _ bytes: UnsafeRawBufferPointer) -> KnownKey {
    var slot = digest.slot & mask
    return unsafe slots.withUnsafeBufferPointer { slots in
      while true {
        let candidate = unsafe slots[slot]
        if candidate.key == .unknown { return .unknown }
        if candidate.digest == digest, unsafe digest.length <= 16 || spells(candidate, bytes) { return candidate.key }
        slot = (slot &+ 1) & mask
      }
    }
  }

  /// Whether the key was given as a peer tag.
  @inlinable public func isPeerTag(_ key: KnownKey) -> Bool {
    Int(key.rawValue) < peerTagFlags.count && peerTagFlags[Int(key.rawValue)]
  }

  @usableFromInline func spells(_ slot: Slot, _ bytes: UnsafeRawBufferPointer) -> Bool {
    unsafe nameBytes.withUnsafeBytes { names in
      unsafe ByteString.equal(
        UnsafeRawBufferPointer(rebasing: names[slot.nameStart..<slot.nameStart + bytes.count]), bytes)
    }
  }
}

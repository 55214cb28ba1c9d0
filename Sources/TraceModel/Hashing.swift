/// FNV-1a, 32 bits: the hash of service and trace signatures in the Datadog protocol.
public struct FNV1a32: Sendable {
  public private(set) var value: UInt32 = 2_166_136_261

  @inlinable public init() {}

  /// Takes in one byte, behind those taken in so far.
  public mutating func combine(_ byte: UInt8) {
    value = (value ^ UInt32(byte)) &* 16_777_619
  }

  /// Takes in a run of bytes, as if one by one.
  public mutating func combine(_ bytes: UnsafeRawBufferPointer) {
    var hash = value
    for index in 0..<bytes.count { hash = (unsafe UInt32(bytes[index]) ^ hash) &* 16_777_619 }
    value = hash
  }
}

/// FNV-1a, 64 bits: the hash of peer tags and process tags in the Datadog protocol.
public struct FNV1a64: Sendable {
  public private(set) var value: UInt64 = 14_695_981_039_346_656_037

  @inlinable public init() {}

  /// Takes in one byte, behind those taken in so far.
  public mutating func combine(_ byte: UInt8) {
    value = (value ^ UInt64(byte)) &* 1_099_511_628_211
  }

  /// Takes in a run of bytes, as if one by one.
  public mutating func combine(_ bytes: UnsafeRawBufferPointer) {
    var hash = value
    for index in 0..<bytes.count { hash = (unsafe UInt64(bytes[index]) ^ hash) &* 1_099_511_628_211 }
    value = hash
  }
}

/// A fast hash for our own tables; never leaves the process. Eight bytes a step.
@inlinable public func tableHash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
  let n = bytes.count
  var hash = seed ^ UInt64(truncatingIfNeeded: n) &* 0x9E37_79B9_7F4A_7C15
  var offset = 0
  while offset &+ 8 <= n {
    hash = (unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ hash) &* 0xBF58_476D_1CE4_E5B9
    hash ^= hash >> 32
    offset &+= 8
  }
  var tail: UInt64 = 0
  while offset < n {
    tail = UInt64(unsafe bytes[offset]) | tail << 8
    offset &+= 1
  }
  hash = (hash ^ tail) &* 0x94D0_49BB_1331_11EB
  return hash ^ hash >> 31
}

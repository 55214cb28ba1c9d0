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

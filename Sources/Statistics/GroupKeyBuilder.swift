import TraceModel

/// Writes group keys into one run of bytes, so that a lookup is one hash and one compare.
///
/// The payload's part is written once a request, and the span's part after it for each span. What stands where is said in
/// `GroupKey+Layout.swift`; a text is two bytes of length (little-endian) and its bytes.
struct GroupKeyBuilder: ~Copyable, Sendable {
  /// Bytes of one text at most. Only resources may be longer: values of attributes tell groups apart, they are not
  /// stored for their own sake.
  static let textBytesMax = 250
  static let resourceBytesMax = 15_000

  /// Says which attributes name a span's peer.
  let keys: KeyTable
  /// Whether spans are distinguished by their peer.
  let usesPeerTags: Bool
  private(set) var bytes = GrowableBuffer<UInt8>()
  /// Whether the span's part names a peer.
  var hasPeer = false
  private var payloadBytes = 0
  private var payloadHash: UInt64 = 0
  private let seed = TableSeed.random()

  init(keys: KeyTable, usesPeerTags: Bool) {
    self.keys = keys
    self.usesPeerTags = usesPeerTags
  }

  /// As much of a text as a key has of it.
  static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes[..<ByteString.truncatedLength(bytes, limit: textBytesMax)], as: UTF8.self)
  }

  mutating func beginPayload() { bytes.removeAll() }

  mutating func endPayload() {
    payloadBytes = bytes.count
    payloadHash = seed.hash(UnsafeRawBufferPointer(bytes.pointer))
  }

  mutating func beginSpan() { bytes.truncate(to: payloadBytes) }

  /// The key and its hash; valid until the next change.
  func finish() -> (key: UnsafeRawBufferPointer, hash: UInt64) {
    precondition(payloadBytes < bytes.count, "a group key without a span")
    let all = UnsafeRawBufferPointer(bytes.pointer)
    return (all, seed.hash(UnsafeRawBufferPointer(rebasing: all[payloadBytes...]), after: payloadHash))
  }

  @inline(__always) mutating func append(byte: UInt8) { bytes.append(byte) }

  /// Takes back what was written since there were so many bytes.
  mutating func truncate(to count: Int) { bytes.truncate(to: count) }

  mutating func setByte(_ byte: UInt8, at index: Int) { bytes[index] = byte }

  @inline(__always) mutating func append(number: UInt32) { append(number) }

  @inline(__always) mutating func append(key: KnownKey) { append(key.rawValue) }

  @inline(__always) private mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
    let place = UnsafeMutableRawPointer(bytes.appendPlaces(MemoryLayout<Number>.size))
    place.storeBytes(of: number.littleEndian, as: Number.self)
  }

  @inline(__always) mutating func append(text: UnsafeRawBufferPointer, bytesMax: Int = textBytesMax) {
    precondition(bytesMax <= Int(UInt16.max), "a text's length has two bytes")
    let length = text.count <= bytesMax ? text.count : ByteString.truncatedLength(text, limit: bytesMax)
    // In one piece: one look for room.
    let place = UnsafeMutableRawPointer(bytes.appendPlaces(length &+ 2))
    place.storeBytes(of: UInt16(truncatingIfNeeded: length).littleEndian, as: UInt16.self)
    if length > 0, let first = text.baseAddress { (place + 2).copyMemory(from: first, byteCount: length) }
  }

  @inline(__always) mutating func append(text: String) {
    var text = text
    text.withUTF8 { append(text: UnsafeRawBufferPointer($0)) }
  }
}

/// Reads what `GroupKeyBuilder` wrote. Bytes that end too early read as zeros and empty texts.
struct GroupKeyReader {
  private let bytes: ArraySlice<UInt8>
  private var offset: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    offset = bytes.startIndex
  }

  /// Whether all bytes were read.
  var isAtEnd: Bool { offset == bytes.endIndex }

  mutating func byte() -> UInt8 {
    guard offset < bytes.endIndex else { return 0 }
    defer { offset += 1 }
    return bytes[offset]
  }

  mutating func number() -> UInt32 {
    UInt32(byte()) | UInt32(byte()) << 8 | UInt32(byte()) << 16 | UInt32(byte()) << 24
  }

  mutating func text() -> String {
    let length = Int(byte()) | Int(byte()) << 8
    let end = min(offset + length, bytes.endIndex)
    defer { offset = end }
    return String(decoding: bytes[offset..<end], as: UTF8.self)
  }
}

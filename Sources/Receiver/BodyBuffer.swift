/// Owns the bytes of one request body while it arrives.
struct BodyBuffer: ~Copyable {
  private(set) var storage: UnsafeMutableRawBufferPointer
  private(set) var count = 0
  private let bytesMax: Int

  /// - Parameters:
  ///   - capacity: bytes, rounded up to a power of two so that bodies of similar size can share a buffer.
  ///   - bytesMax: no body is larger, so no buffer has to be; but for the smallest, which is 8 KiB.
  init(capacity: Int, bytesMax: Int = .max) {
    self.bytesMax = bytesMax
    storage = .allocate(byteCount: Self.rounded(capacity, atMost: bytesMax), alignment: 16)
  }

  deinit { storage.deallocate() }

  var capacity: Int { storage.count }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[..<count]) }

  mutating func removeAll() { count = 0 }

  /// Bytes that the buffer has to grow by to take so many more; 0 when its capacity is enough.
  func growth(toAppend bytes: Int) -> Int {
    let needed = count + bytes
    return needed > capacity ? Self.rounded(needed, atMost: bytesMax) - capacity : 0
  }

  /// Adds bytes, growing to the next power of two that holds them; amortized O(bytes). The caller keeps to `bytesMax`.
  mutating func append(_ more: UnsafeRawBufferPointer) {
    let needed = count + more.count
    if needed > storage.count { grow(to: needed) }
    UnsafeMutableRawBufferPointer(rebasing: storage[count..<needed]).copyMemory(from: more)
    count = needed
  }

  private mutating func grow(to needed: Int) {
    let larger = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Self.rounded(needed, atMost: bytesMax), alignment: 16)
    larger.copyMemory(from: bytes)
    storage.deallocate()
    storage = larger
  }

  /// What the Datadog trace-agent starts with when no length is declared.
  static let bytesMin = 8192

  /// The next power of two from 8 KiB on, or `bytesMax` when that is less.
  static func rounded(_ bytes: Int, atMost bytesMax: Int) -> Int {
    var size = bytesMin
    while size < bytes && size < Int.max / 2 { size *= 2 }
    return max(bytes, min(size, max(bytesMax, bytesMin)))
  }
}

/// Owns the bytes of one request body while it arrives.
struct BodyBuffer: ~Copyable {
  private(set) var storage: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  /// - Parameter capacity: bytes, rounded up to a power of two so that bodies of similar size can share a buffer.
  init(capacity: Int) {
    storage = .allocate(byteCount: Self.rounded(capacity), alignment: 16)
  }

  deinit { storage.deallocate() }

  var capacity: Int { storage.count }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[..<count]) }

  mutating func removeAll() { count = 0 }

  /// Adds bytes, growing to the next power of two that holds them; amortized O(bytes).
  mutating func append(_ more: UnsafeRawBufferPointer) {
    let needed = count + more.count
    if needed > storage.count { grow(to: needed) }
    UnsafeMutableRawBufferPointer(rebasing: storage[count..<needed]).copyMemory(from: more)
    count = needed
  }

  private mutating func grow(to needed: Int) {
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.rounded(needed), alignment: 16)
    larger.copyMemory(from: bytes)
    storage.deallocate()
    storage = larger
  }

  /// The next power of two from 8 KiB on; that is what the Datadog trace-agent starts with when no length is declared.
  static func rounded(_ bytes: Int) -> Int {
    var size = 8192
    while size < bytes && size < Int.max / 2 { size *= 2 }
    return size
  }
}

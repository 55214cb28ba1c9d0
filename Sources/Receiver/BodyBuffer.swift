import Platform

/// Owns the bytes of one request body while it arrives.
struct BodyBuffer: ~Copyable {
  private(set) var storage: UnsafeMutableRawBufferPointer
  private(set) var count = 0
  private let bytesMax: Int

  /// - Parameters:
  ///   - capacity: bytes, rounded up to a power of two so that bodies of similar size can share a buffer.
  ///   - bytesMax: no body is larger, so no buffer has to be; but for the smallest, which is 8 KiB.
  /// - Returns: `nil` when the system has no memory for it.
  init?(capacity: Int, bytesMax: Int = .max) {
    guard let made = Self.allocate(Self.rounded(capacity, atMost: bytesMax)) else { return nil }
    self.bytesMax = bytesMax
    storage = made
  }

  deinit { free(storage.baseAddress) }

  /// Unlike Swift's own allocation, this does not end the process when a limit on its memory is reached.
  private static func allocate(_ bytes: Int) -> UnsafeMutableRawBufferPointer? {
    malloc(bytes).map { UnsafeMutableRawBufferPointer(start: $0, count: bytes) }
  }

  var capacity: Int { storage.count }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[..<count]) }

  mutating func removeAll() { count = 0 }

  /// Bytes that the buffer has to grow by to take so many more; 0 when its capacity is enough.
  func growth(toAppend bytes: Int) -> Int {
    let needed = count + bytes
    return needed > capacity ? Self.rounded(needed, atMost: bytesMax) - capacity : 0
  }

  /// Adds bytes, growing to the next power of two that holds them; amortized O(bytes). The caller keeps to `bytesMax`.
  /// - Returns: false, and nothing is added, when the system has no memory for it.
  mutating func append(_ more: UnsafeRawBufferPointer) -> Bool {
    let needed = count + more.count
    if needed > storage.count && !grow(to: needed) { return false }
    UnsafeMutableRawBufferPointer(rebasing: storage[count..<needed]).copyMemory(from: more)
    count = needed
    return true
  }

  private mutating func grow(to needed: Int) -> Bool {
    guard let larger = Self.allocate(Self.rounded(needed, atMost: bytesMax)) else { return false }
    larger.copyMemory(from: bytes)
    free(storage.baseAddress)
    storage = larger
    return true
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

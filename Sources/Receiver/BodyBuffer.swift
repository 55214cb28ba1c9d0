import Platform

/// Owns the bytes of one request body while it arrives.
struct BodyBuffer: ~Copyable {
  private var memory: BodyMemory
  private(set) var count = 0
  private let bytesMax: Int

  /// - Parameters:
  ///   - capacity: bytes, rounded up to a power of two so that bodies of similar size can share a buffer.
  ///   - bytesMax: no body is larger, so no buffer has to be; but for the smallest, which is 8 KiB.
  /// - Returns: `nil` when the system has no memory for it.
  init?(capacity: Int, bytesMax: Int = .max) {
    guard let memory = BodyMemory(bytes: Self.rounded(capacity, atMost: bytesMax)) else { return nil }
    self.bytesMax = bytesMax
    self.memory = memory
  }

  var capacity: Int { memory.bytes.count }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory.bytes[..<count]) }

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
    if needed > capacity && !memory.grow(to: Self.rounded(needed, atMost: bytesMax), keeping: count) { return false }
    UnsafeMutableRawBufferPointer(rebasing: memory.bytes[count..<needed]).copyMemory(from: more)
    count = needed
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

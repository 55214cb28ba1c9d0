import Platform

/// Where a decompressed body grows: doubling, up to one byte more than it may have, which is how too many are noticed.
@safe
struct InflatedBytes: ~Copyable {
  /// What a body starts with; larger than most requests of a tracer.
  private static let firstBytes = 64 << 10

  private var memory: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  init() { unsafe memory = UnsafeMutableRawBufferPointer(start: nil, count: 0) }

  deinit { unsafe free(memory.baseAddress) }

  /// Bytes held, used or not.
  var capacity: Int { unsafe memory.count }

  /// The body. Valid until the next change.
  var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  /// Lets `write` fill free space; it returns how many bytes it wrote there.
  ///
  /// Throws `.tooLarge` when the body has more than `bytesMax` bytes after that.
  mutating func write(
    bytesMax: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int
  ) throws(InflateError) {
    if count == capacity { try grow(bytesMax: bytesMax) }
    let written = unsafe write(UnsafeMutableRawBufferPointer(rebasing: memory[count...]))
    precondition(written >= 0 && written <= capacity - count)
    count += written
    guard count <= bytesMax else { throw .tooLarge(bytesMax: bytesMax) }
  }

  private mutating func grow(bytesMax: Int) throws(InflateError) {
    let most = bytesMax < .max ? bytesMax + 1 : .max
    let wanted = min(max(Self.firstBytes, capacity * 2), most)
    guard wanted > capacity, let grown = unsafe realloc(memory.baseAddress, wanted) else { throw .outOfMemory }
    unsafe memory = UnsafeMutableRawBufferPointer(start: grown, count: wanted)
  }

  /// Empties it, and keeps the memory unless that is more than `keepingBytes`.
  mutating func removeAll(keepingBytes: Int) {
    count = 0
    guard capacity > keepingBytes else { return }
    unsafe free(memory.baseAddress)
    unsafe memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  }
}

/// Buffers that one worker uses again for the next body. Not shared between threads, so it needs no lock.
struct BodyBufferPool: ~Copyable {
  /// Together the kept buffers are at most this large: after a burst of large or many bodies the memory goes back to
  /// the system.
  static let keptBytesMax = 1 << 20
  /// A client that declares a length is trusted with this much before it has sent anything; the rest grows as it comes.
  static let initialBytesMax = 1 << 20

  private var kept: [BodyBufferBox] = []
  private(set) var keptBytes = 0
  private let bytesMax: Int

  /// - Parameter bytesMax: no body is larger.
  init(bytesMax: Int = .max) { self.bytesMax = bytesMax }

  /// An empty buffer for a body of the declared length; `nil` when the system has no memory for it.
  mutating func acquire(declaredLength: Int?) -> BodyBufferBox? {
    let wanted = min(declaredLength ?? 0, Self.initialBytesMax)
    if let last = kept.popLast() {
      keptBytes -= last.buffer.capacity
      // One that is too small is freed instead of grown, which would copy nothing useful.
      if last.buffer.capacity >= wanted { return last }
    }
    return Self.box(capacity: wanted, bytesMax: bytesMax)
  }

  /// A new buffer; see `BodyBuffer`.
  static func box(capacity: Int, bytesMax: Int = .max) -> BodyBufferBox? {
    guard let buffer = BodyBuffer(capacity: capacity, bytesMax: bytesMax) else { return nil }
    return BodyBufferBox(buffer)
  }

  /// Keeps the buffer for another body, or frees it when enough are kept.
  mutating func recycle(_ box: BodyBufferBox) {
    guard keptBytes + box.buffer.capacity <= Self.keptBytesMax else { return }
    box.buffer.removeAll()
    keptBytes += box.buffer.capacity
    kept.append(box)
  }
}

/// A buffer with a place in an array and an optional, which a `~Copyable` value cannot have.
final class BodyBufferBox {
  var buffer: BodyBuffer

  init(_ buffer: consuming BodyBuffer) { self.buffer = buffer }
}

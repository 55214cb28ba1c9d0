import Testing

@testable import Receiver

@Suite("Body buffers")
struct BodyBufferTests {
  @Test("a buffer holds what was appended, across growth")
  func appends() throws {
    let box = try #require(BodyBufferPool.box(capacity: 0))
    var expected: [UInt8] = []
    for size in [0, 1, 8_000, 191, 1, 70_000, 300_000, 5_000, 4_000_000, 1] {
      let piece = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) }
      #expect(piece.withUnsafeBytes { box.buffer.append($0) })
      expected += piece
    }
    #expect(Array(box.buffer.bytes) == expected)
    #expect(box.buffer.capacity == 8 << 20)
  }

  @Test("a buffer says before it grows by how much, and never grows past the largest body")
  func growth() throws {
    let box = try #require(BodyBufferPool.box(capacity: 0, bytesMax: 100_000))
    #expect(box.buffer.growth(toAppend: 8_192) == 0)
    #expect(box.buffer.growth(toAppend: 8_193) == 8_192)
    #expect(box.buffer.growth(toAppend: 70_000) == 100_000 - 8_192)
    #expect([UInt8](repeating: 7, count: 70_000).withUnsafeBytes { box.buffer.append($0) })
    #expect(box.buffer.capacity == 100_000)
    #expect(box.buffer.growth(toAppend: 30_000) == 0)
  }

  @Test("the pool gives a returned buffer again, empty")
  func reuses() throws {
    var pool = BodyBufferPool()
    let acquired = pool.acquire(declaredLength: 40_000)
    let first = try #require(acquired)
    #expect([1, 2, 3].withUnsafeBytes { first.buffer.append($0) })
    pool.recycle(first)
    let second = pool.acquire(declaredLength: 60_000)
    #expect(second === first)
    #expect(second?.buffer.count == 0)
  }

  @Test("the pool keeps no more than its cap and trusts no declared length beyond it")
  func caps() {
    var pool = BodyBufferPool()
    let boxes = (0..<40).compactMap { _ in pool.acquire(declaredLength: 100_000) }
    for box in boxes { pool.recycle(box) }
    #expect(pool.keptBytes == BodyBufferPool.keptBytesMax)
    let greedy = pool.acquire(declaredLength: .max)
    #expect(greedy?.buffer.capacity == BodyBufferPool.initialBytesMax)
  }

  @Test func `a large body keeps its bytes when it grows, also by parts of a page`() {
    let own = BodyMemory.ownPagesBytesMin
    guard var memory = BodyMemory(bytes: own + 1) else {
      Issue.record("no memory")
      return
    }
    memory.bytes[own] = 7
    let hasGrown = memory.grow(to: 5 * own + 3, keeping: own + 1)
    #expect(hasGrown)
    memory.bytes[5 * own + 2] = 8
    #expect(memory.bytes.count == 5 * own + 3 && memory.bytes[own] == 7)
    // One that cannot grow stays as it was.
    let hasGrownFar = memory.grow(to: .max / 2, keeping: own)
    #expect(!hasGrownFar)
    #expect(memory.bytes.count == 5 * own + 3 && memory.bytes[5 * own + 2] == 8)
  }

  @Test("a body that the system has no memory for is told so")
  func noMemory() {
    #expect(BodyBufferPool.box(capacity: .max / 2) == nil)
  }
}

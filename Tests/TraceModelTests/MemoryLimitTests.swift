import Synchronization
import Testing

@testable import TraceModel

@Suite struct `The memory limit` {
  /// What a test says is resident, and how often memory was given back.
  private final class Heap: Sendable {
    let resident = Atomic<Int>(0)
    let free = Atomic<Int>(0)
    let timesGivenBack = Atomic<Int>(0)

    var givenBack: Int { timesGivenBack.load(ordering: .relaxed) }

    func set(resident bytes: Int, free: Int = 0) {
      resident.store(bytes, ordering: .relaxed)
      self.free.store(free, ordering: .relaxed)
    }

    func limit(_ bytesMax: Int) -> MemoryLimit {
      MemoryLimit(bytesMax: bytesMax, resident: { self.resident.load(ordering: .relaxed) }) {
        self.timesGivenBack.add(1, ordering: .relaxed)
        self.resident.subtract(self.free.exchange(0, ordering: .relaxed), ordering: .relaxed)
      }
    }
  }

  @Test func `is held by all payloads together, and what was claimed is there again after them`() {
    let heap = Heap()
    let limit = heap.limit(100)
    let (one, other) = (MemoryClaim(limit), MemoryClaim(limit))
    #expect(one.add(60))
    #expect(!other.add(50) && other.claimedBytes == 0)
    #expect(other.add(40))
    one.release()
    #expect(other.add(60) && other.claimedBytes == 100)
    other.release()
    other.release()
    #expect(one.add(100))
  }

  @Test(arguments: [0, 1_000])
  func `holds what the system would not give, also where the agent has no limit of its own`(bytesMax: Int) {
    let limit = MemoryLimit(bytesMax: bytesMax, resident: { 0 }, giveBack: {}, canTake: { $0 <= 100 })
    let claim = MemoryClaim(limit)
    #expect(claim.add(100) && !claim.add(101) && claim.add(100))
  }

  @Test func `what one thread has reserved no other gets, until its payload is done with`() {
    let limit = MemoryLimit(bytesMax: 0, resident: { 0 }, giveBack: {}, canTake: { $0 <= 100 })
    let (one, other) = (MemoryClaim(limit), MemoryClaim(limit))
    #expect(one.reserve(60) && !other.reserve(41) && other.reserve(40))
    #expect(!other.add(1))
    one.release()
    #expect(other.add(60) && !other.add(61) && one.reserve(60))
  }

  @Test func `counts what is claimed beside what is resident already`() {
    let heap = Heap()
    let claim = MemoryClaim(heap.limit(100))
    heap.set(resident: 70)
    #expect(!claim.add(31) && claim.add(30))
  }

  @Test func `gives memory back before anything is refused, and once between two looks`() {
    let heap = Heap()
    let limit = heap.limit(100)
    let claim = MemoryClaim(limit)
    heap.set(resident: 90, free: 50)
    #expect(claim.add(40) && heap.givenBack == 1)
    for _ in 0..<3 { #expect(!claim.add(40)) }
    #expect(heap.givenBack == 1)
    heap.set(resident: 150)
    #expect(limit.isExceeded() && heap.givenBack == 2)
    heap.set(resident: 150, free: 60)
    #expect(!limit.isExceeded() && heap.givenBack == 3)
    #expect(!limit.isExceeded() && heap.givenBack == 3)
  }

  @Test func `of zero is none`() {
    let heap = Heap()
    heap.set(resident: .max)
    let limit = heap.limit(0)
    #expect(!limit.isExceeded() && MemoryClaim(limit).add(.max / 2))
  }
}

import Testing
import TraceModel

@Suite struct `A growable buffer` {
  @Test func `keeps what was appended, one by one and in runs`() {
    var buffer = GrowableBuffer<UInt32>()
    var expected: [UInt32] = []
    for number in 0..<1000 as Range<UInt32> {
      buffer.append(number)
      expected.append(number)
      let run = (0..<number % 50).map { $0 + number }
      run.withUnsafeBufferPointer { buffer.append(contentsOf: $0) }
      expected += run
      buffer.append(repeating: 7, count: Int(number % 3))
      expected += [UInt32](repeating: 7, count: Int(number % 3))
    }
    let count = buffer.count
    #expect(count == expected.count)
    let same = buffer.pointer.elementsEqual(expected)
    #expect(same)
    for index in stride(from: 0, to: expected.count, by: 97) {
      let element = buffer[index]
      #expect(element == expected[index])
    }
  }

  @Test func `copies runs of its own, also while it grows`() async {
    var buffer = GrowableBuffer<UInt32>()
    for number in 0..<5 as Range<UInt32> { buffer.append(number) }
    var expected = Array(0..<5 as Range<UInt32>)
    for range in [0..<5, 3..<9, 2..<2, 0..<16, 0..<32] {
      buffer.append(copiesOf: range)
      expected += expected[range]
    }
    let content = Array(buffer.pointer)
    #expect(content == expected)
    await #expect(processExitsWith: .failure) {
      var buffer = GrowableBuffer<UInt32>()
      buffer.append(1)
      buffer.append(copiesOf: 0..<2)
    }
  }

  @Test func `is empty at first, and takes empty runs`() {
    var buffer = GrowableBuffer<UInt64>()
    let isEmpty = buffer.isEmpty
    #expect(isEmpty)
    buffer.append(contentsOf: UnsafeBufferPointer(start: nil, count: 0))
    buffer.append(repeating: 1, count: 0)
    let (count, allocated) = (buffer.count, buffer.allocatedBytes)
    #expect(count == 0)
    #expect(allocated == 0)
    let pointer = buffer.pointer.count
    #expect(pointer == 0)
  }

  @Test(arguments: [1 << 58, Int.max])
  func `says when the system has no memory for more, and is as before`(elements: Int) {
    var buffer = GrowableBuffer<UInt32>()
    for number in 0..<40 as Range<UInt32> { buffer.append(number) }
    let isReserved = buffer.reserve(elements)
    #expect(!isReserved)
    let content = Array(buffer.pointer)
    #expect(content == Array(0..<40))
    let hasSome = buffer.reserve(1_000)
    let allocated = buffer.allocatedBytes
    #expect(hasSome && allocated >= 1_040 * 4)
    buffer.append(repeating: 1, count: 1_000)
    let after = buffer.allocatedBytes
    #expect(after == allocated, "what was reserved is there")
  }

  @Test func `is changed in place`() {
    var buffer = GrowableBuffer<UInt32>()
    for number in 0..<40 as Range<UInt32> { buffer.append(number) }
    buffer[39] += 100
    buffer.mutablePointer[0] = 5
    let (first, last) = (buffer[0], buffer[39])
    #expect(first == 5)
    #expect(last == 139)
  }

  @Test func `is cut short and goes on from there`() {
    var buffer = GrowableBuffer<UInt8>()
    for number in 0..<40 as Range<UInt8> { buffer.append(number) }
    buffer.truncate(to: 3)
    buffer.append(99)
    let content = Array(buffer.pointer)
    #expect(content == [0, 1, 2, 99])
    buffer.truncate(to: 0)
    let isEmpty = buffer.isEmpty
    #expect(isEmpty)
  }

  @Test func `keeps its memory when emptied, unless it is more than wanted`() {
    var buffer = GrowableBuffer<UInt64>()
    buffer.append(repeating: 1, count: 1000)
    buffer.removeAll(keepingBytes: 16_384)
    let (count, kept) = (buffer.count, buffer.allocatedBytes)
    #expect(count == 0)
    #expect(kept >= 8000)
    buffer.append(2)
    let first = buffer[0]
    #expect(first == 2)
    buffer.removeAll(keepingBytes: 100)
    let released = buffer.allocatedBytes
    #expect(released == 0)
    buffer.append(3)
    let again = buffer[0]
    #expect(again == 3)
  }

  @Test func `grows by doubling, so that appending costs the same however many there are`() {
    var buffer = GrowableBuffer<UInt8>()
    var growths = 0
    var allocated = 0
    for _ in 0..<1_000_000 {
      buffer.append(1)
      if buffer.allocatedBytes != allocated {
        growths += 1
        allocated = buffer.allocatedBytes
      }
    }
    #expect(growths < 20)
    #expect(allocated < 2_100_000)
  }

  @Test func `traps at an index outside`() async {
    await #expect(processExitsWith: .failure) {
      var buffer = GrowableBuffer<UInt8>()
      buffer.append(1)
      _ = buffer[1]
    }
    await #expect(processExitsWith: .failure) {
      var buffer = GrowableBuffer<UInt8>()
      buffer.append(1)
      buffer.truncate(to: 2)
    }
  }
}

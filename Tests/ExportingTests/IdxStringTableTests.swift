import Testing
import TraceModel

@testable import Exporting

@Suite struct `A table of texts in v1.0` {
  /// Texts of the same places in each batch, as long as each other.
  private static func texts(of batch: inout SpanBatch, _ first: String, _ second: String) -> (ByteSlice, ByteSlice) {
    (batch.addBytes(Array(first.utf8)), batch.addBytes(Array(second.utf8)))
  }

  @Test func `gives the number of a text that was taken out to the next one`() {
    var batch = SpanBatch()
    let (first, second) = Self.texts(of: &batch, "one", "two")
    var table = IdxStringTable()
    table.removeAll()
    var numbers = [table.number(first, batch), table.number(.decisionMaker)]
    table.removeLast(2, batch)
    numbers += [table.number(second, batch), table.number(first, batch), table.number(.decisionMaker)]
    #expect(numbers == [1, 2, 1, 2, 3])
  }

  @Test func `keeps nothing of the payload before, whose texts lay at the same places`() {
    var before = SpanBatch()
    var after = SpanBatch()
    let (first, second) = Self.texts(of: &before, "one", "two")
    let (other, last) = Self.texts(of: &after, "six", "ten")
    #expect(first == other && second == last)
    var table = IdxStringTable()
    table.removeAll()
    var numbers = [table.number(first, before), table.number(second, before)]
    table.removeAll()
    // In the other order.
    numbers += [table.number(last, after), table.number(other, after)]
    #expect(numbers == [1, 2, 1, 2])
    var buffer = ReverseProtobufBuffer()
    table.encode(into: &buffer, after)
    let written = Array(buffer.bytes)
    #expect(written == [0x0A, 0, 0x0A, 3] + Array("ten".utf8) + [0x0A, 3] + Array("six".utf8))
  }
}

import Testing
import TraceModel

@testable import Exporting

/// What is written where the buffer is nearly full: each form grows it in time, and keeps what was there.
@Suite struct `A protobuf message at the edge of its buffer` {
  /// The forms that look for space once, and then write without a look.
  enum Form: CaseIterable {
    case text, entryOfTexts, entryOfDouble, attribute, reference, doubleByNumber

    func prepend(
      to buffer: inout ReverseProtobufBuffer, _ key: ByteSlice, _ text: ByteSlice, _ batch: borrowing SpanBatch
    ) {
      switch self {
      case .text: buffer.prependAlways(field: 0x1A, text: text, of: batch)
      case .entryOfTexts: buffer.prependEntry(field: 0x52, key: key, text: text, of: batch)
      case .entryOfDouble: buffer.prependEntry(field: 0x5A, key: text, double: -0.25, of: batch)
      case .attribute: buffer.prependAttribute(field: 0x4A, key: key, text: text, of: batch.texts)
      case .reference: buffer.prependEntry(field: 0x4A, key: key.length, reference: text.length)
      case .doubleByNumber: buffer.prependEntry(field: 0x4A, key: text.length, double: -0.25)
      }
    }

    /// The same by the definition of protobuf.
    func expected(_ key: [UInt8], _ text: [UInt8]) -> [UInt8] {
      let double = withUnsafeBytes(of: (-0.25).bitPattern.littleEndian) { Array($0) }
      switch self {
      case .text: return Self.message(0x1A, text)
      case .entryOfTexts: return Self.message(0x52, Self.message(0x0A, key) + Self.message(0x12, text))
      case .entryOfDouble: return Self.message(0x5A, Self.message(0x0A, text) + [0x11] + double)
      case .attribute:
        return Self.message(0x4A, Self.message(0x0A, key) + Self.message(0x12, Self.message(0x0A, text)))
      case .reference:
        let value = [0x08] + Self.varint(text.count)
        return Self.message(0x4A, [0x08] + Self.varint(key.count) + Self.message(0x12, value))
      case .doubleByNumber:
        return Self.message(0x4A, [0x08] + Self.varint(text.count) + Self.message(0x12, [0x19] + double))
      }
    }

    private static func message(_ tag: UInt8, _ bytes: [UInt8]) -> [UInt8] { [tag] + varint(bytes.count) + bytes }

    /// Of a number below 16,384.
    private static func varint(_ value: Int) -> [UInt8] {
      value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F | 0x80), UInt8(value >> 7)]
    }
  }

  /// The bytes that a new buffer has.
  private static let firstCapacity = 64 * 1024

  @Test(arguments: Form.allCases, [false, true])
  func `has space for what comes next, from the body and from what roost added`(_ form: Form, isAdded: Bool) {
    let body = (0..<Self.firstCapacity).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    body.withUnsafeBytes { bytes in
      var batch = SpanBatch()
      batch.begin(body: bytes)
      defer { batch.end() }
      let added = batch.addBytes(Array(body[..<400]))
      func slice(_ start: Int, _ length: Int) -> ByteSlice {
        isAdded
          ? ByteSlice(sideOffset: added.offset + start, length: length) : ByteSlice(bodyOffset: start, length: length)
      }
      for length in 0..<128 {
        let (key, text) = (slice(16, length / 3), slice(117, length))
        let expected = form.expected(Array(body[16..<16 + length / 3]), Array(body[117..<117 + length]))
        // Free bytes beside the slack: none, too few, just enough, and more.
        for free in Set([0, 1, 2, 8, expected.count / 2, expected.count - 1, expected.count, expected.count + 1]) {
          let filled = Self.firstCapacity - ReverseProtobufBuffer.slack - free
          var buffer = ReverseProtobufBuffer()
          buffer.prepend(bytes: UnsafeRawBufferPointer(rebasing: bytes[..<filled]), readable: 0)
          #expect(buffer.allocatedBytes == Self.firstCapacity)
          form.prepend(to: &buffer, key, text, batch)
          #expect(buffer.allocatedBytes - buffer.count >= ReverseProtobufBuffer.slack)
          #expect(buffer.count == filled + expected.count, "\(length) bytes, \(free) free")
          #expect(buffer.bytes.prefix(expected.count + 64).elementsEqual(expected + body[..<64]))
        }
      }
    }
  }
}

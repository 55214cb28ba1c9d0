import Testing
import TraceModel

@testable import Exporting

@Suite("A protobuf message written backwards")
struct ReverseProtobufBufferTests {
  /// The bytes of a varint by its definition.
  private static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  private static func entry(_ tag: UInt8, key: [UInt8], _ valueField: [UInt8]) -> [UInt8] {
    let message = [0x0A] + varint(UInt64(key.count)) + key + valueField
    return [tag] + varint(UInt64(message.count)) + message
  }

  @Test("varints of every length keep what was written behind them")
  func varints() {
    var values: [UInt64] = [0, .max]
    for bits in 0..<64 {
      let power: UInt64 = 1 << UInt64(bits)
      values += [power, power - 1, power | 0x55, power | 0x2AAA_AAAA_AAAA_AAAA]
    }
    var buffer = ReverseProtobufBuffer()
    for value in values { buffer.prepend(varint: value) }
    #expect(Array(buffer.bytes) == values.reversed().flatMap(Self.varint))
  }

  /// Lengths around those of a block, and of a length that takes two bytes.
  static let lengths = [0, 1, 7, 15, 16, 17, 31, 32, 33, 60, 108, 116, 122, 123, 124, 127, 128, 200, 17_000]

  @Test("an entry of a map is one message of key and value, whatever their lengths and places", arguments: lengths)
  func entries(_ keyLength: Int) {
    let body = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    body.withUnsafeBytes { bytes in
      var batch = SpanBatch()
      batch.begin(body: bytes)
      var buffer = ReverseProtobufBuffer()
      var expected: [[UInt8]] = []
      // A text at the very beginning has no block before it that could be read along.
      for keyStart in [0, 3, 15, 16, 18_000] {
        for textLength in Self.lengths {
          for textStart in [0, 15, 16, 20_000] {
            let key = ByteSlice(bodyOffset: keyStart, length: keyLength)
            let text = ByteSlice(bodyOffset: textStart, length: textLength)
            buffer.prependEntry(field: 0x52, key: key, text: text, of: batch)
            let value = [0x12] + Self.varint(UInt64(textLength)) + body[textStart..<textStart + textLength]
            expected.append(Self.entry(0x52, key: Array(body[keyStart..<keyStart + keyLength]), value))
          }
        }
        let key = ByteSlice(bodyOffset: keyStart, length: keyLength)
        buffer.prependEntry(field: 0x5A, key: key, double: -0.25, of: batch)
        let number = [0x11] + withUnsafeBytes(of: (-0.25).bitPattern.littleEndian) { Array($0) }
        expected.append(Self.entry(0x5A, key: Array(body[keyStart..<keyStart + keyLength]), number))
      }
      #expect(Array(buffer.bytes) == expected.reversed().flatMap { $0 })
      batch.end()
    }
  }

  @Test("texts that roost added stand in entries like those that came")
  func addedTexts() {
    var batch = SpanBatch()
    let texts = (0..<40).map { String(repeating: "ab", count: $0) }
    let slices = texts.map { text in Array(text.utf8).withUnsafeBytes { batch.addBytes($0) } }
    var buffer = ReverseProtobufBuffer()
    var expected: [[UInt8]] = []
    for (text, slice) in zip(texts, slices) {
      buffer.prependEntry(field: 0x52, key: slice, text: slice, of: batch)
      let bytes = Array(text.utf8)
      expected.append(Self.entry(0x52, key: bytes, [0x12] + Self.varint(UInt64(bytes.count)) + bytes))
    }
    #expect(Array(buffer.bytes) == expected.reversed().flatMap { $0 })
  }

  @Test("a field of a text is tag, length and text, whatever its length and place", arguments: lengths)
  func textFields(_ length: Int) {
    let body = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    body.withUnsafeBytes { bytes in
      var batch = SpanBatch()
      batch.begin(body: bytes)
      var buffer = ReverseProtobufBuffer()
      var expected: [[UInt8]] = []
      for start in [0, 3, 15, 16, 18_000] {
        buffer.prependAlways(field: 0x1A, text: ByteSlice(bodyOffset: start, length: length), of: batch)
        expected.append([0x1A] + Self.varint(UInt64(length)) + body[start..<start + length])
      }
      #expect(Array(buffer.bytes) == expected.reversed().flatMap { $0 })
      batch.end()
    }
  }

  @Test("a nested message has its length in front, however many bytes that takes", arguments: lengths)
  func messages(_ length: Int) {
    var buffer = ReverseProtobufBuffer()
    buffer.prepend(byte: 0xEE)
    let mark = buffer.count
    for _ in 0..<length { buffer.prepend(byte: 0x2A) }
    buffer.closeMessage(field: 0x32, since: mark)
    let expected = [0x32] + Self.varint(UInt64(length)) + [UInt8](repeating: 0x2A, count: length) + [0xEE]
    #expect(Array(buffer.bytes) == expected)
  }

  @Test("an entry of numbers of texts is one message of key and value, however many bytes they take")
  func references() {
    let numbers: [UInt32] = [0, 1, 0x7F, 0x80, 0x3FFF, 0x4000, .max]
    var buffer = ReverseProtobufBuffer()
    var expected: [[UInt8]] = []
    func entry(_ key: UInt32, _ value: [UInt8]) -> [UInt8] {
      let message = [0x08] + Self.varint(UInt64(key)) + [0x12] + Self.varint(UInt64(value.count)) + value
      return [0x4A] + Self.varint(UInt64(message.count)) + message
    }
    for key in numbers {
      for reference in numbers {
        buffer.prependEntry(field: 0x4A, key: key, reference: reference)
        expected.append(entry(key, [0x08] + Self.varint(UInt64(reference))))
      }
      buffer.prependEntry(field: 0x4A, key: key, double: -0.25)
      expected.append(entry(key, [0x19] + withUnsafeBytes(of: (-0.25).bitPattern.littleEndian) { Array($0) }))
    }
    #expect(Array(buffer.bytes) == expected.reversed().flatMap { $0 })
  }
}

import Testing
import TraceModel

@Suite struct `A run of bytes` {
  /// RFC 3629, table 3-7 of the Unicode standard: the first and last character of each row, and what lies beside them.
  static let characters: [(bytes: [UInt8], length: Int)] = [
    ([0x00], 1), ([0x41], 1), ([0x7F], 1),
    ([0x80], 0), ([0xBF], 0),
    ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0),
    ([0xC2, 0x80], 2), ([0xDF, 0xBF], 2), ([0xC2, 0x7F], 0), ([0xC2, 0xC0], 0), ([0xC2, 0x41], 0),
    ([0xE0, 0xA0, 0x80], 3), ([0xE0, 0x9F, 0xBF], 0), ([0xE0, 0x80, 0x80], 0), ([0xE0, 0xBF, 0xBF], 3),
    ([0xE1, 0x80, 0x80], 3), ([0xEC, 0xBF, 0xBF], 3),
    ([0xED, 0x9F, 0xBF], 3), ([0xED, 0xA0, 0x80], 0), ([0xED, 0xBF, 0xBF], 0),
    ([0xEE, 0x80, 0x80], 3), ([0xEF, 0xBF, 0xBD], 3), ([0xEF, 0xBF, 0xBF], 3),
    ([0xE2, 0x82, 0x41], 0), ([0xE2, 0x82, 0xC0], 0), ([0xE2, 0x41, 0x82], 0),
    ([0xF0, 0x90, 0x80, 0x80], 4), ([0xF0, 0x8F, 0xBF, 0xBF], 0), ([0xF0, 0x80, 0x80, 0x80], 0),
    ([0xF3, 0xBF, 0xBF, 0xBF], 4), ([0xF4, 0x8F, 0xBF, 0xBF], 4), ([0xF4, 0x90, 0x80, 0x80], 0),
    ([0xF5, 0x80, 0x80, 0x80], 0), ([0xF8, 0x88, 0x80, 0x80, 0x80], 0), ([0xFE], 0), ([0xFF], 0),
    ([0xF0, 0x9F, 0x92, 0x41], 0), ([0xF0, 0x9F, 0x41, 0xA9], 0), ([0xF0, 0x41, 0x92, 0xA9], 0),
    ([0xC2], 0), ([0xE2], 0), ([0xE2, 0x82], 0), ([0xF0], 0), ([0xF0, 0x9F], 0), ([0xF0, 0x9F, 0x92], 0),
  ]

  @Test(arguments: characters)
  func `begins with a UTF-8 character of so many bytes`(bytes: [UInt8], length: Int) {
    let exact = ExactCopy(bytes)
    #expect(ByteString.characterLength(exact.bytes, at: 0) == length)
    let behind = ExactCopy([0x61, 0x62] + bytes)
    #expect(ByteString.characterLength(behind.bytes, at: 2) == length)
  }

  /// Every pair of first bytes, judged by the standard library.
  @Test func `agrees with the standard library on every first two bytes`() {
    for first in UInt8.min...UInt8.max {
      for second in UInt8.min...UInt8.max {
        let bytes = [first, second, 0x80, 0x80]
        let expected =
          (1...4).first { length in
            String(validating: bytes.prefix(length), as: UTF8.self)?.unicodeScalars.count == 1
          } ?? 0
        let length = bytes.withUnsafeBytes { ByteString.characterLength($0, at: 0) }
        if length != expected { Issue.record("\(bytes): \(length) instead of \(expected)") }
      }
    }
  }

  @Test func `is ASCII unless one of its bytes, wherever it stands, is beyond`() {
    for length in 0...70 {
      var bytes = [UInt8](repeating: 0x7F, count: length)
      var wrong = bytes.withUnsafeBytes { ByteString.isASCII($0) } ? [] : [-1]
      for position in 0..<length {
        bytes[position] = 0x80
        if bytes.withUnsafeBytes({ ByteString.isASCII($0) }) { wrong.append(position) }
        bytes[position] = 0x7F
      }
      #expect(wrong == [], "of \(length) bytes")
    }
  }

  static let truncations: [(text: String, limit: Int, kept: String)] = [
    ("", 0, ""), ("", 5, ""), ("abc", 0, ""), ("abc", 2, "ab"), ("abc", 3, "abc"), ("abc", 4, "abc"),
    ("aé", 1, "a"), ("aé", 2, "a"), ("aé", 3, "aé"), ("éa", 1, ""), ("éa", 2, "é"),
    ("€€", 1, ""), ("€€", 2, ""), ("€€", 3, "€"), ("€€", 5, "€"), ("€€", 6, "€€"),
    ("🦉a", 3, ""), ("🦉a", 4, "🦉"), ("🦉a", 5, "🦉a"), ("a🦉", 4, "a"),
  ]

  @Test(arguments: truncations)
  func `is cut between characters`(text: String, limit: Int, kept: String) {
    let bytes = ExactCopy(Array(text.utf8))
    let length = ByteString.truncatedLength(bytes.bytes, limit: limit)
    #expect(Array(text.utf8).prefix(length).elementsEqual(kept.utf8))
  }

  @Test func `cut in the midst of nothing but continuation bytes has nothing left, and does not run off`() {
    let bytes = ExactCopy([UInt8](repeating: 0x80, count: 40))
    #expect(ByteString.truncatedLength(bytes.bytes, limit: 30) == 0)
  }

  /// Whole words are compared: every length meets another mixture of them, every place another byte of one.
  @Test func `is ASCII if no byte of it is high, wherever that byte lies`() {
    for length in 0...70 {
      let plain = ExactCopy([UInt8](repeating: 0x7F, count: length))
      #expect(ByteString.isASCII(plain.bytes), "length \(length)")
      for place in 0..<length {
        for high in [0x80, 0xFF] as [UInt8] {
          var bytes = [UInt8](repeating: 0x7F, count: length)
          bytes[place] = high
          let copy = ExactCopy(bytes)
          #expect(!ByteString.isASCII(copy.bytes), "length \(length), place \(place)")
        }
      }
    }
  }

  @Test func `is ASCII whatever stands around it`() {
    let bytes: [UInt8] = [UInt8](repeating: 0xFF, count: 100)
    for start in 0..<9 {
      for length in 0..<40 {
        var padded = bytes
        for index in start..<start + length { padded[index] = 0x20 }
        padded.withUnsafeBytes { all in
          #expect(ByteString.isASCII(UnsafeRawBufferPointer(rebasing: all[start..<start + length])))
        }
      }
    }
  }

  @Test func `equals the same bytes and no others`() {
    let a = ExactCopy(Array("service".utf8))
    let b = ExactCopy(Array("service".utf8))
    let other = ExactCopy(Array("servicf".utf8))
    let shorter = ExactCopy(Array("servic".utf8))
    let empty = ExactCopy([])
    #expect(ByteString.equal(a.bytes, b.bytes))
    #expect(!ByteString.equal(a.bytes, other.bytes))
    #expect(!ByteString.equal(a.bytes, shorter.bytes))
    #expect(ByteString.equal(empty.bytes, UnsafeRawBufferPointer(start: nil, count: 0)))
    #expect(ByteString.equal(a.bytes, "service"))
    #expect(!ByteString.equal(a.bytes, "services"))
    #expect(!ByteString.equal(shorter.bytes, "service"))
    #expect(ByteString.equal(empty.bytes, ""))
  }

  static let numbers: [(text: String, value: UInt32?)] = [
    ("", nil), ("0", 0), ("200", 200), ("007", 7), ("4294967295", .max), ("4294967296", nil),
    ("00000000000000000000000000000000000001", 1), ("99999999999999999999999", nil),
    ("-1", nil), ("+1", nil), ("1.0", nil), (" 1", nil), ("1 ", nil), ("1e3", nil), ("٣", nil), ("/", nil), (":", nil),
  ]

  @Test(arguments: numbers)
  func `spells a decimal number of 32 bits`(text: String, value: UInt32?) {
    #expect(Array(text.utf8).withUnsafeBytes { DecimalText.unsigned($0) } == value)
  }
}

/// Bytes in memory of exactly their size, so that AddressSanitizer sees a read one byte beside them.
struct ExactCopy: ~Copyable {
  private let memory: UnsafeMutableRawBufferPointer

  init(_ bytes: [UInt8]) {
    memory = .allocate(byteCount: bytes.count, alignment: 1)
    memory.copyBytes(from: bytes)
  }

  deinit { memory.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory) }
}

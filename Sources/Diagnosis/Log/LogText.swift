/// One line of a log as bytes, with the few ways of looking into it that the patterns need.
///
/// Positions are offsets in bytes. Every search is linear in the line's length.
package struct LogText {
  let bytes: [UInt8]

  /// The line, without its end.
  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The bytes of a text.
  package init(_ text: String) { bytes = Array(text.utf8) }

  /// Where `needle` begins at or behind `start`; `nil` when it does not occur.
  func find(_ needle: String, from start: Int = 0) -> Int? {
    bytes.withUnsafeBufferPointer { line in
      var needle = needle
      return needle.withUTF8 { needle in
        guard let first = needle.first, start >= 0, line.count - start >= needle.count else { return nil }
        let last = line.count - needle.count
        var offset = start
        while offset <= last {
          if line[offset] == first, line[offset..<offset + needle.count].elementsEqual(needle) { return offset }
          offset += 1
        }
        return nil
      }
    }
  }

  /// The line with small ASCII letters.
  var lowercased: LogText { LogText(bytes.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }) }

  /// Whether `needle` occurs, byte for byte; true for an empty one.
  package func contains(_ needle: String) -> Bool { find(needle) != nil }

  /// The offset behind `needle`; `nil` when it does not occur.
  func end(of needle: String, from start: Int = 0) -> Int? { find(needle, from: start).map { $0 + needle.utf8.count } }

  /// Begins with `prefix` behind its white space.
  func begins(with prefix: String) -> Bool {
    let start = bytes.firstIndex { $0 != 0x20 && $0 != 0x09 } ?? bytes.count
    return bytes[start...].starts(with: prefix.utf8)
  }

  /// The number whose digits begin at `offset`, thousands separated by commas or not; `nil` when there are none, or
  /// too many for a count.
  func number(at offset: Int) -> Int? {
    var value = 0
    var digits = 0
    for byte in bytes[min(max(offset, 0), bytes.count)...] {
      if byte == UInt8(ascii: ","), digits > 0 { continue }
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { break }
      digits += 1
      guard digits <= 12 else { return nil }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return digits > 0 ? value : nil
  }

  /// The text from `offset` to the first byte that `isEnd` or the end of the line.
  func word(at offset: Int, until isEnd: (UInt8) -> Bool) -> String {
    let rest = bytes[min(max(offset, 0), bytes.count)...]
    return String(decoding: rest.prefix { !isEnd($0) }, as: UTF8.self)
  }
}

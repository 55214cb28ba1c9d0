extension JSONValue {
  /// The document, indented by two spaces, without a last end of line.
  package var text: String {
    var writer = JSONWriter(isIndented: true)
    writer.write(self, level: 0)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// The document on one line, without spaces, as programs read it.
  package var compactText: String { String(decoding: compactBytes, as: UTF8.self) }

  /// The same document as `compactText`, as UTF-8 without a closing zero.
  package var compactBytes: [UInt8] {
    var writer = JSONWriter(isIndented: false)
    writer.write(self, level: 0)
    return writer.bytes
  }
}

private struct JSONWriter {
  let isIndented: Bool
  var bytes: [UInt8] = []

  init(isIndented: Bool) { self.isIndented = isIndented }

  mutating func write(_ value: JSONValue, level: Int) {
    switch value {
    case .null: append("null")
    case .bool(let value): append(value ? "true" : "false")
    case .int(let value): append(String(value))
    case .uint(let value): append(String(value))
    case .double(let value): append(value.isFinite ? value.description : "null")
    case .string(let value): write(value)
    case .array(let elements):
      append("[")
      for (position, element) in elements.enumerated() {
        separate(position, level: level + 1)
        write(element, level: level + 1)
      }
      close("]", isEmpty: elements.isEmpty, level: level)
    case .object(let members):
      append("{")
      for (position, member) in members.enumerated() {
        separate(position, level: level + 1)
        write(member.0)
        append(isIndented ? ": " : ":")
        write(member.1, level: level + 1)
      }
      close("}", isEmpty: members.isEmpty, level: level)
    }
  }

  private mutating func append(_ text: String) { bytes += text.utf8 }

  private mutating func separate(_ position: Int, level: Int) {
    if position > 0 { append(",") }
    startLine(level)
  }

  private mutating func close(_ mark: String, isEmpty: Bool, level: Int) {
    if !isEmpty { startLine(level) }
    append(mark)
  }

  private mutating func startLine(_ level: Int) {
    guard isIndented else { return }
    append("\n")
    bytes += repeatElement(UInt8(ascii: " "), count: 2 * level)
  }

  /// Beyond what JSON demands, the second set of control characters is escaped too: documents end up on terminals.
  private mutating func write(_ string: String) {
    append("\"")
    if Self.isPlain(string) { append(string) } else { string.unicodeScalars.forEach { write($0) } }
    append("\"")
  }

  /// Whether all characters are written as they are; false for some texts of which that is true, too.
  private static func isPlain(_ string: String) -> Bool {
    var string = string
    return string.withUTF8 { bytes in
      let raw = UnsafeRawBufferPointer(bytes)
      var offset = 0
      // Eight bytes at a time: a text may have megabytes.
      while offset + 8 <= raw.count {
        guard isPlain(raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) else { return false }
        offset += 8
      }
      return raw[offset...].allSatisfy { isPlain(0x2020_2020_2020_2000 | UInt64($0)) }
    }
  }

  /// False for eight bytes when one of them is a control character, a quote, a backslash or not ASCII.
  private static func isPlain(_ bytes: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    func hasByte(below limit: UInt64, in word: UInt64) -> UInt64 { (word &- limit &* ones) & ~word }
    let special =
      bytes | hasByte(below: 0x20, in: bytes) | hasByte(below: 1, in: bytes ^ 0x22 &* ones)
      | hasByte(below: 1, in: bytes ^ 0x5c &* ones) | hasByte(below: 1, in: bytes ^ 0x7f &* ones)
    return special & (0x80 &* ones) == 0
  }

  private mutating func write(_ scalar: Unicode.Scalar) {
    switch scalar.value {
    case 0x22: append("\\\"")
    case 0x5c: append("\\\\")
    case 0x08: append("\\b")
    case 0x09: append("\\t")
    case 0x0a: append("\\n")
    case 0x0c: append("\\f")
    case 0x0d: append("\\r")
    case 0x00...0x1f, 0x7f...0x9f, 0x2028, 0x2029:
      let digits = String(scalar.value, radix: 16)
      append("\\u" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits)
    default: bytes += scalar.utf8
    }
  }
}

import TraceModel

/// Finds the ends of JSON's scalar values, and reads and writes its escapes.
enum JSONBodyScanner {
  static func beginsScalar(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "-"), 0x30...0x39, UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
      true
    default: false
    }
  }

  /// Moves behind a scalar. Returns false, at the first byte that does not fit, for one that is not whole.
  static func skipScalar(_ text: TextBytes, _ position: inout Int) -> Bool {
    switch text[position] {
    case UInt8(ascii: "\""): skipString(text, &position)
    case UInt8(ascii: "t"): skipWord("true", text, &position)
    case UInt8(ascii: "f"): skipWord("false", text, &position)
    case UInt8(ascii: "n"): skipWord("null", text, &position)
    default: skipNumber(text, &position)
    }
  }

  static func skipString(_ text: TextBytes, _ position: inout Int) -> Bool {
    position += 1
    while position < text.count {
      let byte = text[position]
      if byte == UInt8(ascii: "\"") {
        position += 1
        return true
      }
      if byte < 0x20 { return false }
      guard byte == UInt8(ascii: "\\") else {
        position += 1
        continue
      }
      position += 1
      guard skipEscape(text, &position) else { return false }
    }
    return false
  }

  private static func skipEscape(_ text: TextBytes, _ position: inout Int) -> Bool {
    switch text[position] {
    case UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"),
      UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "\""):
      position += 1
      return true
    case UInt8(ascii: "u"):
      position += 1
      for _ in 0..<4 {
        guard CharacterClass.isHexadecimal(text[position]) else { return false }
        position += 1
      }
      return true
    default: return false
    }
  }

  private static func skipWord(_ word: StaticString, _ text: TextBytes, _ position: inout Int) -> Bool {
    let end = position + word.utf8CodeUnitCount
    guard text.part(position, end).isEqual(to: word) else { return false }
    position = end
    return true
  }

  private static func skipNumber(_ text: TextBytes, _ position: inout Int) -> Bool {
    if text[position] == UInt8(ascii: "-") { position += 1 }
    if text[position] == 0x30 {
      position += 1
    } else if !skipDigits(text, &position) {
      return false
    }
    if text[position] == UInt8(ascii: ".") {
      position += 1
      guard skipDigits(text, &position) else { return false }
    }
    if text[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") { position += 1 }
      guard skipDigits(text, &position) else { return false }
    }
    return true
  }

  private static func skipDigits(_ text: TextBytes, _ position: inout Int) -> Bool {
    let start = position
    while CharacterClass.isDigit(text[position]) { position += 1 }
    return position > start
  }

  /// Appends what a text of JSON stands for. The text has been skipped as a whole before.
  static func unescape(_ text: TextBytes, into out: inout GrowableBuffer<UInt8>) {
    var index = 0
    while index < text.count {
      let byte = text[index]
      index += 1
      guard byte == UInt8(ascii: "\\") else {
        out.append(byte)
        continue
      }
      let escape = text[index]
      index += 1
      switch escape {
      case UInt8(ascii: "b"): out.append(0x08)
      case UInt8(ascii: "f"): out.append(0x0C)
      case UInt8(ascii: "n"): out.append(0x0A)
      case UInt8(ascii: "r"): out.append(0x0D)
      case UInt8(ascii: "t"): out.append(0x09)
      case UInt8(ascii: "u"): appendScalar(text, &index, to: &out)
      default: out.append(escape)
      }
    }
  }

  /// Appends the character of `\uXXXX`, or of two of them; U+FFFD for half a pair.
  private static func appendScalar(_ text: TextBytes, _ index: inout Int, to out: inout GrowableBuffer<UInt8>) {
    var value = hexadecimal(text, index)
    index += 4
    if (0xD800..<0xDC00).contains(value), text[index] == UInt8(ascii: "\\"), text[index + 1] == UInt8(ascii: "u"),
      case let low = hexadecimal(text, index + 2), (0xDC00..<0xE000).contains(low)
    {
      value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
      index += 6
    }
    for unit in UTF8.encode(Unicode.Scalar(value) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter {
      out.append(unit)
    }
  }

  private static func hexadecimal(_ text: TextBytes, _ index: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 << 4 | UInt32(CharacterClass.hexadecimal(text[index + $1]) ?? 0) }
  }

  /// Appends a text as it stands between the quotes of JSON.
  static func escape(_ text: TextBytes, into out: inout GrowableBuffer<UInt8>) {
    for index in 0..<text.count {
      let byte = text[index]
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        out.append(UInt8(ascii: "\\"))
        out.append(byte)
      case 0x0A: out.append("\\n")
      case 0x09: out.append("\\t")
      case 0x0D: out.append("\\r")
      case 0..<0x20: out.append(0x20)
      default: out.append(byte)
      }
    }
  }
}

import TraceModel

/// Percent-encoding by the rules of Go's `net/url`, which the Datadog agent writes URLs with.
enum PercentEncoding {
  /// The part of a URL that a text stands in; each has characters of its own.
  enum Part { case host, path, fragment }

  /// Whether each `%` has two hexadecimal digits behind it, and a host holds only what it may.
  static func isValid(_ text: TextBytes, in part: Part) -> Bool {
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte == UInt8(ascii: "%") {
        guard let high = CharacterClass.hexadecimal(text[index + 1]), CharacterClass.isHexadecimal(text[index + 2])
        else { return false }
        // In a host only what is beyond ASCII may be encoded, and the `%` of a zone.
        let isZone = text[index + 1] == UInt8(ascii: "2") && text[index + 2] == UInt8(ascii: "5")
        if part == .host, high < 8, !isZone { return false }
        index += 3
      } else {
        if part == .host, byte < 0x80, needsEncoding(byte, in: .host) { return false }
        index += 1
      }
    }
    return true
  }

  /// Appends the text with `%XX` decoded; it has to be valid.
  static func decode(_ text: TextBytes, into out: inout GrowableBuffer<UInt8>) {
    var index = 0
    while index < text.count {
      if text[index] == UInt8(ascii: "%"), let high = CharacterClass.hexadecimal(text[index + 1]),
        let low = CharacterClass.hexadecimal(text[index + 2])
      {
        out.append(high << 4 | low)
        index += 3
      } else {
        out.append(text[index])
        index += 1
      }
    }
  }

  static func encode(_ text: TextBytes, in part: Part, into out: inout GrowableBuffer<UInt8>) {
    for index in 0..<text.count {
      let byte = text[index]
      if needsEncoding(byte, in: part) {
        out.append(UInt8(ascii: "%"))
        out.append(digit(byte >> 4))
        out.append(digit(byte & 15))
      } else {
        out.append(byte)
      }
    }
  }

  /// Whether the text may stand as it was written: it holds nothing that would have had to be encoded.
  static func isEncoded(_ text: TextBytes, in part: Part) -> Bool {
    for index in 0..<text.count {
      switch text[index] {
      case UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("),
        UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"),
        UInt8(ascii: "="), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "["), UInt8(ascii: "]"),
        UInt8(ascii: "%"):
        continue
      default:
        if needsEncoding(text[index], in: part) { return false }
      }
    }
    return true
  }

  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }

  private static func needsEncoding(_ byte: UInt8, in part: Part) -> Bool {
    if CharacterClass.isASCIILetter(byte) || CharacterClass.isDigit(byte) { return false }
    switch byte {
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "~"): return false
    case UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ":"),
      UInt8(ascii: ";"), UInt8(ascii: "="):
      return false
    case UInt8(ascii: "/"), UInt8(ascii: "@"): return part == .host
    case UInt8(ascii: "?"): return part != .fragment
    case UInt8(ascii: "!"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"): return part == .path
    case UInt8(ascii: "'"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "<"), UInt8(ascii: ">"),
      UInt8(ascii: "\""):
      return part != .host
    default: return true
    }
  }
}

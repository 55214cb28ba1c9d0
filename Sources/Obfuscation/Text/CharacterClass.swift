import TraceModel

/// What kind of character stands in a text, by the rules that Datadog's tokenizers share.
enum CharacterClass {
  /// ASCII letters and `_`, as bits of the code points 64 to 127.
  private static let letters: UInt64 = 0x07FF_FFFE_87FF_FFFE

  @inline(__always) static func isASCIILetter(_ byte: UInt8) -> Bool {
    byte >= 64 && byte < 128 && letters >> UInt64(byte & 63) & 1 == 1
  }

  @inline(__always) static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  /// Space, tab, line feed, vertical tab, form feed, carriage return.
  @inline(__always) static func isASCIISpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 9 < 5 }

  /// A capital letter of ASCII as the small one; any other byte as it is.
  @inline(__always) static func small(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

  static func isHexadecimal(_ byte: UInt8) -> Bool { hexadecimal(byte) != nil }

  static func hexadecimal(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte &- 0x30
    case 0x41...0x46: byte &- 0x41 &+ 10
    case 0x61...0x66: byte &- 0x61 &+ 10
    default: nil
    }
  }

  /// Length in bytes of the letter beyond ASCII at `index`; 0 when what stands there is none.
  static func letterLength(_ text: TextBytes, at index: Int) -> Int {
    guard text[index] >= 0x80, let (scalar, length) = text.scalar(at: index) else { return 0 }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return length
    default: return 0
    }
  }

  /// Length in bytes of the blank at `index`, in ASCII or beyond; 0 when what stands there is none.
  @inline(__always) static func spaceLength(_ text: TextBytes, at index: Int) -> Int {
    let byte = text[index]
    if byte < 0x80 { return isASCIISpace(byte) && index < text.count ? 1 : 0 }
    return wideSpaceLength(text, at: index)
  }

  private static func wideSpaceLength(_ text: TextBytes, at index: Int) -> Int {
    guard let (scalar, length) = text.scalar(at: index) else { return 0 }
    switch scalar.value {
    case 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: return length
    default: return 0
    }
  }

  /// The text without the blanks around it.
  static func trimmed(_ text: TextBytes) -> TextBytes {
    var start = 0
    while case let length = spaceLength(text, at: start), length > 0 { start += length }
    var end = text.count
    while end > start {
      // A character has at most four bytes; only its first one is not a continuation.
      var first = end - 1
      while first > start, end - first < 4, text[first] & 0xC0 == 0x80 { first -= 1 }
      guard spaceLength(text, at: first) == end - first else { break }
      end = first
    }
    return text.part(start, end)
  }

  /// Writes a text in capitals. A letter whose capital form is more than one character stays as it is.
  static func appendUppercased(_ text: TextBytes, to out: inout GrowableBuffer<UInt8>) {
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte < 0x80 {
        out.append(byte &- 0x61 < 26 ? byte & 0xDF : byte)
        index += 1
      } else if let (scalar, length) = text.scalar(at: index) {
        let capital = scalar.properties.uppercaseMapping
        // Letters newer than the tables of the agents' language stay, so that both agree.
        if capital.unicodeScalars.count == 1, scalar.properties.age.map({ $0.major <= 15 }) ?? false {
          for unit in capital.utf8 { out.append(unit) }
        } else {
          text.part(index, index + length).append(to: &out)
        }
        index += length
      } else {
        out.append(byte)
        index += 1
      }
    }
  }

  /// Writes a text with each run of digits as one `?`.
  static func appendReplacingDigits(_ text: TextBytes, to out: inout GrowableBuffer<UInt8>) {
    var isInDigits = false
    for index in 0..<text.count {
      let byte = text[index]
      if !isDigit(byte) {
        out.append(byte)
      } else if !isInDigits {
        out.append(0x3F)
      }
      isInDigits = isDigit(byte)
    }
  }
}

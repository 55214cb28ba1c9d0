/// Finds the ends of literals that both tokenizers read alike.
enum SQLLiteral {
  /// Where a number ends: decimal with fraction and exponent, or of another base (`0x1f`, `0o17`, `0b11`); digits may be
  /// grouped by `_`.
  static func numberEnd(_ text: TextBytes, from start: Int) -> Int {
    if text[start] == 0x30 {
      let (base, first) = (text[start &+ 1] | 0x20, text[start &+ 2])
      if base == UInt8(ascii: "x") { return digitsEnd(text, from: start &+ 2, isDigit: CharacterClass.isHexadecimal) }
      if base == UInt8(ascii: "b") || base == UInt8(ascii: "o"),
        first == UInt8(ascii: "_") || CharacterClass.isDigit(first)
      {
        return digitsEnd(text, from: start &+ 2)
      }
    }
    var index = digitsEnd(text, from: start)
    if text[index] == UInt8(ascii: ".") { index = digitsEnd(text, from: index &+ 1) }
    if text[index] | 0x20 == UInt8(ascii: "e") {
      let isSigned = text[index &+ 1] == UInt8(ascii: "+") || text[index &+ 1] == UInt8(ascii: "-")
      let exponent = index &+ (isSigned ? 2 : 1)
      if CharacterClass.isDigit(text[exponent]) { index = digitsEnd(text, from: exponent) }
    }
    return index
  }

  @inline(__always) private static func digitsEnd(
    _ text: TextBytes, from start: Int, isDigit: (UInt8) -> Bool = { CharacterClass.isDigit($0) }
  ) -> Int {
    var index = start
    while isDigit(text[index]) || text[index] == UInt8(ascii: "_") && isDigit(text[index &+ 1]) { index &+= 1 }
    return index
  }

  /// Length of a UUID without quotes, as Cassandra writes them: `550e8400-e29b-41d4-a716-446655440000`.
  private static let uuidLength = 36

  /// Where a UUID ends; `nil` where none stands.
  @inline(__always) static func uuidEnd(_ text: TextBytes, from start: Int) -> Int? {
    text[start &+ 8] == UInt8(ascii: "-") ? wholeUUIDEnd(text, from: start) : nil
  }

  private static func wholeUUIDEnd(_ text: TextBytes, from start: Int) -> Int? {
    for offset in 0..<uuidLength {
      switch offset {
      case 8, 13, 18, 23: guard text[start &+ offset] == UInt8(ascii: "-") else { return nil }
      default: guard CharacterClass.isHexadecimal(text[start &+ offset]) else { return nil }
      }
    }
    return CharacterClass.isHexadecimal(text[start &+ uuidLength]) ? nil : start &+ uuidLength
  }

  /// Whether a word in front of a quote makes it Oracle's `q'[ … ]'`, also of the national character set.
  static func announcesDelimiter(_ word: TextBytes) -> Bool { word.spells("Q") || word.spells("NQ") }

  /// Where Oracle's `q'[ … ]'` ends; `nil` for one without an end or delimiter.
  /// - Parameter quote: where its first quote stands.
  static func delimitedEnd(_ text: TextBytes, from quote: Int) -> Int? {
    let opening = text[quote &+ 1]
    let closing: UInt8
    switch opening {
    case UInt8(ascii: "["): closing = UInt8(ascii: "]")
    case UInt8(ascii: "{"): closing = UInt8(ascii: "}")
    case UInt8(ascii: "("): closing = UInt8(ascii: ")")
    case UInt8(ascii: "<"): closing = UInt8(ascii: ">")
    case 0, 0x09, 0x0A, 0x0D, 0x20, UInt8(ascii: "'"): return nil
    default: closing = opening
    }
    var index = quote &+ 2
    while let found = text.firstIndex(of: closing, from: index) {
      if text[found &+ 1] == UInt8(ascii: "'") { return found &+ 2 }
      index = found &+ 1
    }
    return nil
  }

  /// Where the tag of a dollar-quoted string ends, behind its second `$`; `nil` for a `$` that begins none.
  static func tagEnd(_ text: TextBytes, from start: Int) -> Int? {
    var index = start &+ 1
    guard !CharacterClass.isDigit(text[index]) else { return nil }
    while case let byte = text[index],
      byte >= 0x80 || CharacterClass.isDigit(byte) || CharacterClass.isASCIILetter(byte) && byte != UInt8(ascii: "@")
    {
      index &+= 1
    }
    return text[index] == UInt8(ascii: "$") ? index &+ 1 : nil
  }
}

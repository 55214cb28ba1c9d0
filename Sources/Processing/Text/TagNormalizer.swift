import TraceModel

/// Brings services, environments and other values of tags into the form the Datadog intake accepts: lower-case letters,
/// digits, `_`, `-`, `:`, `.`, `/`.
package struct TagNormalizer: ~Copyable, Sendable {
  /// Characters looked at; illegal ones count too.
  static let charactersMax = 200
  /// The scan stops once this many bytes were looked at.
  static let scannedBytesMax = 400

  private var output = GrowableBuffer<UInt8>()

  package init() {}

  /// A tag's value, which may start with any of its characters; what is illegal becomes one `_`, and none stays at the
  /// end. Returns `nil` when `input` is in form already; else the result, valid until the next call, which may be empty.
  package mutating func normalizeTagValue(_ input: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    Self.isNormalized(input) ? nil : scan(input)
  }

  /// The common case, decided without writing: short, ASCII, and every `_` alone and followed by something.
  private static func isNormalized(_ input: UnsafeRawBufferPointer) -> Bool {
    let count = input.count
    if count > charactersMax { return false }
    if ASCIIWord.all(input, marks) { return input[count &- 1] != UInt8(ascii: "_") }
    var index = 0
    while index < count {
      if !isBody(input[index]) {
        guard input[index] == UInt8(ascii: "_") else { return false }
        index &+= 1
        guard index < count, isBody(input[index]) else { return false }
      }
      index &+= 1
    }
    return true
  }

  /// What may stand anywhere: no `_` behind another one.
  @inline(__always) private static func marks(_ word: UInt64) -> UInt64 {
    let letters = ASCIIWord.marks(word, from: UInt8(ascii: "a"), through: UInt8(ascii: "z"))
    let signs = ASCIIWord.marks(word, from: UInt8(ascii: "-"), through: UInt8(ascii: ":"))
    let underscores = ASCIIWord.marks(word, of: UInt8(ascii: "_"))
    return letters | signs | underscores & ~ASCIIWord.next(underscores)
  }

  private static func isBody(_ byte: UInt8) -> Bool {
    // `-`, `.`, `/`, `0`–`9`, `:` are neighbours in ASCII.
    (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")) || (byte >= UInt8(ascii: "-") && byte <= UInt8(ascii: ":"))
  }

  private mutating func scan(_ input: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    output.removeAll()
    var offset = 0
    var characters = 0
    var afterIllegal = false
    while offset < input.count {
      let length = ByteString.characterLength(input, at: offset)
      let scalar = Self.scalar(input, at: offset, length: length)
      offset += max(length, 1)
      let kept = Self.lowercased(scalar)
      characters += 1
      if Self.isLetterOrColon(kept) || Self.isDigitOrSeparator(kept) {
        if afterIllegal { output.append(UInt8(ascii: "_")) }
        afterIllegal = false
        for byte in UTF8.encode(kept).unsafelyUnwrapped { output.append(byte) }
      } else {
        afterIllegal = true
      }
      if offset >= Self.scannedBytesMax || characters >= Self.charactersMax { break }
    }
    return UnsafeRawBufferPointer(output.pointer)
  }

  private static func scalar(_ input: UnsafeRawBufferPointer, at offset: Int, length: Int) -> Unicode.Scalar {
    let replacement: Unicode.Scalar = "\u{FFFD}"
    let first = UInt32(input[offset])
    switch length {
    case 1: return Unicode.Scalar(first) ?? replacement
    case 2: return Unicode.Scalar((first & 0x1F) << 6 | low(input[offset + 1])) ?? replacement
    case 3:
      return Unicode.Scalar((first & 0x0F) << 12 | low(input[offset + 1]) << 6 | low(input[offset + 2])) ?? replacement
    case 4:
      let upper = (first & 0x07) << 18 | low(input[offset + 1]) << 12
      return Unicode.Scalar(upper | low(input[offset + 2]) << 6 | low(input[offset + 3])) ?? replacement
    default: return replacement
    }
  }

  private static func low(_ byte: UInt8) -> UInt32 { UInt32(byte & 0x3F) }

  /// Lower case, unless that would change the width in UTF-8.
  private static func lowercased(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if scalar.value < 0x80 {
      return scalar >= "A" && scalar <= "Z" ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar
    }
    guard scalar.properties.generalCategory == .uppercaseLetter else { return scalar }
    let mapping = scalar.properties.lowercaseMapping.unicodeScalars
    guard mapping.count == 1, let lower = mapping.first, UTF8.width(lower) == UTF8.width(scalar) else { return scalar }
    return lower
  }

  private static func isLetterOrColon(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 { return (scalar >= "a" && scalar <= "z") || scalar == ":" }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
    default: return false
    }
  }

  private static func isDigitOrSeparator(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 { return scalar >= "-" && scalar <= "9" }
    return scalar.properties.generalCategory == .decimalNumber
  }
}

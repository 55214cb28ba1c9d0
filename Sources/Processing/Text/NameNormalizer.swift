import TraceModel

/// Brings span names into the form of a metric name: ASCII letters, digits, `_` and `.`, starting with a letter.
package struct NameNormalizer: ~Copyable, Sendable {
  private var output = GrowableBuffer<UInt8>()

  package init() {}

  /// Returns `nil` when `input` is in form already; else the result, valid until the next call; empty when `input` has
  /// no letter.
  package mutating func normalize(_ input: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    if Self.isNormalized(input) { return nil }
    output.removeAll()
    var index = 0
    while index < input.count, !Self.isLetter(input[index]) { index += 1 }
    while index < input.count {
      append(input[index])
      index += 1
    }
    if output.count > 0, output[output.count - 1] == UInt8(ascii: "_") { output.truncate(to: output.count - 1) }
    return UnsafeRawBufferPointer(output.pointer)
  }

  private mutating func append(_ byte: UInt8) {
    let last = output.count > 0 ? output[output.count - 1] : 0
    if Self.isLetter(byte) || Self.isDigit(byte) {
      output.append(byte)
    } else if byte == UInt8(ascii: ".") {
      // A dot takes the place of an underscore right before it.
      if last == UInt8(ascii: "_") {
        output[output.count - 1] = byte
      } else {
        output.append(byte)
      }
    } else if last != UInt8(ascii: ".") && last != UInt8(ascii: "_") {
      output.append(UInt8(ascii: "_"))
    }
  }

  private static func isNormalized(_ input: UnsafeRawBufferPointer) -> Bool {
    guard input.count > 0, isLetter(input[0]) else { return false }
    if ASCIIWord.all(input, marks) { return input[input.count - 1] != UInt8(ascii: "_") }
    var last: UInt8 = 0
    for index in 1..<input.count {
      let byte = input[index]
      if !isLetter(byte), !isDigit(byte) {
        let isUnderscore = byte == UInt8(ascii: "_")
        guard isUnderscore || byte == UInt8(ascii: "."), last != UInt8(ascii: "_") else { return false }
        if isUnderscore, last == UInt8(ascii: ".") { return false }
      }
      last = byte
    }
    return last != UInt8(ascii: "_")
  }

  /// What may stand behind the first letter: no `_` behind another one or a dot, and no dot behind a `_`.
  @inline(__always) private static func marks(_ word: UInt64) -> UInt64 {
    let letters = ASCIIWord.marks(ASCIIWord.lowercased(word), from: UInt8(ascii: "a"), through: UInt8(ascii: "z"))
    let digits = ASCIIWord.marks(word, from: UInt8(ascii: "0"), through: UInt8(ascii: "9"))
    let dots = ASCIIWord.marks(word, of: UInt8(ascii: "."))
    let underscores = ASCIIWord.marks(word, of: UInt8(ascii: "_"))
    let misplaced = ASCIIWord.next(underscores) & (underscores | dots) | ASCIIWord.next(dots) & underscores
    return (letters | digits | dots | underscores) & ~misplaced
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    let lower = byte | 0x20
    return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}

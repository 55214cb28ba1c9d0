import TraceModel

/// Tells URLs that stay as they are from those that have to be looked at closely. Nearly all of a web app's are such.
enum PlainURL {
  /// ASCII characters of a path that are written as they are, as bits of their code points.
  private static let pathBytes = set(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/:!$&'()*+,;=")

  private struct ByteSet {
    var low: UInt64 = 0
    var high: UInt64 = 0

    @inline(__always) func contains(_ byte: UInt8) -> Bool {
      byte < 128 && (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1
    }
  }

  private static func set(_ text: StaticString) -> ByteSet {
    var set = ByteSet()
    for index in 0..<text.utf8CodeUnitCount {
      let byte = unsafe text.utf8Start[index]
      if byte < 64 { set.low |= 1 << UInt64(byte) } else { set.high |= 1 << UInt64(byte & 63) }
    }
    return set
  }

  /// Whether it is `http://` or `https://`, a host with or without a port, and a path and query without anything that
  /// would have to be decoded or encoded; there is no user, password or fragment, nor a second URL with such.
  static func matches(_ text: TextBytes) -> Bool {
    let scheme = text[4] == UInt8(ascii: "s") ? 8 : 7
    guard text.part(0, scheme).isEqual(to: scheme == 8 ? "https://" : "http://") else { return false }
    guard var index = endOfHost(text, from: scheme) else { return false }
    while let word = text.word(at: index), ASCIIWord.isPlain(word) { index &+= 8 }
    let allowed = pathBytes
    while index < text.count, allowed.contains(text[index]) { index &+= 1 }
    guard index < text.count else { return true }
    guard text[index] == UInt8(ascii: "?") else { return false }
    while index < text.count {
      let byte = text[index]
      if byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "#") || byte == UInt8(ascii: "@") { return false }
      // An `@`, or another `%`, which may be that of one.
      if byte == UInt8(ascii: "%") {
        let code = text.part(index &+ 1, index &+ 3)
        if code.isEqual(to: "40") || code.isEqual(to: "25") { return false }
      }
      index &+= 1
    }
    return true
  }

  /// Where the path or query begins; `nil` for a host that is no plain name or number.
  private static func endOfHost(_ text: TextBytes, from start: Int) -> Int? {
    var index = start
    while CharacterClass.isASCIILetter(text[index]) || CharacterClass.isDigit(text[index])
      || text[index] == UInt8(ascii: ".") || text[index] == UInt8(ascii: "-")
    {
      index &+= 1
    }
    guard index > start else { return nil }
    if text[index] == UInt8(ascii: ":") {
      index &+= 1
      while CharacterClass.isDigit(text[index]) { index &+= 1 }
    }
    guard index < text.count else { return index }
    return text[index] == UInt8(ascii: "/") || text[index] == UInt8(ascii: "?") ? index : nil
  }
}

extension ASCIIWord {
  /// Whether all of eight bytes are letters, digits or of `-./:_`, which most paths are made of.
  @inline(__always) fileprivate static func isPlain(_ word: UInt64) -> Bool {
    areMarked(
      word,
      marks(lowercased(word), from: UInt8(ascii: "a"), through: UInt8(ascii: "z"))
        | marks(word, from: UInt8(ascii: "-"), through: UInt8(ascii: ":")) | marks(word, of: UInt8(ascii: "_")))
  }
}

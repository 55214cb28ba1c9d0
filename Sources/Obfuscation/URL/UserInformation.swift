import TraceModel

/// Finds the user and password of URLs, the part that RFC 3986 calls userinfo, where a parser of URLs does not look.
enum UserInformation {
  /// Appends a text that is no URL with an authority, without what may be a user and a password. They can hold any
  /// character here, so all goes that stands before the last `@`.
  static func appendWithoutAny(_ text: TextBytes, to out: inout GrowableBuffer<UInt8>) {
    guard let at = text.lastIndex(of: UInt8(ascii: "@")) else { return text.append(to: &out) }
    if let start = authorityStart(text), start <= at {
      text.part(0, start).append(to: &out)
      return text.part(at + 1, text.count).append(to: &out)
    }
    // Without `//` an `@` in a query is more likely one of an address.
    let end = text.firstIndex(of: UInt8(ascii: "?")) ?? text.count
    guard let last = text.part(0, end).lastIndex(of: UInt8(ascii: "@")) else { return text.append(to: &out) }
    text.part(last + 1, text.count).append(to: &out)
  }

  private static func authorityStart(_ text: TextBytes) -> Int? {
    var start = 0
    while let slash = text.firstIndex(of: UInt8(ascii: "/"), from: start) {
      if text[slash + 1] == UInt8(ascii: "/") { return slash + 2 }
      start = slash + 1
    }
    return nil
  }

  /// Whether there is an `@`, as it is or encoded.
  static func mayStand(in text: TextBytes) -> Bool {
    for index in 0..<text.count where unit(text, index).byte == UInt8(ascii: "@") { return true }
    return false
  }

  /// Appends the text without what stands between each `//` and an `@` that follows before the authority ends; all of
  /// these also percent-encoded, as in `?next=https%3A%2F%2Fuser%3Apassword%40host`.
  static func appendRemovingEach(_ text: TextBytes, to out: inout GrowableBuffer<UInt8>) {
    var (written, index, slashes) = (0, 0, 0)
    while index < text.count {
      let (byte, length) = unit(text, index)
      index += length
      slashes = byte == UInt8(ascii: "/") ? slashes + 1 : 0
      guard slashes >= 2 else { continue }
      text.part(written, index).append(to: &out)
      let start = index
      (written, slashes) = (index, 0)
      while index < text.count, case let next = unit(text, index), !endsAuthority(next.byte) {
        if next.byte == UInt8(ascii: "@"), index > start { written = index + next.length }
        index += next.length
      }
    }
    text.part(written, text.count).append(to: &out)
  }

  private static func endsAuthority(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "&"), 0x20, UInt8(ascii: "\""): true
    default: false
    }
  }

  /// The byte at `index` and the length that it is written in, three where it is percent-encoded.
  private static func unit(_ text: TextBytes, _ index: Int) -> (byte: UInt8, length: Int) {
    let byte = text[index]
    guard byte == UInt8(ascii: "%"), let high = CharacterClass.hexadecimal(text[index + 1]),
      let low = CharacterClass.hexadecimal(text[index + 2])
    else { return (byte, 1) }
    return (high << 4 | low, 3)
  }
}

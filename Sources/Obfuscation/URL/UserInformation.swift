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

  /// Whether what looks like host and port may be a user and the beginning of a password that holds a `/`, `?` or `#`:
  /// `user:12/34@host`. A path that begins with an `@`, and an address in a query of names and values, are none of that.
  /// - Parameter rest: from the path on.
  static func isCut(_ authority: TextBytes, before rest: TextBytes) -> Bool {
    guard authority.count > 1, authority[0] != UInt8(ascii: "["),
      CharacterClass.isDigit(authority[authority.count - 1]),
      authority.firstIndex(of: UInt8(ascii: ":")) != nil, authority.firstIndex(of: UInt8(ascii: "@")) == nil
    else { return false }
    let end = rest.firstIndex(of: UInt8(ascii: "/"), from: 1) ?? rest.count
    let segment = rest.part(0, end)
    guard let at = segment.firstIndex(of: UInt8(ascii: "@")) else { return false }
    if at == 1 { return segment[0] != UInt8(ascii: "/") }
    let before = segment.part(0, at)
    guard let query = before.firstIndex(of: UInt8(ascii: "?")) else { return true }
    return before.firstIndex(of: UInt8(ascii: "="), from: query) == nil
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

  /// Appends the text without what stands between each `//` and an `@` that follows before the authority ends. `:/` and
  /// `///` begin one, too: they are easily written by mistake, and where slashes are merged. All of these may be
  /// percent-encoded, also more than once, as in `?next=https%3A%2F%2Fuser%3Apassword%40host`.
  static func appendRemovingEach(_ text: TextBytes, to out: inout GrowableBuffer<UInt8>) {
    var (written, index, last) = (0, 0, UInt8(0))
    while index < text.count {
      let (byte, length) = unit(text, index)
      index += length
      guard byte == UInt8(ascii: "/"), last == UInt8(ascii: "/") || last == UInt8(ascii: ":") else {
        last = byte
        continue
      }
      while case let next = unit(text, index), next.byte == UInt8(ascii: "/") { index += next.length }
      text.part(written, index).append(to: &out)
      let start = index
      (written, last) = (index, 0)
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

  /// The byte at `index` and the length that it is written in: three where it is percent-encoded, and two more each time
  /// that the `%` of that is.
  private static func unit(_ text: TextBytes, _ index: Int) -> (byte: UInt8, length: Int) {
    var (byte, length) = (text[index], 1)
    while byte == UInt8(ascii: "%"), let high = CharacterClass.hexadecimal(text[index + length]),
      let low = CharacterClass.hexadecimal(text[index + length + 1])
    {
      byte = high << 4 | low
      length += 2
    }
    return (byte, length)
  }
}

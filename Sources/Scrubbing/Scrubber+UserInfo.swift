/// User names and passwords in addresses: `http://user:password@host` and `user:password@host`.
enum SecretUserInfo {
  static func removed(from bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, !isBoundary(bytes[end]) { end += 1 }
      result += scrubbed(bytes[start..<end])
      if end < bytes.count { result.append(bytes[end]) }
      start = end + 1
    }
    return result
  }

  /// What cannot be within an address as people write it.
  private static func isBoundary(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == 0x7f || "\"'`<>".utf8.contains(byte)
  }

  private static func scrubbed(_ word: ArraySlice<UInt8>) -> [UInt8] {
    guard let at = word.lastIndex(of: UInt8(ascii: "@")) else { return Array(word) }
    guard var address = schemeEnd(in: word) else {
      let isPasswordBefore = word[..<at].contains(UInt8(ascii: ":"))
      return isPasswordBefore ? Array(Scrubber.mark.utf8) + word[at...] : Array(word)
    }
    var result = Array(word[..<address])
    // Several addresses in a word (`a://x@y,b://z@w`) are taken one after the other, by their schemes.
    while address < word.endIndex {
      let next = schemeEnd(in: word[address...]) ?? word.endIndex
      result += withoutUserInfo(word[address..<next])
      address = next
    }
    return result
  }

  /// The index behind the first `://`.
  private static func schemeEnd(in word: ArraySlice<UInt8>) -> Int? {
    var position = word.startIndex
    while position + 2 < word.endIndex {
      if word[position] == UInt8(ascii: ":"), word[position + 1] == UInt8(ascii: "/"),
        word[position + 2] == UInt8(ascii: "/")
      {
        return position + 3
      }
      position += 1
    }
    return nil
  }

  /// An address behind its scheme without what stands before its host.
  private static func withoutUserInfo(_ address: ArraySlice<UInt8>) -> [UInt8] {
    guard let at = address.lastIndex(of: UInt8(ascii: "@")) else { return Array(address) }
    let authority = address.prefix { !"/?#".utf8.contains($0) }
    if let inside = authority.lastIndex(of: UInt8(ascii: "@")) {
      return Array(Scrubber.mark.utf8) + address[inside...]
    }
    // A password with a slash in it, as nobody should write it and many do. A path has its @ at the start of a part.
    let isInPath = at > address.startIndex && address[at - 1] == UInt8(ascii: "/")
    let isBeforeQuery = !address[..<at].contains { "?#".utf8.contains($0) }
    let isSecret = hasPasswordStart(authority) || (!authority.contains(UInt8(ascii: ":")) && isBeforeQuery && !isInPath)
    return isSecret ? Array(Scrubber.mark.utf8) + address[at...] : Array(address)
  }

  /// Whether something that is no port follows the colon: then it is a password that goes on behind a slash.
  private static func hasPasswordStart(_ authority: ArraySlice<UInt8>) -> Bool {
    guard authority.first != UInt8(ascii: "["), let colon = authority.firstIndex(of: UInt8(ascii: ":")) else {
      return false
    }
    let port = authority[(colon + 1)...]
    return !port.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
  }
}

/// Secrets that are known by their look, whatever stands before them.
enum SecretShapes {
  /// How well-known tokens begin, and how many more characters of a token make it one.
  private static let prefixes: [(text: [UInt8], lengthMin: Int)] = [
    ("ddapp_", 16), ("ddpat_", 16), ("ghp_", 16), ("gho_", 16), ("ghs_", 16), ("ghu_", 16), ("github_pat_", 16),
    ("glpat-", 16), ("sk-", 16), ("sk_live_", 8), ("sk_test_", 8), ("rk_live_", 8), ("xoxb-", 8), ("xoxp-", 8),
    ("xoxa-", 8), ("xapp-", 8), ("AKIA", 12), ("ASIA", 12), ("AIza", 20), ("eyJ", 20), ("npm_", 16), ("pypi-", 16),
    ("hvs.", 16), ("SG.", 16),
  ].map { (Array($0.0.utf8), $0.1) }

  static func removed(from bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var position = 0
    while position < bytes.count {
      let start = position
      while position < bytes.count, isTokenPart(bytes[position]) { position += 1 }
      if position > start {
        let word = bytes[start..<position]
        result += isContainerFolder(word, of: bytes) ? Array(word) : scrubbed(word)
      }
      if position < bytes.count {
        result.append(bytes[position])
        position += 1
      }
      // `Bearer TOKEN` without a name before it.
      if position < bytes.count, bytes[position - 1] == 0x20, isAuthorizationScheme(bytes[start..<(position - 1)]) {
        let end = bytes[position...].firstIndex { $0 <= 0x20 || "\"',;".utf8.contains($0) } ?? bytes.endIndex
        if end - position >= 8 {
          result += Array(Scrubber.mark.utf8)
          position = end
        }
      }
    }
    return result
  }

  /// A folder on the way of a path whose name is a container's or a volume's id: 64 digits, where keys have 32 or 40.
  /// Without it the path leads nowhere.
  private static func isContainerFolder(_ word: ArraySlice<UInt8>, of bytes: [UInt8]) -> Bool {
    guard word.count == 64, word.startIndex > 0, word.endIndex < bytes.count else { return false }
    return bytes[word.startIndex - 1] == UInt8(ascii: "/") && bytes[word.endIndex] == UInt8(ascii: "/")
      && word.allSatisfy { isHex($0) && !(UInt8(ascii: "A")...UInt8(ascii: "F")).contains($0) }
  }

  private static func isAuthorizationScheme(_ word: ArraySlice<UInt8>) -> Bool {
    guard word.count == 5 || word.count == 6 else { return false }
    let text = String(decoding: word, as: UTF8.self).lowercased()
    return text == "bearer" || text == "basic"
  }

  private static func isTokenPart(_ byte: UInt8) -> Bool { SecretAssignments.isNamePart(byte) || byte > 0x7f }

  private static func scrubbed(_ word: ArraySlice<UInt8>) -> [UInt8] {
    let token = word.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    for prefix in prefixes
    where token.count >= prefix.text.count + prefix.lengthMin && token.starts(with: prefix.text) {
      return Array(Scrubber.mark.utf8)
    }
    var result: [UInt8] = []
    var position = word.startIndex
    while position < word.endIndex {
      let start = position
      while position < word.endIndex, isHex(word[position]) { position += 1 }
      if position - start >= Scrubber.hexKeyDigits {
        result += Array(Scrubber.mark.utf8)
      } else {
        result += word[start..<position]
      }
      if position < word.endIndex {
        result.append(word[position])
        position += 1
      }
    }
    return result
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }
}

/// Words that may stand behind the value of a Redis command and say nothing of it.
enum RedisOptions {
  case none
  /// Of `SET key value [NX|XX] [GET] [EX seconds|…]`.
  case expiration
  /// Of `RESTORE key ttl value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]`.
  case replacement
  /// Of `GEORADIUSBYMEMBER key member radius m|km|ft|mi [WITHCOORD] …`.
  case area

  /// More words than any command has behind its value.
  private static let wordsMax = 24

  /// Whether this word and all up to the command's end are options.
  func areAll(_ first: TextBytes, _ rest: RedisTokenizer) -> Bool {
    var (rest, word, takesNumber) = (rest, first, false)
    for _ in 0..<Self.wordsMax {
      if Self.isNumber(word) {
        guard takesNumber || isArea else { return false }
        takesNumber = false
      } else {
        guard isOption(word) else { return false }
        takesNumber = Self.numbered.contains { word.spells($0) }
      }
      guard let next = rest.next(), !next.isCommand else { return true }
      word = next.text
    }
    return false
  }

  private var isArea: Bool { if case .area = self { true } else { false } }

  /// Whether it is an option, or several as documentation writes them: `[NX|XX]`.
  private func isOption(_ word: TextBytes) -> Bool {
    var start = 0
    for index in 0...word.count {
      switch word[index] {
      case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "|"), 0:
        let part = word.part(start, index)
        guard part.isEmpty || words.contains(where: { Self.isSame(part, $0) }) else { return false }
        start = index + 1
      default: continue
      }
    }
    return true
  }

  private static func isSame(_ word: TextBytes, _ name: StaticString) -> Bool {
    word.spells(name) || word.isEqual(to: name)
  }

  private static func isNumber(_ word: TextBytes) -> Bool {
    var digits = 0
    for index in 0..<word.count {
      if CharacterClass.isDigit(word[index]) { digits += 1 } else if word[index] != UInt8(ascii: ".") { return false }
    }
    return digits > 0 && digits < 20
  }

  /// Options that a number follows.
  private static let numbered: [StaticString] = ["EX", "PX", "EXAT", "PXAT", "IDLETIME", "FREQ", "COUNT"]

  private var words: [StaticString] {
    switch self {
    case .none: []
    case .expiration: Self.expirations
    case .replacement: Self.replacements
    case .area: Self.areas
    }
  }

  private static let expirations: [StaticString] = [
    "NX", "XX", "GET", "EX", "PX", "EXAT", "PXAT", "KEEPTTL", "expiration", "seconds", "milliseconds",
    "unix-time-seconds", "unix-time-milliseconds",
  ]
  private static let replacements: [StaticString] = [
    "REPLACE", "ABSTTL", "IDLETIME", "FREQ", "seconds", "frequency",
  ]
  private static let areas: [StaticString] = [
    "M", "KM", "FT", "MI", "WITHCOORD", "WITHDIST", "WITHHASH", "COUNT", "ANY", "ASC", "DESC", "STORE", "STOREDIST",
    "radius", "count", "key",
  ]
}

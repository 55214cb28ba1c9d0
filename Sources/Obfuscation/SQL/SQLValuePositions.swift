/// Tells where a text in double quotes is a value rather than a name, in SQL of which nobody knows whose it is.
///
/// MySQL and SQLite take double quotes for strings, all others for names. Where only a value makes sense, it is one: in
/// lists behind `IN` and `VALUES`, behind `LIKE` and the like, and behind comparisons.
struct SQLValuePositions {
  /// No open parenthesis: what is not in one is no list, and the bit above says how many bits are in use.
  private static let outside: UInt64 = 0b10

  private enum Last { case other, opening, closing, comma, listWord, valueWord }

  /// Whether each open parenthesis holds a list of values; the innermost one in the lowest bit.
  private var lists = outside
  /// Open parentheses beyond those that `lists` has bits for; in them all texts are taken for values.
  private var deeper = 0
  /// The parenthesis closed last held a list of values, and a comma after it begins another one.
  private var wasList = false
  private var last = Last.other
  /// The next `AND` belongs to a `BETWEEN`.
  private var isBetween = false
  /// Whether there is a double quote at all, and the dialect leaves open what it means.
  let areAsked: Bool

  init(_ statement: TextBytes, _ dialect: SQLDialect) {
    areAsked = dialect == .generic && statement.firstIndex(of: UInt8(ascii: "\"")) != nil
  }

  /// Whether a value is due; a name that goes on with a point is none.
  func isValue(nextByte: UInt8) -> Bool {
    guard areAsked, nextByte != UInt8(ascii: ".") else { return false }
    return last == .valueWord || (deeper > 0 || lists & 1 == 1) && (last == .opening || last == .comma)
  }

  /// Takes note of a token, which is neither blank nor comment.
  @inline(__always) mutating func note(_ token: TextBytes) {
    if areAsked { see(token) }
  }

  /// Takes note of a text in quotes, whatever stands in it.
  mutating func noteText() { last = .other }

  private mutating func see(_ token: TextBytes) {
    switch token[0] {
    case UInt8(ascii: "("):
      // The first bit marks how deep it is: all are in use when it has come to the top.
      if lists >> 63 == 1 { deeper &+= 1 } else { lists = lists << 1 | (isListNext ? 1 : 0) }
      last = .opening
    case UInt8(ascii: ")"):
      wasList = deeper > 0 || lists > Self.outside && lists & 1 == 1
      if deeper > 0 { deeper &-= 1 } else if lists > Self.outside { lists >>= 1 }
      last = .closing
    case UInt8(ascii: ","):
      if last != .closing { wasList = false }
      last = .comma
    case UInt8(ascii: "="), UInt8(ascii: "<"), UInt8(ascii: ">"): last = .valueWord
    case UInt8(ascii: "!"): last = token.count > 1 ? .valueWord : .other
    default: last = word(token)
    }
  }

  private var isListNext: Bool { last == .listWord || last == .comma && wasList }

  private mutating func word(_ token: TextBytes) -> Last {
    guard token.count <= 7, CharacterClass.isASCIILetter(token[0]) else { return .other }
    if Self.listWords.contains(where: { token.spells($0) }) { return .listWord }
    if token.spells("BETWEEN") {
      isBetween = true
      return .valueWord
    }
    if isBetween, token.spells("AND") {
      isBetween = false
      return .valueWord
    }
    if last == .valueWord, token.spells("BINARY") { return .valueWord }
    return Self.valueWords.contains { token.spells($0) } ? .valueWord : .other
  }

  private static let listWords: [StaticString] = ["IN", "VALUES", "VALUE", "AGAINST"]
  private static let valueWords: [StaticString] = ["LIKE", "ILIKE", "RLIKE", "REGEXP", "GLOB", "THEN", "ELSE"]
}

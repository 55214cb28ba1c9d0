extension PatternSyntax {
  /// What `\s` stands for in RE2. PCRE2's has the vertical tab as well.
  private static let space = "\\t\\n\\f\\r "
  private static let noSpace = "\\x{0}-\\x{8}\\x{b}\\x{e}-\\x{1f}\\x{21}-\\x{10ffff}"

  /// An escape outside of a class.
  mutating func readEscape() throws(PatternError) {
    switch peek(1) {
    case "A", "z", "b", "B":
      beginAssertion()
      copy(2)
    case "s":
      beginCharacter()
      replace(2, by: "[\(Self.space)]")
    case "S":
      beginCharacter()
      replace(2, by: "[^\(Self.space)]")
    case "Q": readQuoted()
    default:
      beginCharacter()
      try readSharedEscape()
    }
  }

  /// A class of characters, from its bracket to the closing one.
  mutating func readClass() throws(PatternError) {
    let start = at
    copy()
    if peek() == "^" { copy() }
    // PCRE2 takes these for a named class, which may stand only within brackets.
    if let next = peek(), ":.=".contains(next) { replace(0, by: "\\") }
    if peek() == "]" { replace(1, by: "\\]") }
    while let next = peek() {
      switch next {
      case "]": return copy()
      case "[" where peek(1) == ":": try readNamedClass()
      case "[": replace(1, by: "\\[")
      case "\\" where peek(1) == "s": replace(2, by: Self.space)
      case "\\" where peek(1) == "S": replace(2, by: Self.noSpace)
      case "\\": try readSharedEscape()
      default: copy()
      }
    }
    throw refusal("missing closing bracket", at: start)
  }

  /// `[:alpha:]`. Where no such name closes, the bracket is a character like others.
  private mutating func readNamedClass() throws(PatternError) {
    var length = 2
    while let next = peek(length), next.isLetter || next == "^" { length += 1 }
    if peek(length) == ":", peek(length + 1) == "]" { copy(length + 2) } else { replace(1, by: "\\[") }
  }

  /// An escape that means the same within a class and outside.
  private mutating func readSharedEscape() throws(PatternError) {
    guard let next = peek(1) else { throw refusal("ends with a backslash") }
    switch next {
    case "d", "D", "w", "W", "a", "f", "n", "r", "t": copy(2)
    case "v": replace(2, by: "\\x0b")
    case "x": try readHexadecimal()
    case "p", "P": try readProperty()
    case "0": readOctal()
    case "1"..."7":
      guard let second = peek(2), ("0"..."7").contains(second) else {
        throw refusal("a back reference, which RE2 does not have")
      }
      readOctal()
    default:
      guard next.isASCII, !next.isLetter, !next.isNumber else {
        throw refusal("\\\(next.isASCII ? String(next) : "…") is no escape of RE2")
      }
      copy(2)
    }
  }

  /// Up to three octal digits.
  private mutating func readOctal() {
    var length = 1
    var value = 0
    while length < 4, let digit = peek(length)?.wholeNumberValue, digit < 8 {
      value = value * 8 + digit
      length += 1
    }
    replace(length, by: "\\x{\(String(value, radix: 16))}")
  }

  /// A character by its number: `\x7F` or `\x{10FFFF}`.
  private mutating func readHexadecimal() throws(PatternError) {
    var length = 2
    let isBraced = peek(2) == "{"
    if isBraced { length += 1 }
    let start = length
    while let next = peek(length), next.isHexDigit, isBraced || length < 4 { length += 1 }
    let isWhole = isBraced ? length > start && peek(length) == "}" : length == 4
    guard isWhole else { throw refusal("\\x needs two hexadecimal digits, or some in braces") }
    copy(isBraced ? length + 1 : length)
  }

  /// A class of Unicode by its name: `\pN` or `\p{Greek}`.
  private mutating func readProperty() throws(PatternError) {
    guard peek(2) == "{" else { return copy(3) }
    var length = 3
    while let next = peek(length), next != "}" { length += 1 }
    guard peek(length) == "}" else { throw refusal("missing closing brace") }
    let name = pattern[at + 3..<at + length].drop { $0 == UInt8(ascii: "^") }
    // Categories have one letter or two. Without its prefix a script means its extensions, too, which Go does not know.
    if knowsScriptExtensions, name.count > 2, !name.elementsEqual("Any".utf8) {
      copy(name.startIndex - at)
      replace(0, by: "sc:")
    }
    copy(name.endIndex + 1 - at)
  }

  /// Everything up to `\E` is meant as it stands.
  private mutating func readQuoted() {
    replace(2, by: "")
    while at < pattern.count, !isNext("\\E") {
      if pattern[at] & 0xC0 != 0x80 { beginCharacter() }
      if let next = peek(), next.isASCII, !next.isLetter, !next.isNumber { replace(0, by: "\\") }
      copy()
    }
    if at < pattern.count { replace(2, by: "") }
  }
}

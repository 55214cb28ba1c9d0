/// Reads a pattern in the syntax of RE2, as Go's `regexp` has it, and writes it in that of PCRE2.
///
/// Datadog's trace-agent compiles patterns with Go's `regexp`. What only one of the two libraries knows, or what means
/// something else in the other, is translated or refused here, so that a pattern that is taken means the same.
struct PatternSyntax {
  /// Bytes of a pattern at most; a longer one was not written by a person.
  static let bytesMax = 16_384
  /// Go's limit for the numbers of a repetition.
  static let repetitionsMax = 1_000

  let pattern: [UInt8]
  var at = 0
  /// The pattern as PCRE2 is to compile it.
  private(set) var written: [UInt8] = []
  /// For each byte of `written`, the byte of the pattern that it comes from.
  private var origins: [Int] = []
  /// Whether a script can be told from its extensions: PCRE2 can since 10.40, and knew scripts only before.
  let knowsScriptExtensions: Bool
  /// What a repetition would repeat; `nil` where there is nothing.
  private var atom: Atom?
  /// Of each group that is open, where what stands in it begins in `written`.
  private var groups: [Int] = []
  /// Whether something has been read that a match takes a step for.
  private var hasBegun = false

  /// What a repetition can stand behind, with its first byte of `written`.
  private enum Atom {
    case character(start: Int, isFirst: Bool)
    case assertion(start: Int)
    case group(body: Int)
  }

  init(_ text: String, knowsScriptExtensions: Bool = true) throws(PatternError) {
    self.knowsScriptExtensions = knowsScriptExtensions
    pattern = Array(text.utf8)
    guard pattern.count <= Self.bytesMax else {
      throw PatternError(message: "longer than \(Self.bytesMax) bytes", character: nil)
    }
    guard !pattern.contains(0) else { throw PatternError(message: "holds a NUL character", character: nil) }
    while at < pattern.count { try readNext() }
  }

  /// The character of the pattern, counted from 1, behind which PCRE2 stopped reading.
  func character(ofWritten offset: Int) -> Int {
    character(ofByte: offset < origins.count ? origins[offset] : pattern.count)
  }

  private func character(ofByte offset: Int) -> Int {
    pattern.prefix(offset).reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
  }

  func refusal(_ message: String, at offset: Int? = nil) -> PatternError {
    PatternError(message: message, character: character(ofByte: offset ?? at))
  }

  func peek(_ ahead: Int = 0) -> Character? {
    let index = at + ahead
    return index < pattern.count ? Character(UnicodeScalar(pattern[index])) : nil
  }

  /// Whether the pattern goes on with these ASCII characters.
  func isNext(_ text: String) -> Bool { pattern[at...].starts(with: text.utf8) }

  /// Takes bytes over as they are.
  mutating func copy(_ count: Int = 1) {
    for offset in at..<min(at + count, pattern.count) {
      written.append(pattern[offset])
      origins.append(offset)
    }
    at = min(at + count, pattern.count)
  }

  /// Writes something else in place of the next `count` bytes.
  mutating func replace(_ count: Int, by text: String) {
    for byte in text.utf8 {
      written.append(byte)
      origins.append(at)
    }
    at = min(at + count, pattern.count)
  }

  private mutating func readNext() throws(PatternError) {
    switch peek() {
    case "\\": try readEscape()
    case "[":
      beginCharacter()
      try readClass()
    case "(": try readGroup()
    case ")":
      atom = groups.popLast().map { .group(body: $0) }
      copy()
    case "|":
      (atom, hasBegun) = (nil, true)
      copy()
    case "^", "$":
      beginAssertion()
      copy()
    case "*", "+", "?": try readRepetition(length: 1)
    case "{":
      if let length = try repetitionLength() { return try readRepetition(length: length) }
      beginCharacter()
      replace(1, by: "\\{")
    default:
      // A repetition repeats a whole character, not its last byte.
      if pattern[at] & 0xC0 != 0x80 { beginCharacter() }
      copy()
    }
  }

  /// Notes that what is written next stands for one character.
  mutating func beginCharacter() {
    atom = .character(start: written.count, isFirst: !hasBegun)
    hasBegun = true
  }

  /// Notes that what is written next stands for a place.
  mutating func beginAssertion() {
    atom = .assertion(start: written.count)
    hasBegun = true
  }

  private mutating func insert(_ text: String, at place: Int) {
    let origin = place < origins.count ? origins[place] : at
    written.insert(contentsOf: text.utf8, at: place)
    origins.insert(contentsOf: repeatElement(origin, count: text.utf8.count), at: place)
  }

  /// A repetition, with the `?` that makes it take as little as it can. Go refuses a second one behind it: `a++` takes
  /// part in no agreement between libraries.
  private mutating func readRepetition(length: Int) throws(PatternError) {
    markRepeated()
    copy(length)
    if peek() == "?" { copy() }
    if atom != nil { replace(0, by: Self.step) }
    atom = nil
    let isBrace = try repetitionLength() != nil
    let isRepeated = isBrace || peek() == "*" || peek() == "+" || peek() == "?"
    if isRepeated { throw refusal("a repetition of a repetition; write (?:…) around the first") }
  }

  /// Where PCRE2 calls back, so that the steps of a match can be counted: before what is repeated, at the beginning of
  /// each turn of a group, and whenever a repetition has ended or is taken back.
  private static let step = "(?C)"

  private mutating func markRepeated() {
    switch atom {
    // The first of all is tried once at each place, where counting begins; PCRE2 looks for it faster without a call.
    case .character(let start, let isFirst): if !isFirst { insert(Self.step, at: start) }
    case .group(let body): insert(Self.step, at: body)
    case .assertion(let start):
      // PCRE2 repeats a place only as a group.
      insert("(?:", at: start)
      replace(0, by: ")")
    case nil: break
    }
  }

  /// Bytes of `{2}`, `{2,}` or `{2,5}` where one stands; `nil` where the brace is a character like others.
  private func repetitionLength() throws(PatternError) -> Int? {
    guard peek() == "{" else { return nil }
    var end = at + 1
    var numbers: [Int] = []
    var commas = 0
    var digits = ""
    while end < pattern.count, digits.count <= 9 {
      let byte = pattern[end]
      end += 1
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(Character(UnicodeScalar(byte)))
      case UInt8(ascii: ","), UInt8(ascii: "}"):
        if let number = Int(digits) { numbers.append(number) } else if commas == 0 { return nil }
        digits = ""
        guard byte == UInt8(ascii: ",") else { return try checked(numbers, end - at) }
        commas += 1
        if commas > 1 { return nil }
      default: return nil
      }
    }
    return nil
  }

  private func checked(_ numbers: [Int], _ length: Int) throws(PatternError) -> Int {
    guard numbers.allSatisfy({ $0 <= Self.repetitionsMax }) else {
      throw refusal("a repetition of more than \(Self.repetitionsMax) times")
    }
    return length
  }

  private mutating func readGroup() throws(PatternError) {
    if peek(1) == "*" { throw refusal("nothing to repeat", at: at + 1) }
    atom = nil
    guard peek(1) == "?" else { return open(1) }
    switch peek(2) {
    case ":": open(3)
    case "=", "!": throw refusal("lookahead, which RE2 does not have")
    case "P" where peek(3) == "<": try openNamed(4)
    case "P": throw refusal("a back reference or a call of a group, which RE2 does not have")
    case "<" where peek(3) == "=" || peek(3) == "!": throw refusal("lookbehind, which RE2 does not have")
    case "<": try openNamed(3)
    default: try readFlags()
    }
  }

  private mutating func open(_ length: Int) {
    copy(length)
    groups.append(written.count)
  }

  /// A group with a name, which ends with `>`.
  private mutating func openNamed(_ length: Int) throws(PatternError) {
    guard let end = pattern[at...].firstIndex(of: UInt8(ascii: ">")) else {
      throw refusal("the name of a group does not end")
    }
    open(end + 1 - at)
  }

  /// `(?i)`, `(?i-s:`: the letters mean the same in both libraries.
  private mutating func readFlags() throws(PatternError) {
    var length = 2
    var letters = 0
    var isNegated = false
    while let next = peek(length) {
      length += 1
      switch next {
      case "i", "m", "s", "U": letters += 1
      case "-" where !isNegated: (isNegated, letters) = (true, 0)
      case ":" where letters > 0: return open(length)
      case ")" where letters > 0: return copy(length)
      default: throw refusal("a kind of group that RE2 does not have")
      }
    }
    throw refusal("missing closing parenthesis")
  }
}

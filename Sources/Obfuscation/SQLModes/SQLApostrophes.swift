/// Looks for an apostrophe that begins a string here and none in another dialect, as in a comment of MySQL: `# don't`.
struct SQLApostrophes {
  /// What was looked at last holds an odd number of them, so that text and strings may have changed places behind it.
  private(set) var areOdd = false
  /// Where the next look may begin: each place is looked at once.
  private var seenEnd = 0

  /// Looks at what may be a comment, up to the end of the line.
  mutating func countInLine(_ text: TextBytes, from start: Int) {
    count(text, from: start, upTo: 0x0A, hasEnd: false)
  }

  /// Looks at what may be a name of SQL Server: `[it's]`. It begins with a letter, as elements of arrays seldom do.
  /// - Parameter start: of the bracket.
  mutating func countInBrackets(_ text: TextBytes, from start: Int) {
    guard CharacterClass.isASCIILetter(text[start + 1]) || text[start + 1] >= 0x80 else { return }
    count(text, from: start, upTo: UInt8(ascii: "]"), hasEnd: true)
  }

  private mutating func count(_ text: TextBytes, from start: Int, upTo end: UInt8, hasEnd: Bool) {
    guard start >= seenEnd, !areOdd else { return }
    var (index, isOdd) = (start, false)
    while index < text.count, text[index] != end {
      if text[index] == UInt8(ascii: "'") { isOdd.toggle() }
      index += 1
    }
    seenEnd = index
    areOdd = isOdd && (index < text.count || !hasEnd)
  }
}

import TraceModel

/// Hides what the message of a database's error, or the stack trace that holds one, quotes of an application's data.
///
/// Databases quote values (`Key (email)=(x@y) already exists`, `Duplicate entry 'x'`), the statement (`LINE 1: …`) or what
/// is left of it (`near '…'`), and the libraries above them the statement and its parameters. What stands in quotes stays
/// only where a word before it says that it is a name (`constraint "…"`), or where it is a keyword.
struct DatabaseErrorText {
  private let text: TextBytes
  private var position = 0
  /// Behind the line at hand.
  private var lineEnd = 0
  /// The end of the message that the line belongs to, once it was looked for.
  private var knownMessageEnd = 0
  /// What follows a value was looked for in this line in vain; to do so again would take time by the square of its length.
  private var lacksContinuation = false

  static func append(_ text: TextBytes, to out: inout GrowableBuffer<UInt8>) {
    var reader = DatabaseErrorText(text)
    reader.rewrite(into: &out)
  }

  private init(_ text: TextBytes) {
    self.text = text
  }

  private mutating func rewrite(into out: inout GrowableBuffer<UInt8>) {
    while position < text.count {
      lineEnd = text.firstIndex(of: 0x0A, from: position) ?? text.count
      lacksContinuation = false
      rewriteLine(into: &out)
      if position == lineEnd, position < text.count {
        out.append(0x0A)
        position += 1
      }
    }
  }

  /// Goes to the end of the line, or further where what is hidden goes on.
  private mutating func rewriteLine(into out: inout GrowableBuffer<UInt8>) {
    if isFrame(at: position) { return copy(to: lineEnd, &out) }
    if let start = DatabaseErrorPhrases.statementStart(in: text.part(position, lineEnd)) {
      copy(to: position + start, &out)
      return hide(to: lineEnd, &out)
    }
    while position < lineEnd {
      switch text[position] {
      case UInt8(ascii: "'"), UInt8(ascii: "\""): quoted(&out)
      case UInt8(ascii: "("): parenthesized(&out)
      case UInt8(ascii: "S"), UInt8(ascii: "["), UInt8(ascii: "d"), UInt8(ascii: "f"), UInt8(ascii: "a"): phrase(&out)
      default: copy(to: position + 1, &out)
      }
    }
  }

  private mutating func copy(to end: Int, _ out: inout GrowableBuffer<UInt8>) {
    text.part(position, end).append(to: &out)
    position = end
  }

  private mutating func hide(to end: Int, _ out: inout GrowableBuffer<UInt8>) {
    out.append(0x3F)
    position = end
  }

  /// Whether a line of a stack trace begins here that says where the code is, and nothing of data.
  private func isFrame(at start: Int) -> Bool {
    var index = start
    while text[index] == 0x20 || text[index] == 0x09 { index += 1 }
    return has("File \"", at: index) || (index > start && has("at ", at: index))
  }

  private func has(_ word: StaticString, at index: Int) -> Bool {
    text.part(index, index + word.utf8CodeUnitCount).isEqual(to: word)
  }

  // MARK: - Values in parentheses and behind phrases

  /// `(x@y)` behind `Key (email)=` and the like; of other parentheses only the first is written.
  private mutating func parenthesized(_ out: inout GrowableBuffer<UInt8>) {
    guard
      DatabaseErrorPhrases.announcesValues(
        text.part(max(0, position - DatabaseErrorPhrases.announcementBytesMax), position))
    else { return copy(to: position + 1, &out) }
    copy(to: position + 1, &out)
    hide(to: last(UInt8(ascii: ")"), before: valueEnd()), &out)
  }

  /// What a library adds to a database's message: the statement, its parameters, the document.
  private mutating func phrase(_ out: inout GrowableBuffer<UInt8>) {
    guard let phrase = DatabaseErrorPhrases.additions.first(where: { has($0.text, at: position) }) else {
      return copy(to: position + 1, &out)
    }
    let opening = text[position - 1]
    copy(to: position + phrase.text.utf8CodeUnitCount, &out)
    switch phrase.end {
    case .line: hide(to: lineEnd, &out)
    case .brace: hide(to: last(UInt8(ascii: "}"), before: valueEnd()), &out)
    case .bracket: hide(to: bracketEnd(), &out)
    case .opening:
      switch opening {
      case UInt8(ascii: "["): hide(to: bracketEnd(), &out)
      case UInt8(ascii: "("): hide(to: last(UInt8(ascii: ")"), before: messageEnd()), &out)
      default: hide(to: opening == 0x20 ? last(UInt8(ascii: ")"), before: messageEnd()) : lineEnd, &out)
      }
    }
  }

  /// The end of the line, when the value can end there, or that of the message: values may hold line ends.
  private mutating func valueEnd() -> Int {
    switch text[lineEnd - 1] {
    case UInt8(ascii: "."), UInt8(ascii: ")"), UInt8(ascii: "}"): lineEnd
    default: messageEnd()
    }
  }

  /// Where `]` ends a line.
  private mutating func bracketEnd() -> Int {
    var index = position
    while let end = text.firstIndex(of: UInt8(ascii: "]"), from: index) {
      if end + 1 == text.count || text[end + 1] == 0x0A { return end }
      index = end + 1
    }
    return messageEnd()
  }

  /// Where a stack trace goes on behind the message, or the text ends.
  private mutating func messageEnd() -> Int {
    if knownMessageEnd >= lineEnd { return knownMessageEnd }
    var index = lineEnd
    while index < text.count, text[index + 1] != 0x0A, !isFrame(at: index + 1) {
      index = text.firstIndex(of: 0x0A, from: index + 1) ?? text.count
    }
    knownMessageEnd = index
    return index
  }

  private func last(_ byte: UInt8, before end: Int) -> Int {
    text.part(position, end).lastIndex(of: byte).map { position + $0 } ?? end
  }

  // MARK: - Quotes

  private mutating func quoted(_ out: inout GrowableBuffer<UInt8>) {
    guard isOpening else { return copy(to: position + 1, &out) }
    let quote = text[position]
    if quote == UInt8(ascii: "\""), text[position + 1] == UInt8(ascii: ")"), position + 2 == lineEnd {
      return copy(to: position + 1, &out)
    }
    let before = text.part(max(0, position - DatabaseErrorPhrases.announcementBytesMax), position)
    if quote == UInt8(ascii: "\""), DatabaseErrorPhrases.beginsMessage(before) {
      return copy(to: position + 1, &out)
    }
    if let close = text.firstIndex(of: quote, from: position + 1), close < lineEnd,
      DatabaseErrorPhrases.announcesName(before) || DatabaseErrorPhrases.isKeyword(text.part(position + 1, close))
    {
      return copy(to: close + 1, &out)
    }
    hide(to: closing(quote, DatabaseErrorPhrases.continuation(behind: before)), &out)
  }

  /// Whether the quote begins a text: it stands in no word, unless as in `N'…'`.
  private var isOpening: Bool {
    func isWord(_ index: Int) -> Bool {
      CharacterClass.isASCIILetter(text[index]) || CharacterClass.isDigit(text[index])
    }
    return position == 0 || !isWord(position - 1) || (position == 1 || !isWord(position - 2))
  }

  /// Behind the quote that ends a value. MySQL escapes no quote within, so that where what follows a value is known, its
  /// last place counts.
  private mutating func closing(_ quote: UInt8, _ continuation: StaticString?) -> Int {
    let end = messageEnd()
    if let continuation, !lacksContinuation {
      var index = lineEnd
      while index > position {
        index -= 1
        if text[index] == quote, has(continuation, at: index + 1) { return index + 1 }
      }
      lacksContinuation = true
    }
    var index = position + 1
    while index < end {
      if text[index] == UInt8(ascii: "\\") {
        index += 2
        continue
      }
      if text[index] == quote {
        let next = text[index + 1]
        if next == quote, index + 2 < end, index > position + 1 || CharacterClass.isASCIILetter(text[index + 2]) {
          index += 2
          continue
        }
        if !CharacterClass.isASCIILetter(next), !CharacterClass.isDigit(next) { return index + 1 }
      }
      index += 1
    }
    return end
  }
}

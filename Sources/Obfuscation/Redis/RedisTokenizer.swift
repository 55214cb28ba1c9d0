/// Cuts the commands of a Redis span into names and arguments. A line is a command, unless its end stands in quotes.
struct RedisTokenizer {
  struct Token {
    /// The first word of a command, rather than one of its arguments.
    var isCommand: Bool
    var text: TextBytes
    /// More than one blank stands before the argument, or a line end: tracers put a single blank between arguments, so it
    /// is likely to be in the middle of a value.
    var isWithinValue = false
  }

  private let text: TextBytes
  private var position = 0
  private var isAtCommand = true
  private var isAtStart = true
  /// Bytes between the last word and the next one.
  private var blanks = 0
  /// The command at hand, when values of it are hidden. Then a line belongs to its values unless it begins with the name
  /// of a command.
  var commandWithValues: TextBytes?
  private let lines: RedisLines

  init(_ commands: TextBytes, lines: RedisLines = .named) {
    text = CharacterClass.trimmed(commands)
    self.lines = lines
  }

  /// The next word; `nil` at the end.
  mutating func next() -> Token? {
    if isAtCommand {
      while position < text.count, text[position] == 0x0A || Self.isBlank(text[position]) { position += 1 }
      switch lines {
      case .first: isAtCommand = isAtStart
      case .all: break
      case .named, .doubtful:
        if let commandWithValues { isAtCommand = RedisCommandName.begins(with: wordAhead, behind: commandWithValues) }
      }
      isAtStart = false
      blanks = Int.max
    }
    guard position < text.count else { return nil }
    let isCommand = isAtCommand
    let start = position
    skipWord(isQuotable: !isCommand || RedisCommandName.isQuote(text[start]))
    let token = Token(isCommand: isCommand, text: text.part(start, position), isWithinValue: !isCommand && blanks > 1)
    isAtCommand = false
    let end = position
    while position < text.count, Self.isBlank(text[position]) { position += 1 }
    blanks = position - end
    if text[position] == 0x0A {
      position += 1
      isAtCommand = true
    }
    return token
  }

  /// Number of arguments up to the command's end; `nil` where any of them is likely to be a part of a value.
  var argumentCount: Int? {
    var (rest, count) = (self, 0)
    while let token = rest.next(), !token.isCommand {
      if token.isWithinValue { return nil }
      count += 1
    }
    return count
  }

  /// What stands up to the next blank, with or without quotes.
  private var wordAhead: TextBytes {
    var end = position
    while end < text.count, text[end] != 0x0A, !Self.isBlank(text[end]) { end += 1 }
    return text.part(position, end)
  }

  /// - Parameter isQuotable: quotes keep blanks and line ends together, and a backslash escapes a quote.
  private mutating func skipWord(isQuotable: Bool) {
    var (isQuoted, isEscaped) = (false, false)
    while position < text.count {
      let byte = text[position]
      if !isQuoted, byte == 0x0A || Self.isBlank(byte) { return }
      if isQuotable {
        if byte == UInt8(ascii: "\""), !isEscaped { isQuoted.toggle() }
        isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
      }
      position += 1
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
}

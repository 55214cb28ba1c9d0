/// Cuts the commands of a Redis span into names and arguments. A line is a command, unless its end stands in quotes.
struct RedisTokenizer {
  struct Token {
    /// The first word of a command, rather than one of its arguments.
    var isCommand: Bool
    var text: TextBytes
  }

  private let text: TextBytes
  private var position = 0
  private var isAtCommand = true

  init(_ commands: TextBytes) {
    text = CharacterClass.trimmed(commands)
  }

  /// The next word; `nil` at the end.
  mutating func next() -> Token? {
    if isAtCommand {
      while position < text.count, text[position] == 0x0A || Self.isBlank(text[position]) { position += 1 }
    }
    guard position < text.count else { return nil }
    let isCommand = isAtCommand
    let start = position
    skipWord(isQuotable: !isCommand)
    let token = Token(isCommand: isCommand, text: text.part(start, position))
    isAtCommand = false
    while position < text.count, Self.isBlank(text[position]) { position += 1 }
    if text[position] == 0x0A {
      position += 1
      isAtCommand = true
    }
    return token
  }

  /// Number of arguments up to the command's end.
  var argumentCount: Int {
    var (rest, count) = (self, 0)
    while let token = rest.next(), !token.isCommand { count += 1 }
    return count
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

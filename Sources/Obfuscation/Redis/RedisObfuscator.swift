import TraceModel

/// Hides what Redis and Valkey commands carry of the application's data.
struct RedisObfuscator {
  private var arguments = RedisArguments.none
  /// Index of the argument at hand.
  private var index = 0
  /// An argument from which others are counted: the `SET` of a bit field, the first number of a member.
  private var anchor: Int?
  private var isDone = false
  /// The value is over, and options of the command follow.
  private var isInOptions = false
  /// Arguments that come in groups add up.
  private var isAligned = false

  /// Words of the command, where a tracer counted them.
  private var wordsTold: Int?

  /// Appends the commands with their data replaced by `?`, one a line.
  static func obfuscate(_ commands: TextBytes, _ size: CommandSize, into out: inout GrowableBuffer<UInt8>) {
    let lines = RedisLines(commands, size)
    var tokens = RedisTokenizer(commands, lines: lines)
    var command = RedisObfuscator()
    var isBehindValues = false
    let start = out.count
    while let token = tokens.next() {
      if token.isCommand {
        if out.count > start { out.append(0x0A) }
        token.text.append(to: &out)
        let arguments = RedisArguments(command: token.text)
        command = RedisObfuscator(arguments: isBehindValues && lines == .doubtful ? .all : arguments)
        if case .words(let count) = size { command.wordsTold = count }
        tokens.commandWithValues = arguments.areKept && !(isBehindValues && lines == .doubtful) ? nil : token.text
        if !arguments.areKept { isBehindValues = true }
      } else {
        command.append(token, before: tokens, to: &out)
      }
    }
  }

  /// Appends the name of the first command, and `?` for all behind it.
  static func removeArguments(_ commands: TextBytes, into out: inout GrowableBuffer<UInt8>) {
    var words = RedisWords(commands)
    guard let command = words.next() else { return }
    command.append(to: &out)
    guard let first = words.next() else { return }
    out.append(0x20)
    if command.spells("BITFIELD") {
      out.append(0x3F)
      var word: TextBytes? = first
      while let argument = word {
        if argument.spells("SET") || argument.spells("GET") || argument.spells("INCRBY") {
          out.append(0x20)
          argument.append(to: &out)
          out.append(" ?")
        }
        word = words.next()
      }
      return
    }
    if command.spells("CONFIG"),
      first.spells("GET") || first.spells("SET") || first.spells("RESETSTAT") || first.spells("REWRITE")
    {
      first.append(to: &out)
      out.append(0x20)
    }
    out.append(0x3F)
  }

  /// - Parameter rest: what follows the argument.
  private mutating func append(
    _ token: RedisTokenizer.Token, before rest: RedisTokenizer, to out: inout GrowableBuffer<UInt8>
  ) {
    defer { index += 1 }
    let argument = token.text
    if isDone || isInValue(argument, before: rest) { return }
    out.append(0x20)
    if token.isWithinValue, !arguments.areKept {
      isDone = true
      out.append(0x3F)
    } else if hides(argument) {
      if isMisaligned(rest) { isDone = true }
      out.append(0x3F)
    } else {
      argument.append(to: &out)
    }
  }

  private mutating func hides(_ argument: TextBytes) -> Bool {
    switch arguments {
    case .none: return false
    case .all:
      isDone = true
      return true
    case .allBehindFirst:
      isDone = index == 1
      return isDone
    case .one(let hidden, _): return index == hidden
    case .every(let first, let step): return index >= first && (index - first) % step == 0
    case .configuration:
      if index == 0, RedisCommandName.unquoted(argument).spells("SET") { anchor = 0 }
      isDone = anchor != nil && index == 2
      return isDone
    case .bitField:
      if let anchor, index - anchor == 3 {
        self.anchor = nil
        return true
      }
      if anchor == nil, index > 0, RedisCommandName.unquoted(argument).spells("SET") { anchor = index }
      return false
    case .members(let numbers):
      if anchor == nil, index > 0, !Self.isFlag(argument) { anchor = index }
      guard let anchor else { return false }
      if (index - anchor) % (numbers + 1) == numbers { return true }
      isDone = !Self.isNumber(argument)
      return isDone
    }
  }

  /// Whether the argument is a further word of a value with blanks in it, which tracers join without quotes. Only options
  /// of the command, up to its end, are none.
  private mutating func isInValue(_ argument: TextBytes, before rest: RedisTokenizer) -> Bool {
    guard case .one(let hidden, let options) = arguments, index > hidden, !isInOptions else { return false }
    isInOptions = options.areAll(argument, rest)
    return !isInOptions
  }

  /// Whether arguments that come in groups do not add up or look like parts of a value, so that nobody knows where a value
  /// with blanks ends. Where they add up by chance, words of it are taken for further keys.
  /// - Parameter rest: what follows the first value.
  private mutating func isMisaligned(_ rest: RedisTokenizer) -> Bool {
    guard !isAligned else { return false }
    let step: Int
    switch arguments {
    case .every(_, let each): step = each
    case .members(let numbers): step = numbers + 1
    default: return false
    }
    guard let restCount = rest.argumentCount, restCount % step == 0 else { return true }
    // The command's name and the arguments up to this one.
    let words = index + 2 + restCount
    isAligned = isCounted(words)
    if isAligned, case .every = arguments, words != wordsTold { isAligned = Self.haveKeys(rest, step: step) }
    return !isAligned
  }

  /// Whether there are as many words as the tracer counted, or one more, for some do not count the command's name. More of
  /// them are parts of values; fewer are left when a tracer cuts the text off.
  private func isCounted(_ words: Int) -> Bool {
    guard let wordsTold else { return true }
    return words == wordsTold || words - 1 == wordsTold
  }

  /// Whether each word that stands where a key or a field is due can be one.
  private static func haveKeys(_ rest: RedisTokenizer, step: Int) -> Bool {
    var (rest, index) = (rest, 0)
    while let token = rest.next(), !token.isCommand {
      if index % step == 0, !RedisCommandName.mayBeKey(token.text) { return false }
      index += 1
    }
    return true
  }

  /// Whether it is a number of a sorted set or of a point, or its name in documentation.
  private static func isNumber(_ argument: TextBytes) -> Bool {
    let word = RedisCommandName.unquoted(argument)
    if placeholders.contains(where: { word.spells($0) }) { return true }
    guard !word.isEmpty, word.count <= 32 else { return false }
    return (0..<word.count).allSatisfy { index in
      let byte = word[index]
      if CharacterClass.isDigit(byte) { return true }
      switch byte {
      case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"): return true
      case UInt8(ascii: "e"), UInt8(ascii: "E"): return index > 0 && index + 1 < word.count
      default: return false
      }
    }
  }

  private static let placeholders: [StaticString] = ["SCORE", "LONGITUDE", "LATITUDE", "INF"]

  private static let flags: [StaticString] = ["NX", "XX", "GT", "LT", "CH", "INCR"]

  private static func isFlag(_ argument: TextBytes) -> Bool { flags.contains { argument.spells($0) } }

  private init(arguments: RedisArguments = .none) {
    self.arguments = arguments
  }
}

/// The words of a text, whatever blanks stand between them.
private struct RedisWords {
  private let text: TextBytes
  private var position = 0

  init(_ text: TextBytes) { self.text = text }

  mutating func next() -> TextBytes? {
    while case let length = CharacterClass.spaceLength(text, at: position), length > 0 { position += length }
    guard position < text.count else { return nil }
    let start = position
    while position < text.count, CharacterClass.spaceLength(text, at: position) == 0 { position += 1 }
    return text.part(start, position)
  }
}

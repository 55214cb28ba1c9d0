/// Which lines of a text begin a command of Redis: those of a value can begin with the name of one.
enum RedisLines {
  /// The first line and no further one.
  case first
  /// Each that is not blank.
  case all
  /// Those that begin with the name of a command, where the one before it holds data of the application.
  case named
  /// As `named`; but a line may be one of a value all the same, so that nothing of it is shown but the name.
  case doubtful

  init(_ commands: TextBytes, _ size: CommandSize) {
    switch size {
    case .words: self = Self.holdValues(commands) ? .first : .named
    case .commands(let count):
      if Self.count(commands) == count {
        self = .all
      } else {
        self = Self.countNamed(commands) == count ? .named : .doubtful
      }
    case .unknown:
      let isOne = commands.firstIndex(of: 0x0A) == nil
      self = isOne || Self.lines(commands, areAll: RedisCommandName.mayBeCommand) ? .named : .doubtful
    }
  }

  /// Whether the first command has arguments that are hidden.
  private static func holdValues(_ commands: TextBytes) -> Bool {
    var tokens = RedisTokenizer(commands)
    return tokens.next().map { !RedisArguments(command: $0.text).areKept } ?? false
  }

  private static func count(_ commands: TextBytes) -> Int {
    var count = 0
    _ = lines(commands) { _ in
      count += 1
      return true
    }
    return count
  }

  private static func countNamed(_ commands: TextBytes) -> Int {
    var tokens = RedisTokenizer(commands)
    var count = 0
    while let token = tokens.next() {
      guard token.isCommand else { continue }
      count += 1
      tokens.commandWithValues = RedisArguments(command: token.text).areKept ? nil : token.text
    }
    return count
  }

  /// Whether `isRight` is true of each line that is not blank.
  private static func lines(_ commands: TextBytes, areAll isRight: (TextBytes) -> Bool) -> Bool {
    var start = 0
    while start < commands.count {
      let end = commands.firstIndex(of: 0x0A, from: start) ?? commands.count
      let line = CharacterClass.trimmed(commands.part(start, end))
      if !line.isEmpty, !isRight(line) { return false }
      start = end + 1
    }
    return true
  }
}

import TraceModel

/// Reduces the commands of a Redis or Valkey span to their names: `SET k v` becomes `SET`.
enum RedisQuantizer {
  /// Names kept at most; three or more are followed by `...`.
  private static let commandsMax = 3

  private static let compounds: [StaticString] = ["CLIENT", "CLUSTER", "COMMAND", "CONFIG", "DEBUG", "SCRIPT"]

  /// Appends the names of the first commands, in capitals. A line is a command; tracers cut long ones off with `...`.
  static func quantize(_ commands: TextBytes, into out: inout GrowableBuffer<UInt8>) {
    let start = out.count
    var (count, isTruncated) = (0, false)
    var first: TextBytes?
    var lineStart = 0
    while lineStart < commands.count, count < commandsMax {
      let lineEnd = commands.firstIndex(of: 0x0A, from: lineStart) ?? commands.count
      let line = commands.part(lineStart, lineEnd)
      lineStart = lineEnd + 1
      let name = word(of: line, from: 0)
      if name.start == name.end { continue }
      let command = line.part(name.start, name.end)
      var subcommand: TextBytes?
      if compounds.contains(where: { command.spells($0) }) {
        let second = word(of: line, from: name.end)
        if second.start < second.end { subcommand = line.part(second.start, second.end) }
      }
      let before = first
      if before == nil { first = command }
      isTruncated = command.hasSuffix("...") || subcommand?.hasSuffix("...") == true
      if isTruncated { continue }
      // Behind the first command, what is no name of one is a further line of a value.
      if let before {
        guard RedisCommandName.begins(with: command, behind: before) else { continue }
        if let second = subcommand, !isSubcommand(second, behind: before) { subcommand = nil }
      }
      if out.count > start { out.append(0x20) }
      CharacterClass.appendUppercased(command, to: &out)
      if let subcommand {
        out.append(0x20)
        CharacterClass.appendUppercased(subcommand, to: &out)
      }
      count += 1
    }
    if count == commandsMax || isTruncated {
      if out.count > start { out.append(0x20) }
      out.append("...")
    }
  }

  /// Whether it is the name of one, rather than a word of a value that holds the name of a command.
  private static func isSubcommand(_ word: TextBytes, behind command: TextBytes) -> Bool {
    guard !RedisCommandName.isInCapitals(command) || RedisCommandName.isInCapitals(word) else { return false }
    return subcommands.contains { word.isEqual(toSmall: $0) }
  }

  /// What may follow the names in `compounds`.
  private static let subcommands: [StaticString] = [
    "addslots", "addslotsrange", "bumpepoch", "caching", "count", "count-failure-reports", "countkeysinslot",
    "delslots",
    "delslotsrange", "docs", "exists", "failover", "flush", "flushslots", "forget", "get", "getkeys", "getkeysandflags",
    "getkeysinslot", "getname", "getredir", "help", "id", "info", "keyslot", "kill", "links", "list", "load", "meet",
    "myid", "myshardid", "no-evict", "no-touch", "nodes", "object", "pause", "reload", "replicas", "replicate", "reply",
    "reset", "resetstat", "rewrite", "saveconfig", "segfault", "set", "set-config-epoch", "setinfo", "setname",
    "setslot",
    "shards", "slaves", "sleep", "slots", "tracking", "trackinginfo", "unblock", "unpause",
  ]

  /// Where the next word begins and ends; empty at the end of the line.
  private static func word(of line: TextBytes, from index: Int) -> (start: Int, end: Int) {
    var start = index
    while line[start] == 0x20 || line[start] == 0x09 { start += 1 }
    // Other blanks end a word and can begin one: of `\r\n` the agent makes `\r`.
    var end = min(start + 1, line.count)
    while end < line.count, !CharacterClass.isASCIISpace(line[end]) { end += 1 }
    return (start, end)
  }
}

import TraceModel

/// The command of a Memcached span without the value that it stores.
enum MemcachedCommand {
  private static let storing: [StaticString] = ["SET", "ADD", "REPLACE", "APPEND", "PREPEND", "CAS"]
  /// Flags, expiration and length, which stand between the key and the value's line; `cas` has one number more.
  private static let numbers = 3

  /// Appends what stands in the first line, as far as the protocol has it there: some clients put the value behind the key.
  static func withoutValue(_ command: TextBytes, into out: inout GrowableBuffer<UInt8>) {
    var end = 0
    while end < command.count, command[end] != 0x0D, command[end] != 0x0A { end += 1 }
    let line = CharacterClass.trimmed(command.part(0, end))
    let nameEnd = wordEnd(line, from: 0)
    let name = line.part(0, nameEnd)
    guard storing.contains(where: { name.spells($0) }) else { return line.append(to: &out) }
    let keyEnd = wordEnd(line, from: nameEnd)
    guard !isOfNumbers(line, from: keyEnd, count: name.spells("CAS") ? numbers + 1 : numbers) else {
      return line.append(to: &out)
    }
    line.part(0, keyEnd).append(to: &out)
    out.append(" ?")
  }

  /// Where the next word behind the blanks at `start` ends.
  private static func wordEnd(_ line: TextBytes, from start: Int) -> Int {
    var index = start
    while line[index] == 0x20 { index += 1 }
    while index < line.count, line[index] != 0x20 { index += 1 }
    return index
  }

  /// Whether so many numbers follow, and nothing else but `noreply`; nothing at all will do as well.
  private static func isOfNumbers(_ line: TextBytes, from start: Int, count: Int) -> Bool {
    var (position, seen) = (start, 0)
    while position < line.count {
      let end = wordEnd(line, from: position)
      let word = CharacterClass.trimmed(line.part(position, end))
      position = end
      if seen == count, word.spells("NOREPLY") { continue }
      guard seen < count, (0..<word.count).allSatisfy({ CharacterClass.isDigit(word[$0]) || word[$0] == 0x2D }) else {
        return false
      }
      seen += 1
    }
    return seen == 0 || seen == count
  }
}

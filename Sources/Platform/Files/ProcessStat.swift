/// What `/proc/PID/stat` says of a process itself: number, name in parentheses, state, parent, start (proc_pid_stat(5)).
package struct ProcessStat: Equatable, Sendable {
  /// The program's short name, at most 15 bytes; it may hold spaces and parentheses.
  package let name: String
  /// One letter: `R` runs, `S` sleeps, `T` is stopped, `Z` has ended and its parent has not asked how.
  package let state: Character
  /// 0 when it has none in sight.
  package let parent: Int64
  /// Clock ticks (`_SC_CLK_TCK` a second) from the machine's start to the process's; `nil` where the line is cut.
  package let startTicks: UInt64?

  /// Fields between the name and the start: state, parent and 17 more.
  private static let fieldsBeforeStart = 19

  /// `nil` for what is no such line.
  package init?(_ line: [UInt8]) {
    guard let start = line.firstIndex(of: UInt8(ascii: "(")), let end = line.lastIndex(of: UInt8(ascii: ")")),
      start < end
    else { return nil }
    let fields = line[(end + 1)...].split(separator: UInt8(ascii: " "))
    guard fields.count >= 2, fields[0].count == 1, let letter = fields[0].first,
      let parent = Int64(String(decoding: fields[1], as: UTF8.self))
    else { return nil }
    name = String(decoding: line[(start + 1)..<end], as: UTF8.self)
    state = Character(Unicode.Scalar(letter))
    self.parent = parent
    startTicks =
      fields.count > Self.fieldsBeforeStart
      ? UInt64(String(decoding: fields[Self.fieldsBeforeStart], as: UTF8.self)) : nil
  }

  /// It has ended, and its parent has not asked how.
  package var isZombie: Bool { state == "Z" }
}

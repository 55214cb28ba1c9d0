/// The process tree of a command: it and all that were seen to descend from it while they lived.
package struct CommandProcesses: Sendable {
  /// Where a process stands to the tree of the command.
  package enum Place: Sendable, Equatable {
    /// It is the command's own process or descends from it.
    case inside
    /// Runs and does not descend from the command.
    case outside
    /// Is not there any more, or never was in sight, and was not seen in the tree.
    case ended
    /// The tracer gave no number of its process.
    case unnamed
  }

  /// At the last look. One whose parent ended stays, though nothing leads to it any more.
  private var living: Set<Int32>
  private var seen: Set<Int32>

  /// Begins with the command's own process.
  package init(of root: Int32) {
    living = [root]
    seen = [root]
  }

  /// Looks at the machine's processes. One that begins and ends between two looks is missed.
  package mutating func look(in table: some ProcessTable) { add(table.living(from: living)) }

  /// Takes the processes of the tree that a look found alive.
  mutating func add(_ processes: Set<Int32>) {
    living = processes
    seen.formUnion(processes)
  }

  /// By the number that a tracer gave.
  package func place(of process: Int64, in table: some ProcessTable) -> Place {
    guard process != 0 else { return .unnamed }
    guard let pid = Int32(exactly: process), pid > 0 else { return .ended }
    if living.contains(pid) { return .inside }
    // A number that is in use again is another process's.
    if table.isThere(pid) { return .outside }
    return seen.contains(pid) ? .inside : .ended
  }
}

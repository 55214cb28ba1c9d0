/// The machine's processes as a run looks at them. Tests give a table of their own.
package protocol ProcessTable: Sendable {
  /// All processes that can be seen, with their parents.
  func tree() -> ProcessTree
  /// Those of `roots` that are there, and everything that descends from them.
  func living(from roots: Set<Int32>) -> Set<Int32>
  /// Whether the number is in use; also by a process that has ended and that its parent has not asked for.
  func isThere(_ process: Int32) -> Bool
  /// Whether a process runs; one that has ended and that its parent has not asked for does not.
  func isRunning(_ process: Int32) -> Bool
}

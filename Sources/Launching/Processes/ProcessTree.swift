/// Processes and their parents at one moment.
package struct ProcessTree: Sendable {
  /// Beginnings of the names of programs that run other people's programs.
  private static let runtimes = [
    "python", "pypy", "node", "ruby", "java", "php", "dotnet", "gunicorn", "uwsgi", "uvicorn", "celery", "puma",
    "unicorn", "ddtrace-run", "flask",
  ]
  private let processes: [Int32: Entry]

  /// What is known of one process of the tree.
  struct Entry: Sendable {
    var parent: Int32
    /// The program's short name, at most 15 bytes on Linux: `python3.12`.
    var name: String
    /// Has ended; its parent has not asked for it yet.
    var hasEnded = false
  }

  /// From processes by their numbers; a parent need not be among them.
  init(_ processes: [Int32: Entry]) { self.processes = processes }

  /// `root` and everything that descends from it.
  package func descendants(of root: Int32) -> Set<Int32> {
    var children: [Int32: [Int32]] = [:]
    for (process, entry) in processes { children[entry.parent, default: []].append(process) }
    var found: Set<Int32> = [root]
    var open = [root]
    while let process = open.popLast() {
      for child in children[process] ?? [] where found.insert(child).inserted { open.append(child) }
    }
    return found
  }

  /// Those of `roots` that are there, and everything that descends from them.
  func living(from roots: Set<Int32>) -> Set<Int32> {
    roots.filter { processes[$0] != nil }.reduce(into: []) { $0.formUnion(descendants(of: $1)) }
  }

  /// Of `root` and its descendants the one that is the application, as far as can be seen: the innermost that a runtime
  /// for programs is, else the innermost at all; none that has ended. Shells, `npm` and `make` stand before it, helpers behind.
  package func application(of root: Int32) -> Int32 {
    let all = descendants(of: root).filter { processes[$0]?.hasEnded != true }
    let running = all.filter { process in
      let name = processes[process]?.name.lowercased() ?? ""
      return Self.runtimes.contains { name.hasPrefix($0) }
    }
    let candidates = running.isEmpty ? all : running
    let innermost = candidates.filter { process in
      descendants(of: process).isDisjoint(with: candidates.subtracting([process]))
    }
    return innermost.min() ?? root
  }
}

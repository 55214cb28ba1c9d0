import Platform

/// Which running processes descend from one.
package struct ProcessTree: Sendable {
  /// More than any machine lets run; a bound for the loop below.
  private static let processesMax = 1 << 22
  /// Beginnings of the names of programs that run other people's programs.
  private static let runtimes = [
    "python", "pypy", "node", "ruby", "java", "php", "dotnet", "gunicorn", "uwsgi", "uvicorn", "celery", "puma",
    "unicorn", "ddtrace-run", "flask",
  ]
  private let processes: [Int32: Entry]

  /// A running process.
  struct Entry: Sendable {
    var parent: Int32
    /// The program's short name.
    var name: String
    /// It has ended, and its parent has not asked how.
    var isZombie = false
  }

  /// A tree of its own, for tests.
  init(_ processes: [Int32: Entry]) { self.processes = processes }

  /// The machine's processes now, as far as they can be seen.
  package static func now() -> ProcessTree { ProcessTree(SystemProcesses.entries(atMost: processesMax)) }

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

  /// Whether a process runs; one that has ended and that its parent has not asked for does not.
  package static func isRunning(_ process: Int32) -> Bool {
    guard process > 0, kill(process, 0) == 0 || errno != ESRCH else { return false }
    return !SystemProcesses.isZombie(process)
  }

  /// Of `root` and its descendants the one that is the application, as far as one can tell: the innermost that a runtime
  /// for programs is, else the innermost at all. Shells, `npm` and `make` stand before it, helpers behind.
  package func application(of root: Int32) -> Int32 {
    let all = descendants(of: root)
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

/// The process table; the one part that differs between systems.
private enum SystemProcesses {
  #if canImport(Darwin)
    static func isZombie(_ process: Int32) -> Bool {
      var name: [Int32] = [CTL_KERN, KERN_PROC, KERN_PROC_PID, process]
      var entry = kinfo_proc()
      var size = MemoryLayout<kinfo_proc>.stride
      return sysctl(&name, 4, &entry, &size, nil, 0) == 0 && size > 0 && Int32(entry.kp_proc.p_stat) == SZOMB
    }

    static func entries(atMost limit: Int) -> [Int32: ProcessTree.Entry] {
      var name: [Int32] = [CTL_KERN, KERN_PROC, KERN_PROC_ALL]
      var size = 0
      guard sysctl(&name, 3, nil, &size, nil, 0) == 0 else { return [:] }
      // Some may be started between the two calls.
      var table = [kinfo_proc](repeating: kinfo_proc(), count: size / MemoryLayout<kinfo_proc>.stride + 32)
      size = table.count * MemoryLayout<kinfo_proc>.stride
      guard sysctl(&name, 3, &table, &size, nil, 0) == 0 else { return [:] }
      var entries: [Int32: ProcessTree.Entry] = [:]
      for entry in table.prefix(min(size / MemoryLayout<kinfo_proc>.stride, limit)) {
        let name = withUnsafeBytes(of: entry.kp_proc.p_comm) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        entries[entry.kp_proc.p_pid] = ProcessTree.Entry(parent: entry.kp_eproc.e_ppid, name: name)
      }
      return entries
    }
  #else
    static func isZombie(_ process: Int32) -> Bool { entry(of: String(process))?.isZombie ?? false }

    static func entries(atMost limit: Int) -> [Int32: ProcessTree.Entry] {
      guard let folder = opendir("/proc") else { return [:] }
      defer { closedir(folder) }
      var entries: [Int32: ProcessTree.Entry] = [:]
      while entries.count < limit, let entry = readdir(folder) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if let process = Int32(name) { entries[process] = self.entry(of: name) }
      }
      return entries
    }

    /// Name, state and parent are the second to fourth field of `stat`; the name, in parentheses, may hold anything.
    private static func entry(of process: String) -> ProcessTree.Entry? {
      let file = open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { return nil }
      defer { close(file) }
      var text = [UInt8](repeating: 0, count: 512)
      let count = read(file, &text, text.count)
      guard count > 0, let start = text[..<count].firstIndex(of: UInt8(ascii: "(")),
        let end = text[..<count].lastIndex(of: UInt8(ascii: ")")), start < end
      else { return nil }
      let fields = text[(end + 1)..<count].split(separator: UInt8(ascii: " "))
      guard fields.count >= 2, let parent = Int32(String(decoding: fields[1], as: UTF8.self)) else { return nil }
      return ProcessTree.Entry(
        parent: parent, name: String(decoding: text[(start + 1)..<end], as: UTF8.self),
        isZombie: fields[0].elementsEqual("Z".utf8))
    }
  #endif
}

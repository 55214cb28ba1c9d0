import Platform

// The one file of this target in which Linux and Darwin differ in how processes are listed.

/// The process table of this machine.
package struct SystemProcessTable: ProcessTable {
  /// More than any machine lets run; a bound for the loop below.
  private static let processesMax = 1 << 22

  #if canImport(Darwin)
    /// Reads nothing yet: processes are listed when they are asked for.
    package init() {}
  #else
    private let proc: ProcFS

    /// Reads nothing yet.
    /// - Parameter proc: where the kernel lists processes.
    package init(proc: ProcFS = ProcFS()) { self.proc = proc }
  #endif

  package func tree() -> ProcessTree { ProcessTree(entries(atMost: Self.processesMax)) }

  package func isThere(_ process: Int32) -> Bool { kill(process, 0) == 0 || errno != ESRCH }

  package func isRunning(_ process: Int32) -> Bool { process > 0 && isThere(process) && !isZombie(process) }

  #if canImport(Darwin)
    package func living(from roots: Set<Int32>) -> Set<Int32> { tree().living(from: roots) }

    private func isZombie(_ process: Int32) -> Bool {
      var name: [Int32] = [CTL_KERN, KERN_PROC, KERN_PROC_PID, process]
      var entry = kinfo_proc()
      var size = MemoryLayout<kinfo_proc>.stride
      return sysctl(&name, 4, &entry, &size, nil, 0) == 0 && size > 0 && Int32(entry.kp_proc.p_stat) == SZOMB
    }

    private func entries(atMost limit: Int) -> [Int32: ProcessTree.Entry] {
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
        entries[entry.kp_proc.p_pid] = ProcessTree.Entry(
          parent: entry.kp_eproc.e_ppid, name: name, hasEnded: Int32(entry.kp_proc.p_stat) == SZOMB)
      }
      return entries
    }
  #else
    /// Where the system lists a process's children, the rest of the machine's processes need not be read, which matters
    /// when it is done ten times a second.
    package func living(from roots: Set<Int32>) -> Set<Int32> {
      guard proc.listsChildren else { return tree().living(from: roots) }
      var found: Set<Int32> = []
      var open = roots
      while let process = open.popFirst() {
        guard let children = try? proc.process(Int64(process)).children(), found.insert(process).inserted else {
          continue
        }
        open.formUnion(children.compactMap { Int32(exactly: $0) }.filter { !found.contains($0) })
      }
      return found
    }

    private func isZombie(_ process: Int32) -> Bool { (try? proc.process(Int64(process)).stat())?.isZombie ?? false }

    private func entries(atMost limit: Int) -> [Int32: ProcessTree.Entry] {
      var entries: [Int32: ProcessTree.Entry] = [:]
      for process in (try? proc.processes(atMost: limit)) ?? [] {
        guard let pid = Int32(exactly: process), let stat = try? proc.process(process).stat(),
          let parent = Int32(exactly: stat.parent)
        else { continue }
        entries[pid] = ProcessTree.Entry(parent: parent, name: stat.name, hasEnded: stat.isZombie)
      }
      return entries
    }
  #endif
}

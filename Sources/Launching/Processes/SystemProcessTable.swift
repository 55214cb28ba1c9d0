import Platform

// The one file of this target in which Linux and Darwin differ in how processes are listed.

/// The process table of this machine.
package struct SystemProcessTable: ProcessTable {
  /// More than any machine lets run; a bound for the loop below.
  private static let processesMax = 1 << 22

  /// Reads nothing yet.
  package init() {}

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
        entries[entry.kp_proc.p_pid] = ProcessTree.Entry(parent: entry.kp_eproc.e_ppid, name: name)
      }
      return entries
    }
  #else
    /// Where the system lists a process's children, the rest of the machine's processes need not be read, which matters
    /// when it is done ten times a second.
    package func living(from roots: Set<Int32>) -> Set<Int32> {
      guard access("/proc/thread-self/children", R_OK) == 0 else { return tree().living(from: roots) }
      var found: Set<Int32> = []
      var open = roots
      while let process = open.popFirst() {
        guard let children = children(of: process), found.insert(process).inserted else { continue }
        open.formUnion(children.filter { !found.contains($0) })
      }
      return found
    }

    private func isZombie(_ process: Int32) -> Bool { entry(of: String(process))?.isZombie ?? false }

    private func entries(atMost limit: Int) -> [Int32: ProcessTree.Entry] {
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
    private func entry(of process: String) -> ProcessTree.Entry? {
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

    /// `nil` when the process is gone.
    private func children(of process: Int32) -> [Int32]? {
      guard let folder = opendir("/proc/\(process)/task") else { return nil }
      defer { closedir(folder) }
      var children: [Int32] = []
      while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if let thread = Int32(name) { children += numbers(in: "/proc/\(process)/task/\(thread)/children") }
      }
      return children
    }

    private func numbers(in path: String) -> [Int32] {
      let file = open(path, O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { return [] }
      defer { close(file) }
      var text: [UInt8] = []
      var piece = [UInt8](repeating: 0, count: 4096)
      while case let count = read(file, &piece, piece.count), count > 0 { text += piece[..<count] }
      return text.split(separator: UInt8(ascii: " ")).compactMap { Int32(String(decoding: $0, as: UTF8.self)) }
    }
  #endif
}

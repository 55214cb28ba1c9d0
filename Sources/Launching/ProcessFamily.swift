import Platform

/// The processes of a command: it and all that were seen to descend from it while they lived.
package struct ProcessFamily: Sendable {
  /// Where a process stands.
  package enum Place: Sendable, Equatable {
    /// Of the command.
    case member
    /// Runs and is none of the command's.
    case stranger
    /// Is not there any more, or never was in sight, and was not seen in the family.
    case ended
    /// No number was given.
    case unnamed
  }

  /// At the last look. One whose parent ended stays, though nothing leads to it any more.
  private var living: Set<Int32>
  private var seen: Set<Int32>

  package init(of root: Int32) {
    living = [root]
    seen = [root]
  }

  /// Looks at the machine's processes. One that begins and ends between two looks is missed.
  package mutating func look() { add(FamilySearch.living(from: living)) }

  /// A look's result.
  mutating func add(_ processes: Set<Int32>) {
    living = processes
    seen.formUnion(processes)
  }

  /// By the number that a tracer gave.
  package func place(of process: Int64) -> Place {
    place(of: process) { kill($0, 0) == 0 || errno != ESRCH }
  }

  func place(of process: Int64, isThere: (Int32) -> Bool) -> Place {
    guard process != 0 else { return .unnamed }
    guard let pid = Int32(exactly: process), pid > 0 else { return .ended }
    if living.contains(pid) { return .member }
    // A number that is in use again is another process's.
    if isThere(pid) { return .stranger }
    return seen.contains(pid) ? .member : .ended
  }
}

/// Finds the descendants of processes. Where the system lists a process's children, the rest of the machine's processes
/// need not be read, which matters when it is done ten times a second.
private enum FamilySearch {
  #if canImport(Darwin)
    static func living(from roots: Set<Int32>) -> Set<Int32> { ProcessTree.now().living(from: roots) }
  #else
    static func living(from roots: Set<Int32>) -> Set<Int32> {
      guard access("/proc/thread-self/children", R_OK) == 0 else { return ProcessTree.now().living(from: roots) }
      var found: Set<Int32> = []
      var open = roots
      while let process = open.popFirst() {
        guard let children = children(of: process), found.insert(process).inserted else { continue }
        open.formUnion(children.filter { !found.contains($0) })
      }
      return found
    }

    /// `nil` when the process is gone.
    private static func children(of process: Int32) -> [Int32]? {
      guard let folder = opendir("/proc/\(process)/task") else { return nil }
      defer { closedir(folder) }
      var children: [Int32] = []
      while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if let thread = Int32(name) { children += numbers(in: "/proc/\(process)/task/\(thread)/children") }
      }
      return children
    }

    private static func numbers(in path: String) -> [Int32] {
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

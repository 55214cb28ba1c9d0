import Platform

/// The file in which a run's own agent keeps what it takes, so that traces can be looked at after the run. A run has one of
/// its own, and the next run removes it.
package struct RunStore: Sendable, Equatable {
  /// The file's path in the folder of the user's state.
  package let path: String
  /// The same as one word of a shell's command.
  package let typed: String
  private let folder: String

  private static let beginning = "run-"
  private static let ending = ".db"
  /// The agent's lock and SQLite's own files stand beside it.
  private static let endings = [ending, ending + "-lock", ending + "-wal", ending + "-shm", ending + "-journal"]

  /// `nil` where nothing says which folder is the user's.
  /// - Parameters:
  ///   - environment: `XDG_STATE_HOME` counts, else `HOME`, for root `/var/lib`.
  ///   - quoted: makes one word of a path.
  package init?(
    environment: [String: String], pid: Int32 = getpid(), isRoot: Bool = geteuid() == 0,
    quoted: (String) -> String = { $0 }
  ) {
    func folder(_ name: String, below: String) -> String? {
      environment[name].flatMap { $0.hasPrefix("/") ? $0 + below : nil }
    }
    let home = isRoot ? "/var/lib/roost" : folder("HOME", below: "/.local/state/roost")
    guard let folder = folder("XDG_STATE_HOME", below: "/roost") ?? home else { return nil }
    self.init(folder: folder, pid: pid, quoted: quoted)
  }

  /// The file of the run with this process.
  package init(folder: String, pid: Int32, quoted: (String) -> String = { $0 }) {
    self.folder = folder
    path = "\(folder)/\(Self.beginning)\(pid)\(Self.ending)"
    typed = quoted(path)
  }

  /// Removes the files of runs that have ended. What cannot be removed stays.
  package func removeEarlier(_ processes: some ProcessTable) {
    for name in (try? FileTree(root: "").list(folder)) ?? [] {
      guard let pid = Self.run(ofFile: name), pid == getpid() || !processes.isRunning(pid) else { continue }
      unlink("\(folder)/\(name)")
    }
  }

  /// The process of the run whose file it is; `nil` for another file.
  static func run(ofFile name: String) -> Int32? {
    guard name.hasPrefix(beginning), let ending = endings.first(where: name.hasSuffix) else { return nil }
    return Int32(name.dropFirst(beginning.count).dropLast(ending.count)).flatMap { $0 > 0 ? $0 : nil }
  }
}

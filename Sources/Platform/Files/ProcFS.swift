/// Linux's `/proc`, or a folder that a test has made to look like it: the one place that knows how it is laid out.
package struct ProcFS: Sendable {
  /// The tree below the root, for files that are no process's: `net/tcp`.
  package let files: FileTree

  /// - Parameter root: the folder it is in.
  package init(root: String = "/proc") { files = FileTree(root: root) }

  /// The process that calls, by the link `self`.
  package var own: ProcFSProcess { ProcFSProcess(files: files, name: "self") }

  /// One process, by its number in the process namespace that the root belongs to.
  package func process(_ pid: Int64) -> ProcFSProcess { ProcFSProcess(files: files, name: String(pid)) }

  /// Numbers of the processes that can be seen, in no order.
  package func processes(atMost limit: Int = FileTree.entriesMax) throws(FileFailure) -> [Int64] {
    try files.list("", entriesMax: limit).compactMap { Int64($0) }
  }

  /// Whether the kernel lists the children of a process, which not every one is built to do.
  package var listsChildren: Bool { (try? files.read("thread-self/children", limit: 1)) != nil }
}

/// What `/proc` holds of one process. Each call reads anew; one that is gone is `missing`.
package struct ProcFSProcess: Sendable {
  let files: FileTree
  /// The name of its folder: a number, or `self`.
  let name: String

  /// The longest that `stat` gets, with all numbers at their largest.
  private static let statBytesMax = 1_024
  /// Longer than any `status`, whose longest line has a processor mask.
  private static let statusBytesMax = 65_536

  /// The first `limit` bytes of one of its files.
  package func read(_ file: String, limit: Int = FileTree.bytesMax) throws(FileFailure) -> [UInt8] {
    try files.read("\(name)/\(file)", limit: limit)
  }

  /// The same as text, broken UTF-8 repaired.
  package func text(_ file: String, limit: Int = FileTree.bytesMax) throws(FileFailure) -> String {
    try files.text("\(name)/\(file)", limit: limit)
  }

  /// Calls `body` with each line of one of its files; see `FileTree.forEachLine`.
  package func forEachLine(
    of file: String, lineBytesMax: Int = 1_024, _ body: (ArraySlice<UInt8>) -> Void
  ) throws(FileFailure) {
    try files.forEachLine(of: "\(name)/\(file)", lineBytesMax: lineBytesMax, body)
  }

  /// What a link says: `exe`, `cwd`, `ns/net`.
  package func link(_ file: String) throws(FileFailure) -> String { try files.link("\(name)/\(file)") }

  /// The path by which this process reaches one of its files.
  package func path(_ file: String) -> String { files.path("\(name)/\(file)") }

  /// Its files as it sees them itself: links lead to where they do below its root.
  package var root: FileTree { FileTree(root: path("root"), isClosed: true) }

  /// What the one line of `stat` says first: name, state and parent.
  package func stat() throws(FileFailure) -> ProcessStat {
    guard let stat = ProcessStat(try read("stat", limit: Self.statBytesMax)) else { throw .other }
    return stat
  }

  /// What `status` says of it, by the names of the fields.
  package func status() throws(FileFailure) -> ProcessStatus {
    ProcessStatus(try text("status", limit: Self.statusBytesMax))
  }

  /// Numbers of its descriptors, in no order.
  package func descriptors() throws(FileFailure) -> [String] { try files.list("\(name)/fd") }

  /// What a descriptor leads to: a path, `socket:[77]`. `nil` when it is closed by now, or may not be read.
  package func target(ofDescriptor descriptor: String) -> String? { try? link("fd/\(descriptor)") }

  /// Processes that its threads started and that still run; see `ProcFS.listsChildren`.
  package func children() throws(FileFailure) -> [Int64] {
    var children: [Int64] = []
    for thread in try files.list("\(name)/task") {
      // A thread may have ended meanwhile.
      let text = (try? read("task/\(thread)/children")) ?? []
      children += text.split(separator: UInt8(ascii: " ")).compactMap { Int64(String(decoding: $0, as: UTF8.self)) }
    }
    return children
  }
}

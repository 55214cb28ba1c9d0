import Platform

/// Owner of the right to write a journal into a folder; no other agent has it meanwhile. Makes the folder where it is missing.
final class JournalFolder: Sendable {
  let path: String
  private let descriptor: Int32

  init(_ path: String) throws(JournalError) {
    self.path = path
    try Self.make(path)
    let lock = "\(path)/lock"
    descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .system(SystemError("open", errno), path: lock) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let error = errno
      close(descriptor)
      throw error == EWOULDBLOCK ? .inUse(path: path) : .system(SystemError("flock", error), path: lock)
    }
  }

  deinit { close(descriptor) }

  /// Another agent may have the folder from now on.
  func unlock() { flock(descriptor, LOCK_UN) }

  private static let sparePrefix = "spare-"

  /// The path of a segment's file that nobody needs any more, and which a later segment is to be.
  static func spare(_ folder: String, _ number: UInt64) -> String { "\(folder)/\(sparePrefix)\(number)" }

  /// Removes such files of an agent that has ended.
  static func removeSpares(in path: String) {
    for name in (try? FileTree(root: path).list("")) ?? [] where name.hasPrefix(sparePrefix) {
      unlink("\(path)/\(name)")
    }
  }

  /// The numbers of the segments in a folder, the oldest first.
  static func segmentNumbers(in path: String) -> [UInt64] {
    let names = (try? FileTree(root: path).list("")) ?? []
    return names.compactMap { JournalSegment.number(ofFile: $0) }.sorted()
  }

  /// Returns when the names in the folder survive a loss of power.
  static func sync(_ path: String) throws(JournalError) {
    do throws(SystemError) { try DurableFiles.syncNames(in: path) } catch { throw .system(error, path: path) }
  }

  private static func make(_ folder: String) throws(JournalError) {
    var missing: [String] = []
    var path = folder
    while !path.isEmpty, access(path, F_OK) != 0 {
      missing.append(path)
      guard let slash = path.lastIndex(of: "/") else { break }
      path = String(path[..<slash])
    }
    for path in missing.reversed() {
      guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system(SystemError("mkdir", errno), path: path) }
      let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
      if !parent.isEmpty, access(parent, R_OK) == 0 { try sync(parent) }
    }
  }
}

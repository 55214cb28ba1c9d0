import Platform

/// Owner of the right to write a journal into a folder; no other agent has it meanwhile. Makes the folder where it is missing.
final class JournalFolder: Sendable {
  let path: String
  private let descriptor: Int32

  init(_ path: String) throws(JournalError) {
    self.path = path
    do throws(MissingFolders.Failure) { try MissingFolders.make(path, isDurable: true) } catch {
      throw .system(error.error, path: error.path)
    }
    let lock = "\(path)/lock"
    descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .system(SystemError("open", errno), path: lock) }
    // What is thrown from here on closes it by the end of this.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw errno == EWOULDBLOCK ? .inUse(path: path) : .system(SystemError("flock", errno), path: lock)
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
    for name in (try? names(in: path)) ?? [] where name.hasPrefix(sparePrefix) { unlink("\(path)/\(name)") }
  }

  /// The numbers of the segments in a folder, the oldest first; none where there is no folder.
  static func segmentNumbers(in path: String) throws(JournalError) -> [UInt64] {
    try names(in: path).compactMap { JournalSegment.number(ofFile: $0) }.sorted()
  }

  /// Whether an agent has left something in a folder.
  static func isLeft(in path: String) -> Bool {
    ((try? names(in: path)) ?? []).contains {
      $0.hasPrefix(sparePrefix) || JournalSegment.number(ofFile: $0) != nil
    }
  }

  private static func names(in path: String) throws(JournalError) -> [String] {
    do throws(FileFailure) {
      // A quiet day without an intake leaves thousands: none of them may be missed.
      return try FileTree(root: path).list("", entriesMax: .max)
    } catch {
      if error == .missing { return [] }
      throw .unlisted(error, path: path)
    }
  }
}

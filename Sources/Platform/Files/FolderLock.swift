/// Owner of the right to keep files in a folder; no other process has it meanwhile. Makes the folder where it is missing.
package final class FolderLock: Sendable {
  /// What kept a caller from the right to a folder.
  package enum Failure: Error, Equatable {
    /// The system refused something to do with this file or folder.
    case system(SystemError, path: String)
    /// Another process keeps files in this folder.
    case inUse(path: String)
  }

  private let folder: String
  private let path: String
  private let descriptor: Int32

  /// Takes the lock at once or not at all.
  package init(folder: String) throws(Failure) {
    self.folder = folder
    path = "\(folder)/lock"
    // Whoever had the lock may remove its file in this moment: then what was locked has no name, and is no lock.
    for _ in 0..<8 {
      do throws(MissingFolders.Failure) { try MissingFolders.make(folder) } catch {
        throw .system(error.error, path: error.path)
      }
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      if descriptor < 0, errno == ENOENT { continue }
      guard descriptor >= 0 else { throw .system(SystemError("open", errno), path: path) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        let error = errno
        close(descriptor)
        throw error == EWOULDBLOCK ? .inUse(path: folder) : .system(SystemError("flock", error), path: path)
      }
      var (locked, named) = (stat(), stat())
      if fstat(descriptor, &locked) == 0, stat(path, &named) == 0, locked.st_ino == named.st_ino,
        locked.st_dev == named.st_dev
      {
        self.descriptor = descriptor
        return
      }
      close(descriptor)
    }
    throw .inUse(path: folder)
  }

  /// Removes the folder with the lock, unless something else is in it.
  deinit {
    unlink(path)
    rmdir(folder)
    close(descriptor)
  }
}

/// Folders that are made where they are missing, with those above them, for their owner only.
package enum MissingFolders {
  /// What kept a folder from being made.
  package struct Failure: Error, Equatable {
    package let error: SystemError
    /// Of the folder that could not be made, or whose names could not be made durable.
    package let path: String
  }

  /// Makes a folder unless it is there.
  /// - Parameter isDurable: its name, and those that are made above it, survive a loss of power, which is waited for.
  package static func make(_ folder: String, isDurable: Bool = false) throws(Failure) {
    for path in missing(folder).reversed() {
      guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
        throw Failure(error: SystemError("mkdir", errno), path: path)
      }
      // A folder that may be entered and not read cannot be waited for.
      guard isDurable, let parent = parent(of: path), access(parent, R_OK) == 0 else { continue }
      do throws(SystemError) { try DurableFiles.syncNames(in: parent) } catch {
        throw Failure(error: error, path: parent)
      }
    }
  }

  /// A folder and those above it that are not there, the deepest first.
  private static func missing(_ folder: String) -> [String] {
    var missing: [String] = []
    var next: String? = folder
    while let path = next, access(path, F_OK) != 0 {
      missing.append(path)
      next = parent(of: path)
    }
    return missing
  }

  /// `nil` for the root, and for a name in the working folder.
  private static func parent(of path: String) -> String? {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return nil }
    return String(path[..<slash])
  }
}

import Platform

/// Why requests cannot be written ahead.
package enum JournalError: Error, Equatable {
  /// The system refused something to do with this file or folder.
  case system(SystemError, path: String)
  /// Another agent has its journal in this folder.
  case inUse(path: String)
  /// It cannot be seen what is in this folder.
  case unlisted(FileFailure, path: String)
  /// The file is of another form, of a later roost for one.
  case foreign(path: String)

  /// There is no room on the disk.
  var isWantOfSpace: Bool {
    guard case .system(let error, _) = self else { return false }
    return error.number == ENOSPC || error.number == EDQUOT
  }
}

extension JournalError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let error, let path): "\(path): \(error)"
    case .inUse(let path): "\(path): another agent uses this folder"
    case .unlisted(let failure, let path): "\(path): \(failure.text)"
    case .foreign(let path):
      "\(path): another version of roost has written it, or it is damaged: start that version, which sends it, or remove it"
    }
  }
}

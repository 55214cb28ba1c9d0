import Platform

/// Why requests cannot be written ahead.
package enum JournalError: Error, Equatable {
  /// The system refused something to do with this file or folder.
  case system(SystemError, path: String)
  /// Another agent has its journal in this folder.
  case inUse(path: String)
}

extension JournalError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let error, let path): "\(path): \(error)"
    case .inUse(let path): "\(path): another agent uses this folder"
    }
  }
}

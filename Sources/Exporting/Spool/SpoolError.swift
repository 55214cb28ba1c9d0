import Platform

/// Why payloads cannot be kept on disk.
package enum SpoolError: Error, Equatable {
  /// The system refused something to do with this file or folder.
  case system(SystemError, path: String)
  /// Another agent has its payloads in this folder.
  case inUse(path: String)
  /// The payload alone is larger than what may be on disk.
  case tooLarge(bytes: Int)
  /// Its body could not be read from where it is kept.
  case unreadable(PayloadBodyError)
}

extension SpoolError {
  init(_ failure: FolderLock.Failure) {
    self =
      switch failure {
      case .system(let error, let path): .system(error, path: path)
      case .inUse(let path): .inUse(path: path)
      }
  }
}

extension SpoolError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let error, let path): "\(path): \(error)"
    case .inUse(let path): "\(path): another agent uses this folder"
    case .tooLarge(let bytes): "a payload of \(bytes) bytes is larger than the spool"
    case .unreadable(let error): "\(error)"
    }
  }
}

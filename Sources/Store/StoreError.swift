/// Why the store cannot be opened or used.
package enum StoreError: Error, Equatable {
  /// SQLite is not there, or too old.
  case noLibrary(reason: String)
  /// The file or its folder cannot be made or opened.
  case unusable(path: String, reason: String)
  /// The file belongs to another program.
  case foreign(path: String)
  /// A newer roost has written it.
  case newer(path: String, version: Int64)
  /// Another agent writes to it.
  case inUse(path: String)
  /// Another connection read or wrote for longer than is waited for.
  case busy(reason: String)
  /// SQLite refused a statement: a full disk, a damaged page.
  case failed(reason: String)
}

extension StoreError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noLibrary(let reason): reason
    case .unusable(let path, let reason): "\(path): \(reason)"
    case .foreign(let path): "\(path) is a database of another program"
    case .newer(let path, let version): "\(path) was written by a newer roost (its version is \(version))"
    case .inUse(let path): "\(path) is in use by another agent"
    case .busy(let reason), .failed(let reason): reason
    }
  }
}

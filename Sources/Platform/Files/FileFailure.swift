/// Why a file could not be read.
package enum FileFailure: Error, Equatable {
  /// There is no such file or process.
  case missing
  /// It is there, and this user may not read it.
  case notPermitted
  /// Any other error of the system.
  case other
  /// The system has no way to show it.
  case notOffered

  /// By the system's error number.
  package init(_ number: CInt) {
    switch number {
    case ENOENT, ENOTDIR, ESRCH: self = .missing
    case EACCES, EPERM: self = .notPermitted
    default: self = .other
    }
  }

  /// Behind "cannot be read: ", as a person reads it.
  package var text: String {
    switch self {
    case .missing: "it is gone"
    case .notPermitted: "permission denied"
    case .other: "it cannot be read"
    case .notOffered: "this system does not show it"
    }
  }
}

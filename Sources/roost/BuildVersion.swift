import CBuildCommit

/// Which roost this is; handed to whatever names itself to others.
enum BuildVersion {
  static let version = "0.1.0"
  /// Empty when the build did not know it.
  static let commit = String(cString: roost_build_commit())
}

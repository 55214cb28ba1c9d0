/// The system's names of users and groups, from wherever it keeps them.
package enum SystemAccounts {
  /// A user with longer texts is not found.
  private static let userBytesMax = 4 * 1024
  /// A group with more or longer members is not found.
  private static let groupBytesMax = 256 * 1024

  /// The name of the user with a number; `nil` when the system has none.
  package static func userName(_ uid: uid_t) -> String? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: userBytesMax) { texts in
      guard let start = texts.baseAddress, getpwuid_r(uid, &entry, start, texts.count, &found) == 0, found != nil,
        let name = entry.pw_name
      else { return nil }
      return String(cString: name)
    }
  }

  /// The number of the group with a name; `nil` when the system has none.
  package static func groupID(named name: String) -> gid_t? {
    var entry = group()
    var found: UnsafeMutablePointer<group>?
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: groupBytesMax) { texts in
      guard let start = texts.baseAddress, getgrnam_r(name, &entry, start, texts.count, &found) == 0, found != nil
      else { return nil }
      return entry.gr_gid
    }
  }
}

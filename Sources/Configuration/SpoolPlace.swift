/// Where an agent keeps payloads that an intake does not take.
package enum SpoolPlace {
  /// The folder as configured, else one beside the store, and where that is no file, beside where it would be; `nil` for
  /// in memory only: as configured, for an agent of `roost run`, and for a user without a home.
  ///
  /// - Parameters:
  ///   - store: where the store is.
  ///   - usualStore: where it would be if nothing were configured.
  package static func choose(configured: String?, store: StorePlace, usualStore: StorePlace, isForRun: Bool) -> String?
  {
    if let configured { return configured == "off" ? nil : configured }
    if isForRun { return nil }
    for case .file(let path) in [store, usualStore] {
      guard let slash = path.lastIndex(of: "/") else { return "spool" }
      return "\(path[..<slash])/spool"
    }
    return nil
  }
}

import Receiver

/// Keeps web pages from reading through the agent what its keys open.
///
/// A page may have its own name lead to this machine, and is then of the same origin: with a plain `GET` its browser says
/// nothing by which it could be known but that name, in `Host`. Its requests of other methods have an Origin.
enum RebindingGuard {
  /// Ends of names that nobody can have in the public DNS.
  private static let privateEnds: Set = [
    "arpa", "corp", "home", "internal", "intranet", "lan", "local", "localdomain", "localhost", "svc", "test",
  ]

  /// Whether a request may come from such a page.
  static func suspects(_ request: borrowing Request) -> Bool {
    switch request.method {
    case .get, .head: request.headers.string(.host).map(isPublicName) ?? false
    case .put, .post, .options, .delete, .other: false
    }
  }

  /// Whether somebody could have registered the name: it has a dot, is no address, and does not end as private names do.
  static func isPublicName(_ host: String) -> Bool {
    if host.hasPrefix("[") { return false }
    var name = host.lowercased().prefix { $0 != ":" }
    if name.last == "." { name = name.dropLast() }
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count > 1, let end = labels.last, !privateEnds.contains(String(end)) else { return false }
    return !end.allSatisfy(\.isNumber)
  }
}

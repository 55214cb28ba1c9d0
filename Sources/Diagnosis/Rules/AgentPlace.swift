/// Host and port of an agent's URL, as far as comparing two settings needs them.
struct AgentPlace {
  /// In lower case, without brackets; empty for a socket.
  let host: String
  /// `nil` for a socket, and where none is written.
  let port: Int?

  /// `nil` for what is no URL.
  init?(url: String) {
    if url.hasPrefix("unix:") {
      (host, port) = ("", nil)
      return
    }
    guard AddressFault.isUsable(url), let slashes = url.firstRange(of: "://") else { return nil }
    let place = url[slashes.upperBound...].prefix { $0 != "/" }
    let end = place.hasPrefix("[") ? place.lastIndex(of: "]") : nil
    let colon = place[(end ?? place.startIndex)...].lastIndex(of: ":")
    host = Self.plain(String(place[..<(colon ?? place.endIndex)]))
    port = colon.flatMap { Int(place[place.index(after: $0)...]) }
  }

  var isLoopback: Bool { Self.isLoopback(host) }

  static func isLoopback(_ host: String) -> Bool {
    let host = plain(host)
    return host == "localhost" || host == "::1" || host.hasPrefix("127.")
  }

  func isSameHost(as other: String) -> Bool { host == Self.plain(other) }

  private static func plain(_ host: String) -> String { host.filter { !"[]".contains($0) }.lowercased() }
}

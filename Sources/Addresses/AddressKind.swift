/// What kind of address a host is, as far as its text says.
package enum AddressKind {
  /// `127.0.0.0/8`, `::1`, and the first written as IPv6.
  package static func isLoopback(_ text: String) -> Bool {
    if text == "::1" { return true }
    if let octets = ipv4(text) { return octets[0] == 127 }
    return text.hasPrefix("::ffff:") && ipv4(text.dropFirst(7))?.first == 127
  }

  /// All addresses of the machine: what a server that listens "everywhere" is bound to.
  package static func isUnspecified(_ text: String) -> Bool {
    // `::` has longer spellings, as `::0`, and `0` is one of IPv4's.
    if text.contains(":") { return text.allSatisfy { $0 == ":" || $0 == "0" } }
    return text == "0.0.0.0" || text == "0"
  }

  /// True for anything with a colon: names have none.
  package static func isIPv6(_ text: String) -> Bool { text.contains(":") }

  /// An address and not a name.
  package static func isLiteral(_ text: String) -> Bool { isIPv6(text) || ipv4(text) != nil }

  /// The ranges that RFC 1918 keeps for private networks; container engines hand out addresses from them.
  package static func isPrivateIPv4(_ text: String) -> Bool {
    guard let octets = ipv4(text) else { return false }
    return octets[0] == 10 || (octets[0] == 172 && (16...31).contains(octets[1]))
      || (octets[0] == 192 && octets[1] == 168)
  }

  /// The four numbers of a dotted address; `nil` for anything else.
  private static func ipv4(_ text: some StringProtocol) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let octets = parts.compactMap { $0.utf8.allSatisfy { (48...57).contains($0) } ? UInt8($0) : nil }
    return parts.count == 4 && octets.count == 4 ? octets : nil
  }
}

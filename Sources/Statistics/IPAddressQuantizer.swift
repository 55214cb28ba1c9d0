import Platform

/// Replaces IP addresses in peer tags, which would make a group of every peer, as the Datadog agent does.
package enum IPAddressQuantizer {
  static let blocked = "blocked-ip-address"
  /// Loopback and cloud metadata addresses say something as they are.
  private static let allowed: Set<String> = ["127.0.0.1", "::1", "169.254.169.254", "fd00:ec2::254", "169.254.170.2"]
  private static let schemes = ["dnspoll", "ftp", "file", "http", "https"]

  /// Quantizes each address of a comma-separated list and drops the repetitions that this makes.
  package static func quantize(_ text: String) -> String {
    // Without a digit or colon there is no address, and without a comma no list.
    guard text.utf8.contains(where: { ($0 >= 0x30 && $0 <= 0x3A) || $0 == 0x2C }) else { return text }
    var seen: Set<String> = []
    var parts: [String] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let quantized = quantizeOne(part)
      if seen.insert(quantized).inserted { parts.append(quantized) }
    }
    return parts.joined(separator: ",")
  }

  private static func quantizeOne(_ text: Substring) -> String {
    let (prefix, rest) = splitPrefix(text)
    guard let (address, suffix) = splitAddress(rest), !allowed.contains(String(address)) else { return String(text) }
    return prefix + blocked + suffix
  }

  /// Takes `ip-` or a scheme with its slashes off the front.
  package static func splitPrefix(_ text: Substring) -> (prefix: Substring, rest: Substring) {
    if text.hasPrefix("ip-") { return (text.prefix(3), text.dropFirst(3)) }
    guard let colon = text.firstIndex(of: ":"), schemes.contains(String(text[..<colon])) else { return ("", text) }
    let afterColon = text[text.index(after: colon)...]
    let slashes = afterColon.prefix(3).prefix { $0 == "/" }
    guard slashes.count >= 2 else { return ("", text) }
    return (text[..<slashes.endIndex], text[slashes.endIndex...])
  }

  private static func splitAddress(_ text: Substring) -> (address: Substring, suffix: Substring)? {
    if text.first == "[" {
      guard let end = text.firstIndex(of: "]") else { return nil }
      let inner = text[text.index(after: text.startIndex)..<end]
      return isIPv6(inner) ? (inner, text[text.index(after: end)...]) : nil
    }
    if isIPv6(text) { return (text, "") }
    guard let end = endOfIPv4(text) else { return nil }
    return (text[..<end], text[end...])
  }

  private static func isIPv6(_ text: Substring) -> Bool {
    let bare = text.prefix { $0 != "%" }
    guard bare.utf8.count <= 45, bare.contains(":") else { return false }
    var address = in6_addr()
    return inet_pton(AF_INET6, String(bare), &address) == 1
  }

  /// Where an IPv4 address at the front ends. Its numbers may be separated by `.`, `-` or `_`, all alike.
  private static func endOfIPv4(_ text: Substring) -> Substring.Index? {
    let bytes = text.utf8
    var index = bytes.startIndex
    var separator: UInt8?
    for field in 0..<4 {
      if field > 0 {
        guard index < bytes.endIndex else { return nil }
        let byte = bytes[index]
        guard byte == separator ?? byte, [0x2E, 0x2D, 0x5F].contains(byte) else { return nil }
        separator = byte
        index = bytes.index(after: index)
      }
      let digits = bytes[index...].prefix { $0 >= 0x30 && $0 <= 0x39 }
      guard digits.count >= 1, digits.count <= 3, digits.count == 1 || digits.first != 0x30 else { return nil }
      guard digits.reduce(0, { $0 * 10 + Int($1 - 0x30) }) <= 255 else { return nil }
      index = digits.endIndex
    }
    return index
  }
}

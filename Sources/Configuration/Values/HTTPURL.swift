/// An `http://` or `https://` address checked for form. Printing it leaves out a user name and password in it.
package struct HTTPURL: Sendable, Equatable {
  /// The whole address without a trailing slash, as a client is given it.
  package let text: String
  /// True for `https`, false for `http`; there are no others.
  package let isSecure: Bool
  /// Without port and without the brackets of an IPv6 address.
  package let host: String
  /// The port written in the address, 1…65535; nil when none is.
  package let port: Int?
  /// Only a domain was written, and the scheme is a guess.
  package var isDomain = false
  /// There is more than a host and a port in it.
  package let hasPath: Bool
  /// There is a user in it, as a rule with a password.
  package var hasUser: Bool { text.dropFirst(isSecure ? 8 : 7).prefix { $0 != "/" }.contains("@") }
  /// What is printed: the URL without user and password.
  private let shown: String

  /// Reads and checks an address. The error says what is wrong without repeating the text, which may hold a password.
  package init(_ given: String) throws(BadValue) {
    let text = given.hasSuffix("/") && !given.hasSuffix("//") ? String(given.dropLast()) : given
    guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7f }) else {
      throw BadValue("not an address: it holds spaces or characters that an address cannot have")
    }
    guard let schemeEnd = Self.index(of: "://", in: text) else {
      throw BadValue("not an address: it must start with http:// or https://")
    }
    let scheme = text[..<schemeEnd].lowercased()
    guard scheme == "http" || scheme == "https" else {
      throw BadValue("not an address roost can use: it must start with http:// or https://")
    }
    let rest = text[text.index(schemeEnd, offsetBy: 3)...]
    guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else {
      throw BadValue("not an address roost can use: ? and # have no place in it")
    }
    let authority = rest.prefix { $0 != "/" }
    let path = rest[authority.endIndex...]
    let place = authority[(authority.lastIndex(of: "@").map(authority.index(after:)) ?? authority.startIndex)...]
    (host, port) = try Self.hostAndPort(place)
    isSecure = scheme == "https"
    hasPath = !path.isEmpty
    self.text = text
    shown = "\(scheme)://\(place.count == authority.count ? "" : "…@")\(place)\(path)"
  }

  /// The intake of traces and statistics of a Datadog site: `https://trace.agent.SITE`.
  package init(intakeOf site: String) {
    host = "trace.agent.\(site)"
    text = "https://\(host)"
    shown = text
    port = nil
    isSecure = true
    hasPath = false
  }

  /// The address before the intake's endpoint of traces or statistics, when it ends in one; else nil.
  var withoutEndpoint: HTTPURL? {
    guard let path = ["/api/v0.2/traces", "/api/v0.2/stats"].first(where: text.hasSuffix) else { return nil }
    return try? HTTPURL(String(text.dropLast(path.count)))
  }

  private static func index(of needle: String, in text: String) -> String.Index? {
    text.indices.first { text[$0...].hasPrefix(needle) }
  }

  private static func hostAndPort(_ place: Substring) throws(BadValue) -> (String, Int?) {
    let host: Substring
    let after: Substring
    if place.first == "[" {
      guard let end = place.firstIndex(of: "]") else { throw BadValue("not an address: [ without ]") }
      host = place[place.index(after: place.startIndex)..<end]
      after = place[place.index(after: end)...]
    } else {
      host = place.prefix { $0 != ":" }
      after = place[host.endIndex...]
    }
    guard !host.isEmpty else { throw BadValue("not an address: it names no host") }
    if after.isEmpty { return (String(host), nil) }
    guard after.first == ":", let port = ScalarText.digits(after.dropFirst()), (1...65_535).contains(port) else {
      throw BadValue("not an address: the port must be a number from 1 to 65535")
    }
    return (String(host), port)
  }
}

extension HTTPURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The address with `…@` in place of a user name and password.
  package var description: String { shown }
  /// The same: a dump must not show more than a print.
  package var debugDescription: String { shown }
  /// Without children, so that `dump` finds no password.
  package var customMirror: Mirror { Mirror(self, children: []) }
}

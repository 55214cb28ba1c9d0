/// An intake that payloads go to, and the key that opens it. Never prints the key.
package struct Endpoint: Sendable {
  /// Where the intake is, such as `https://trace.agent.datadoghq.com`, without a slash at its end.
  package let baseURL: String
  let apiKey: String

  /// - Throws: `ForwarderError.badURL` or `.badKey`, neither of which repeats the key or a password in the URL.
  package init(baseURL: String, apiKey: String) throws(ForwarderError) {
    let trimmed = baseURL.utf8.reversed().drop { $0 == UInt8(ascii: "/") }.reversed()
    self.baseURL = String(decoding: [UInt8](trimmed), as: UTF8.self)
    self.apiKey = apiKey
    guard let scheme = Self.schemes.first(where: { self.baseURL.hasPrefix($0) }),
      self.baseURL.utf8.count > scheme.utf8.count, Self.isPrintable(self.baseURL)
    else { throw .badURL(Self.withoutSecrets(baseURL)) }
    // Whatever is in the key becomes part of a header: a line break in it would start another one.
    guard !apiKey.isEmpty, Self.isPrintable(apiKey) else { throw .badKey(endpoint: Self.withoutSecrets(baseURL)) }
  }

  private static let schemes = ["http://", "https://"]

  /// Scheme, host, port and path, for people to read: a user and password in the URL are left out.
  package var label: String { Self.withoutSecrets(baseURL) }

  var usesTLS: Bool { baseURL.hasPrefix("https://") }

  private static func isPrintable(_ text: String) -> Bool { text.utf8.allSatisfy { (0x21...0x7e).contains($0) } }

  private static func withoutSecrets(_ url: String) -> String {
    let bytes = [UInt8](url.utf8)
    guard let at = bytes.lastIndex(of: UInt8(ascii: "@")) else { return url }
    let scheme = Self.schemes.first { url.hasPrefix($0) } ?? ""
    return scheme + String(decoding: bytes[(at + 1)...], as: UTF8.self)
  }
}

extension Endpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { label }
  package var debugDescription: String { label }
  /// So that `dump` and test reports do not look inside.
  package var customMirror: Mirror { Mirror(self, children: ["label": label]) }
}

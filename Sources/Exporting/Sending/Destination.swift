/// Where payloads go: one intake, what it wants to see in each request, which kinds of payload it takes, and how patient
/// one is with it. A value; another destination is another one in the list that the `Forwarder` is given.
///
/// Never prints its headers or a password in its URL.
package struct Destination: Sendable {
  /// What one kind of payload may take of this destination. A kind has a lane of its own in the queue: connections,
  /// backoff and bound are not shared with another kind or another destination.
  package struct LaneLimits: Sendable, Equatable {
    /// Requests under way at once; at least one.
    package var connectionsMax: Int
    /// Bytes of the bodies that wait or are being sent. When they exceed this, the oldest that waits is given up.
    package var queueBytesMax: Int

    package init(connectionsMax: Int = 5, queueBytesMax: Int) {
      self.connectionsMax = max(1, connectionsMax)
      self.queueBytesMax = queueBytesMax
    }
  }

  /// The protocol of an intake.
  package enum Format: String, Sendable {
    case datadog
    /// OTLP over HTTP. Its address has the path of its endpoint, and its answer may say which spans it did not take.
    case otlp
  }

  /// Where the intake is, such as `https://trace.agent.datadoghq.com`, without a slash at its end. A payload's path is
  /// appended to it.
  package private(set) var baseURL: String
  /// What every request to this destination carries besides the headers of its payload: its key, for one.
  private(set) var headers: [HTTPHeader]
  /// What the agent calls itself in `User-Agent`.
  package var userAgent: String
  /// The kinds of payload that go here; others pass it by.
  package var takes: [OutgoingPayload.Kind: LaneLimits]
  /// The protocol that its intake speaks.
  package var format = Format.datadog
  package var retry = RetryPolicy()
  package var transport = TransportSettings()

  /// - Throws: `ForwarderError.badURL` or `.badHeader`, neither of which repeats a header's value or a password in the
  ///   URL.
  package init(
    baseURL: String, headers: [HTTPHeader] = [], userAgent: String, takes: [OutgoingPayload.Kind: LaneLimits]
  ) throws(ForwarderError) {
    let trimmed = baseURL.utf8.reversed().drop { $0 == UInt8(ascii: "/") }.reversed()
    self.baseURL = String(decoding: [UInt8](trimmed), as: UTF8.self)
    self.headers = headers
    self.userAgent = userAgent
    self.takes = takes
    guard let scheme = Self.schemes.first(where: { self.baseURL.hasPrefix($0) }),
      self.baseURL.utf8.count > scheme.utf8.count, self.baseURL.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
    else { throw .badURL(Self.withoutSecrets(baseURL)) }
    for header in headers where !header.isValid {
      throw .badHeader(destination: Self.withoutSecrets(baseURL), name: header.printableName)
    }
  }

  private static let schemes = ["http://", "https://"]

  /// Scheme, host, port and path, for people to read: a user and password in the URL are left out.
  package var label: String { (format == .otlp ? "otlp+" : "") + Self.withoutSecrets(baseURL) }

  var usesTLS: Bool { baseURL.hasPrefix("https://") }

  /// The same with what is secret of another one at the same place: its headers, of which the key is, and the password in
  /// its URL.
  func taking(secretsOf other: Destination) -> Destination {
    var destination = self
    (destination.headers, destination.baseURL) = (other.headers, other.baseURL)
    return destination
  }

  private static func withoutSecrets(_ url: String) -> String {
    let bytes = [UInt8](url.utf8)
    guard let at = bytes.lastIndex(of: UInt8(ascii: "@")) else { return url }
    let scheme = Self.schemes.first { url.hasPrefix($0) } ?? ""
    return scheme + String(decoding: bytes[(at + 1)...], as: UTF8.self)
  }
}

extension Destination: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { label }
  package var debugDescription: String { label }
  /// So that `dump` and test reports do not look inside.
  package var customMirror: Mirror { Mirror(self, children: ["label": label]) }
}

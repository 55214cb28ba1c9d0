/// A version of TLS, in the names of the Datadog agent.
package enum TLSVersion: String, Sendable, CaseIterable {
  case tls10 = "tlsv1.0"
  case tls11 = "tlsv1.1"
  case tls12 = "tlsv1.2"
  case tls13 = "tlsv1.3"

  /// Reads a name in either case.
  init(reading text: String) throws(BadValue) {
    guard let version = TLSVersion(rawValue: text.lowercased()) else {
      let names = Self.allCases.map(\.rawValue).joined(separator: ", ")
      throw BadValue("\(QuotedText.quoted(text)) is none of \(names)")
    }
    self = version
  }
}

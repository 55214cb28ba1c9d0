import Exporting
import Receiver

/// A request of a product as far as passing it on needs it: a copy, which outlives the request.
struct ProductRequest: Sendable {
  var method = "POST"
  /// That of the request line, percent-decoded, without the query.
  var path: String
  /// Those of the query, decoded.
  var arguments: [Request.Field] = []
  var headers: [Request.Field] = []
  var body: [UInt8] = []
  /// Where it comes from, as far as that is known.
  var container: KnownContainer?

  /// The first header of this name; `nil` when there is none, or it is empty.
  func header(_ name: String) -> String? {
    let name = name.lowercased()
    return headers.first { $0.name.lowercased() == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
  }
}

/// What leaves for a product's intake, but for what differs between its intakes: their addresses and keys.
struct ProductDeparture: Sendable {
  /// Goes before the intake's host, as in `citestcycle-intake`; `nil` for none.
  var subdomain: String?
  /// Appended to the intake's path; decoded.
  var path = ""
  /// Those of the query, in their order, decoded.
  var arguments: [Request.Field] = []
  var headers: [HTTPHeader]
  var body: [UInt8]
}

/// One place where a product's requests go, and the key that opens it.
struct ProductIntake: Sendable {
  /// How the key is sent.
  enum KeyHeader: Sendable { case apiKey, bearer }

  /// With its path, without a slash at the end.
  let address: String
  let key: String
  var keyHeader = KeyHeader.apiKey

  /// The whole address of a request.
  func url(_ departure: ProductDeparture) -> String {
    var text = address
    if let subdomain = departure.subdomain {
      let bytes = Array(text.utf8)
      let scheme = Self.schemeBytes(text)
      let end = bytes[scheme...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.count
      let host = bytes[scheme..<end].lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? scheme
      text =
        String(decoding: bytes[..<host], as: UTF8.self) + subdomain + "."
        + String(decoding: bytes[host...], as: UTF8.self)
    }
    text += PercentEncoding.path(departure.path)
    let query = departure.arguments.map { PercentEncoding.argument($0.name) + "=" + PercentEncoding.argument($0.value) }
    return query.isEmpty ? text : text + "?" + query.joined(separator: "&")
  }

  /// Scheme and host of a request, for people to read: no user, no password, no path.
  func place(_ departure: ProductDeparture) -> String {
    let url = url(departure)
    let scheme = url.prefix(Self.schemeBytes(url))
    let authority = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
    return scheme.lowercased() + (authority.split(separator: "@").last ?? "")
  }

  /// Of an address's scheme with what stands behind it; schemes have no case.
  private static func schemeBytes(_ address: String) -> Int {
    (address.prefix(8).lowercased() == "https://" ? "https://" : "http://").utf8.count
  }

  /// The header that holds the key.
  var keyLine: HTTPHeader {
    switch keyHeader {
    case .apiKey: HTTPHeader("DD-API-KEY", key)
    case .bearer: HTTPHeader("Authorization", "Bearer \(key)")
    }
  }
}

/// Texts as parts of an address (RFC 3986).
enum PercentEncoding {
  /// Of a path; slashes stay.
  static func path(_ text: String) -> String {
    encoded(text) { isUnreserved($0) || "/:@+,;=!$&'()*".utf8.contains($0) }
  }

  /// A name or a value of a query.
  static func argument(_ text: String) -> String { encoded(text) { isUnreserved($0) || "/:@,".utf8.contains($0) } }

  private static func encoded(_ text: String, _ isKept: (UInt8) -> Bool) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      if isKept(byte) {
        bytes.append(byte)
      } else {
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
      UInt8(ascii: "~"):
      true
    default: false
    }
  }
}

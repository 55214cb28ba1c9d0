/// What a connection speaks when it is not HTTP/1.1, recognized by its first bytes.
package enum ForeignProtocol: Sendable, CaseIterable {
  /// A TLS handshake record: the client was given an `https://` address.
  case tls
  /// The preface of HTTP/2 without TLS, which gRPC opens with.
  case http2
  /// StatsD or DogStatsD text: metrics, events or service checks.
  case statsD

  /// Bytes from the beginning that are enough to know.
  static let bytesMax = 128

  private static let preface = Array("PRI * HTTP/2".utf8)

  /// Whether so little has come that it may become HTTP/2 or HTTP/1.1.
  static func isUndecided(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count < preface.count && preface.starts(with: bytes)
  }

  /// `nil` for anything else, HTTP/1.1 above all. One comparison for a connection that begins like a request.
  package init?(firstBytes bytes: UnsafeRawBufferPointer) {
    guard let first = bytes.first else { return nil }
    if first == 0x16 {
      // Record type 22 is a handshake; 3 is the major version of everything from SSL 3 to TLS 1.3.
      guard bytes.count >= 2, bytes[1] == 0x03 else { return nil }
      self = .tls
    } else if bytes.starts(with: Self.preface) {
      self = .http2
    } else if Self.isStatsD(bytes) {
      self = .statsD
    } else {
      return nil
    }
  }

  /// `name:value|type`, `_e{…}:` for an event or `_sc|name|` for a service check, within the first line.
  private static func isStatsD(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if bytes.starts(with: "_e{".utf8) || bytes.starts(with: "_sc|".utf8) { return true }
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else { return false }
    guard line[..<colon].allSatisfy(isNameByte) else { return false }
    let values = line[(colon + 1)...]
    guard let bar = values.firstIndex(of: UInt8(ascii: "|")), bar > values.startIndex else { return false }
    let type = values[(bar + 1)...].prefix { $0 != UInt8(ascii: "|") && $0 != UInt8(ascii: "\r") }
    return ["c", "g", "ms", "h", "s", "d"].contains { type.elementsEqual($0.utf8) }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}

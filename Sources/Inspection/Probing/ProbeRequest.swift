/// The bytes that a probe sends: a request for `/info`, or the start of TLS.
enum ProbeRequest {
  /// Asks for what every trace agent reports of itself.
  static func info(_ host: String) -> [UInt8] {
    Array(
      """
      GET /info HTTP/1.1\r
      Host: \(host)\r
      User-Agent: roost-doctor\r
      Accept: application/json\r
      Connection: close\r
      \r

      """.utf8)
  }

  /// The first message of TLS 1.2, with common choices. A server answers it with its own first message or, when it
  /// wants others, with an alert; either shows that it speaks TLS. Nothing more is said.
  static let tlsHello: [UInt8] = {
    // Elliptic curves, then RSA alone, then TLS 1.3's.
    let ciphers: [UInt8] = [
      0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9, 0xcc, 0xa8, 0x00, 0x9c, 0x00, 0x2f, 0x13, 0x01,
    ]
    let groups = sized(sized([0x00, 0x1d, 0x00, 0x17, 0x00, 0x18]))
    let signatures = sized(sized([0x04, 0x03, 0x08, 0x04, 0x04, 0x01, 0x05, 0x03, 0x08, 0x05, 0x05, 0x01]))
    // Supported groups, uncompressed points, signature algorithms.
    let extensions = [0x00, 0x0a] + groups + [0x00, 0x0b, 0x00, 0x02, 0x01, 0x00] + [0x00, 0x0d] + signatures
    // The number that should be random need not be: no key is ever made of it.
    let body =
      [0x03, 0x03] + [UInt8](repeating: 0x52, count: 32) + [0] + sized(ciphers) + [0x01, 0x00] + sized(extensions)
    return [0x16, 0x03, 0x01] + sized([0x01, 0x00] + sized(body))
  }()

  /// Bytes behind their number, in two bytes.
  private static func sized(_ bytes: [UInt8]) -> [UInt8] {
    let count = UInt16(clamping: bytes.count)
    return [UInt8(count >> 8), UInt8(count & 0xff)] + bytes
  }
}

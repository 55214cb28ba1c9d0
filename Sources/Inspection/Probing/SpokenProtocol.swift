import Diagnosis

/// Tells what is spoken by the first bytes of an answer that is no plain HTTP, or by what an HTTP answer complains of.
enum SpokenProtocol {
  private static let beginnings: [(bytes: [UInt8], name: String)] = [
    // Records of TLS: an alert, or a part of a handshake, of any version.
    ([0x15, 0x03], "tls"), ([0x16, 0x03], "tls"), (Array("SSH-".utf8), "ssh"), (Array("-ERR".utf8), "redis"),
    (Array("-DENIED".utf8), "redis"), (Array("220".utf8), "smtp or ftp"), (Array("* OK".utf8), "imap"),
    (Array("+OK".utf8), "pop3"), (Array("PRI * HTTP/2".utf8), "http2"), (Array("AMQP".utf8), "amqp"),
    (Array("HTTP/".utf8), "http"), (Array("ERROR".utf8), "memcached"), (Array("RFB ".utf8), "vnc"),
  ]

  /// `nil` when it is unknown.
  static func name(of bytes: [UInt8]) -> String? {
    if let found = beginnings.first(where: { bytes.starts(with: $0.bytes) }) { return found.name }
    // A SETTINGS frame of HTTP/2: length, type 4, flags, stream 0.
    if bytes.count >= 9, bytes[0] == 0, bytes[3] == 4, bytes[5...8].allSatisfy({ $0 == 0 }) { return "http2" }
    return nil
  }

  /// Servers that wait for TLS answer plain HTTP with status 400 and say so.
  static func name(of answer: HTTPAnswer) -> String? {
    guard answer.status == 400 else { return nil }
    let body = Array(String(decoding: answer.body.prefix(2048), as: UTF8.self).lowercased().utf8)
    let complaints = [
      "http request to an https server", "http request was sent to https port", "speaking plain http to",
    ]
    return complaints.contains(where: LogText(body).contains) ? "tls" : nil
  }
}

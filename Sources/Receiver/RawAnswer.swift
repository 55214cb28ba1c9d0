import CMicroHTTPD
import Platform

/// An answer as bytes, for a connection that libmicrohttpd takes none for any more. It says `Connection: close`.
enum RawAnswer {
  static func bytes(status: UInt16, headers: [AnswerHeader], body: some Collection<UInt8>) -> [UInt8] {
    let phrase = MHD_get_reason_phrase_for(UInt32(status)).map { String(cString: $0) } ?? "Error"
    var lines = ["HTTP/1.1 \(status) \(phrase)"]
    lines += headers.map { "\($0.name): \($0.value)" }
    lines += ["Content-Length: \(body.count)", "Connection: close"]
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
  }

  /// Writes without waiting. A client whose receive window is full loses the answer, or the rest of it, not more.
  static func send(_ bytes: [UInt8], to descriptor: Int32) {
    bytes.withUnsafeBytes { _ = systemSend(descriptor, $0.baseAddress, $0.count, SystemCalls.sendFlags) }
  }
}

private func systemSend(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int, _ flags: Int32) -> Int {
  send(descriptor, bytes, count, flags)
}

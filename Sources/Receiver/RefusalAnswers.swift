import CMicroHTTPD
import Platform

/// The answers to refused requests, in both forms that they are given in.
///
/// libmicrohttpd takes an answer only before the body or after all of it. In between the bytes are written to the
/// connection directly, so that a client learns at once that it sends in vain. Both say `Connection: close`.
struct RefusalAnswers: Sendable {
  private let queued: [PreparedBody]
  private let raw: [[UInt8]]

  init() {
    queued = RejectionReason.allCases.map {
      PreparedBody(text: "\($0.answerText)", headers: [AnswerHeader("Connection", "close")])
    }
    raw = RejectionReason.allCases.map { reason in
      let text = "\(reason.answerText)"
      let phrase = MHD_get_reason_phrase_for(UInt32(reason.status)).map { String(cString: $0) } ?? "Error"
      let head =
        "HTTP/1.1 \(reason.status) \(phrase)\r\nContent-Type: text/plain; charset=utf-8\r\n"
        + "Content-Length: \(text.utf8.count)\r\nConnection: close\r\n\r\n"
      return Array((head + text).utf8)
    }
  }

  func queue(_ reason: RejectionReason, on connection: OpaquePointer) -> MHD_Result {
    queued[reason.rawValue].queue(on: connection, status: reason.status, extraHeaders: [])
  }

  /// Writes without waiting. A client whose receive window is full loses the answer, not more.
  func send(_ reason: RejectionReason, to descriptor: Int32) {
    raw[reason.rawValue].withUnsafeBytes { bytes in
      _ = Self.write(descriptor, bytes)
    }
  }

  private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    systemSend(descriptor, bytes.baseAddress, bytes.count, SystemCalls.sendFlags)
  }
}

private func systemSend(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int, _ flags: Int32) -> Int {
  send(descriptor, bytes, count, flags)
}

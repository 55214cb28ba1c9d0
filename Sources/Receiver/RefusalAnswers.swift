import CMicroHTTPD
import Platform

/// The answers to refused requests, in both forms that they are given in.
///
/// libmicrohttpd takes an answer only before the body or after all of it. In between the bytes are written to the
/// connection directly, so that a client learns at once that it sends in vain. Both say `Connection: close`.
struct RefusalAnswers: Sendable {
  /// One answer in both forms.
  private struct Forms: Sendable {
    let status: UInt16
    let queued: PreparedBody
    let raw: [UInt8]

    init(_ status: UInt16, _ text: String, type: String, _ headers: [AnswerHeader]) {
      self.status = status
      let headers = headers + [AnswerHeader("Connection", "close")]
      queued = PreparedBody(text.utf8, contentType: type, headers: headers)
      let phrase = MHD_get_reason_phrase_for(UInt32(status)).map { String(cString: $0) } ?? "Error"
      var lines = ["HTTP/1.1 \(status) \(phrase)", "Content-Type: \(type)", "Content-Length: \(text.utf8.count)"]
      lines += headers.map { "\($0.name): \($0.value)" }
      raw = Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + text).utf8)
    }
  }

  /// Those that one kind of clients gets.
  private struct Answers: Sendable {
    /// By the number of the reason.
    let refusals: [Forms]
    /// Without memory, for clients that do not ask for the real status: nothing changes for them.
    let unchanged: Forms

    init(_ headers: [AnswerHeader]) {
      refusals = RejectionReason.allCases.map {
        Forms($0.status, "\($0.answerText)", type: "text/plain; charset=utf-8", headers)
      }
      unchanged = Forms(200, "{}", type: "application/json", headers)
    }
  }

  private let thisMachine: Answers
  private let network: Answers
  private let answersRealStatus: Bool

  init(_ configuration: ReceiverConfiguration) {
    let headers = configuration.refusalHeaders
    thisMachine = Answers(headers.thisMachine)
    network = headers.network == headers.thisMachine ? thisMachine : Answers(headers.network)
    answersRealStatus = configuration.answersRealStatus
  }

  func queue(_ reason: RejectionReason, on mhd: OpaquePointer, for connection: Connection) -> MHD_Result {
    let forms = forms(reason, connection)
    return forms.queued.queue(on: mhd, status: forms.status, extraHeaders: [])
  }

  /// Writes without waiting. A client whose receive window is full loses the answer, not more.
  func send(_ reason: RejectionReason, to connection: Connection) {
    forms(reason, connection).raw.withUnsafeBytes { bytes in
      _ = Self.write(connection.descriptor, bytes)
    }
  }

  private func forms(_ reason: RejectionReason, _ connection: Connection) -> Forms {
    let answers = connection.peer.isOnThisMachine ? thisMachine : network
    let isTold = answersRealStatus || reason != .memoryLimit || connection.headers.isTrue(.sendRealHTTPStatus)
    return isTold ? answers.refusals[reason.rawValue] : answers.unchanged
  }

  private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    systemSend(descriptor, bytes.baseAddress, bytes.count, SystemCalls.sendFlags)
  }
}

private func systemSend(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int, _ flags: Int32) -> Int {
  send(descriptor, bytes, count, flags)
}

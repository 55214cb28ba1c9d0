import CMicroHTTPD
import Platform

/// The answers to refused requests, in both forms that they are given in.
///
/// libmicrohttpd takes an answer only before the body or after all of it. In between the bytes are written to the
/// connection directly, so that a client learns at once that it sends in vain. Both say `Connection: close`.
final class RefusalAnswers: Sendable {
  /// One answer in both forms.
  private struct Forms: Sendable {
    let status: UInt16
    let queued: PreparedBody
    let raw: [UInt8]

    init(_ status: UInt16, _ text: String, type: String, _ headers: [AnswerHeader]) {
      self.status = status
      queued = PreparedBody(
        text.utf8, contentType: type, headers: headers + [AnswerHeader("Connection", "close")])
      raw = RawAnswer.bytes(
        status: status, headers: [AnswerHeader("Content-Type", type)] + headers, body: text.utf8)
    }
  }

  /// Those that one kind of clients gets.
  private struct Answers: Sendable {
    /// By the number of the reason.
    let refusals: [Forms]
    /// Without memory, for clients that do not ask for the real status, by path: nothing changes for them.
    let unchanged: [(path: [UInt8], forms: Forms)]

    init(_ headers: [AnswerHeader], _ unchanged: [UnchangedAnswer]) {
      refusals = RejectionReason.allCases.map {
        Forms($0.status, "\($0.answerText)", type: "text/plain; charset=utf-8", headers)
      }
      var made: [String: Forms] = [:]
      self.unchanged = unchanged.map { answer in
        let forms = made[answer.text] ?? Forms(200, answer.text, type: answer.contentType, headers)
        made[answer.text] = forms
        return (Array(answer.path.utf8), forms)
      }
    }
  }

  private struct ByReader: Sendable {
    let thisMachine: Answers
    let network: Answers

    init(_ headers: RefusalHeaders, _ unchanged: [UnchangedAnswer]) {
      thisMachine = Answers(headers.thisMachine, unchanged)
      network = headers.network == headers.thisMachine ? thisMachine : Answers(headers.network, unchanged)
    }
  }

  private let answers: Lock<ByReader>
  private let unchanged: [UnchangedAnswer]

  init(_ configuration: ReceiverConfiguration) {
    unchanged = configuration.answersRealStatus ? [] : configuration.unchangedAnswers
    answers = Lock(ByReader(configuration.refusalHeaders, unchanged))
  }

  /// From now on refusals have these headers.
  func setHeaders(_ headers: RefusalHeaders) {
    let made = ByReader(headers, unchanged)
    answers.withLock { $0 = made }
  }

  func queue(_ reason: RejectionReason, on mhd: OpaquePointer, for connection: Connection) -> MHD_Result {
    let forms = forms(reason, connection)
    return forms.queued.queue(on: mhd, status: forms.status, extraHeaders: [])
  }

  /// Writes without waiting. A client whose receive window is full loses the answer, not more.
  func send(_ reason: RejectionReason, to connection: Connection) {
    RawAnswer.send(forms(reason, connection).raw, to: connection.descriptor)
  }

  private func forms(_ reason: RejectionReason, _ connection: Connection) -> Forms {
    let answers = answers.withLock { connection.peer.isOnThisMachine ? $0.thisMachine : $0.network }
    let refusal = answers.refusals[reason.rawValue]
    guard reason == .memoryLimit, !connection.headers.isTrue(.sendRealHTTPStatus) else { return refusal }
    return answers.unchanged.first { connection.path.elementsEqual($0.path) }?.forms ?? refusal
  }
}

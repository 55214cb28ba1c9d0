/// What the handler gives back for a request.
package enum Reply: Sendable {
  /// The answer itself, sent at once.
  case now(Answer)
  /// Somebody else answers; comes from `answerLater` and `answerOnOtherThread` of a request only.
  case later(LateAnswer)
}

extension Request {
  /// Leaves the answer to somebody who needs longer, such as another server, while the worker goes on with other requests.
  ///
  /// The connection waits until the ticket is completed, at most `lateAnswerTimeout`: then the client gets 504. It is not
  /// read meanwhile; one that the client closes, or half closes, is given up, as the Datadog trace-agent's proxies do.
  /// - Parameter begin: passes the ticket on, and copies of the request what the answer needs; called at once. When
  ///   `lateAnswersMax` requests wait already it is not called, and the client gets 503.
  package func answerLater(_ begin: (AnswerTicket) -> Void) -> Reply {
    answerLater(orRefuse: { _ in }, begin)
  }

  /// The same for whoever counts what is refused.
  /// - Parameter refused: called in place of `begin` when nobody can wait.
  package func answerLater(
    orRefuse refused: (borrowing RejectedRequest) -> Void, _ begin: (AnswerTicket) -> Void
  ) -> Reply {
    let reason: RejectionReason
    switch lateAnswers.admit(nowMs: SystemCalls.monotonicMs()) {
    case .admitted(let late):
      begin(AnswerTicket(late, of: lateAnswers))
      return .later(late)
    case .full: reason = .tooManyLateAnswers
    case .stopping: reason = .stopping
    }
    refused(
      RejectedRequest(
        reason: reason, method: method, path: path, headers: headers, bytesReceived: body.count,
        declaredLength: declaredLength, shard: shard, peer: peer, isCall: isCall))
    return .now(reason == .stopping ? .stopping : Answer(status: reason.status, text: "\(reason.answerText)"))
  }
}

extension Answer {
  static var stopping: Answer {
    let reason = RejectionReason.stopping
    return Answer(status: reason.status, text: "\(reason.answerText)", headers: [AnswerHeader("Connection", "close")])
  }
}

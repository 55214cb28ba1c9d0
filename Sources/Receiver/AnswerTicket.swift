/// The right to answer one request later, once, from any thread.
///
/// Letting the last reference go without completing it answers 500, so no client is left waiting for nobody.
package final class AnswerTicket: Sendable {
  private let late: LateAnswer
  private let lateAnswers: LateAnswers

  init(_ late: LateAnswer, of lateAnswers: LateAnswers) {
    self.late = late
    self.lateAnswers = lateAnswers
  }

  deinit { lateAnswers.drop(late) }

  /// Whoever brings the answer now may take long, or never do so: where the wait had no limit it has the usual one from now on.
  package func limitWait() { lateAnswers.limit(late, nowMs: SystemCalls.monotonicMs()) }

  /// Whether the client of each connection waits for an answer, so that nothing more comes before one of them has it, or
  /// another one connects.
  package var isEveryClientWaiting: Bool { lateAnswers.isEveryClientWaiting }

  /// Sends the answer to the client that waits for it.
  /// - Returns: false when nobody waits for it: it was completed before, its time is over, the client left, or the server
  ///   stopped.
  @discardableResult
  package func complete(with answer: Answer) -> Bool { lateAnswers.complete(late, with: answer) }

  /// Sends answers to clients of one server that wait for them. A worker that serves several of them is woken once.
  package static func complete(_ answers: [(ticket: AnswerTicket, answer: Answer)]) {
    guard let lateAnswers = answers.first?.ticket.lateAnswers else { return }
    lateAnswers.complete(answers.map { (late: $0.ticket.late, answer: $0.answer) })
  }
}

import Platform
import Synchronization

/// Counts of requests that are answered later, since the server started.
package struct LateAnswerCounters: Sendable, Equatable {
  /// Requests that wait for their answer now.
  package var outstanding = 0
  /// Requests answered 503 because `lateAnswersMax` others waited.
  package var refused = 0
  /// Requests answered 504 because nothing came within `lateAnswerTimeout`.
  package var timedOut = 0
  /// Requests answered 500 because the ticket was released without an answer.
  package var dropped = 0
  /// Requests whose client left before the answer came.
  package var abandoned = 0
  /// Answers that came when nobody waited for them any more.
  package var ignored = 0
}

/// All answers of a server that come later: bounds their number and their time, and ends what waits when it stops.
final class LateAnswers: Sendable {
  enum Admission: Sendable {
    case admitted(LateAnswer)
    case full
    case stopping
  }

  private struct Contents: Sendable {
    var outstanding: [ObjectIdentifier: LateAnswer] = [:]
    var isClosed = false
  }

  private let contents = Lock(Contents())
  /// Held between the outcome of some answers and the waking of those who wait for them.
  private let waking = Lock(())
  private let connections: OpenConnections
  private let outstandingMax: Int
  private let timeoutMs: UInt64
  private let refused = Atomic<Int>(0)
  private let timedOut = Atomic<Int>(0)
  private let dropped = Atomic<Int>(0)
  private let abandoned = Atomic<Int>(0)
  private let ignored = Atomic<Int>(0)

  init(_ configuration: ReceiverConfiguration, _ connections: OpenConnections = OpenConnections()) {
    self.connections = connections
    outstandingMax = max(configuration.lateAnswersMax, 0)
    timeoutMs = UInt64(clamping: configuration.lateAnswerTimeout.milliseconds)
  }

  /// A snapshot; the fields are read one after the other.
  var counters: LateAnswerCounters {
    LateAnswerCounters(
      outstanding: contents.withLock { $0.outstanding.count }, refused: refused.value, timedOut: timedOut.value,
      dropped: dropped.value, abandoned: abandoned.value, ignored: ignored.value)
  }

  /// Whether there are no more connections than requests that wait.
  var isEveryClientWaiting: Bool {
    contents.withLock { $0.outstanding.count } >= connections.count.load(ordering: .relaxed)
  }

  func admit(nowMs: UInt64) -> Admission {
    let admission = admit(LateAnswer(deadlineMs: nowMs.addingReportingOverflow(timeoutMs).partialValue))
    if case .full = admission { refused.increment() }
    return admission
  }

  /// Admits an answer that is certain to come: neither time nor a client that leaves ends the wait for it.
  func admitWithoutLimit() -> Admission { admit(LateAnswer(deadlineMs: nil)) }

  /// Gives an answer without a limit the one that others have, from now on.
  func limit(_ late: LateAnswer, nowMs: UInt64) {
    late.limit(toMs: nowMs.addingReportingOverflow(timeoutMs).partialValue)
  }

  /// Takes back what was admitted a moment ago, and for which nothing will come.
  func withdraw(_ late: LateAnswer) {
    if late.abandon() { remove(late) }
  }

  private func admit(_ late: LateAnswer) -> Admission {
    contents.withLock { contents in
      if contents.isClosed { return .stopping }
      guard contents.outstanding.count < outstandingMax else { return .full }
      contents.outstanding[ObjectIdentifier(late)] = late
      return .admitted(late)
    }
  }

  func complete(_ late: LateAnswer, with answer: Answer) -> Bool {
    let isAwaited = end(late, with: .answer(answer))
    if !isAwaited { ignored.increment() }
    return isAwaited
  }

  /// Completes several answers, and wakes those who wait for them only then: a worker finds all of its own together.
  func complete(_ answers: [(late: LateAnswer, answer: Answer)]) {
    waking.withLock { _ in
      let ended = answers.compactMap { late, answer in
        late.resolveQuietly(.answer(answer)).map { (late: late, waiting: $0) }
      }
      if ended.count < answers.count { ignored.add(answers.count - ended.count, ordering: .relaxed) }
      // Before anybody is woken: clients send the next request at once, which needs a place. `close` waits for `waking`.
      contents.withLock { contents in
        for one in ended { contents.outstanding[ObjectIdentifier(one.late)] = nil }
      }
      for one in ended { one.waiting.wake() }
    }
  }

  /// Answers 500: the ticket was released, so nothing will come.
  func drop(_ late: LateAnswer) {
    if end(late, with: .dropped) { dropped.increment() }
  }

  /// Waits no longer for a connection that ended.
  func abandon(_ late: LateAnswer) {
    guard late.abandon() else { return }
    remove(late)
    abandoned.increment()
  }

  /// Ends what has waited for too long, or for a client that left. Called by the acceptor; O(outstanding).
  func sweep(nowMs: UInt64) {
    for late in all() {
      if late.isOver(atMs: nowMs) {
        if end(late, with: .timedOut) { timedOut.increment() }
      } else if late.deadlineMs != nil, late.hasClientLeft, end(late, with: .clientLeft) {
        abandoned.increment()
      }
    }
  }

  /// How often to sweep: a deadline is exceeded by a quarter at most.
  var sweepIntervalMs: UInt64 { ConnectionDeadlines.sweepIntervalMs(forLimit: timeoutMs) }

  /// Ends all that wait and admits nothing more. When this returns, no connection is suspended and none will be.
  func close() {
    contents.withLock { $0.isClosed = true }
    for late in all() { _ = end(late, with: .stopping) }
    // Others have their outcome and are about to be resumed.
    waking.withLock { _ in }
  }

  private func all() -> [LateAnswer] { contents.withLock { Array($0.outstanding.values) } }

  /// Removed only afterwards, so that what `close` does not find has been resumed already.
  private func end(_ late: LateAnswer, with outcome: LateAnswer.Outcome) -> Bool {
    guard late.resolve(outcome) else { return false }
    remove(late)
    return true
  }

  private func remove(_ late: LateAnswer) {
    contents.withLock { _ = $0.outstanding.removeValue(forKey: ObjectIdentifier(late)) }
  }
}

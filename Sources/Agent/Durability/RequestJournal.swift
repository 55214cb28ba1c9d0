import Exporting
import Journal
import Platform
import Receiver
import Synchronization

/// Requests with traces that are answered only when they are on disk, and stay there until what came of them has left.
///
/// Called with the lock of a shard taken, so that requests and payloads of a thread come in their order.
final class RequestJournal: Sendable {
  let journal: Journal
  let receipts: PayloadReceipts
  private let bucketSizeNs: Int64
  private let answers = GatheredAnswers()
  /// Times of clients' statistics are moved by less.
  private static let clientStepNs: Int64 = 1_000_000_000

  init(_ journal: Journal, receipts: PayloadReceipts, bucketSizeNs: Int64) {
    self.journal = journal
    self.receipts = receipts
    self.bucketSizeNs = bucketSizeNs
    journal.afterEachWrite { [answers] in answers.send() }
  }

  /// Writes a request that was taken; its client is answered when it is on disk, or that it is not.
  func add(
    _ context: RequestContext, _ format: TraceFormat, lane: Int, _ ticket: AnswerTicket, answer: Answer, failure: Answer
  ) {
    journal.add(
      lane: lane, receivedNs: context.nowNs,
      statisticsUntilNs: context.nowNs &+ bucketSizeNs &+ Self.clientStepNs,
      description: AcceptedRequest.bytes(context, format), body: context.body, isLast: ticket.isEveryClientWaiting
    ) { [answers] isDurable in
      answers.add(isDurable ? answer : failure, ticket)
    }
  }

  /// Payloads of a thread were finished: all requests of the thread so far have left with all of them and those before. What
  /// is not in one of them yet, as another output has it, has to be in another one.
  func cover(_ payloads: inout [OutgoingPayload], lane: Int) {
    let places = payloads.indices.filter { payloads[$0].kind.isOfTraces }
    if places.isEmpty { return }
    let cover = journal.cover(lane: lane)
    let left = PayloadsLeft(places.count)
    for place in places {
      payloads[place].receipt = receipts.make { [journal] in
        if left.isLast { journal.finish(cover) }
      }
    }
  }

  /// Nothing of a thread's requests is left that is not in a payload.
  func coverWithoutPayload(lane: Int) { journal.finish(journal.cover(lane: lane)) }

  /// A payload of statistics was made; `noteStatistics` or `noteAllStatistics` follows the last one.
  func cover(statistics payload: inout OutgoingPayload) {
    // It holds up whatever is covered behind it, and covers nothing by itself.
    let cover = journal.coverStatistics(untilNs: 0)
    payload.receipt = receipts.make { [journal] in journal.finish(cover) }
  }

  /// All statistics are in payloads that have closed at a time.
  func noteStatistics(closedAtNs nowNs: Int64) {
    // Those further ahead than a clock can be have closed too, where it was set back (`BucketClock`).
    journal.limitStatistics(untilNs: nowNs &+ 2 &* bucketSizeNs)
    noteStatistics(untilNs: max(0, nowNs &- 2 &* bucketSizeNs))
  }

  /// All statistics are in payloads, open or not.
  func noteAllStatistics() { noteStatistics(untilNs: .max) }

  private func noteStatistics(untilNs: Int64) { journal.finish(journal.coverStatistics(untilNs: untilNs)) }
}

/// How many payloads with what came of the same requests have not become safe yet.
private final class PayloadsLeft: Sendable {
  private let count: Atomic<Int>

  init(_ count: Int) { self.count = Atomic(count) }

  /// Counts one off; whether it was the last one.
  var isLast: Bool { count.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
}

/// Answers to requests of one write, which leave together. Belongs to the journal's thread.
private final class GatheredAnswers: Sendable {
  private let all = Lock<[(ticket: AnswerTicket, answer: Answer)]>([])

  func add(_ answer: Answer, _ ticket: AnswerTicket) { all.withLock { $0.append((ticket, answer)) } }

  func send() {
    AnswerTicket.complete(
      all.withLock { all in
        defer { all = [] }
        return all
      })
  }
}

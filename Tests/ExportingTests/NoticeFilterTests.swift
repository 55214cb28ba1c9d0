import Testing

@testable import Exporting

@Suite struct `What is told of forwarding` {
  private let start = ContinuousClock.now
  private let label = "http://intake"

  private func report(_ outcome: DeliveryOutcome, startedAt: ContinuousClock.Instant) -> DeliveryQueue.Report {
    var attempt: DeliveryQueue.Attempt?
    if case .retrying(let result) = outcome { attempt = .init(startedAt: startedAt, result: result) }
    return DeliveryQueue.Report(
      summary: OutgoingPayload.Summary(
        kind: .traces, destination: 0, label: label, counts: PayloadCounts(), bytes: 1, uncompressedBytes: 1,
        failures: 0),
      outcome: outcome, attempt: attempt)
  }

  private let busy = DeliveryOutcome.retrying(.response(status: 503, retryAfter: nil))

  @Test func `three quick failures are no news, the fourth is, then ever fewer`() {
    var filter = NoticeFilter()
    let told = (1...20).filter { _ in filter.notice(for: report(busy, startedAt: start), at: start) != nil }
    #expect(told == [4, 8, 16])
    #expect(
      filter.notice(for: report(.delivered(status: 202), startedAt: start), at: start)
        == .recovered(destination: label, kind: .traces))
    #expect(filter.notice(for: report(busy, startedAt: start), at: start) == nil)
    #expect(filter.notice(for: report(.delivered(status: 202), startedAt: start), at: start) == nil)
  }

  @Test func `a single failure that took four seconds is news`() {
    var filter = NoticeFilter()
    let notice = filter.notice(
      for: report(.retrying(.failure("Connection timed out")), startedAt: start), at: start + .seconds(5))
    #expect(
      notice?.description
        == "an attempt to send traces to http://intake failed: Connection timed out; trying on")
    #expect(filter.notice(for: report(busy, startedAt: start), at: start + .seconds(9)) == nil)
  }

  @Test func `an intake that asks to be left alone for long is news at once`() {
    var filter = NoticeFilter()
    let outcome = DeliveryOutcome.retrying(.response(status: 429, retryAfter: .seconds(60)))
    #expect(filter.notice(for: report(outcome, startedAt: start), at: start) != nil)
  }

  @Test func `an intake that is always slow fills no log`() {
    var filter = NoticeFilter()
    var told = 0
    for _ in 1...100 {
      if filter.notice(ofSilence: .seconds(4), at: 0, label, .traces, at: start) != nil { told += 1 }
      if filter.notice(for: report(.delivered(status: 202), startedAt: start), at: start) != nil { told += 1 }
    }
    #expect(told == 14, "silences 1, 2, 4 … 64 and their ends")
  }

  @Test func `silence is said once, and so is its end`() {
    var filter = NoticeFilter()
    let first = filter.notice(ofSilence: .seconds(4), at: 0, label, .traces, at: start)
    #expect(
      first?.description == "http://intake has not answered yet, after 4 s (traces); still waiting")
    #expect(filter.notice(ofSilence: .seconds(4), at: 0, label, .traces, at: start) == nil)
    #expect(filter.notice(ofSilence: .seconds(4), at: 0, label, .stats, at: start) != nil)
    // The time-out that follows tells nothing new.
    let timeOut = report(.retrying(.failure("Operation timed out")), startedAt: start)
    #expect(filter.notice(for: timeOut, at: start + .seconds(10)) == nil)
    #expect(
      filter.notice(for: report(.delivered(status: 202), startedAt: start), at: start)?.description
        == "http://intake takes traces again")
  }

  @Test(arguments: [403, 413])
  func `the end of a refusal is said, and another outage anew`(status: Int) {
    var filter = NoticeFilter()
    let refused = report(
      status == 403 ? .retrying(.response(status: status, retryAfter: nil)) : .rejected(status: status),
      startedAt: start)
    let taken = report(.delivered(status: 202), startedAt: start)
    #expect(filter.notice(for: refused, at: start) != nil)
    #expect(filter.notice(for: refused, at: start + .seconds(1)) == nil)
    #expect(filter.notice(for: taken, at: start + .seconds(2)) == .recovered(destination: label, kind: .traces))
    #expect(filter.notice(for: taken, at: start + .seconds(3)) == nil)
    #expect(filter.notice(for: refused, at: start + .seconds(4)) == nil, "the same outage")
    #expect(filter.notice(for: taken, at: start + .seconds(70)) == nil)
    #expect(filter.notice(for: refused, at: start + .seconds(80)) != nil)
  }

  @Test func `a success in part ends an outage too, and is told besides`() {
    var filter = NoticeFilter()
    let part = report(.deliveredInPart(status: 200, rejectedSpans: 1, message: "a"), startedAt: start)
    for _ in 1...4 { _ = filter.notices(for: report(busy, startedAt: start), at: start) }
    #expect(
      filter.notices(for: part, at: start) == [
        .recovered(destination: label, kind: .traces),
        .partlyTaken(destination: label, rejectedSpans: 1, message: "a", count: 1),
      ])
    #expect(filter.notices(for: part, at: start + .seconds(70)) == [], "it is always so")
    #expect(filter.notices(for: report(.delivered(status: 200), startedAt: start), at: start + .seconds(140)) == [])
    #expect(filter.notices(for: part, at: start + .seconds(150)).count == 1)
  }

  @Test func `silence after a while of health is said anew`() {
    var filter = NoticeFilter()
    let taken = report(.delivered(status: 202), startedAt: start)
    for _ in 1...3 {
      _ = filter.notice(ofSilence: .seconds(4), at: 0, label, .traces, at: start)
      _ = filter.notice(for: taken, at: start)
    }
    #expect(filter.notice(for: taken, at: start + .seconds(61)) == nil)
    #expect(filter.notice(ofSilence: .seconds(4), at: 0, label, .traces, at: start + .seconds(62)) != nil)
  }
}

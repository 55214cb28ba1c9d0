import TestFixtures
import Testing

@testable import Exporting

@Suite struct `The delivery queue` {
  let start = ContinuousClock.now
  var random = SeededGenerator(seed: 5)

  static let refused = TransferResult.failure("refused")
  static let taken = TransferResult.response(status: 200, retryAfter: nil)

  func makeQueue(_ configure: (inout Destination) -> Void = { _ in }) throws -> DeliveryQueue {
    var destination = try Destination.datadog(baseURL: "http://intake", apiKey: "k", version: "", commit: "")
    for kind in destination.takes.keys { destination.takes[kind]?.connectionsMax = 2 }
    configure(&destination)
    return DeliveryQueue(destinations: [destination])
  }

  @Test func `starts as many as there are connections, oldest first`() throws {
    var queue = try makeQueue()
    for number in 0..<3 { #expect(queue.enqueue(tracesPayload(number), at: start).isEmpty) }
    let plan = queue.plan(at: start)
    #expect(plan.start.compactMap { number(in: $0.payload.body) } == [0, 1])
    #expect(plan.wakeAt == nil)
    #expect(queue.plan(at: start).start.isEmpty)
  }

  @Test mutating func `waits after a failure, then asks with one request at a time until it is well again`() throws {
    var queue = try makeQueue()
    for number in 0..<5 { _ = queue.enqueue(tracesPayload(number), at: start) }
    let first = queue.plan(at: start).start
    let outcomes = first.flatMap { queue.finish($0, with: Self.refused, at: start, random: &random) }.map(\.outcome)
    #expect(outcomes == [.retrying(Self.refused), .retrying(Self.refused)])

    let paused = queue.plan(at: start)
    #expect(paused.start.isEmpty)
    let resumes = try #require(paused.wakeAt)
    #expect(start < resumes && resumes <= start + .milliseconds(400))

    var order: [Int] = []
    var now = resumes
    for expected in [1, 1, 2] {
      let started = queue.plan(at: now).start
      #expect(started.count == expected)
      order += started.compactMap { number(in: $0.payload.body) }
      now += .milliseconds(1)
      for entry in started { _ = queue.finish(entry, with: Self.taken, at: now, random: &random) }
    }
    #expect(order == [0, 1, 2, 3])
  }

  @Test mutating func `does not let one kind of payload wait for the other`() throws {
    var queue = try makeQueue()
    _ = queue.enqueue(tracesPayload(0), at: start)
    let entry = try #require(queue.plan(at: start).start.first)
    _ = queue.finish(entry, with: .response(status: 429, retryAfter: .seconds(60)), at: start, random: &random)
    _ = queue.enqueue(
      .datadogStats(body: [1], reportedLanguages: [], counts: PayloadCounts(), uncompressedBytes: 1), at: start)
    let plan = queue.plan(at: start)
    #expect(plan.start.map(\.payload.kind) == [.stats])
    #expect(plan.wakeAt == start + .seconds(60))
  }

  @Test mutating func `never waits longer than five minutes for an intake that asks it to`() throws {
    var queue = try makeQueue()
    _ = queue.enqueue(tracesPayload(0), at: start)
    let entry = try #require(queue.plan(at: start).start.first)
    _ = queue.finish(entry, with: .response(status: 503, retryAfter: .seconds(86_400)), at: start, random: &random)
    #expect(queue.plan(at: start).wakeAt == start + .seconds(300))
  }

  @Test mutating func `gives a payload up when its retries are used`() throws {
    var queue = try makeQueue { $0.retry.retriesMax = 2 }
    _ = queue.enqueue(tracesPayload(0), at: start)
    var outcomes: [DeliveryOutcome] = []
    for step in 0..<5 {
      let now = start + .seconds(20 * step)
      for entry in queue.plan(at: now).start {
        outcomes += queue.finish(entry, with: Self.refused, at: now, random: &random).map(\.outcome)
      }
    }
    #expect(outcomes == [.retrying(Self.refused), .retrying(Self.refused), .dropped(.retriesExhausted)])
    #expect(queue.held(.traces) == DeliveryLane.Held())
  }

  @Test func `gives up what has waited for more than a quarter of an hour`() throws {
    var queue = try makeQueue()
    for number in 0..<3 { _ = queue.enqueue(tracesPayload(number), at: start) }
    _ = queue.enqueue(tracesPayload(3), at: start + .seconds(1))
    let plan = queue.plan(at: start + .seconds(900.5))
    #expect(plan.reports.map(\.outcome) == [.dropped(.tooOld), .dropped(.tooOld), .dropped(.tooOld)])
    #expect(plan.start.compactMap { number(in: $0.payload.body) } == [3])
  }

  @Test func `drops a payload that alone is larger than the queue`() throws {
    var queue = try makeQueue { $0.limit(.traces, bytes: 100) }
    #expect(queue.enqueue(tracesPayload(0, bytes: 101), at: start).map(\.outcome) == [.dropped(.queueFull)])
    #expect(queue.held(.traces) == DeliveryLane.Held())
  }

  @Test func `reports a payload that no destination takes, once, and holds nothing of it`() throws {
    var queue = try makeQueue { $0.takes[.stats] = nil }
    let payload = OutgoingPayload.datadogStats(
      body: [1, 2], reportedLanguages: [], counts: PayloadCounts(buckets: 1, groups: 3), uncompressedBytes: 9)
    let reports = queue.enqueue(payload, at: start)
    #expect(reports.map(\.outcome) == [.dropped(.noDestination)])
    let summary = try #require(reports.first?.summary)
    #expect(summary.kind == .stats && summary.destination == nil && summary.label.isEmpty)
    #expect(summary.counts == payload.counts && summary.bytes == 2)
    #expect(queue.brokenInvariants(underWay: []) == [])
    #expect(queue.bodyBytes == 0 && queue.waitingCount == 0)

    var counters = ForwarderCounters(labels: ["http://intake"])
    for report in reports { counters.record(report, at: start) }
    #expect(counters[.stats].dropped == [.noDestination: 1] && counters[.stats].lost == payload.counts)
    #expect(counters.destinations.map { $0[.stats] } == [ForwarderCounters.PerKind()])

    var filter = NoticeFilter()
    let notices = reports.compactMap { filter.notice(for: $0, at: start) }
    #expect(notices.map(\.description) == ["gave up 1 payload: no destination takes their kind"])
  }

  @Test func `gives up the oldest that waits of the kind that is too large, and nothing of the other`() throws {
    var queue = try makeQueue {
      $0.limit(.traces, bytes: 100)
      $0.limit(.stats, bytes: 30)
    }
    func statsPayload(_ byte: UInt8) -> OutgoingPayload {
      .datadogStats(
        body: [UInt8](repeating: byte, count: 20), reportedLanguages: [], counts: PayloadCounts(buckets: 1, groups: 3),
        uncompressedBytes: 1)
    }
    #expect(queue.enqueue(statsPayload(1), at: start).isEmpty)
    var dropped: [OutgoingPayload.Kind] = []
    for number in 0..<10 { dropped += queue.enqueue(tracesPayload(number, bytes: 50), at: start).map(\.summary.kind) }
    #expect(dropped == [OutgoingPayload.Kind](repeating: .traces, count: 8))
    #expect(queue.enqueue(statsPayload(2), at: start).map(\.summary.kind) == [.stats])
    #expect(queue.held(.traces) == .init(bytes: 100, counts: PayloadCounts(traces: 4, spans: 14)))
    #expect(queue.held(.stats) == .init(bytes: 20, counts: PayloadCounts(buckets: 1, groups: 3)))
    let started = queue.plan(at: start).start.map(\.payload.body.bytes)
    #expect(started.compactMap { number(in: $0) } == [8, 9])
    #expect(started.contains { $0.first == 2 })
  }

  @Test mutating func `counts what is inside once, whether it waits, is under way or comes back`() throws {
    var queue = try makeQueue()
    for number in 0..<3 { _ = queue.enqueue(tracesPayload(number), at: start) }
    func held() -> PayloadCounts { queue.held(.traces).counts }
    #expect(held() == PayloadCounts(traces: 6, spans: 21))
    let started = queue.plan(at: start).start
    #expect(held() == PayloadCounts(traces: 6, spans: 21))
    _ = queue.finish(started[0], with: Self.refused, at: start, random: &random)
    #expect(held() == PayloadCounts(traces: 6, spans: 21))
    _ = queue.finish(started[1], with: Self.taken, at: start, random: &random)
    #expect(held() == PayloadCounts(traces: 4, spans: 14))
    _ = queue.abandon([])
    #expect(held() == PayloadCounts())
  }

  @Test mutating func `gives up at once what could only be sent after the end`() throws {
    var queue = try makeQueue()
    for number in 0..<4 { _ = queue.enqueue(tracesPayload(number), at: start) }
    let started = queue.plan(at: start).start
    queue.drain(until: start + .seconds(5))
    for entry in started {
      _ = queue.finish(entry, with: .response(status: 503, retryAfter: .seconds(6)), at: start, random: &random)
    }
    let plan = queue.plan(at: start)
    #expect(plan.reports.map(\.outcome) == [DeliveryOutcome](repeating: .dropped(.shutdown), count: 4))
    #expect(plan.isDrained)
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `brings every payload to exactly one end, and its accounts to nothing`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var queue = try makeQueue { $0.limit(.traces, bytes: 3000) }
    var now = start
    var underWay: [DeliveryQueue.Entry] = []
    var ended = 0
    let results: [TransferResult] = [Self.taken, Self.taken, Self.refused, .response(status: 400, retryAfter: nil)]
    for step in 0..<400 {
      var reports: [DeliveryQueue.Report] = []
      if step < 300 {
        reports += queue.enqueue(tracesPayload(step, bytes: Int.random(in: 10...800, using: &random)), at: now)
      }
      if step == 380 { queue.drain(until: now + .seconds(40)) }
      let plan = queue.plan(at: now)
      reports += plan.reports
      underWay += plan.start
      #expect(underWay.count == queue.inFlight)
      if let index = underWay.indices.randomElement(using: &random) {
        let result = results.randomElement(using: &random) ?? Self.taken
        reports += queue.finish(underWay.remove(at: index), with: result, at: now, random: &random)
      }
      #expect(queue.brokenInvariants(underWay: underWay) == [], "seed \(seed)")
      ended += reports.filter(\.outcome.isFinal).count
      now += .milliseconds(Int.random(in: 0...4000, using: &random))
    }
    ended += queue.abandon(underWay).count
    #expect(ended == 300, "seed \(seed)")
    #expect(queue.held(.traces) == DeliveryLane.Held() && queue.waitingCount == 0 && queue.inFlight == 0)
  }
}

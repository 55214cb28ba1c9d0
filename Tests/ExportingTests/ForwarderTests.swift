import Exporting
import Foundation
import TestFixtures
import Testing

@Suite struct `A forwarder` {
  @Test func `sends a traces payload with the headers that the intake knows`() throws {
    let intake = try FaultyIntake()
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url + "/"], log: log)
    forwarder.enqueue(tracesPayload(1, bytes: 300_000))
    #expect(log.waitForFinals(1))

    let request = try #require(intake.requests.first)
    #expect(request.line == "POST /api/v0.2/traces HTTP/1.1")
    #expect(request.body == tracesPayload(1, bytes: 300_000).body.bytes)
    #expect(request.headers["content-type"] == "application/x-protobuf")
    #expect(request.headers["content-encoding"] == "zstd")
    #expect(request.headers["x-datadog-reported-languages"] == "python|go")
    #expect(request.headers["dd-api-key"] == testKey)
    #expect(request.headers["user-agent"] == "Datadog Trace Agent/7.1/abc")
    #expect(request.headers["content-length"] == "300000")
    #expect(request.headers["expect"] == nil)
    #expect(request.headers["transfer-encoding"] == nil)
  }

  @Test(arguments: [("7.1", "abc", "Datadog Trace Agent/7.1/abc"), ("7.1", "", "Datadog Trace Agent/7.1")])
  func `calls itself by version and commit, without a slash for a commit that is not known`(
    version: String, commit: String, name: String
  ) throws {
    let destination = try Destination.datadog(
      baseURL: "http://intake", apiKey: testKey, version: version, commit: commit)
    #expect(destination.userAgent == name)
  }

  @Test func `sends a statistics payload to its own path`() throws {
    let intake = try FaultyIntake()
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log)
    forwarder.enqueue(
      .datadogStats(
        body: [1, 2], reportedLanguages: [], counts: PayloadCounts(buckets: 1, groups: 3), uncompressedBytes: 9))
    #expect(log.waitForFinals(1))

    let request = try #require(intake.requests.first)
    #expect(request.line == "POST /api/v0.2/stats HTTP/1.1")
    #expect(request.headers["content-type"] == "application/msgpack")
    #expect(request.headers["content-encoding"] == "gzip")
    #expect(request.headers["x-datadog-reported-languages"] == nil)
    #expect(forwarder.counters[.stats].sent == PayloadCounts(buckets: 1, groups: 3))
    #expect(forwarder.counters[.stats].sentBytes == 2)
  }

  static let faults: [[FaultyIntake.Answer]] = [
    [.status(503)], [.status(500), .status(502), .status(504)], [.status(408)], [.status(429)], [.reset],
    [.reset, .status(503), .reset],
  ]

  @Test(arguments: faults)
  func `sends again what may succeed later`(script: [FaultyIntake.Answer]) throws {
    let intake = try FaultyIntake(script)
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log)
    forwarder.enqueue(tracesPayload(1))
    #expect(log.waitForFinals(1))
    #expect(log.finals == [.delivered(status: 200)])
    #expect(intake.requests.map(\.status) == script.map(\.status) + [200])
    // When a kept connection is reset libcurl itself takes a new one, and nothing is heard of that.
    let failures = script.filter { $0.status != nil }.count...script.count
    #expect(failures.contains(log.summaries.last?.failures ?? -1))
    #expect(forwarder.counters[.traces].retries == log.summaries.last?.failures)
    #expect(forwarder.counters[.traces].sentPayloads == 1)
    #expect(intake.requests.filter { $0.status == 200 }.map { number(in: $0.body) } == [1])
  }

  @Test(arguments: [400, 404, 413, 301])
  func `gives up what the intake refuses`(status: Int) throws {
    let intake = try FaultyIntake([.status(status)])
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log)
    forwarder.enqueue(tracesPayload(1))
    #expect(log.waitForFinals(1))
    #expect(log.outcomes == [.rejected(status: status)])
    #expect(forwarder.counters[.traces].rejected == [status: 1])
    #expect(forwarder.counters[.traces].lost == PayloadCounts(traces: 2, spans: 7))
    #expect(forwarder.counters.lastFailure?.status == status)
    #expect(log.notices == [.rejecting(destination: intake.url, status: status, count: 1)])
  }

  @Test(arguments: [401, 403])
  func `says once that the key is refused, and keeps what waits until it is taken`(status: Int) throws {
    let intake = try FaultyIntake([FaultyIntake.Answer](repeating: .status(status), count: 4))
    let log = OutcomeLog()
    // A limit of retries is about payloads that fail; here it is the key that does.
    let forwarder = try makeForwarder(to: [intake.url], log: log) { $0.retry.retriesMax = 0 }
    for number in 1...3 { forwarder.enqueue(tracesPayload(number)) }
    #expect(log.waitForFinals(3))
    #expect(log.finals == [DeliveryOutcome](repeating: .delivered(status: 200), count: 3))
    #expect(
      log.notices == [
        .keyRefused(destination: intake.url, status: status), .recovered(destination: intake.url, kind: .traces),
      ])
    #expect(forwarder.counters[.traces].rejected.isEmpty && forwarder.counters[.traces].retries == 4)
  }

  @Test func `waits as long as Retry-After says`() throws {
    let intake = try FaultyIntake([.status(429, headers: ["Retry-After: 1"])])
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log)
    forwarder.enqueue(tracesPayload(1))
    #expect(log.waitForFinals(1))
    #expect(
      log.outcomes == [.retrying(.response(status: 429, retryAfter: .seconds(1))), .delivered(status: 200)])
  }

  @Test func `reads a date in Retry-After, and does not outwait its own end`() throws {
    let intake = try FaultyIntake([.status(503, headers: ["Retry-After: Fri, 01 Jan 2100 00:00:00 GMT"])])
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log)
    forwarder.stopAfterRetry(of: tracesPayload(1), log)
    guard case .retrying(.response(503, let retryAfter?)) = log.outcomes.first else {
      Issue.record("\(log.outcomes)")
      return
    }
    #expect(retryAfter > .seconds(1_000_000))
  }

  @Test func `gives up a request that takes too long, and sends it again`() throws {
    let intake = try FaultyIntake([.stall])
    defer { intake.release() }
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log) { $0.transport.requestTimeout = .milliseconds(300) }
    forwarder.enqueue(tracesPayload(1))
    #expect(log.waitForFinals(1))
    #expect(log.finals == [.delivered(status: 200)])
    #expect(log.outcomes.first == .retrying(.failure("no answer within 300 ms")))
  }

  @Test func `tells of a request without an answer while it waits for it, and when the intake is back`() throws {
    let intake = try FaultyIntake([.stall])
    defer { intake.release() }
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log) {
      $0.transport.silenceMax = .milliseconds(100)
      $0.transport.requestTimeout = .milliseconds(600)
    }
    forwarder.enqueue(tracesPayload(1))
    #expect(log.waitForNotices(1))
    #expect(log.outcomes.isEmpty, "told before the time-out")
    #expect(forwarder.counters.destinations[0][.traces].unansweredSince != nil)
    #expect(log.waitForFinals(1))
    guard case .silent(intake.url, .traces, _) = log.notices.first else {
      Issue.record("\(log.notices)")
      return
    }
    #expect(log.notices.dropFirst().map(\.description) == ["\(intake.url) takes traces again"])
    #expect(forwarder.counters.destinations[0][.traces].trouble == nil)
  }

  @Test func `remembers since when and how often attempts failed, until one succeeds`() throws {
    let intake = try FaultyIntake([.status(503), .status(500), .status(413)])
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log)
    let before = ContinuousClock.now
    forwarder.enqueue(tracesPayload(1))
    #expect(log.waitForFinals(1))
    let trouble = try #require(forwarder.counters.destinations[0][.traces].trouble)
    #expect(trouble.attempts == 3 && trouble.status == 413 && trouble.text == "HTTP 413" && trouble.isRefusal)
    #expect(before <= trouble.since && trouble.since <= .now)
    forwarder.enqueue(tracesPayload(2))
    #expect(log.waitForFinals(2))
    #expect(forwarder.counters.destinations[0][.traces].trouble == nil)
  }

  @Test func `tells when nobody listens, and keeps the payload`() throws {
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: ["http://127.0.0.1:\(FaultyIntake.refusedPort())"], log: log)
    forwarder.enqueue(tracesPayload(1, bytes: 100))
    #expect(log.wait { $0.count >= 4 })
    #expect(log.finals == [])
    #expect(forwarder.counters.queueBytes == 100)
    #expect(forwarder.counters.lastFailure?.status == nil)
    guard case .failing(_, .traces, 4, let reason) = log.notices.first else {
      Issue.record("\(log.notices)")
      return
    }
    #expect(reason.contains("127.0.0.1"))
    forwarder.stop(deadline: .now)
    #expect(log.finals == [.dropped(.shutdown)])
  }

  @Test func `delivers each payload exactly once, whatever the faults, over many connections`() throws {
    var random = SeededGenerator(seed: 11)
    let script: [FaultyIntake.Answer] = (0..<150).map { _ in
      switch Int.random(in: 0..<6, using: &random) {
      case 0: .status(503)
      case 1: .reset
      case 2: .status(429)
      default: .status(202)
      }
    }
    let intake = try FaultyIntake(script)
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log) { $0.retry.delayMax = .milliseconds(5) }
    for number in 0..<300 { forwarder.enqueue(tracesPayload(number, bytes: number * 97)) }
    #expect(log.waitForFinals(300))
    let taken = intake.requests.filter { $0.status.map { $0 < 300 } ?? false }.compactMap { number(in: $0.body) }
    #expect(taken.sorted() == [Int](0..<300))
    #expect(forwarder.counters[.traces].sent == PayloadCounts(traces: 600, spans: 2100))
    #expect(forwarder.counters.queueBytes == 0)
  }

  @Test func `sends every payload to every destination, the slow one not holding up the other`() throws {
    let slow = try FaultyIntake([.stall])
    let quick = try FaultyIntake()
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [slow.url, quick.url], log: log) { $0.limitTraces(connections: 1) }
    for number in 0..<5 { forwarder.enqueue(tracesPayload(number)) }
    #expect(log.waitForFinals(5))
    #expect(Set(log.summaries.map(\.label)) == [quick.url])
    slow.release()
    #expect(log.waitForFinals(10))
    #expect(slow.requests.compactMap { number(in: $0.body) } == [0, 1, 2, 3, 4])
  }

  @Test func `uses no more connections than it may`() throws {
    let intake = try FaultyIntake([FaultyIntake.Answer](repeating: .stall, count: 9))
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log) { $0.limitTraces(connections: 3) }
    for number in 0..<9 { forwarder.enqueue(tracesPayload(number)) }
    #expect(intake.waitForArrivals(3))
    #expect(forwarder.counters.inFlight == 3)
    intake.release()
    #expect(log.waitForFinals(9))
    #expect(intake.heldAtOnceMax == 3)
  }

  @Test func `takes an answer that is too long for what its status says`() throws {
    let intake = try FaultyIntake([.status(200, bodyBytes: 5_000_000)])
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log)
    forwarder.enqueue(tracesPayload(1))
    #expect(log.waitForFinals(1))
    #expect(log.outcomes == [.delivered(status: 200)])
  }
}

extension Forwarder {
  /// Enqueues a payload, waits for its first failure, and stops with a time that the next attempt could not meet.
  fileprivate func stopAfterRetry(of payload: OutgoingPayload, _ log: OutcomeLog) {
    enqueue(payload)
    #expect(log.wait { !$0.isEmpty })
    stop(deadline: .now)
    #expect(log.finals == [.dropped(.shutdown)])
  }
}

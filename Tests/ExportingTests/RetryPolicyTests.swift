import Exporting
import TestFixtures
import Testing

@Suite struct `The retry policy` {
  static let verdicts: [(TransferResult, RetryPolicy.Verdict)] = [
    (.response(status: 200, retryAfter: nil), .delivered(status: 200)),
    (.response(status: 202, retryAfter: .seconds(9)), .delivered(status: 202)),
    (.response(status: 301, retryAfter: nil), .rejected(status: 301)),
    (.response(status: 400, retryAfter: nil), .rejected(status: 400)),
    (.response(status: 401, retryAfter: nil), .keyRefused),
    (.response(status: 403, retryAfter: .seconds(9)), .keyRefused),
    (.response(status: 408, retryAfter: nil), .retry(retryAfter: nil)),
    (.response(status: 413, retryAfter: .seconds(1)), .rejected(status: 413)),
    (.response(status: 429, retryAfter: nil), .retry(retryAfter: nil)),
    (.response(status: 429, retryAfter: .seconds(7)), .retry(retryAfter: .seconds(7))),
    (.response(status: 429, retryAfter: .seconds(86_400)), .retry(retryAfter: .seconds(300))),
    (.response(status: 429, retryAfter: .seconds(-5)), .retry(retryAfter: .zero)),
    (.response(status: 500, retryAfter: nil), .retry(retryAfter: nil)),
    (.response(status: 599, retryAfter: nil), .retry(retryAfter: nil)),
    (.response(status: 600, retryAfter: nil), .rejected(status: 600)),
    (.failure("reset"), .retry(retryAfter: nil)),
    (.unreadable(.shortened), .unreadable),
  ]

  @Test(arguments: verdicts)
  func `sends again after network errors, 408, 429, 5xx and refusals of the key only`(
    result: TransferResult, verdict: RetryPolicy.Verdict
  ) {
    #expect(RetryPolicy().verdict(result) == verdict)
  }

  static let verdictsOfOTLP: [(TransferResult, RetryPolicy.Verdict)] = [
    (.response(status: 200, retryAfter: nil), .delivered(status: 200)),
    (.response(status: 302, retryAfter: nil), .rejected(status: 302)),
    (.response(status: 400, retryAfter: nil), .rejected(status: 400)),
    (.response(status: 401, retryAfter: nil), .rejected(status: 401)),
    (.response(status: 403, retryAfter: nil), .rejected(status: 403)),
    (.response(status: 408, retryAfter: nil), .rejected(status: 408)),
    (.response(status: 413, retryAfter: nil), .rejected(status: 413)),
    (.response(status: 429, retryAfter: .seconds(7)), .retry(retryAfter: .seconds(7))),
    (.response(status: 500, retryAfter: .seconds(7)), .rejected(status: 500)),
    (.response(status: 501, retryAfter: nil), .rejected(status: 501)),
    (.response(status: 502, retryAfter: nil), .retry(retryAfter: nil)),
    (.response(status: 503, retryAfter: .seconds(86_400)), .retry(retryAfter: .seconds(300))),
    (.response(status: 504, retryAfter: nil), .retry(retryAfter: nil)),
    (.response(status: 505, retryAfter: nil), .rejected(status: 505)),
    (.failure("reset"), .retry(retryAfter: nil)),
    (.unreadable(.shortened), .unreadable),
  ]

  @Test(arguments: verdictsOfOTLP)
  func `sends to receivers of OTLP again as their specification wants it`(
    result: TransferResult, verdict: RetryPolicy.Verdict
  ) {
    var policy = RetryPolicy()
    policy.rule = .otlp
    #expect(policy.verdict(result) == verdict)
  }

  @Test(arguments: [
    (0, Duration.zero), (1, .milliseconds(200)), (2, .milliseconds(400)), (6, .milliseconds(6400)), (7, .seconds(10)),
    (1000, .seconds(10)), (-1, .zero),
  ])
  func `waits a random time below a ceiling that doubles up to 10 s`(attempt: Int, ceiling: Duration) {
    var random = SeededGenerator(seed: 3)
    let delays = (0..<2000).map { _ in RetryPolicy().delay(attempt: attempt, random: &random) }
    #expect(delays.allSatisfy { .zero <= $0 && $0 <= ceiling })
    #expect(delays.contains { $0 >= ceiling * 0.9 })
    #expect(delays.contains { $0 <= ceiling * 0.1 })
  }

  @Test(arguments: [(0, 1), (1, 1), (2, 2), (4, 8), (7, 60), (1000, 60)])
  func `waits up to a minute after a refusal of the key, which only a person can change`(attempt: Int, ceiling: Int) {
    var random = SeededGenerator(seed: 3)
    let delays = (0..<200).map { _ in RetryPolicy().keyDelay(attempt: attempt, random: &random) }
    #expect(delays.allSatisfy { .seconds(ceiling) * 0.5 <= $0 && $0 <= .seconds(ceiling) })
  }
}

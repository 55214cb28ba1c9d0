/// Decides what an attempt's result means, and how long to wait before the next one. No clock, no randomness of its own.
package struct RetryPolicy: Sendable, Equatable {
  /// The longest wait after the first failure; it doubles with every further one.
  package var delayBase = Duration.milliseconds(100)
  /// The longest wait that failures lead to.
  package var delayMax = Duration.seconds(10)
  /// The longest wait that an intake can ask for with `Retry-After`.
  package var retryAfterMax = Duration.seconds(300)
  /// The longest wait after the intake has refused the key, which only a person can change.
  package var keyDelayMax = Duration.seconds(60)
  /// How often one payload is sent again; `nil` for as long as it is young enough and has its place in the queue.
  package var retriesMax: Int?
  /// A payload that has waited longer in memory is given up. On disk it waits until it has to give way.
  package var ageMax = Duration.seconds(900)

  /// By whose rules answers are read.
  package var rule = Rule.datadog

  package init() {}

  /// The protocol whose specification says what is tried again.
  package enum Rule: Sendable { case datadog, otlp }

  /// What to do with a payload.
  package enum Verdict: Equatable {
    case delivered(status: Int)
    case rejected(status: Int)
    /// Send it again; not before `retryAfter` if the intake asked for that, at most `retryAfterMax`.
    case retry(retryAfter: Duration?)
    /// Keep it until the key or the intake is another one, and try now and then.
    case keyRefused
    /// Give it up: there is nothing to send.
    case unreadable
  }

  /// Network errors, 408, 429 and 5xx pass; the Datadog intake answers them when it is busy. 401 and 403 are about the key
  /// and not about the payload. All else stays as it is.
  ///
  /// OTLP's specification wants 429, 502, 503 and 504 tried again, and nothing else that was answered.
  package func verdict(_ result: TransferResult) -> Verdict {
    switch result {
    case .response(let status, let retryAfter) where rule == .otlp && !(200..<300).contains(status):
      [429, 502, 503, 504].contains(status)
        ? .retry(retryAfter: retryAfter.map { min(max($0, .zero), retryAfterMax) }) : .rejected(status: status)
    case .response(let status, _) where (200..<300).contains(status): .delivered(status: status)
    case .response(let status, let retryAfter) where status == 408 || status == 429 || (500..<600).contains(status):
      .retry(retryAfter: retryAfter.map { min(max($0, .zero), retryAfterMax) })
    case .response(let status, _) where Self.isAboutKey(status): .keyRefused
    case .response(let status, _): .rejected(status: status)
    case .failure: .retry(retryAfter: nil)
    case .unreadable: .unreadable
    }
  }

  /// Whether an intake says with this status that it does not know the key.
  package static func isAboutKey(_ status: Int) -> Bool { status == 401 || status == 403 }

  /// How long to wait after the `attempt`th refusal of the key in a row: ten times `delayBase` at first, then
  /// twice as long each time.
  package func keyDelay(attempt: Int, random: inout some RandomNumberGenerator) -> Duration {
    let ceiling = min(delayBase * 10 * (1 << min(max(attempt, 1) - 1, 20)), keyDelayMax)
    return ceiling * Double.random(in: 0.5...1, using: &random)
  }

  /// How long to wait after the `attempt`th failure in a row: random, evenly between nothing and a ceiling that doubles.
  ///
  /// Random, so that agents that failed together do not come back together.
  package func delay(attempt: Int, random: inout some RandomNumberGenerator) -> Duration {
    guard attempt > 0 else { return .zero }
    // Past 2^20 any base of a microsecond and more has reached its ceiling.
    let ceiling = min(delayBase * (1 << min(attempt, 20)), delayMax)
    return ceiling * Double.random(in: 0...1, using: &random)
  }
}

/// Something about forwarding that a person should read, at most a few times.
package enum ForwarderNotice: Sendable, Equatable {
  /// The intake answered 403. Told once for each endpoint.
  case keyRefused(endpoint: String)
  /// The intake refused payloads for another reason; `count` with this status so far.
  case rejecting(endpoint: String, status: Int, count: Int)
  /// So many attempts have failed in a row.
  case failing(endpoint: String, kind: OutgoingPayload.Kind, attempts: Int, reason: String)
  /// An endpoint that was told to fail takes payloads again.
  case recovered(endpoint: String, kind: OutgoingPayload.Kind)
  /// Payloads are being given up; `count` for this reason so far.
  case dropping(endpoint: String, reason: DeliveryOutcome.DropReason, count: Int)
}

extension ForwarderNotice: CustomStringConvertible {
  package var description: String {
    switch self {
    case .keyRefused(let endpoint):
      """
      \(endpoint) refuses the API key (HTTP 403), so what is sent there is lost: check that the key is valid, \
      and that it belongs to the site of this intake
      """
    case .rejecting(let endpoint, let status, let count):
      "\(endpoint) refused \(count) payload\(count == 1 ? "" : "s") with HTTP \(status); they are not sent again"
    case .failing(let endpoint, let kind, let attempts, let reason):
      "\(attempts) attempts in a row to send \(kind.rawValue) to \(endpoint) failed: \(reason); trying on"
    case .recovered(let endpoint, let kind): "\(endpoint) takes \(kind.rawValue) again"
    case .dropping(let endpoint, let reason, let count):
      "gave up \(count) payload\(count == 1 ? "" : "s") for \(endpoint): \(reason.text)"
    }
  }
}

extension DeliveryOutcome.DropReason {
  /// The reason in words.
  var text: String {
    switch self {
    case .queueFull: "the queue is full"
    case .retriesExhausted: "all retries failed"
    case .tooOld: "they could not be sent for too long"
    case .shutdown: "the agent stopped before they could be sent"
    }
  }
}

/// Picks from all that happens what is worth a line: the first of a kind, then ever fewer.
struct NoticeFilter: Sendable {
  private struct Key: Hashable {
    let endpoint: String
    let what: String
  }

  /// Failed attempts in a row, by endpoint and kind.
  private var failures: [Key: Int] = [:]
  /// Refused and given up payloads, by endpoint and status or reason.
  private var losses: [Key: Int] = [:]
  /// A single failure is no news: a busy intake answers 503 now and then.
  private static let failuresMin = 4

  mutating func notice(for report: DeliveryQueue.Report) -> ForwarderNotice? {
    let endpoint = report.summary.endpoint
    let kind = report.summary.kind
    let way = Key(endpoint: endpoint, what: kind.rawValue)
    switch report.outcome {
    case .delivered:
      let failed = failures.removeValue(forKey: way) ?? 0
      return failed >= Self.failuresMin ? .recovered(endpoint: endpoint, kind: kind) : nil
    case .retrying(let result):
      let count = failures[way, default: 0] + 1
      failures[way] = count
      guard count >= Self.failuresMin, count.nonzeroBitCount == 1 else { return nil }
      return .failing(endpoint: endpoint, kind: kind, attempts: count, reason: "\(result)")
    case .rejected(let status):
      let count = countLoss(endpoint, "\(status)")
      if status == 403 { return count == 1 ? .keyRefused(endpoint: endpoint) : nil }
      return Self.isPowerOfTen(count) ? .rejecting(endpoint: endpoint, status: status, count: count) : nil
    case .dropped(let reason):
      let count = countLoss(endpoint, reason.rawValue)
      return Self.isPowerOfTen(count) ? .dropping(endpoint: endpoint, reason: reason, count: count) : nil
    }
  }

  private mutating func countLoss(_ endpoint: String, _ what: String) -> Int {
    let key = Key(endpoint: endpoint, what: what)
    let count = losses[key, default: 0] + 1
    losses[key] = count
    return count
  }

  private static func isPowerOfTen(_ count: Int) -> Bool {
    var rest = count
    while rest > 1, rest % 10 == 0 { rest /= 10 }
    return rest == 1
  }
}

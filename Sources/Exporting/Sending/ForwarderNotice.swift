/// Something about forwarding that a person should read, at most a few times.
package enum ForwarderNotice: Sendable, Equatable {
  /// The intake answered 403. Reported once for each destination.
  case keyRefused(destination: String)
  /// The intake refused payloads for another reason; `count` with this status so far.
  case rejecting(destination: String, status: Int, count: Int)
  /// So many attempts have failed in a row.
  case failing(destination: String, kind: OutgoingPayload.Kind, attempts: Int, reason: String)
  /// A destination that was reported as failing takes payloads again.
  case recovered(destination: String, kind: OutgoingPayload.Kind)
  /// Payloads are being given up; `count` for this reason so far. The destination is empty when there is none.
  case dropping(destination: String, reason: DeliveryOutcome.DropReason, count: Int)
}

extension ForwarderNotice: CustomStringConvertible {
  package var description: String {
    switch self {
    case .keyRefused(let destination):
      """
      \(destination) refuses the API key (HTTP 403), so what is sent there is lost: check that the key is valid, \
      and that it belongs to the site of this intake
      """
    case .rejecting(let destination, let status, let count):
      "\(destination) refused \(count) payload\(count == 1 ? "" : "s") with HTTP \(status); they are not sent again"
    case .failing(let destination, let kind, let attempts, let reason):
      "\(attempts) attempts in a row to send \(kind.rawValue) to \(destination) failed: \(reason); trying on"
    case .recovered(let destination, let kind): "\(destination) takes \(kind.rawValue) again"
    case .dropping(let destination, let reason, let count):
      "gave up \(count) payload\(count == 1 ? "" : "s")"
        + (destination.isEmpty ? "" : " for \(destination)") + ": \(reason.text)"
    }
  }
}

extension DeliveryOutcome.DropReason {
  /// The reason as the end of a sentence in the log.
  var text: String {
    switch self {
    case .queueFull: "the queue is full"
    case .retriesExhausted: "all retries failed"
    case .tooOld: "they could not be sent for too long"
    case .shutdown: "the agent stopped before they could be sent"
    case .noDestination: "no destination takes their kind"
    case .bodyUnreadable: "they could not be read from where they were kept"
    }
  }
}

/// Picks from all that happens what is worth a line: the first of a kind, then ever fewer.
struct NoticeFilter: Sendable {
  private struct Key: Hashable {
    /// The index of the destination, as two may have the same label; `nil` for none.
    let destination: Int?
    let what: String
  }

  /// Failed attempts in a row, by destination and kind.
  private var failures: [Key: Int] = [:]
  /// Refused and given up payloads, by destination and status or reason.
  private var losses: [Key: Int] = [:]
  /// A single failure is no news: a busy intake answers 503 now and then.
  private static let failuresMin = 4

  mutating func notice(for report: DeliveryQueue.Report) -> ForwarderNotice? {
    let (destination, label) = (report.summary.destination, report.summary.label)
    let kind = report.summary.kind
    let lane = Key(destination: destination, what: kind.rawValue)
    switch report.outcome {
    case .delivered:
      let failed = failures.removeValue(forKey: lane) ?? 0
      return failed >= Self.failuresMin ? .recovered(destination: label, kind: kind) : nil
    case .retrying(let result):
      let count = failures[lane, default: 0] + 1
      failures[lane] = count
      guard count >= Self.failuresMin, count.nonzeroBitCount == 1 else { return nil }
      return .failing(destination: label, kind: kind, attempts: count, reason: "\(result)")
    case .rejected(let status):
      let count = countLoss(destination, "\(status)")
      if status == 403 { return count == 1 ? .keyRefused(destination: label) : nil }
      return Self.isPowerOfTen(count) ? .rejecting(destination: label, status: status, count: count) : nil
    case .dropped(let reason):
      let count = countLoss(destination, reason.rawValue)
      return Self.isPowerOfTen(count) ? .dropping(destination: label, reason: reason, count: count) : nil
    }
  }

  private mutating func countLoss(_ destination: Int?, _ what: String) -> Int {
    let key = Key(destination: destination, what: what)
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

/// Something about forwarding that a person should read, at most a few times.
package enum ForwarderNotice: Sendable, Equatable {
  /// The intake answered 401 or 403. Reported once for each destination, until it has taken payloads again for a while.
  case keyRefused(destination: String, status: Int)
  /// The intake refused payloads for another reason; `count` with this status in a row of outages. A receiver of OTLP may
  /// say why.
  case rejecting(destination: String, status: Int, count: Int, message: String = "")
  /// A receiver of OTLP has taken payloads but for some spans, or has something to say; `count` times in a row of outages.
  case partlyTaken(destination: String, rejectedSpans: Int, message: String, count: Int)
  /// So many attempts have failed in a row.
  case failing(destination: String, kind: OutgoingPayload.Kind, attempts: Int, reason: String)
  /// A request has been under way for so long, and nothing comes of it: no byte goes or comes.
  case silent(destination: String, kind: OutgoingPayload.Kind, duration: Duration)
  /// A destination that was reported as failing, silent or refusing takes payloads again.
  case recovered(destination: String, kind: OutgoingPayload.Kind)
  /// Payloads are being given up; `count` for this reason in a row of outages. The destination is empty when there is none.
  case dropping(destination: String, reason: DeliveryOutcome.DropReason, count: Int)
  /// Payloads cannot be kept on disk: what waits is in memory only. Reported once, until something has been written.
  case spoolFailing(SpoolError)
  /// Payloads lie in this folder of the spool that are not sent: for an intake that is configured no longer, with another
  /// key, or in a form that is not known here.
  case leftAlone(folder: String)
  /// An earlier agent has left payloads on disk, which are sent now.
  case restored(destination: String, kind: OutgoingPayload.Kind, payloads: Int, bytes: Int)
}

extension ForwarderNotice: CustomStringConvertible {
  package var description: String {
    switch self {
    case .keyRefused(let destination, let status):
      """
      \(destination) refuses the API key (HTTP \(status)): check that the key is valid, and that it belongs to the site \
      of this intake. What is to go there is kept as long as there is space
      """
    case .rejecting(let destination, let status, let count, let message):
      "\(destination) refused \(count) payload\(count == 1 ? "" : "s") with HTTP \(status); they are not sent again"
        + Self.quoted(message)
    case .partlyTaken(let destination, let rejectedSpans, let message, let count):
      "\(destination) took a payload"
        + (rejectedSpans > 0 ? " but for \(rejectedSpans) span\(rejectedSpans == 1 ? "" : "s")" : "")
        + Self.quoted(message)
        + (count > 1 ? " (\(count) payloads so far)" : "")
    case .failing(let destination, let kind, let attempts, let reason):
      attempts == 1
        ? "an attempt to send \(kind.rawValue) to \(destination) failed: \(reason); trying on"
        : "\(attempts) attempts in a row to send \(kind.rawValue) to \(destination) failed: \(reason); trying on"
    case .silent(let destination, let kind, let duration):
      "\(destination) has not answered yet, after \(duration.components.seconds) s (\(kind.rawValue)); still waiting"
    case .recovered(let destination, let kind): "\(destination) takes \(kind.rawValue) again"
    case .dropping(let destination, let reason, let count):
      "gave up \(count) payload\(count == 1 ? "" : "s")"
        + (destination.isEmpty ? "" : " for \(destination)") + ": \(reason.text)"
    case .spoolFailing(let error): "payloads that wait are in memory only, as they cannot be kept on disk: \(error)"
    case .leftAlone(let folder):
      """
      the payloads in \(folder) are left there: no intake with their address and key is configured, or another version \
      of roost has written them. Remove the folder, or configure that intake
      """
    case .restored(let destination, let kind, let payloads, let bytes):
      "sending \(payloads) payload\(payloads == 1 ? "" : "s") of \(kind.rawValue) (\(bytes) bytes) to \(destination) "
        + "that an earlier agent had to leave on disk"
    }
  }
}

extension ForwarderNotice {
  /// A receiver's own words, on one line.
  private static func quoted(_ message: String) -> String {
    message.isEmpty ? "" : ", and says: " + String(message.map { $0.isNewline ? " " : $0 })
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
    case .spoolFull: "there were too many on disk"
    case .spoolDamaged: "they are damaged on disk"
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

  /// Attempts in a row that failed and are repeated.
  private struct Failures {
    var count = 0
    /// When the first of them was started; `nil` while there is only a silent one.
    var since: ContinuousClock.Instant?
    /// A person has been told.
    var isReported = false
  }

  /// How often something has happened without an end.
  private struct Occurrences {
    var count = 0
    /// The kind of payload that it happened to last, and when.
    var kind: OutgoingPayload.Kind
    var lastAt: ContinuousClock.Instant
  }

  /// Failures of now, by destination and kind.
  private var failures: [Key: Failures] = [:]
  /// Destinations and kinds of which a refusal has been reported, and nothing was taken since.
  private var refusals: Set<Key> = []
  /// Names payloads that were taken in part among the losses.
  private static let part = "part"
  /// Silent requests, by destination and kind.
  private var silences: [Key: Occurrences] = [:]
  /// Refused and given up payloads, by destination and status or reason.
  private var losses: [Key: Occurrences] = [:]
  /// What happens again after so long, and after a success, is another outage and is reported anew. An intake that is
  /// always slow, or refuses one payload in ten, is one outage and fills no log.
  private static let outageGap = Duration.seconds(60)
  /// A single failure is no news: a busy intake answers 503 now and then. This many in a row are.
  private static let failuresMin = 4
  /// Fewer are news too when the first one began so long ago, or when the intake asks to be left alone for so long.
  private static let quietMax = Duration.seconds(4)

  /// A request that has been silent for long; said once until the destination takes that kind again, and ever less often
  /// of one that is always slow.
  mutating func notice(
    ofSilence duration: Duration, at destination: Int, _ label: String, _ kind: OutgoingPayload.Kind,
    at now: ContinuousClock.Instant
  ) -> ForwarderNotice? {
    let lane = Key(destination: destination, what: kind.rawValue)
    guard failures[lane, default: Failures()].isReported == false else { return nil }
    let count = Self.count(lane, kind, in: &silences, at: now)
    guard count.nonzeroBitCount == 1 else { return nil }
    failures[lane, default: Failures()].isReported = true
    return .silent(destination: label, kind: kind, duration: duration)
  }

  /// What is worth telling of something that happened: that an outage is over, and what a receiver says, may both be.
  mutating func notices(for report: DeliveryQueue.Report, at now: ContinuousClock.Instant) -> [ForwarderNotice] {
    [notice(for: report, at: now), noticeOfParts(in: report, at: now)].compactMap(\.self)
  }

  /// Of a payload that was taken but for some of its spans.
  private mutating func noticeOfParts(
    in report: DeliveryQueue.Report, at now: ContinuousClock.Instant
  ) -> ForwarderNotice? {
    guard case .deliveredInPart(_, let rejectedSpans, let message) = report.outcome else { return nil }
    let key = Key(destination: report.summary.destination, what: Self.part)
    let count = Self.count(key, report.summary.kind, in: &losses, at: now)
    guard Self.isPowerOfTen(count) else { return nil }
    return .partlyTaken(
      destination: report.summary.label, rejectedSpans: rejectedSpans, message: message, count: count)
  }

  mutating func notice(for report: DeliveryQueue.Report, at now: ContinuousClock.Instant) -> ForwarderNotice? {
    let (destination, label) = (report.summary.destination, report.summary.label)
    let kind = report.summary.kind
    let lane = Key(destination: destination, what: kind.rawValue)
    switch report.outcome {
    case .delivered, .deliveredInPart:
      let failed = failures.removeValue(forKey: lane)
      let wasRefused = refusals.remove(lane) != nil
      var isWhole = false
      if case .delivered = report.outcome { isWhole = true }
      endOutages(destination, kind, isWhole: isWhole, at: now)
      return failed?.isReported == true || wasRefused ? .recovered(destination: label, kind: kind) : nil
    case .retrying(.response(let status, _)) where RetryPolicy.isAboutKey(status):
      let count = Self.count(Key(destination: destination, what: "\(status)"), kind, in: &losses, at: now)
      guard count == 1 else { return nil }
      refusals.insert(lane)
      return .keyRefused(destination: label, status: status)
    case .retrying(let result):
      guard isNews(result, at: lane, startedAt: report.attempt?.startedAt ?? now, now) else { return nil }
      return .failing(destination: label, kind: kind, attempts: failures[lane]?.count ?? 1, reason: "\(result)")
    case .rejected(let status):
      let count = Self.count(Key(destination: destination, what: "\(status)"), kind, in: &losses, at: now)
      guard Self.isPowerOfTen(count) else { return nil }
      refusals.insert(lane)
      return .rejecting(destination: label, status: status, count: count, message: report.message)
    case .dropped(let reason):
      let count = Self.count(Key(destination: destination, what: reason.rawValue), kind, in: &losses, at: now)
      return Self.isPowerOfTen(count) ? .dropping(destination: label, reason: reason, count: count) : nil
    }
  }

  /// Counts one more failure in a row and says whether a person should read of it: of the first ones when they are many
  /// or take long, then of ever fewer.
  private mutating func isNews(
    _ result: TransferResult, at lane: Key, startedAt: ContinuousClock.Instant, _ now: ContinuousClock.Instant
  ) -> Bool {
    var failed = failures[lane, default: Failures()]
    failed.count += 1
    let since = failed.since ?? startedAt
    failed.since = since
    var pause = Duration.zero
    if case .response(_, let retryAfter?) = result { pause = retryAfter }
    let isLong = failed.count >= Self.failuresMin || max(pause, since.duration(to: now)) >= Self.quietMax
    let isNews = failed.isReported ? failed.count >= Self.failuresMin && failed.count.nonzeroBitCount == 1 : isLong
    failed.isReported = failed.isReported || isNews
    failures[lane] = failed
    return isNews
  }

  private static func count(
    _ key: Key, _ kind: OutgoingPayload.Kind, in table: inout [Key: Occurrences], at now: ContinuousClock.Instant
  ) -> Int {
    let count = (table[key]?.count ?? 0) + 1
    table[key] = Occurrences(count: count, kind: kind, lastAt: now)
    return count
  }

  /// A payload of this kind was taken: what has not happened to one for a while is over.
  ///
  /// - Parameter isWhole: no span of it was rejected.
  private mutating func endOutages(
    _ destination: Int?, _ kind: OutgoingPayload.Kind, isWhole: Bool, at now: ContinuousClock.Instant
  ) {
    func isOver(_ key: Key, _ past: Occurrences) -> Bool {
      key.destination == destination && past.kind == kind && past.lastAt.duration(to: now) >= Self.outageGap
        && (isWhole || key.what != Self.part)
    }
    if !silences.isEmpty { silences = silences.filter { !isOver($0.key, $0.value) } }
    if !losses.isEmpty { losses = losses.filter { !isOver($0.key, $0.value) } }
  }

  private static func isPowerOfTen(_ count: Int) -> Bool {
    var rest = count
    while rest > 1, rest % 10 == 0 { rest /= 10 }
    return rest == 1
  }
}

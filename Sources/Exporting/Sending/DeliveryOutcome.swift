/// What became of one payload at one destination, or of one attempt to send it there.
package enum DeliveryOutcome: Sendable, Equatable {
  /// The intake took it: any 2xx status.
  case delivered(status: Int)
  /// A receiver of OTLP took it but for some of its spans, or none but with something to say about it.
  case deliveredInPart(status: Int, rejectedSpans: Int, message: String)
  /// The intake refused it for good: sending it again would not help.
  case rejected(status: Int)
  /// It was given up here, without a last word of the intake.
  case dropped(DropReason)
  /// An attempt failed and another one will be made; the payload keeps its place in the queue, or its parts have it.
  case retrying(TransferResult)

  /// Names the counter of spans that were rejected of payloads that were taken.
  package static let partialSuccess = "partial_success"

  /// Why a payload was given up. The raw value names its counter.
  package enum DropReason: String, Sendable, CaseIterable {
    /// Newer payloads needed its place in the queue.
    case queueFull = "queue_full"
    case retriesExhausted = "retries_exhausted"
    /// It could not be sent for so long that nobody waits for it any more.
    case tooOld = "too_old"
    /// The agent stopped before it could be sent.
    case shutdown
    /// Its body could not be read from where it was kept, which no further attempt would change.
    case bodyUnreadable = "body_unreadable"
    /// On disk it was among the oldest when there was too much.
    case spoolFull = "spool_full"
    /// Its record on disk is not as it was written, or can no longer be read.
    case spoolDamaged = "spool_damaged"
    /// No destination takes payloads of its kind.
    case noDestination = "no_destination"
  }

  /// The intake refused the payload for good.
  var isRefusal: Bool {
    if case .rejected = self { true } else { false }
  }

  /// The intake took it, if not all of it.
  var isDelivery: Bool {
    switch self {
    case .delivered, .deliveredInPart: true
    case .rejected, .dropped, .retrying: false
    }
  }

  /// Whether this is the last that is heard of the payload.
  package var isFinal: Bool {
    if case .retrying = self { false } else { true }
  }
}

/// How one attempt to send ended.
package enum TransferResult: Sendable, Equatable {
  /// The intake answered. `retryAfter` is what its `Retry-After` header asks for, as seconds or as a date.
  case response(status: Int, retryAfter: Duration?)
  /// There was no answer: what libcurl says about it.
  case failure(String)
  /// The body could not be had, for which the intake is not to blame.
  case unreadable(PayloadBodyError)
}

extension TransferResult {
  /// The status of the answer; `nil` when there was none.
  var status: Int? {
    if case .response(let status, _) = self { status } else { nil }
  }

  /// It says something about the intake or the way there. A body that cannot be read does not.
  var isOfIntake: Bool {
    if case .unreadable = self { false } else { true }
  }
}

extension TransferResult: CustomStringConvertible {
  package var description: String {
    switch self {
    case .response(let status, _): "HTTP \(status)"
    case .failure(let text): text
    case .unreadable(let error): "\(error)"
    }
  }
}

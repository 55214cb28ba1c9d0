import JSON

/// How the intake answered last, and what does not go through.
package struct IntakeSummary: Sendable, Equatable, Codable {
  /// When it last took a payload; `nil` when it never did.
  package var lastSuccess: Timestamp?
  /// The last attempt that did not succeed; `nil` when all did.
  package var lastFailure: IntakeFailure?

  /// Payloads that do not go through, a row for each kind at each intake; empty when the last attempts of all succeeded.
  package var troubles: [IntakeTrouble] = []
  /// Since when the oldest payload has been waiting to be taken; `nil` when none waits.
  package var waitingSince: Timestamp?
  /// When something that was kept was last lost; `nil` when nothing was.
  package var lastLoss: Timestamp?

  /// Nothing sent yet unless it is said. `lastSuccessNs` is in nanoseconds since 1970.
  package init(lastSuccessNs: Int64? = nil, lastFailure: IntakeFailure? = nil) {
    lastSuccess = lastSuccessNs.map { Timestamp(unixNs: $0) }
    self.lastFailure = lastFailure
  }

  /// When it last took a payload, in ns since 1970; `nil` when it never did.
  package var lastSuccessNs: Int64? { lastSuccess?.unixNs }
}

/// Attempts in a row to send one kind of payload that did not succeed, up to now.
package struct IntakeTrouble: Sendable, Equatable, Codable {
  /// What becomes of the payloads.
  package enum State: String, Sendable, Codable {
    /// The intake refuses them for good, and they are lost; or it refuses the key, and they are kept.
    case refusing
    /// They are kept and sent again.
    case failing
    /// The first request has no answer yet.
    case silent
  }

  /// What becomes of the payloads that it is about.
  package var state: State
  /// The kind of payload: `traces` or `stats`.
  package var payloads: String
  /// Scheme, host and port of the intake.
  package var endpoint: String
  /// When the first of the attempts was started, nanoseconds since 1970.
  @Timestamp package var sinceNs: Int64
  /// When the last of them failed; `nil` while the first is under way, and from agents that do not say it.
  package var last: Timestamp?
  /// How many there were, the one under way not counted unless it is the only one.
  package var attempts: UInt64
  /// The HTTP status of the last answer; `nil` when there was none.
  package var status: Int64?
  /// `HTTP 503`, or what libcurl says.
  package var text: String

  /// A trouble with all that is known of it.
  package init(
    _ state: State, payloads: String, endpoint: String, sinceNs: Int64, last: Timestamp? = nil, attempts: UInt64,
    status: Int64?, text: String
  ) {
    self.state = state
    self.payloads = payloads
    self.endpoint = endpoint
    self.sinceNs = sinceNs
    self.last = last
    self.attempts = attempts
    self.status = status
    self.text = text
  }
}

extension IntakeTrouble: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = ["sinceNs": "since"]
}

extension IntakeTrouble: DecodableWithDefaults {
  /// What stands for a state that another version does not know.
  package static var decodingDefaults: IntakeTrouble {
    IntakeTrouble(.failing, payloads: "", endpoint: "", sinceNs: 0, attempts: 0, status: nil, text: "")
  }
}

/// One attempt to send a payload that did not succeed.
package struct IntakeFailure: Sendable, Equatable, Codable {
  /// When it failed, nanoseconds since 1970.
  @Timestamp package var atNs: Int64
  /// Scheme, host and port of the intake.
  package var endpoint: String
  /// The HTTP status of its answer; `nil` when there was none.
  package var status: Int64?
  /// `HTTP 503`, or what libcurl says.
  package var text: String

  /// A failure with all that is known of it.
  package init(atNs: Int64, endpoint: String, status: Int64?, text: String) {
    self.atNs = atNs
    self.endpoint = endpoint
    self.status = status
    self.text = text
  }
}

extension IntakeFailure: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = ["atNs": "at"]
}

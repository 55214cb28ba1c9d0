import JSON

/// How the intake answered last.
package struct IntakeSummary: Sendable, Equatable, Codable {
  /// When it last took a payload; `nil` when it never did.
  package var lastSuccess: Timestamp?
  /// The last attempt that did not succeed; `nil` when all did.
  package var lastFailure: IntakeFailure?

  /// Nothing sent yet unless it is said. `lastSuccessNs` is in nanoseconds since 1970.
  package init(lastSuccessNs: Int64? = nil, lastFailure: IntakeFailure? = nil) {
    lastSuccess = lastSuccessNs.map { Timestamp(unixNs: $0) }
    self.lastFailure = lastFailure
  }

  /// When it last took a payload, in ns since 1970; `nil` when it never did.
  package var lastSuccessNs: Int64? { lastSuccess?.unixNs }
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

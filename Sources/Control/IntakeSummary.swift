/// How the intake answered last.
package struct IntakeSummary: Sendable, Equatable {
  /// When it last took a payload, nanoseconds since 1970; `nil` when it never did.
  package var lastSuccessNs: Int64?
  /// The last attempt that did not succeed; `nil` when all did.
  package var lastFailure: IntakeFailure?

  /// Nothing sent yet unless it is said.
  package init(lastSuccessNs: Int64? = nil, lastFailure: IntakeFailure? = nil) {
    self.lastSuccessNs = lastSuccessNs
    self.lastFailure = lastFailure
  }
}

/// One attempt to send a payload that did not succeed.
package struct IntakeFailure: Sendable, Equatable {
  /// Nanoseconds since 1970.
  package var atNs: Int64
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

extension IntakeSummary: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    lastSuccessNs = fields.optionalSigned("last_success_ns")
    lastFailure = fields.rows("last_failure", of: IntakeFailure.self).first
  }

  func write(to fields: inout FieldWriter) {
    fields.set("last_success_ns", lastSuccessNs)
    // A list of none or one, as a missing map reads like an empty one.
    fields.set("last_failure", rows: lastFailure.map { [$0] } ?? [])
  }
}

extension IntakeFailure: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    atNs = fields.signed("at_ns")
    endpoint = fields.text("endpoint")
    status = fields.optionalSigned("status")
    text = fields.text("text")
  }

  func write(to fields: inout FieldWriter) {
    fields.set("at_ns", atNs)
    fields.set("endpoint", endpoint)
    fields.set("status", status)
    fields.set("text", text)
  }
}

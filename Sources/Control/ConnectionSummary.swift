/// The agent's connections since it started, and what went wrong with them.
package struct ConnectionSummary: Sendable, Equatable {
  /// Open now.
  package var open: UInt64 = 0
  /// In all.
  package var accepted: UInt64 = 0
  /// Closed because nothing came, or no answer was taken, for the idle time.
  package var idleClosed: UInt64 = 0
  /// Requests that broke HTTP's rules.
  package var malformed: UInt64 = 0
  /// How often new clients had to wait because as many connections were open as are allowed.
  package var waitsForRoom: UInt64 = 0
  /// How often a connection could not be accepted for want of descriptors or memory.
  package var descriptorsExhausted: UInt64 = 0
  /// How often a connection could not be accepted for another reason.
  package var acceptErrors: UInt64 = 0
  /// Bytes of memory that bodies take up that are still arriving.
  package var bodyBytesInFlight: UInt64 = 0

  /// All zero, to be filled in.
  package init() {}
}

extension ConnectionSummary: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    open = fields.unsigned("open")
    accepted = fields.unsigned("accepted")
    idleClosed = fields.unsigned("idle_closed")
    malformed = fields.unsigned("malformed")
    waitsForRoom = fields.unsigned("waits_for_room")
    descriptorsExhausted = fields.unsigned("descriptors_exhausted")
    acceptErrors = fields.unsigned("accept_errors")
    bodyBytesInFlight = fields.unsigned("body_bytes_in_flight")
  }

  func write(to fields: inout FieldWriter) {
    fields.set("open", open)
    fields.set("accepted", accepted)
    fields.set("idle_closed", idleClosed)
    fields.set("malformed", malformed)
    fields.set("waits_for_room", waitsForRoom)
    fields.set("descriptors_exhausted", descriptorsExhausted)
    fields.set("accept_errors", acceptErrors)
    fields.set("body_bytes_in_flight", bodyBytesInFlight)
  }
}

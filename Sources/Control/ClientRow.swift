/// What one kind of client sent since the agent started, as its request headers name it.
package struct ClientRow: Sendable, Equatable {
  /// `Datadog-Meta-Lang`; empty when the client did not say, as with the fields below.
  package var language: String
  /// `Datadog-Meta-Lang-Version`.
  package var languageVersion: String
  /// `Datadog-Meta-Lang-Interpreter`.
  package var interpreter: String
  /// `Datadog-Meta-Tracer-Version`.
  package var tracerVersion: String
  /// The path it sends to, such as `/v0.4/traces`.
  package var endpoint: String
  /// Before sampling; bytes are those of request bodies.
  package var received: TrafficCounts
  /// Arrival of its newest request, nanoseconds since 1970.
  package var lastSeenNs: Int64

  /// A row with all its fields.
  package init(
    language: String, languageVersion: String, interpreter: String, tracerVersion: String, endpoint: String,
    received: TrafficCounts, lastSeenNs: Int64
  ) {
    self.language = language
    self.languageVersion = languageVersion
    self.interpreter = interpreter
    self.tracerVersion = tracerVersion
    self.endpoint = endpoint
    self.received = received
    self.lastSeenNs = lastSeenNs
  }
}

extension ClientRow: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    language = fields.text("lang")
    languageVersion = fields.text("lang_version")
    interpreter = fields.text("interpreter")
    tracerVersion = fields.text("tracer_version")
    endpoint = fields.text("endpoint")
    received = fields.part("received")
    lastSeenNs = fields.signed("last_seen_ns")
  }

  func write(to fields: inout FieldWriter) {
    fields.set("lang", language)
    fields.set("lang_version", languageVersion)
    fields.set("interpreter", interpreter)
    fields.set("tracer_version", tracerVersion)
    fields.set("endpoint", endpoint)
    fields.set("received", part: received)
    fields.set("last_seen_ns", lastSeenNs)
  }
}

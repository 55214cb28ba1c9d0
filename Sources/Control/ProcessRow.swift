/// One process that sent traces.
package struct ProcessRow: Sendable, Equatable {
  /// As its tracer numbers it, which inside a container is not the machine's number; 0 when it does not say.
  package var pid: Int64
  /// Of the first trace's root.
  package var service: String
  /// `Datadog-Meta-Lang`, `Datadog-Meta-Lang-Version` and `Datadog-Meta-Tracer-Version`; empty when it did not say.
  package var language: String
  package var languageVersion: String
  package var tracerVersion: String
  package var payloads: UInt64
  package var traces: UInt64
  /// Nanoseconds since 1970.
  package var firstSeenNs: Int64
  package var lastSeenNs: Int64

  /// A row with all its fields.
  package init(
    pid: Int64, service: String, language: String, languageVersion: String, tracerVersion: String, payloads: UInt64,
    traces: UInt64, firstSeenNs: Int64, lastSeenNs: Int64
  ) {
    self.pid = pid
    self.service = service
    self.language = language
    self.languageVersion = languageVersion
    self.tracerVersion = tracerVersion
    self.payloads = payloads
    self.traces = traces
    self.firstSeenNs = firstSeenNs
    self.lastSeenNs = lastSeenNs
  }
}

extension ProcessRow: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    pid = fields.signed("pid")
    service = fields.text("service")
    language = fields.text("lang")
    languageVersion = fields.text("lang_version")
    tracerVersion = fields.text("tracer_version")
    payloads = fields.unsigned("payloads")
    traces = fields.unsigned("traces")
    firstSeenNs = fields.signed("first_seen_ns")
    lastSeenNs = fields.signed("last_seen_ns")
  }

  func write(to fields: inout FieldWriter) {
    fields.set("pid", pid)
    fields.set("service", service)
    fields.set("lang", language)
    fields.set("lang_version", languageVersion)
    fields.set("tracer_version", tracerVersion)
    fields.set("payloads", payloads)
    fields.set("traces", traces)
    fields.set("first_seen_ns", firstSeenNs)
    fields.set("last_seen_ns", lastSeenNs)
  }
}

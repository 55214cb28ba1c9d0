/// One kind of client issues that the agent saw, what it was about, and by which client.
package struct ClientIssueRow: Sendable, Equatable {
  /// `tls_hello`, `http2_preface`, `otlp_path`, `statsd_text`, `proxy_request`, `empty_probe`, `not_found`,
  /// `client_vanished`, `clock_skew`, `trace_count_mismatch`, `undecodable`, `too_large`, `memory_limit` or
  /// `rootless_trace`.
  package var kind: String
  /// A path, a header, an error; empty when there is nothing to tell apart.
  package var detail: String
  /// Language and tracer version, such as `python 4.16.0`, or where the client is; empty when unknown.
  package var client: String
  /// Since the agent started.
  package var count: UInt64
  /// The number that goes with the kind: bytes of the largest body, seconds of skew (positive when the client's clock is
  /// ahead), traces missing, seconds that a visit took; else 0.
  package var amount: Double
  /// Nanoseconds since 1970.
  package var lastSeenNs: Int64

  /// A row with all its fields.
  package init(kind: String, detail: String, client: String, count: UInt64, amount: Double, lastSeenNs: Int64) {
    self.kind = kind
    self.detail = detail
    self.client = client
    self.count = count
    self.amount = amount
    self.lastSeenNs = lastSeenNs
  }
}

extension ClientIssueRow: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    kind = fields.text("kind")
    detail = fields.text("detail")
    client = fields.text("client")
    count = fields.unsigned("count")
    amount = fields.number("amount")
    lastSeenNs = fields.signed("last_seen_ns")
  }

  func write(to fields: inout FieldWriter) {
    fields.set("kind", kind)
    fields.set("detail", detail)
    fields.set("client", client)
    fields.set("count", count)
    fields.set("amount", amount)
    fields.set("last_seen_ns", lastSeenNs)
  }
}

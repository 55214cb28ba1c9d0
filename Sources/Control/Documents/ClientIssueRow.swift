import JSON

/// One kind of client issues that the agent saw, what it was about, and by which client.
package struct ClientIssueRow: Sendable, Equatable, Codable {
  /// `tls_hello`, `http2_preface`, `statsd_text`, `proxy_request`, `empty_probe`, `not_found`, `not_offered`,
  /// `client_vanished`, `clock_skew`, `trace_count_mismatch`, `undecodable`, `too_large`, `memory_limit`,
  /// `rootless_trace`, `refused_payload`, `malformed_trace`, `cross_site` or `missing_statistics`.
  package var kind: String
  /// A path, a header, an error; empty when there is nothing to distinguish.
  package var detail: String
  /// Language and tracer version, such as `python 4.16.0`, or where the client is; empty when unknown.
  package var client: String
  /// How often it happened since the agent started.
  package var count: UInt64
  /// The number that goes with the kind: bytes of the largest body, seconds of skew (positive when the client's clock is
  /// ahead), traces missing or malformed, seconds that a connection was open, spans without their client's statistics; else
  /// 0.
  package var amount: Double
  /// When it last happened, nanoseconds since 1970.
  @Timestamp package var lastSeenNs: Int64

  /// What was seen so far of one kind, detail and client.
  package init(kind: String, detail: String, client: String, count: UInt64, amount: Double, lastSeenNs: Int64) {
    self.kind = kind
    self.detail = detail
    self.client = client
    self.count = count
    self.amount = amount
    self.lastSeenNs = lastSeenNs
  }
}

extension ClientIssueRow: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = ["lastSeenNs": "last_seen"]
}

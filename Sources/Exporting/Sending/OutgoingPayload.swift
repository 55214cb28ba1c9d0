/// A compressed body on its way to the intakes, with what is needed to send it and to account for it.
package struct OutgoingPayload: Sendable {
  /// What a payload carries. Each kind has connections and a backoff of its own.
  package enum Kind: String, Sendable, CaseIterable {
    case traces
    case stats
  }

  /// Says the path it is posted to, and the queue it waits in.
  package var kind: Kind
  /// Path below the intake's base URL, such as `/api/v0.2/traces`.
  package var path: String
  /// The request body as it goes over the wire. Copies of the payload share it.
  package var body: [UInt8]
  package var contentType: String
  /// `zstd` or `gzip`; empty when the body is not compressed.
  package var contentEncoding: String
  /// Languages of the tracers whose spans are inside, joined by `|` (sent as `X-Datadog-Reported-Languages`).
  package var reportedLanguages: String
  package var counts: PayloadCounts
  /// Length of the body before it was compressed.
  package var uncompressedBytes: Int

  package init(
    kind: Kind, path: String, body: [UInt8], contentType: String, contentEncoding: String, reportedLanguages: String,
    counts: PayloadCounts, uncompressedBytes: Int
  ) {
    self.kind = kind
    self.path = path
    self.body = body
    self.contentType = contentType
    self.contentEncoding = contentEncoding
    self.reportedLanguages = reportedLanguages
    self.counts = counts
    self.uncompressedBytes = uncompressedBytes
  }
}

/// What is inside a payload, for accounting.
package struct PayloadCounts: Sendable, Equatable {
  package var traces = 0
  package var spans = 0
  package var buckets = 0
  package var groups = 0

  package init(traces: Int = 0, spans: Int = 0, buckets: Int = 0, groups: Int = 0) {
    self.traces = traces
    self.spans = spans
    self.buckets = buckets
    self.groups = groups
  }

  static func += (left: inout PayloadCounts, right: PayloadCounts) {
    left.traces += right.traces
    left.spans += right.spans
    left.buckets += right.buckets
    left.groups += right.groups
  }

  static func -= (left: inout PayloadCounts, right: PayloadCounts) {
    left.traces -= right.traces
    left.spans -= right.spans
    left.buckets -= right.buckets
    left.groups -= right.groups
  }
}

extension OutgoingPayload {
  /// A payload without its body, and where it was going.
  package struct Summary: Sendable, Equatable {
    package let kind: Kind
    /// Scheme, host and port of the intake.
    package let endpoint: String
    package let counts: PayloadCounts
    /// Bytes over the wire, headers not counted.
    package let bytes: Int
    package let uncompressedBytes: Int
    /// Attempts that failed before.
    package let failures: Int
  }
}

extension OutgoingPayload {
  /// Spans as protobuf, for `/api/v0.2/traces` of the Datadog intake.
  package static func traces(
    body: [UInt8], compression: PayloadCompression, reportedLanguages: [String], counts: PayloadCounts,
    uncompressedBytes: Int
  ) -> OutgoingPayload {
    OutgoingPayload(
      kind: .traces, path: "/api/v0.2/traces", body: body, contentType: "application/x-protobuf",
      contentEncoding: compression.contentEncoding, reportedLanguages: reportedLanguages.joined(separator: "|"),
      counts: counts, uncompressedBytes: uncompressedBytes)
  }

  /// Statistics as gzipped MessagePack, for `/api/v0.2/stats` of the Datadog intake.
  package static func stats(
    body: [UInt8], reportedLanguages: [String], counts: PayloadCounts, uncompressedBytes: Int
  ) -> OutgoingPayload {
    OutgoingPayload(
      kind: .stats, path: "/api/v0.2/stats", body: body, contentType: "application/msgpack",
      contentEncoding: "gzip", reportedLanguages: reportedLanguages.joined(separator: "|"),
      counts: counts, uncompressedBytes: uncompressedBytes)
  }
}

import Compression

/// A body on its way to the destinations that take its kind, with what is needed to send it and to account for it.
package struct OutgoingPayload: Sendable {
  /// Says which destinations take it, and the queue it waits in.
  package var kind: Kind
  /// Path below the destination's base URL, such as `/api/v0.2/traces`.
  package var path: String
  /// The request body as it goes over the wire. Copies of the payload share it.
  package var body: PayloadBody
  package var contentType: String
  /// `zstd` or `gzip`; empty when the body is not compressed.
  package var contentEncoding: String
  /// What else the request carries, whatever its destination. Here is no place for a key.
  package var headers: [HTTPHeader]
  package var counts: PayloadCounts
  /// Length of the body before it was compressed.
  package var uncompressedBytes: Int
  /// How long the first of what is in it had waited for the rest when it was handed over.
  package var gatheredFor = Duration.zero
  /// By which its maker is told when it would survive the agent's sudden end, or has come to its end; `nil` for nobody.
  package var receipt: Receipt?

  package init(
    kind: Kind, path: String, body: PayloadBody, contentType: String, contentEncoding: String, headers: [HTTPHeader],
    counts: PayloadCounts, uncompressedBytes: Int
  ) {
    self.kind = kind
    self.path = path
    self.body = body
    self.contentType = contentType
    self.contentEncoding = contentEncoding
    self.headers = headers
    self.counts = counts
    self.uncompressedBytes = uncompressedBytes
  }
}

extension OutgoingPayload {
  /// A number that its maker gives to a payload.
  package typealias Receipt = UInt64

  /// What a payload carries. Open: whoever makes payloads of another kind declares it as a `static let`, and destinations
  /// say that they take it.
  package struct Kind: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The kind in messages and in the names of counters: one word in lower case.
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// Spans, in the format of the Datadog intake.
    package static let traces = Kind(rawValue: "traces")
    /// Statistics of spans, in the format of the Datadog intake.
    package static let stats = Kind(rawValue: "stats")

    package var description: String { rawValue }

    /// The name of a loss among those of all kinds: `queue_full` for traces, `stats_queue_full` for statistics,
    /// `otlp_queue_full` for traces as OTLP, however they are compressed.
    package func lossName(_ reason: String) -> String {
      self == .traces ? reason : "\(isOTLP ? "otlp" : rawValue)_\(reason)"
    }
  }

  /// A payload without its body, and where it was going.
  package struct Summary: Sendable, Equatable {
    package let kind: Kind
    /// Which destination: its index in the list that the forwarder was given; `nil` when none takes the kind.
    package let destination: Int?
    /// The destination for people to read; empty for none. Two may look the same and differ in their keys.
    package let label: String
    package let counts: PayloadCounts
    /// Bytes over the wire, headers not counted.
    package let bytes: Int
    package let uncompressedBytes: Int
    /// Attempts to send it that failed before this one.
    package let failures: Int
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

  /// Adds what is inside of another payload.
  package static func += (left: inout PayloadCounts, right: PayloadCounts) {
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

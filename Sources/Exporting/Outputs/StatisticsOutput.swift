import Compression
import Statistics

/// What becomes of statistics: makes payloads of the closed buckets of all receiving threads. Shared by all, and used by
/// one thread at a time.
package protocol StatisticsOutput: Sendable {
  /// What its payloads are accounted as, and what destinations know them by.
  var kind: OutgoingPayload.Kind { get }

  /// The payloads for buckets that closed at the same time; none when there is nothing in them to send.
  func payloads(of buckets: [StatsBucket]) throws(CompressionError) -> [OutgoingPayload]
}

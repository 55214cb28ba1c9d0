import Compression
import Statistics

/// What becomes of statistics: makes payloads of the closed buckets of all receiving threads. Shared by all threads that have
/// some.
package protocol StatisticsOutput: Sendable {
  /// What its payloads are accounted as, and what destinations know them by.
  var kind: OutgoingPayload.Kind { get }

  /// Makes the payloads for buckets that closed at the same time, and calls `take` with each as soon as it is made, so
  /// that they are not all in memory at once; none when there is nothing to send.
  /// - Returns: sums that were too large for their field and stopped at its limit.
  func makePayloads(of buckets: [StatsBucket], take: (OutgoingPayload) -> Void) throws(CompressionError) -> UInt64
}

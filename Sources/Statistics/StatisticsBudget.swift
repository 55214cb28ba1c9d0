import Synchronization

/// Bytes of memory that the open buckets of all receiving threads may take together.
///
/// Each thread reports what its buckets take once a payload, so that it costs nothing for a span; between two payloads a
/// thread may take too much by what one payload brings.
package final class StatisticsBudget: Sendable {
  /// Where it ends; what comes beyond has no group of its own.
  let bytesMax: Int
  private let used = Atomic<Int>(0)

  /// - Parameter bytesMax: 0 is no limit.
  package init(bytesMax: Int) { self.bytesMax = bytesMax > 0 ? bytesMax : .max }

  /// Bytes that all open buckets take, as far as they were reported.
  package var usedBytes: Int { used.load(ordering: .relaxed) }

  /// Reports that a thread's buckets have grown, or were taken out.
  func report(_ bytes: Int) { used.add(bytes, ordering: .relaxed) }

  /// How much the buckets of one thread may still grow.
  var leftBytes: Int { bytesMax &- usedBytes }
}

/// Percentiles and the maximum of the durations behind one row, in nanoseconds.
///
/// They come from the same sketches that are forwarded, so local and remote figures agree within 1 %.
package struct LatencyQuantiles: Sendable, Equatable, Codable {
  /// Half of the spans were at most this long.
  package var p50Ns: UInt64
  /// 75 % were at most this long.
  package var p75Ns: UInt64
  /// 95 % were at most this long.
  package var p95Ns: UInt64
  /// 99 % were at most this long.
  package var p99Ns: UInt64
  /// The longest duration in ns, exact where the percentiles are estimates.
  package var maxNs: UInt64

  /// Zero stands for what was not measured.
  package init(p50Ns: UInt64 = 0, p75Ns: UInt64 = 0, p95Ns: UInt64 = 0, p99Ns: UInt64 = 0, maxNs: UInt64 = 0) {
    self.p50Ns = p50Ns
    self.p75Ns = p75Ns
    self.p95Ns = p95Ns
    self.p99Ns = p99Ns
    self.maxNs = maxNs
  }
}

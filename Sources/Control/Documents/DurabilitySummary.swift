/// The journal of requests that are written before they are answered, and what an earlier agent had left in it.
package struct DurabilitySummary: Sendable, Equatable, Codable {
  /// The folder of the journal.
  package var path: String
  /// Whether requests are written before they are answered; else there is only what an earlier agent had left.
  package var isStrict: Bool
  /// Requests that were written before they were answered.
  package var requests: UInt64 = 0
  /// How often it was waited for the disk.
  package var commits: UInt64 = 0
  /// Requests that were taken and could not be written: their clients were answered 503, and may send them again.
  package var unconfirmed: UInt64 = 0
  /// Bytes of requests that are still needed.
  package var bytes: UInt64 = 0
  /// Why requests are refused now; `nil` when they are not.
  package var failure: String?
  /// Requests that an earlier agent had answered and not sent.
  package var recoveredRequests: UInt64 = 0
  /// What of them was kept, and so sent on. It is a part of `restored`, once for each destination.
  package var recovered = TraceCounts()
  /// Records that could not be read any more, or not be decoded.
  package var damagedRecords: UInt64 = 0

  /// All counts zero, to be filled in.
  package init(path: String, isStrict: Bool) {
    self.path = path
    self.isStrict = isStrict
  }
}

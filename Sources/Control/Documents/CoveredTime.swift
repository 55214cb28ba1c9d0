import JSON

/// The time whose hits a table counts. It may begin before what was asked for, as hits are kept in steps, and does not
/// reach back before the agent's start.
package struct CoveredTime: Sendable, Equatable, Codable {
  /// Where its first step begins, nanoseconds since 1970.
  @Timestamp package var startNs: Int64
  /// The agent's clock when it answered, nanoseconds since 1970.
  @Timestamp package var endNs: Int64
  /// Receiving threads that did not end a request in time: what they have counted since the last flush is missing. `nil`
  /// when none is.
  package var missingThreads: UInt64?

  /// From one moment to another, both in nanoseconds since 1970.
  package init(startNs: Int64, endNs: Int64, missingThreads: Int = 0) {
    self.startNs = startNs
    self.endNs = endNs
    self.missingThreads = missingThreads > 0 ? UInt64(missingThreads) : nil
  }

  /// How long it is, nanoseconds; 0 for one that ends before it begins.
  package var lengthNs: UInt64 {
    let (length, overflow) = endNs.subtractingReportingOverflow(startNs)
    return overflow ? 0 : UInt64(clamping: length)
  }

  /// What rates divide by: its length, but a second at least.
  package var seconds: Double { max(Double(lengthNs) / 1e9, 1) }
}

extension CoveredTime: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = ["startNs": "start", "endNs": "end"]
}

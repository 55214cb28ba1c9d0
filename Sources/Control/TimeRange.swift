/// A part of the past; a side that is `nil` is open.
package struct TimeRange: Sendable, Equatable, Codable {
  /// Where it begins, in ns since 1970.
  package var sinceNs: Int64?
  /// Where it ends, in ns since 1970; what is at this moment is not in it any more.
  package var untilNs: Int64?

  /// From one moment to another, both in ns since 1970.
  package init(sinceNs: Int64? = nil, untilNs: Int64? = nil) {
    self.sinceNs = sinceNs
    self.untilNs = untilNs
  }
}

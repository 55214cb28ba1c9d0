import JSON

/// Moments as a person here reads them: by the clock on the wall.
package struct LocalTime: Sendable {
  /// Seconds east of Greenwich at a moment, which is in seconds since 1970.
  private let offset: @Sendable (Int64) -> Int64

  /// - Parameter offset: seconds east of Greenwich at a moment in seconds since 1970.
  package init(offset: @escaping @Sendable (Int64) -> Int64) { self.offset = offset }

  /// What documents and servers go by.
  package static let utc = LocalTime { _ in 0 }

  /// Date and time with milliseconds: `2026-11-24 07:00:00.123`.
  package func full(_ ns: Int64) -> String {
    let text = rfc3339(ns)
    return text.prefix(10) + " " + text.dropFirst(11).prefix(12)
  }

  /// The time with milliseconds, `07:00:00.123`; with the date for those of another day, `11-23 07:00:00`.
  package func brief(_ ns: Int64, now nowNs: Int64) -> String {
    let text = rfc3339(ns)
    return text.prefix(10) == rfc3339(nowNs).prefix(10)
      ? String(text.dropFirst(11).prefix(12)) : text.dropFirst(5).prefix(5) + " " + text.dropFirst(11).prefix(8)
  }

  private func rfc3339(_ ns: Int64) -> String {
    let (shift, _) = offset(ns / 1_000_000_000).multipliedReportingOverflow(by: 1_000_000_000)
    let (shifted, overflow) = ns.addingReportingOverflow(shift)
    return Timestamp(unixNs: overflow ? ns : shifted).text
  }
}

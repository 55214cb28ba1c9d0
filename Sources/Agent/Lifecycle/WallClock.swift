import Platform

/// The time of day, as spans carry it. A value, so that tests can give their own.
package struct WallClock: Sendable {
  private let read: @Sendable () -> Int64

  /// - Parameter read: gives ns since 1970.
  package init(read: @escaping @Sendable () -> Int64) { self.read = read }

  /// The clock of the system, which people and NTP may set back.
  package static let system = WallClock {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec)
  }

  /// The time now, in ns since 1970.
  package var nowNs: Int64 { read() }
}

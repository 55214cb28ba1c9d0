import Platform
import Terminal

extension LocalTime {
  /// The time zone of this user: TZ, else the machine's.
  static let here = LocalTime { seconds in
    var time = time_t(seconds)
    var parts = tm()
    return localtime_r(&time, &parts) == nil ? 0 : Int64(parts.tm_gmtoff)
  }
}

/// The clock on the wall, in ns since 1970.
enum WallNow {
  static var ns: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}

/// Durations as a person reads them: about three digits and the unit that fits.
package enum HumanDuration {
  /// Latency: `350µs`, `8.2ms`, `212ms`, `1.90s`, `12.3s`, `2m05s`, `1h02m`; `0` for none.
  package static func latency(_ ns: UInt64) -> String {
    // Each bound is where the row above would round up to its own unit's next size.
    switch ns {
    case 0: "0"
    case ..<1_000: "\(ns)ns"
    case ..<9_950: fixed(ns, unit: 1_000, digits: 1) + "µs"
    case ..<999_500: fixed(ns, unit: 1_000, digits: 0) + "µs"
    case ..<99_950_000: fixed(ns, unit: 1_000_000, digits: 1) + "ms"
    case ..<999_500_000: fixed(ns, unit: 1_000_000, digits: 0) + "ms"
    case ..<9_995_000_000: fixed(ns, unit: 1_000_000_000, digits: 2) + "s"
    case ..<59_950_000_000: fixed(ns, unit: 1_000_000_000, digits: 1) + "s"
    default: long(ns)
    }
  }

  /// How long something has been running: `3s`, `2m05s`, `2h03m`, `3d04h`.
  package static func uptime(_ ns: UInt64) -> String {
    let seconds = ns / 1_000_000_000
    return seconds < 60 ? "\(seconds)s" : pair(seconds)
  }

  /// How long ago something was, from two times in nanoseconds since 1970: `now`, `45s`, `4m`, `2h`, `3d`; `–` for never.
  ///
  /// Less than three seconds are `now`: tracers send once a second, so the newest that can be known is about that old.
  package static func age(of timeNs: Int64, now nowNs: Int64) -> String {
    guard timeNs > 0 else { return "–" }
    let (elapsed, overflow) = nowNs.subtractingReportingOverflow(timeNs)
    let seconds = overflow ? 0 : elapsed / 1_000_000_000
    return switch seconds {
    case ..<3: "now"
    case ..<60: "\(seconds)s"
    case ..<3600: "\(seconds / 60)m"
    case ..<86_400: "\(seconds / 3600)h"
    default: "\(seconds / 86_400)d"
    }
  }

  private static func long(_ ns: UInt64) -> String {
    let seconds = ns / 1_000_000_000
    return pair(max(60, seconds + (ns % 1_000_000_000 >= 500_000_000 ? 1 : 0)))
  }

  /// The two largest units of a minute or more.
  private static func pair(_ seconds: UInt64) -> String {
    switch seconds {
    case ..<3600: "\(seconds / 60)m\(twoDigits(seconds % 60))s"
    case ..<86_400: "\(seconds / 3600)h\(twoDigits(seconds % 3600 / 60))m"
    default: "\(seconds / 86_400)d\(twoDigits(seconds % 86_400 / 3600))h"
    }
  }

  private static func fixed(_ ns: UInt64, unit: UInt64, digits: Int) -> String {
    HumanNumber.decimal(Double(ns) / Double(unit), digits: digits)
  }
}

/// At least two digits, so that `7` becomes `07` and `42` stays.
func twoDigits(_ number: UInt64) -> String { (number < 10 ? "0" : "") + String(number) }

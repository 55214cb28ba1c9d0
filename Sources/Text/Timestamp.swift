/// Moments as JSON documents write them.
package enum Timestamp {
  /// RFC 3339 in UTC with nanoseconds: `2026-11-24T07:00:00.123456789Z`. Takes nanoseconds since 1970, also before.
  package static func rfc3339(_ unixNs: Int64) -> String {
    let (seconds, ns) = floorDivide(unixNs, 1_000_000_000)
    let (days, second) = floorDivide(seconds, 86_400)
    let date = civilDate(days)
    let time = [second / 3600, second % 3600 / 60, second % 60].map { twoDigits(UInt64(clamping: $0)) }
    let fraction = String(ns)
    let zeros = String(repeating: "0", count: max(0, 9 - fraction.utf8.count))
    return "\(date)T\(time.joined(separator: ":")).\(zeros)\(fraction)Z"
  }

  /// The Gregorian date of a day counted from 1970-01-01, by shifting the year's start to March so that the leap day
  /// comes last (Howard Hinnant's `civil_from_days`).
  private static func civilDate(_ days: Int64) -> String {
    let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return "\(year)-\(twoDigits(UInt64(clamping: month)))-\(twoDigits(UInt64(clamping: day)))"
  }

  private static func floorDivide(_ number: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

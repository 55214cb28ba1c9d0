/// A moment in nanoseconds since 1970, which documents write as RFC 3339: `2026-11-24T07:00:00.123456789Z`.
///
/// As a property wrapper it makes an `Int64` of nanoseconds a text in documents only.
@propertyWrapper
package struct Timestamp: Sendable, Hashable {
  /// Nanoseconds since 1970, also before it: the years 1677 to 2262.
  package var unixNs: Int64

  /// The nanoseconds, for the wrapped property.
  package var wrappedValue: Int64 {
    get { unixNs }
    set { unixNs = newValue }
  }

  /// The moment of a wrapped property, in nanoseconds since 1970.
  package init(wrappedValue: Int64) { unixNs = wrappedValue }

  /// The moment so many nanoseconds after the beginning of 1970.
  package init(unixNs: Int64) { self.unixNs = unixNs }

  /// Reads RFC 3339 in UTC (`Z`), with up to nine digits of fraction or none.
  ///
  /// `nil` for anything else, for days that the calendar does not have, and for moments that 64 bits do not hold.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard (20...30).contains(bytes.count), bytes.last == UInt8(ascii: "Z"),
      [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")].allSatisfy({ bytes[$0.0] == UInt8(ascii: $0.1) }),
      let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]), let day = Self.number(bytes[8..<10]),
      let hour = Self.number(bytes[11..<13]), let minute = Self.number(bytes[14..<16]),
      let second = Self.number(bytes[17..<19]), let ns = Self.fraction(bytes[19..<(bytes.count - 1)]),
      (1...12).contains(month), hour < 24, minute < 60, second < 60
    else { return nil }
    let date = CivilDate(year: year, month: month, day: day)
    // A day that the month does not have becomes one of the next month, and so another date.
    guard CivilDate(day: date.dayNumber) == date else { return nil }
    let seconds = date.dayNumber * 86_400 + hour * 3600 + minute * 60 + second
    guard let unixNs = Int64(exactly: Int128(seconds) * 1_000_000_000 + Int128(ns)) else { return nil }
    self.unixNs = unixNs
  }

  /// RFC 3339 in UTC with nanoseconds.
  package var text: String {
    let (seconds, ns) = floorDivide(unixNs, 1_000_000_000)
    let (days, second) = floorDivide(seconds, 86_400)
    let date = CivilDate(day: days)
    let parts: [(number: Int64, digits: Int, mark: Unicode.Scalar)] = [
      (date.year, 4, "-"), (date.month, 2, "-"), (date.day, 2, "T"), (second / 3600, 2, ":"),
      (second % 3600 / 60, 2, ":"), (second % 60, 2, "."), (ns, 9, "Z"),
    ]
    var bytes: [UInt8] = []
    bytes.reserveCapacity(30)
    for part in parts { Self.append(part.number, digits: part.digits, mark: part.mark, to: &bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Writes `number` with leading zeros, and `mark` behind it.
  private static func append(_ number: Int64, digits: Int, mark: Unicode.Scalar, to bytes: inout [UInt8]) {
    let start = bytes.count
    bytes += repeatElement(UInt8(ascii: "0"), count: digits)
    var rest = number
    for position in stride(from: start + digits - 1, through: start, by: -1) {
      bytes[position] += UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    bytes.append(UInt8(ascii: mark))
  }

  /// A number of a few digits; `nil` when a byte is none.
  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    var number: Int64 = 0
    for digit in digits {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      number = number * 10 + Int64(digit - UInt8(ascii: "0"))
    }
    return number
  }

  /// Nanoseconds from a point and one to nine digits, or from nothing.
  private static func fraction(_ bytes: ArraySlice<UInt8>) -> Int64? {
    guard let point = bytes.first else { return 0 }
    let digits = bytes.dropFirst()
    guard point == UInt8(ascii: "."), !digits.isEmpty, let number = number(digits) else { return nil }
    return (digits.count..<9).reduce(number) { number, _ in number * 10 }
  }
}

extension Timestamp: Codable {
  /// Reads the text that `encode(to:)` writes.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let moment = Timestamp(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected \(Timestamp.expectation)")
    }
    self = moment
  }

  /// Writes one text in the form of RFC 3339, always with nanoseconds and in UTC.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

/// A day of the Gregorian calendar, which is taken to have always been in force.
private struct CivilDate: Equatable {
  let year: Int64
  /// From 1 for January to 12 for December.
  let month: Int64
  /// Day of the month, from 1 to 31.
  let day: Int64

  init(year: Int64, month: Int64, day: Int64) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// The date of a day counted from 1970-01-01, by shifting the year's start to March so that the leap day comes last
  /// (Howard Hinnant's `civil_from_days`).
  init(day number: Int64) {
    let (era, dayOfEra) = floorDivide(number + 719_468, 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Days from 1970-01-01 to this one (Howard Hinnant's `days_from_civil`).
  var dayNumber: Int64 {
    let (era, yearOfEra) = floorDivide(month <= 2 ? year - 1 : year, 400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

private func floorDivide(_ number: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
  let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
  return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}

import Foundation
import Testing

@testable import JSON

@Suite struct `Moments in documents` {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000000000Z"), (1_795_503_600_123_456_789, "2026-11-24T07:00:00.123456789Z"),
      (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"), (-1, "1969-12-31T23:59:59.999999999Z"),
      (.max, "2262-04-11T23:47:16.854775807Z"), (.min, "1677-09-21T00:12:43.145224192Z"),
    ] as [(Int64, String)]) func `are RFC 3339 in UTC, both ways`(ns: Int64, text: String)
  {
    #expect(Timestamp(unixNs: ns).text == text)
    #expect(Timestamp(text)?.unixNs == ns)
  }

  @Test func `agree with Foundation's calendar over four centuries`() {
    for day in stride(from: -80_000 as Int64, through: 100_000, by: 97) {
      let seconds = day * 86_400 + 3_723
      let expected = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
      #expect(Timestamp(unixNs: seconds * 1_000_000_000).text == expected.dropLast() + ".000000000Z")
      #expect(Timestamp(expected)?.unixNs == seconds * 1_000_000_000)
    }
  }

  @Test(
    arguments: [
      ("2026-11-24T07:00:00Z", 1_795_503_600_000_000_000), ("2026-11-24T07:00:00.5Z", 1_795_503_600_500_000_000),
      ("1970-01-01T00:00:00.000000001Z", 1),
    ] as [(String, Int64)]) func `may have less than nine digits of fraction`(text: String, ns: Int64)
  {
    #expect(Timestamp(text)?.unixNs == ns)
  }

  @Test(arguments: [
    "", "now", "2026-11-24", "2026-11-24T07:00:00", "2026-11-24 07:00:00Z", "2026-11-24T07:00:00.Z",
    "2026-11-24T07:00:00.1234567890Z", "2026-11-24T07:00:00,5Z", "2026-11-24T07:00:00+01Z", "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z",
    "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "+026-01-01T00:00:00Z",
    "2026-01-01T00:00:0٠Z", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "2262-04-11T23:47:16.854775808Z",
    "1677-09-21T00:12:43.145224191Z",
  ]) func `of another form, or beyond 64 bits, are none`(text: String) {
    #expect(Timestamp(text) == nil)
  }
}

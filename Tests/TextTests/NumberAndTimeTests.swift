import Testing
import Text

@Suite("Numbers and times for people")
struct NumberAndTimeTests {
  @Test(
    "A latency has about three digits and the unit that fits",
    arguments: [
      (0, "0"), (1, "1ns"), (999, "999ns"), (1_000, "1.0µs"), (3_249, "3.2µs"), (9_949, "9.9µs"), (9_950, "10µs"),
      (350_000, "350µs"), (999_499, "999µs"), (999_500, "1.0ms"), (8_200_000, "8.2ms"), (41_000_000, "41.0ms"),
      (99_949_999, "99.9ms"), (99_950_000, "100ms"), (212_000_000, "212ms"), (999_499_999, "999ms"),
      (999_500_000, "1.00s"), (1_900_000_000, "1.90s"), (9_994_999_999, "9.99s"), (9_995_000_000, "10.0s"),
      (12_340_000_000, "12.3s"), (59_949_999_999, "59.9s"), (59_950_000_000, "1m00s"), (125_000_000_000, "2m05s"),
      (3_599_600_000_000, "1h00m"), (3_725_000_000_000, "1h02m"), (90_000_000_000_000, "1d01h"),
      (UInt64.max, "213503d23h"),
    ] as [(UInt64, String)])
  func latency(_ ns: UInt64, _ text: String) { #expect(HumanDuration.latency(ns) == text) }

  @Test(
    "An age counts from the agent's clock",
    arguments: [
      (100, 100, "now"), (100, 90, "now"), (100, 102, "now"), (100, 103, "3s"), (100, 110, "10s"), (100, 159, "59s"),
      (100, 160, "1m"),
      (100, 340, "4m"), (100, 3_700, "1h"), (100, 86_500, "1d"), (0, 100, "–"),
    ] as [(Int64, Int64, String)])
  func age(_ seen: Int64, _ now: Int64, _ text: String) {
    #expect(HumanDuration.age(of: seen * 1_000_000_000, now: now * 1_000_000_000) == text)
  }

  @Test("An age beyond what 64 bits hold is now, not a crash")
  func ageOverflow() { #expect(HumanDuration.age(of: 1, now: .min) == "now") }

  @Test(
    "Counts are grouped by thousands",
    arguments: [
      (0, "0"), (999, "999"), (1_204, "1,204"), (1_000_000, "1,000,000"), (.max, "18,446,744,073,709,551,615"),
    ]
      as [(UInt64, String)])
  func count(_ number: UInt64, _ text: String) { #expect(HumanNumber.count(number) == text) }

  @Test(
    "Error shares hide zero and never round a trace of trouble away",
    arguments: [
      (0, 100, "–"), (12, 1_204, "1.0%"), (1, 100_000, "<0.1%"), (14, 14, "100%"), (9_999, 10_000, "99.9%"),
      (1, 2, "50.0%"), (5, 0, "–"),
    ] as [(UInt64, UInt64, String)])
  func errorShare(_ errors: UInt64, _ hits: UInt64, _ text: String) {
    #expect(HumanNumber.errorShare(errors, of: hits) == text)
  }

  @Test(
    "Rates and shares read well at their ends",
    arguments: [
      (HumanNumber.rate(20.06), "20.1/s"), (HumanNumber.rate(0.04), "<0.1/s"), (HumanNumber.rate(0), "0/s"),
      (HumanNumber.rate(.nan), "0/s"), (HumanNumber.rate(.infinity), "0/s"), (HumanNumber.rate(1_234.56), "1,234.6/s"),
      (HumanNumber.share(0.38), "38%"), (HumanNumber.share(0.001), "<1%"), (HumanNumber.share(1), "100%"),
      (HumanNumber.share(.nan), "0%"), (HumanNumber.share(7), "100%"), (HumanNumber.decimal(1e30, digits: 1), "?"),
    ])
  func ratesAndShares(_ shown: String, _ text: String) { #expect(shown == text) }

  @Test(
    "Bytes come in decimal units",
    arguments: [
      (0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"),
      (9_800_000, "9.8 MB"), (.max, "18.4 EB"),
    ] as [(UInt64, String)])
  func bytes(_ number: UInt64, _ text: String) { #expect(HumanNumber.bytes(number) == text) }
}

import Terminal
import Testing

@Suite("Numbers and times for people")
struct TextTests {
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
      (100, 100, "now"), (100, 90, "now"), (100, 109, "now"), (100, 110, "10s"), (100, 159, "59s"), (100, 160, "1m"),
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

@Suite("Text from outside on a terminal")
struct SafeTextTests {
  @Test(
    "Control characters, direction marks and fillers are shown, not obeyed",
    arguments: [
      ("GET /cart", "GET /cart"), ("App\\Http", "App\\Http"), ("日本 é 👩‍🚀", "日本 é 👩‍🚀"),
      ("\u{1b}[2J", "\\x1b[2J"), ("a\nb\tc\r", "a\\nb\\tc\\r"), ("\u{9b}31m", "\\x9b31m"), ("\u{0}", "\\x00"),
      ("\u{202e}exe", "\\u{202e}exe"), ("a\u{200b}b", "a\\u{200b}b"), ("\r\n", "\\r\\n"), ("e\u{7f}", "e\\x7f"),
    ])
  func escaped(_ text: String, _ shown: String) { #expect(safeText(text) == shown) }

  @Test(
    "Width counts columns, not characters",
    arguments: [
      ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("한", 2), ("ｶ", 1), ("Ａ", 2), ("👩‍🚀", 2), ("❤️", 2), ("…", 1),
      ("🇩🇪", 2), ("", 0),
    ])
  func width(_ text: String, _ columns: Int) { #expect(text.displayWidth == columns) }

  @Test(
    "What is too wide loses its middle",
    arguments: [
      ("GET /api/v1/users/list", 22, "GET /api/v1/users/list"), ("GET /api/v1/users/list", 11, "GET /…/list"),
      ("GET /api/v1/users/list", 2, "G…"), ("GET", 1, "…"), ("GET", 0, ""), ("日本語日本語", 7, "日…本語"),
      ("日本語日本語", 6, "日…語"),
    ])
  func truncation(_ text: String, _ width: Int, _ shown: String) {
    #expect(text.truncatedInMiddle(to: width) == shown)
    #expect(text.truncatedInMiddle(to: width).displayWidth <= max(0, width))
  }
}

@Suite("Colours")
struct ColorChoiceTests {
  @Test(
    "The flag decides, then NO_COLOR, CLICOLOR_FORCE, TERM and the terminal",
    arguments: [
      (.auto, [:], true, true), (.auto, [:], false, false), (.auto, ["NO_COLOR": "1"], true, false),
      (.auto, ["NO_COLOR": ""], true, true), (.auto, ["CLICOLOR_FORCE": "1"], false, true),
      (.auto, ["CLICOLOR_FORCE": "0"], false, false), (.auto, ["NO_COLOR": "1", "CLICOLOR_FORCE": "1"], true, false),
      (.auto, ["TERM": "dumb"], true, false), (.auto, ["TERM": "xterm"], true, true),
      (.always, ["NO_COLOR": "1", "TERM": "dumb"], false, true), (.never, ["CLICOLOR_FORCE": "1"], true, false),
    ] as [(ColorChoice, [String: String], Bool, Bool)])
  func decided(_ choice: ColorChoice, _ environment: [String: String], _ isTerminal: Bool, _ isColored: Bool) {
    #expect(choice.isColored(environment: environment, isTerminal: isTerminal) == isColored)
  }

  @Test("Without colours no style leaves a trace")
  func plain() {
    #expect(Style.bad.applied(to: "x", colors: false) == "x")
    #expect(Style.bad.applied(to: "x", colors: true) == "\u{1b}[31mx\u{1b}[0m")
    #expect(Style.plain.applied(to: "x", colors: true) == "x")
  }
}

import Testing

@testable import Configuration

@Suite struct ScalarTextTests {
  @Test(
    arguments: [
      ("0", 0), ("-1", -1), ("+5", 5), ("0x1F", 31), ("-0x10", -16), ("0o17", 15), ("0b101", 5), ("1_000", 1000),
      ("5e8", 500_000_000), ("3.0", 3), ("9223372036854775807", .max), ("9223372036854775808", nil), ("1e400", nil),
      ("010", nil), ("1.5", nil), ("", nil), ("-", nil), ("0x", nil), ("0x-1", nil), ("--1", nil), ("1 2", nil),
      ("٣", nil), ("_1", nil), ("e5", nil), ("-0x8000000000000000", .min),
    ] as [(String, Int?)])
  func `whole numbers are read as Go reads them`(text: String, expected: Int?) {
    #expect(ScalarText.integer(text) == expected)
  }

  @Test(
    arguments: [
      ("1.5", 1.5), ("-2", -2), ("1e3", 1000), (".5", 0.5), ("nan", nil), ("inf", nil), ("0x1p3", nil), ("", nil),
      ("1e999", nil), ("1,5", nil),
    ] as [(String, Double?)])
  func `numbers are finite and decimal`(text: String, expected: Double?) {
    #expect(ScalarText.number(text) == expected)
  }

  @Test func `booleans are those of Go, and those of YAML where the file has them plain`() {
    #expect(load("apm_config: {enabled: off}").value.apmEnabled == false)
    #expect(load("apm_config: {enabled: No}").value.apmEnabled == false)
    #expect(!load("apm_config: {enabled: 'off'}").isUsable)
    #expect(!load(environment: ["DD_APM_ENABLED": "off"]).isUsable)
    #expect(!load(environment: ["DD_APM_ENABLED": "tRUE"]).isUsable)
  }
}

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

  @Test(
    arguments: [
      ("512", 512), ("5e8", 500_000_000), ("512MB", 512_000_000), ("512mb", 512_000_000), ("2GiB", 2_147_483_648),
      ("1.5 GB", 1_500_000_000), ("64KiB", 65_536), ("3B", 3), ("4TB", 4_000_000_000_000), ("512M", nil), ("5G", nil),
      ("1.5", nil), ("MB", nil), ("", nil), ("-1MB", nil), ("1e3MB", nil), ("1.2.3MB", nil), ("99999999999TiB", nil),
      ("5MB5", nil),
    ] as [(String, Int?)])
  func `sizes are bytes, or a number with a unit`(text: String, expected: Int?) {
    #expect(ScalarText.bytes(text) == expected)
  }

  @Test func `a size is read from variable, option and file alike`() {
    #expect(load("local: {db_max: 2GiB}").value.storeBytesMax == 2_147_483_648)
    #expect(load(environment: ["DD_LOCAL_DB_MAX": "512MB"]).value.storeBytesMax == 512_000_000)
    #expect(load("apm_config: {max_memory: 1.5 GB}").value.maxMemoryBytes == 1_500_000_000)
    #expect(!load(environment: ["DD_LOCAL_DB_MAX": "512KB"]).isUsable)
  }

  @Test func `booleans are those of Go, and those of YAML where the file has them plain`() {
    #expect(load("apm_config: {enabled: off}").value.apmEnabled == false)
    #expect(load("apm_config: {enabled: No}").value.apmEnabled == false)
    #expect(!load("apm_config: {enabled: 'off'}").isUsable)
    #expect(!load(environment: ["DD_APM_ENABLED": "off"]).isUsable)
    #expect(!load(environment: ["DD_APM_ENABLED": "tRUE"]).isUsable)
  }
}

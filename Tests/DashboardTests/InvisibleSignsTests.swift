import Testing
import Text

@testable import Dashboard

@Suite struct `Text from spans on the page` {
  /// The ranges of signs that the page's own script shows by their numbers.
  private static func shownByNumber() throws -> [ClosedRange<UInt32>] {
    let file = try #require(PageFile.named("assets/dom.js"))
    let text = String(decoding: file.bytes, as: UTF8.self)
    let list = try #require(text.firstMatch(of: /INVISIBLE = \/\[(.+)\]\/gu;/)).1
    let sign = /\\u(?:\{([0-9a-f]+)\}|([0-9a-f]{4}))(-?)/
    var ranges: [ClosedRange<UInt32>] = []
    var first: UInt32?
    var isRange = false
    for match in list.matches(of: sign) {
      let number = try #require(UInt32(match.1 ?? match.2 ?? "", radix: 16))
      if isRange, let first { ranges.append(first...number) } else if let first { ranges.append(first...first) }
      (first, isRange) = isRange ? (nil, false) : (number, match.3 == "-")
    }
    if let first { ranges.append(first...first) }
    return ranges
  }

  @Test func `shows the signs that hide or turn text as the tables do, but for tabs and line ends`() throws {
    let ranges = try Self.shownByNumber()
    let planes: [ClosedRange<UInt32>] = [
      0...0x3200, 0xA700...0xABFF, 0xD7B0...0xD7FF, 0xFB00...0xFFFF, 0x1_0000...0x1_0100, 0x1_1000...0x1_1100,
      0x1_3400...0x1_3500, 0x1_BC00...0x1_BD00, 0x1_D100...0x1_D200, 0x1_F300...0x1_F400, 0xE_0000...0xE_0FFF,
    ]
    for value in planes.joined() where value != 0x09 && value != 0x0A {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = String(Character(scalar))
      let isShown = ranges.contains { $0.contains(value) }
      #expect((safeText(text) != text) == isShown, "U+\(String(value, radix: 16))")
    }
    #expect(ranges.count > 5)
  }
}

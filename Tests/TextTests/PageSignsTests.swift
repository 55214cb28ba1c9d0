import Foundation
import Testing
import Text

/// The sets of signs that the page's script shows by their numbers: written from those of `safeText`, so that both agree.
private enum PageSigns {
  static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Sources/DashboardPage/scripts/signs.js")

  static var text: String {
    """
    // Written from SafeText.swift; change that, then: ROOST_ACCEPT=1 swift test --filter TextTests
    const set = (ranges) => new RegExp(`[${ranges.replace(/[0-9a-f]+/g, "\\\\u{$&}").replace(/\\s+/g, "")}]`, "u");

    /** What cannot be seen, or moves what stands around it; halves of pairs too. */
    export const HIDDEN = set(`\(ranges(ScalarKind.isHidden, and: "d800-dfff"))`);
    /** What is put on the letter before it. */
    export const MARK = set(`\(ranges(ScalarKind.isMark))`);
    /** Marks on one letter that are shown. */
    export const MARKS = \(ScalarKind.marksMax);
    /** What the joiner and the selector may stand behind. */
    export const EMOJI = set(`\(ranges(ScalarKind.isEmoji))`);

    """
  }

  /// First and last number of each run of scalars of a kind, in lines of a readable length.
  private static func ranges(_ isOne: (Unicode.Scalar) -> Bool, and more: String? = nil) -> String {
    var found: [String] = []
    var first: UInt32?
    for value in 0...0x11_0000 as ClosedRange<UInt32> {
      let belongs = Unicode.Scalar(value).map(isOne) ?? false
      if belongs, first == nil { first = value }
      if !belongs, let start = first {
        let ends = start == value - 1 ? [start] : [start, value - 1]
        found.append(ends.map { String($0, radix: 16) }.joined(separator: "-"))
        first = nil
      }
    }
    if let more { found.append(more) }
    var lines = [""]
    for range in found {
      if lines[lines.count - 1].count + range.count > 110 { lines.append(" ") }
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + range
    }
    return lines.joined(separator: "\n")
  }
}

@Suite struct `The page's script` {
  @Test func `hides the signs that tables and logs hide`() throws {
    let text = PageSigns.text
    if ProcessInfo.processInfo.environment["ROOST_ACCEPT"] == "1" {
      try Data(text.utf8).write(to: PageSigns.file)
      return
    }
    let isCurrent = (try? String(contentsOf: PageSigns.file, encoding: .utf8)) == text
    #expect(
      isCurrent,
      "Sources/DashboardPage/scripts/signs.js is stale; write it anew: ROOST_ACCEPT=1 swift test --filter TextTests")
  }
}

import Control
import Foundation
import TestFixtures
import Testing
import Text

@testable import Terminal

@Suite("Captured payloads as they are printed")
struct InspectReportTests {
  private static func text(
    _ payload: InspectedPayload, _ drawing: Drawing = Drawing(), tracesMax: Int = 20, isVerbose: Bool = false
  ) -> String {
    InspectReport(payload, time: .utc, tracesMax: tracesMax, isVerbose: isVerbose).lines(drawing)
      .map { $0 + "\n" }.joined()
  }

  static let texts: [(file: String, text: String)] = [
    ("whole.txt", text(InspectSamples.whole, Drawing(width: 100))),
    ("whole-verbose.txt", text(InspectSamples.whole, Drawing(width: 80), tracesMax: 1, isVerbose: true)),
    ("bad.txt", text(InspectSamples.bad, Drawing(width: 100))),
    ("bad-60.txt", text(InspectSamples.bad, Drawing(width: 60), tracesMax: 1)),
    ("bad-color.txt", text(InspectSamples.bad, Drawing(width: 100, colors: true))),
    ("bad.json", InspectSamples.bad.document.text + "\n"),
    ("cut.txt", text(InspectSamples.cut)),
    ("statistics.txt", text(InspectSamples.statistics, Drawing(width: 100))),
    ("statistics-2.txt", text(InspectSamples.statistics, Drawing(width: 70), tracesMax: 2)),
    ("statistics.json", InspectSamples.statistics.document.text + "\n"),
  ]

  @Test("Every report of a payload reads as it was last accepted", arguments: texts)
  func golden(_ report: (file: String, text: String)) throws {
    #expect(report.text == (try Golden.text("cli/inspect/\(report.file)", accepting: report.text)))
  }

  @Test("No line is wider than the terminal or does more than be read", arguments: [30, 46, 60, 78, 79, 120])
  func widths(_ width: Int) {
    for payload in [InspectSamples.whole, InspectSamples.bad, InspectSamples.cut, InspectSamples.statistics] {
      for line in InspectReport(payload, time: .utc, isVerbose: true).lines(Drawing(width: width)) {
        #expect(line.displayWidth <= width, "\(line)")
        #expect(line == safeText(line))
      }
    }
  }

  @Test("The mark stands below the byte at fault, also behind the last one", arguments: [0, 7, 8, 15, 16, 20])
  func mark(_ marked: Int) throws {
    let bytes = [UInt8](repeating: 0x41, count: 20)
    let lines = HexLines(bytes: bytes, offset: 0, marked: marked).lines(note: "here", Drawing())
    let place = try #require(lines.firstIndex { $0.contains("^^ here") })
    let column = try #require(lines[place].firstIndex(of: "^"))
    let below = lines[place - 1].dropFirst(lines[place].distance(from: lines[place].startIndex, to: column)).prefix(2)
    #expect(below == (marked < 20 ? "41" : "  "))
    #expect(lines[place - 1].hasPrefix(marked < 16 ? "  00000000" : "  00000010"))
  }
}

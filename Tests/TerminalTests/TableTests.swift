import Terminal
import Testing
import Text

@Suite("Tables")
struct TableTests {
  static func sample() -> Table {
    var table = Table([
      .init("NAME", .left, isShrinkable: true), .init("HITS"), .init("RATE", dropOrder: 1), .init("LAST", dropOrder: 2),
    ])
    table.add(["GET /a/rather/long/resource/name", "1,204", "20.1/s", "now"])
    table.add(["日本", "7", "0/s", "4m"])
    return table
  }

  @Test("Without a limit every column has its room, numbers to the right")
  func unlimited() {
    #expect(
      Self.sample().lines(Drawing()) == [
        "NAME                               HITS    RATE  LAST",
        "GET /a/rather/long/resource/name  1,204  20.1/s   now",
        "日本                                  7     0/s    4m",
      ])
  }

  @Test("Without a limit nothing is cut, and one long name does not pad all other rows")
  func unlimitedWithLongNames() {
    var table = Self.sample()
    let long = String(repeating: "x", count: 200)
    table.add([.init(long), "1", "1/s", "now"])
    let lines = table.lines(Drawing())
    let padding = String(repeating: " ", count: Table.paddedWidthMax - 4)
    #expect(lines[0] == "NAME\(padding)   HITS    RATE  LAST")
    #expect(lines[2].hasSuffix("      7     0/s    4m") && lines[2].displayWidth == lines[0].displayWidth)
    #expect(lines[3] == long + "      1     1/s   now")
  }

  @Test("A narrow table first shrinks names, then drops columns in their order, and is cut last")
  func narrow() {
    #expect(
      Self.sample().lines(Drawing(width: 46)) == [
        "NAME                        HITS    RATE  LAST", "GET /a/rathe…esource/name  1,204  20.1/s   now",
        "日本                           7     0/s    4m",
      ])
    #expect(
      Self.sample().lines(Drawing(width: 36)) == [
        "NAME                            HITS", "GET /a/rather/…/resource/name  1,204",
        "日本                               7",
      ])
    #expect(Self.sample().lines(Drawing(width: 20)).count == 3)
  }

  @Test("No line is ever wider than asked for", arguments: 1...60)
  func neverWraps(_ width: Int) {
    for colors in [false, true] {
      for line in Self.sample().lines(Drawing(width: width, colors: colors)) {
        let shown = line.replacing(#/\u{1b}\[[0-9]*m/#, with: "")
        #expect(shown.displayWidth <= width, "\(shown)")
      }
    }
  }

  @Test("The header can be left out, and colours do not move columns")
  func headerAndColors() {
    #expect(Self.sample().lines(Drawing(header: false)).count == 2)
    let plain = Self.sample().lines(Drawing())
    let colored = Self.sample().lines(Drawing(colors: true))
    #expect(colored[0].hasPrefix("\u{1b}[1mNAME\u{1b}[0m  "))
    #expect(colored.dropFirst() == plain.dropFirst())
  }
}

import Testing

@testable import Terminal

@Suite("The words of roost diff")
struct ComparedWordTests {
  private static let hour: Int64 = 3_600_000_000_000
  private static let now: Int64 = 1_795_503_600_000_000_000

  @Test(
    "A word is a version, a range of time, or else a file",
    arguments: [
      ("version:1.0", .version("1.0")), ("version:a..b/c", .version("a..b/c")),
      ("2h..1h", .range(sinceNs: now - 2 * hour, untilNs: now - hour)),
      ("1h..now", .range(sinceNs: now - hour, untilNs: nil)), ("1h..", .range(sinceNs: now - hour, untilNs: nil)),
      ("..1h", .range(sinceNs: nil, untilNs: now - hour)), ("..", .range(sinceNs: nil, untilNs: nil)),
      ("2026-11-24T06:00:00Z..1h30m", .range(sinceNs: now - hour, untilNs: now - hour * 3 / 2)),
      ("2026-11-24T06:00:00Z..15m", .range(sinceNs: now - hour, untilNs: now - hour / 4)),
      ("before.db", .file("before.db")), ("../a..b.db", .file("../a..b.db")), ("1h", .file("1h")),
    ] as [(String, ComparedWord)])
  func words(_ text: String, _ expected: ComparedWord) {
    if case .range(let since?, let until?) = expected, since >= until {
      #expect(throws: ComparedWordError.self) { try ComparedWord(text, nowNs: Self.now) }
    } else {
      #expect(throws: Never.self) { try #expect(ComparedWord(text, nowNs: Self.now) == expected) }
    }
  }

  @Test(
    "What is wrong is pointed at, whatever is typed",
    arguments: [
      ("1h..yesterday", 4, 9), ("soon..now", 0, 4), ("1h..2h", 0, 6), ("now..", 0, 5), ("version:", 8, 1),
      ("..\u{1b}[2J", 2, 7), ("商品..1h", 0, 4), ("99999999999999999999d..", 0, 21), ("1h..1h", 0, 6),
    ] as [(String, Int, Int)])
  func pointers(_ text: String, _ offset: Int, _ length: Int) {
    do {
      let word = try ComparedWord(text, nowNs: Self.now)
      Issue.record("taken: \(word)")
    } catch {
      let line = "  " + String(repeating: " ", count: offset) + "^" + String(repeating: "~", count: length - 1)
      #expect(error.pointer.last == line, "\(error)")
      #expect(!error.pointer[0].unicodeScalars.contains("\u{1b}"))
    }
  }
}

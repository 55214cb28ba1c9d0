import Testing
import Text

@Suite("Text from outside on a terminal")
struct SafeTextTests {
  @Test(
    "Control characters, direction marks and fillers are shown, not obeyed",
    arguments: [
      ("GET /cart", "GET /cart"), ("App\\Http", "App\\Http"), ("日本 é 👩‍🚀", "日本 é 👩‍🚀"),
      ("\u{1b}[2J", "\\x1b[2J"), ("a\nb\tc\r", "a\\nb\\tc\\r"), ("\u{9b}31m", "\\x9b31m"), ("\u{0}", "\\x00"),
      // What cannot be seen: a name with it looks like the one without.
      ("we\u{ad}b", "we\\xadb"), ("a\u{200d}b\u{200c}", "a\\u{200d}b\\u{200c}"),
      ("\u{3164}\u{115f}", "\\u{3164}\\u{115f}"),
      ("a\u{2800}\u{34f}b", "a\\u{2800}\\u{34f}b"), ("x\u{fe0f}\u{e0101}", "x\\u{fe0f}\\u{e0101}"),
      ("\u{feff}\u{2060}\u{e0041}", "\\u{feff}\\u{2060}\\u{e0041}"),
      // What is made of several, and is one to look at.
      ("👨‍👩‍👧 ❤️‍🔥 1️⃣ 🏳️‍🌈", "👨‍👩‍👧 ❤️‍🔥 1️⃣ 🏳️‍🌈"), ("ที่ กี่ שָׁ", "ที่ กี่ שָׁ"),
      // Marks without a letter, and more of them than any language puts on one.
      ("\u{301}a", "\\u{301}a"), ("\n\u{301}", "\\n\\u{301}"),
      ("e\u{301}\u{302}\u{303}\u{304}\u{305}x\u{301}", "e\u{301}\u{302}\u{303}\\u{304}\\u{305}x\u{301}"),
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

import TestFixtures
import Testing
import TraceModel

@testable import Patterns

@Suite struct PatternTests {
  /// Whether a pattern matches a text, in a matcher of its own.
  private static func matches(_ pattern: String, _ text: String) throws -> Bool? {
    let pattern = try Pattern(pattern)
    var matcher = PatternMatcher()
    var text = text
    return text.withUTF8 { matcher.matches(pattern, UnsafeRawBufferPointer($0)) }
  }

  @Test(arguments: [
    // Anywhere, unless anchored; the end of the text is its end alone.
    ("b", "abc", true), ("^b", "abc", false), ("c$", "abc", true), ("c$", "abc\n", false), ("(?m)c$", "abc\n", true),
    ("(?m)^$", "abc\n", true), ("a\\z", "a", true), ("a.c", "a\nc", false), ("(?s)a.c", "a\nc", true), ("", "", true),
    // What RE2 and PCRE2 write or mean differently.
    ("^\\s$", "\u{0B}", false), ("^[\\s]$", "\u{0B}", false), ("^\\S$", "\u{0B}", true), ("^[\\S]$", "\u{0B}", true),
    ("^[^\\S]$", " ", true), ("^\\v$", "\u{0B}", true), ("^\\v$", "\n", false), ("^\\pN$", "7", true),
    ("^\\p{Greek}$", "λ", true), ("^\\PN$", "7", false), ("(?P<n>a)(?<m>b)", "ab", true), ("(?i)É", "é", true),
    ("^(?U:a+)", "aa", true), ("^\\d$", "٣", false), ("^\\w$", "é", false), ("\\Qa.b\\E+$", "a.bb", true),
    ("\\Qa.b\\E", "axb", false), ("\\Qa.b", "a.b", true), ("a{,2}", "a{,2}", true), ("a{,2}", "aa", false),
    ("a{x}", "a{x}", true), ("^a{2}$", "aa", true), ("^a{1,2}?$", "aa", true),
    ("\\x41\\x{42}\\103\\07", "ABC\u{07}", true),
    ("[]a]", "]", true), ("[^]a]", "]", false), ("[[:alpha:]]", "x", true), ("[[:^alpha:]]", "x", false),
    ("[[a]", "[", true),
    ("[a-c\\-]", "-", true), ("\\_\\/", "_/", true), ("^.$", "λ", true), ("[λ-ω]", "μ", true),
  ])
  func `a pattern means what RE2 says`(pattern: String, text: String, isMatch: Bool) throws {
    #expect(try Self.matches(pattern, text) == isMatch)
  }

  @Test(arguments: [
    ("a(", "missing closing parenthesis, at character 3"), ("λ[123", "missing closing bracket, at character 2"),
    ("a)", "unmatched closing parenthesis, at character 2"),
    ("*a", "quantifier does not follow a repeatable item, at character 1"),
    ("(?=a)", "lookahead, which RE2 does not have, at character 1"),
    ("a(?!b)", "lookahead, which RE2 does not have, at character 2"),
    ("(?<=a)", "lookbehind, which RE2 does not have, at character 1"),
    ("(?<!a)", "lookbehind, which RE2 does not have, at character 1"),
    ("(a)\\1", "a back reference, which RE2 does not have, at character 4"),
    ("(?P=a)", "a back reference or a call of a group, which RE2 does not have, at character 1"),
    ("(?>a)", "a kind of group that RE2 does not have, at character 1"),
    ("(?R)", "a kind of group that RE2 does not have, at character 1"),
    ("(?#a)", "a kind of group that RE2 does not have, at character 1"),
    ("(?x)a", "a kind of group that RE2 does not have, at character 1"),
    ("(*UTF)a", "nothing to repeat, at character 2"),
    ("a++", "a repetition of a repetition; write (?:…) around the first, at character 3"),
    ("a{2}{3}", "a repetition of a repetition; write (?:…) around the first, at character 5"),
    ("a{1001}", "a repetition of more than 1000 times, at character 2"),
    ("a\\", "ends with a backslash, at character 2"),
    ("\\C", "\\C is no escape of RE2, at character 1"), ("\\K", "\\K is no escape of RE2, at character 1"),
    ("\\Z", "\\Z is no escape of RE2, at character 1"), ("[\\b]", "\\b is no escape of RE2, at character 2"),
    ("\\xz", "\\x needs two hexadecimal digits, or some in braces, at character 1"), ("a\0", "holds a NUL character"),
    ("\\p{Nobody}", "unknown property after \\P or \\p, at character 11"),
    (String(repeating: "a", count: 20_000), "longer than 16384 bytes"),
  ])
  func `what cannot be run safely is refused with its place`(pattern: String, message: String) {
    let error = #expect(throws: PatternError.self) { try Pattern(pattern) }
    #expect(error?.description == message)
  }

  @Test func `a pattern that explodes ends by its limits`() throws {
    let text = String(repeating: "a", count: 5_000) + "b"
    #expect(try Self.matches("(a+)+$", text) == nil)
    #expect(try Self.matches("(a|aa)+$", text) == nil)
    // The next text is not affected.
    #expect(try Self.matches("(a+)+$", "aaa") == true)
  }

  @Test(arguments: [
    ("(a+)+$", true), ("(/?[^/]+)+/$", true), ("^GET /(health|ping)$", false), ("(?i)token=[^&]*", false),
    (".*foo.*bar", false), ("\\d{4}(-?\\d{4}){3}", false),
  ])
  func `what explodes on long texts is told beforehand`(pattern: String, isSlow: Bool) throws {
    #expect(try Pattern(pattern).isSlow == isSlow)
  }

  @Test func `a long text is searched to its end`() throws {
    let text = String(repeating: "é", count: 20_000)
    #expect(try Self.matches("x$", text + "x") == true)
    #expect(try Self.matches("é{3}x", text) == false)
    #expect(try Self.matches("^x", text) == false)
    #expect(try Self.matches("(?s)^.*y", text + "y") == true)
  }

  @Test func `bytes that are no UTF-8 match nothing and harm nothing`() throws {
    let pattern = try Pattern("a.c|é")
    var matcher = PatternMatcher()
    let cases: [(bytes: [UInt8], isMatch: Bool)] = [
      ([0x61, 0xFF, 0x63], false), ([0xFF, 0x61, 0x62, 0x63, 0xC3], true), ([0xC3], false),
    ]
    for (bytes, isMatch) in cases {
      #expect(bytes.withUnsafeBytes { matcher.matches(pattern, $0) } == isMatch)
    }
  }

  @Test func `no pattern and no text end the program`() {
    var random = SeededGenerator(seed: 41)
    let signs = Array("a()[]{}*+?|^$.\\-,1:<P=!dsSwxQE")
    var matcher = PatternMatcher()
    for _ in 0..<3_000 {
      let text = String(
        (0..<Int.random(in: 0...12, using: &random)).map { _ in signs[Int.random(in: 0..<signs.count, using: &random)] }
      )
      guard let pattern = try? Pattern(text) else { continue }
      let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      _ = bytes.withUnsafeBytes { matcher.matches(pattern, $0) }
    }
  }
}

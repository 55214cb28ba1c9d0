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
    ("^[:alpha:]x$", "px", true), ("^[:alpha:]$", "x", false), ("^[^.a]$", "b", true), ("^*a", "ba", true),
    ("\\b+a", "a", true), ("^{2}a$", "a", true), ("(?:^|b)*a$", "ba", true), ("$?a", "a", true),
    ("^\\p{Greek}$", "\u{342}", false), ("^\\P{Greek}$", "\u{342}", true), ("^[\\p{Greek}]+$", "λμ", true),
    ("^\\p{^Greek}$", "a", true), ("^\\p{Lu}\\p{Any}$", "Aλ", true),
    // Repetitions, which are counted.
    ("^é+x$", "ééx", true), ("^\\Qa.é\\E+$", "a.éé", true), ("^(é|x)*?y$", "éxy", true),
    ("^(?P<n>a|b)+c$", "abc", true),
    ("^(?i:a){2}$", "aA", true), ("^((a)+b?)+$", "aabab", true), ("(a*)*b|c+$", "cc", true), ("^(a)*|b+$", "bb", true),
    ("^[a-c]+?\\d{2,}[x]?$", "abc123", true), ("^(|a)+$", "aa", true),
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

  /// Texts on which a match takes many times as many steps as the text has bytes, or far more.
  private static let slow = [
    ("\\w*:?\\w*[@%]", "a"), ("a*b?a*[xy]", "a"), ("a*b?a*b?a*[xy]", "a"), ("(\\w|-)+[@%]", "a"), ("(,| )*\\d", ","),
    ("([\\w-]|%\\d\\d)+[=&@]", "a"), ("(?:a|aa){200}b", "a"), ("(?:\\w+@|\\w+%|.)+=", "a"),
  ]

  private static func text(of unit: String, bytes: Int) -> String {
    // Without the characters that the patterns end with, PCRE2 knows at once that there is no match.
    String(repeating: unit, count: bytes) + "\u{1}@%=&0xyb"
  }

  /// The steps that matching texts takes, all in one request.
  private static func steps(_ pattern: String, _ text: String, times: Int, request: Int) throws -> Int {
    let pattern = try Pattern(pattern)
    var matcher = PatternMatcher(requestSteps: request)
    var text = text
    text.withUTF8 { bytes in
      for _ in 0..<times { _ = matcher.matches(pattern, UnsafeRawBufferPointer(bytes)) }
    }
    return request - matcher.requestStepsLeft
  }

  @Test(arguments: slow)
  func `every repetition is counted, and no text takes more steps than it has`(pattern: String, unit: String) throws {
    #expect(try Self.steps(pattern, Self.text(of: unit, bytes: 400), times: 1, request: 10_000_000) > 4_000)
    let text = Self.text(of: unit, bytes: 8_000)
    let limit = 20_000 + 20 * text.utf8.count + text.utf8.count / 16 + 1
    let steps = try Self.steps(pattern, text, times: 1, request: 10_000_000)
    #expect(steps > 16_000 && steps <= limit)
    #expect(try Pattern(pattern).isSlow)
  }

  @Test func `short texts together take no more steps than a request has`() throws {
    for (pattern, unit) in Self.slow.prefix(2) {
      let steps = try Self.steps(pattern, Self.text(of: unit, bytes: 500), times: 300, request: 100_000)
      #expect((90_000...100_100).contains(steps))
    }
  }

  @Test func `what is short and simple is decided when a request has no steps left, and after a rule was given up`()
    throws
  {
    let pattern = try Pattern("(a+)+$")
    var matcher = PatternMatcher(requestSteps: 10_000)
    var results: [Bool?] = []
    var left: [Int] = []
    let slow = String(repeating: "a", count: 100) + "b"
    for (text, effort) in [
      (slow, .little), (slow, .usual), ("production", .usual), ("production", .little), ("1.2.3-a", .usual),
      ("1.2.3-a", .little),
    ] as [(String, PatternEffort)] {
      var text = text
      results.append(text.withUTF8 { matcher.matches(pattern, UnsafeRawBufferPointer($0), effort: effort) })
      left.append(matcher.requestStepsLeft)
    }
    #expect(results == [nil, nil, false, false, true, true])
    #expect(left[0] == 10_000 && left[1] < 100 && left[5] == left[1])
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
    (".*foo.*bar", false), ("token=([^&]*)&", false), ("^/users/\\d+(/|$)", false),
    ("\\d{4}(-?\\d{4}){3}", false),
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

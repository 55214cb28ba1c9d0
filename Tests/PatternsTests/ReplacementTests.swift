import Testing
import TraceModel

@testable import Patterns

@Suite struct ReplacementTests {
  /// The text that is written; `nil` where the limits were reached.
  private static func replaced(_ text: String, _ pattern: String, _ replacement: String) throws -> String? {
    let pattern = try Pattern(pattern)
    let replacement = Replacement(replacement, for: pattern)
    var matcher = PatternMatcher()
    var out = GrowableBuffer<UInt8>()
    var text = text
    let outcome = text.withUTF8 {
      matcher.replaceAll(pattern, by: replacement, in: UnsafeRawBufferPointer($0), to: &out)
    }
    switch outcome {
    case .unchanged: return text
    case .replaced: return String(decoding: out.pointer, as: UTF8.self)
    case .undecided: return nil
    }
  }

  /// What Go's `Regexp.ReplaceAllString` makes of the same.
  @Test(arguments: [
    ("some/guid/token/abcdef/abc", "(token/)([^/]*)", "${1}?", "some/guid/token/?/abc"),
    ("abc", "b", "[$0]", "a[b]c"), ("abab", "a(?P<x>b)", "${x}$x-", "bb-bb-"), ("abc", "(b)", "$1x", "ac"),
    ("abc", "(b)", "${1}x", "abxc"), ("abc", "b", "$$1", "a$1c"), ("abc", "b", "$", "a$c"),
    ("abc", "b", "${1", "a${1c"),
    ("abc", "b", "$-", "a$-c"), ("abc", "b", "${}", "a${}c"), ("abc", "b", "$9$nobody", "ac"),
    ("abc", "(x)?b", "<$1>", "a<>c"),
    ("abc", "", "-", "-a-b-c-"), ("abc", "x*", "-", "-a-b-c-"), ("baaac", "a*", "x", "xbxcx"), ("", "x*", "-", "-"),
    ("abc", "(?s).*", "?", "?"), ("", "(?s).*", "?", "?"), ("a\nb", "(?s).*", "?", "?"), ("a\nb", ".*", "?", "?\n?"),
    ("éaé", "", "-", "-é-a-é-"), ("abc", "z", "?", "abc"), ("aaa", "^a", "b", "baa"), ("a1b22", "\\d+", "#", "a#b#"),
    ("aaa", "(a)(a)", "$2$1$3", "aaa"), ("aaXX", "([a-z])+(X)*", "$1$2", "aX"), ("baab", "^*a", "x", "bxxb"),
  ])
  func `matches are replaced as Go does`(text: String, pattern: String, replacement: String, expected: String) throws {
    #expect(try Self.replaced(text, pattern, replacement) == expected)
  }

  @Test func `groups that the pattern does not have are told`() throws {
    let pattern = try Pattern("(a)(?P<name>b)")
    #expect(Replacement("$1$2${name}$0", for: pattern).missingGroups == [])
    #expect(Replacement("$1x ${3} $names $$4", for: pattern).missingGroups == ["1x", "3", "names"])
  }

  @Test func `a replacement that multiplies is given up, and so is a pattern that explodes`() throws {
    let text = String(repeating: "a", count: 1_000)
    #expect(try Self.replaced(text, "a", String(repeating: "b", count: 5_000)) == nil)
    #expect(try Self.replaced(text, "a", "bb")?.count == 2_000)
    #expect(try Self.replaced(text + "b", "(a+)+$", "x") == nil)
  }
}

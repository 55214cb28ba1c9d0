import Processing
import TestFixtures
import Testing
import TraceModel

private func tag(_ text: String) -> String {
  var normalizer = TagNormalizer()
  return Array(text.utf8).withUnsafeBytes { input in
    normalizer.normalizeTag(input).map { String(decoding: $0, as: UTF8.self) } ?? text
  }
}

private func tagValue(_ text: String) -> String {
  var normalizer = TagNormalizer()
  return Array(text.utf8).withUnsafeBytes { input in
    normalizer.normalizeTagValue(input).map { String(decoding: $0, as: UTF8.self) } ?? text
  }
}

private func name(_ text: String) -> String {
  var normalizer = NameNormalizer()
  return Array(text.utf8).withUnsafeBytes { input in
    normalizer.normalize(input).map { String(decoding: $0, as: UTF8.self) } ?? text
  }
}

@Suite struct TextNormalizingTests {
  @Test func `tags come out as the published vectors say`() throws {
    let pairs = try Fixtures.pairs("normalize_tag")
    #expect(pairs.count > 10)
    for pair in pairs { #expect(tag(pair.input) == pair.expected, "of \(pair.input)") }
  }

  @Test func `tag values come out as the vectors say`() throws {
    let values = try Fixtures.pairs("normalize_tag_value_computed", to: "normalize_tag_value")
    let tags = try Fixtures.pairs("normalize_tag_value_computed", to: "normalize_tag")
    #expect(values.count >= 9 && tags.count >= 9)
    for pair in values { #expect(tagValue(pair.input) == pair.expected, "of \(pair.input)") }
    for pair in tags { #expect(tag(pair.input) == pair.expected, "of \(pair.input)") }
  }

  @Test(arguments: [
    ("", ""), ("a", "a"), ("A", "a"), ("1love", "love"), ("---x", "x"), ("./-1a", "a"), (":testing", ":testing"),
    ("a__b", "a_b"), ("a _ b", "a_b"), ("a_", "a"), ("_a", "a"), ("a_.b", "a_.b"), ("a1.2/3-4:5", "a1.2/3-4:5"),
    ("Ünï", "ünï"), ("ſx", "ſx"), ("İx", "İx"), ("Ⅷa", "a"), ("a²", "a"), ("a٣", "a٣"), ("日本", "日本"),
    ("a\u{FFFD}b", "a_b"), ("ǅx", "ǅx"), ("a🙂b", "a_b"), ("retargeting(api-Staging ", "retargeting_api-staging"),
  ])
  func `a tag keeps letters, digits and separators, in lower case`(input: String, expected: String) {
    #expect(tag(input) == expected)
  }

  @Test(arguments: [
    ("_foo", "_foo"), (" foo", "_foo"), ("__foo", "_foo"), ("1.2", "1.2"), ("-a", "-a"), ("_", ""), ("/", "/"),
    ("DEVELOPMENT", "development"),
  ])
  func `a tag value may start with a digit, a separator or one underscore`(input: String, expected: String) {
    #expect(tagValue(input) == expected)
  }

  @Test func `a tag ends after 200 characters, illegal ones counted`() {
    #expect(tag(String(repeating: "a", count: 201)) == String(repeating: "a", count: 200))
    #expect(tag("a" + String(repeating: "é", count: 300)).unicodeScalars.count == 200)
    let spread = String(repeating: "a b!", count: 100)
    #expect(tag(spread) == String(repeating: "a_b_", count: 49) + "a_b")
  }

  @Test func `a tag ends after 400 bytes of input`() {
    // Four bytes a character: 100 of them fill the 400 bytes.
    #expect(tag(String(repeating: "𐐨", count: 150)) == String(repeating: "𐐨", count: 100))
    // Leading characters that are dropped are not counted as characters, but their bytes are.
    #expect(tag(String(repeating: "1", count: 399) + "a" + "b") == "a")
    #expect(tag(String(repeating: "1", count: 400) + "a") == "")
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `any text becomes a tag of legal characters that stays as it is`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let alphabet: [Unicode.Scalar] = Array("abzAZ019:./-_ !@$é日ǅſİ🙂٣²\u{FFFD}\u{0301}\u{0}".unicodeScalars)
    for _ in 0..<2_000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...260, using: &random) {
        text.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)])
      }
      let input = String(text)
      for (once, twice) in [(tag(input), tag(tag(input))), (tagValue(input), tagValue(tagValue(input)))] {
        #expect(once == twice, "seed \(seed), of \(input.debugDescription)")
        #expect(once.unicodeScalars.allSatisfy(Self.isLegal), "seed \(seed), of \(input.debugDescription)")
        #expect(once.unicodeScalars.count <= 200 && !once.contains("__") && once.last != "_")
      }
      #expect(tag(input).unicodeScalars.first.map { $0 == ":" || $0.properties.isAlphabetic } ?? true)
    }
  }

  private static func isLegal(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .lowercaseLetter, .uppercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber:
      !("A"..."Z").contains(scalar)
    default: ":./-_".unicodeScalars.contains(scalar)
    }
  }

  @Test func `names come out as the published vectors say`() throws {
    let pairs = try Fixtures.pairs("normalize_name")
    #expect(pairs.count >= 3)
    // The caller cuts to 100 bytes first.
    for pair in pairs { #expect(name(String(pair.input.prefix(100))) == pair.expected, "of \(pair.input)") }
  }

  @Test(arguments: [
    ("flask.request", "flask.request"), ("Flask.Request2", "Flask.Request2"), ("&***", ""), ("", ""), ("123", ""),
    ("1a", "a"), ("a..b", "a..b"), ("a_.b", "a.b"), ("a._b", "a.b"), ("a__b", "a_b"), ("a_", "a"), ("a.", "a."),
    ("aüb", "a_b"), ("_a", "a"), ("a b-c", "a_b_c"), ("a_._", "a."),
  ])
  func `a name keeps ASCII letters, digits and dots`(input: String, expected: String) {
    #expect(name(input) == expected)
  }
}

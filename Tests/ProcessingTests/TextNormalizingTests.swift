import Processing
import TestFixtures
import Testing
import TraceModel

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
  @Test func `values come out as the vectors say`() throws {
    let pairs = try Fixtures.pairs("normalize_tag_value_computed", to: "normalize_tag_value")
    #expect(pairs.count >= 9)
    for pair in pairs { #expect(tagValue(pair.input) == pair.expected, "of \(pair.input)") }
  }

  /// A whole tag drops what stands before its first letter or colon; behind that it has the rules of a value.
  @Test func `what begins with a letter comes out as the published vectors of whole tags say`() throws {
    let pairs = try Fixtures.pairs("normalize_tag").filter { pair in
      pair.input.unicodeScalars.first.map { $0 == ":" || $0.properties.isAlphabetic } ?? true
    }
    #expect(pairs.count > 10)
    for pair in pairs { #expect(tagValue(pair.input) == pair.expected, "of \(pair.input)") }
  }

  @Test(arguments: [
    ("", ""), ("a", "a"), ("A", "a"), ("1love", "1love"), ("---x", "---x"), ("./-1a", "./-1a"), (":test", ":test"),
    ("a__b", "a_b"), ("a _ b", "a_b"), ("a_", "a"), ("_a", "_a"), ("a_.b", "a_.b"), ("a1.2/3-4:5", "a1.2/3-4:5"),
    ("Ünï", "ünï"), ("ſx", "ſx"), ("İx", "İx"), ("Ⅷa", "_a"), ("a²", "a"), ("a٣", "a٣"), ("٣a", "٣a"), ("日本", "日本"),
    ("a\u{FFFD}b", "a_b"), ("ǅx", "ǅx"), ("a🙂b", "a_b"), ("retargeting(api-Staging ", "retargeting_api-staging"),
    ("_foo", "_foo"), (" foo", "_foo"), ("__foo", "_foo"), ("_ foo", "_foo"), ("1.2", "1.2"), ("-a", "-a"), ("/", "/"),
    ("_", ""), ("@!", ""), ("🙂", ""), ("DEVELOPMENT", "development"), ("3scale-gw", "3scale-gw"),
    ("3Scale GW", "3scale_gw"), ("10.0.0.7", "10.0.0.7"), ("2031", "2031"), ("@acme/cart", "_acme/cart"),
    ("@acme/@cart@", "_acme/_cart"),
  ])
  func `a value keeps letters, digits and separators in lower case, and whatever it begins with`(
    input: String, expected: String
  ) {
    #expect(tagValue(input) == expected)
  }

  @Test func `a value ends after 200 characters, illegal ones counted`() {
    #expect(tagValue(String(repeating: "a", count: 201)) == String(repeating: "a", count: 200))
    #expect(tagValue("a" + String(repeating: "é", count: 300)).unicodeScalars.count == 200)
    let spread = String(repeating: "a b!", count: 100)
    #expect(tagValue(spread) == String(repeating: "a_b_", count: 49) + "a_b")
  }

  @Test func `a value ends after 400 bytes of input`() {
    // Four bytes a character: 100 of them fill the 400 bytes.
    #expect(tagValue(String(repeating: "𐐨", count: 150)) == String(repeating: "𐐨", count: 100))
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `any text becomes a value of legal characters that stays as it is`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let alphabet: [Unicode.Scalar] = Array("abzAZ019:./-_ !@$é日ǅſİ🙂٣²\u{FFFD}\u{0301}\u{0}".unicodeScalars)
    for _ in 0..<2_000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...260, using: &random) {
        text.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)])
      }
      let input = String(text)
      let once = tagValue(input)
      #expect(once == tagValue(once), "seed \(seed), of \(input.debugDescription)")
      #expect(once.unicodeScalars.allSatisfy(Self.isLegal), "seed \(seed), of \(input.debugDescription)")
      #expect(once.unicodeScalars.count <= 200 && !once.contains("__") && once.last != "_")
      #expect(once.utf8.count <= input.utf8.count)
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

  @Test(arguments: [7, 8, 9, 15, 16, 17, 24])
  func `a byte that has to go is seen wherever it stands`(length: Int) {
    let letters = Array("abcdefghijklmnopqrstuvwxyz".utf8.prefix(length))
    for position in 0..<length {
      for byte in 0..<0x80 as Range<UInt8> {
        var bytes = letters
        bytes[position] = byte
        let (text, scalar) = (String(decoding: bytes, as: UTF8.self), Unicode.Scalar(byte))
        let isSmall = ("a"..."z").contains(scalar)
        let isInside = position > 0 && position < length - 1
        let staysInValue = isSmall || ("-"...":").contains(scalar) || scalar == "_" && position < length - 1
        let mayFollow = ("0"..."9").contains(scalar) || scalar == "."
        let staysInName =
          isSmall || ("A"..."Z").contains(scalar) || mayFollow && position > 0 || scalar == "_" && isInside
        #expect((tagValue(text) == text) == staysInValue, "\(byte) in \(text.debugDescription)")
        #expect((name(text) == text) == staysInName, "\(byte) in \(text.debugDescription)")
      }
    }
  }

  @Test(arguments: [8, 9, 15, 16, 17, 24])
  func `dots and underscores that may not stand side by side are seen wherever they do`(length: Int) {
    let letters = Array("abcdefghijklmnopqrstuvwxyz".utf8.prefix(length))
    for position in 1..<length - 1 {
      for pair in ["__", "._", "_.", ".."] {
        var bytes = letters
        bytes.replaceSubrange(position...position + 1, with: pair.utf8)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect((name(text) == text) == (pair == ".."), "\(text)")
        #expect((tagValue(text) == text) == (pair != "__" && bytes.last != UInt8(ascii: "_")), "\(text)")
      }
    }
  }
}

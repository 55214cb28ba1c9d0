import Foundation
import TestFixtures
import Testing

@testable import Obfuscation

@Suite struct `What Datadog's agents hide besides SQL` {
  @Test func `reduces Redis commands as in their tables`() throws {
    var plain = ObfuscationOptions()
    let obfuscator = TextObfuscator(plain)
    plain.redis.removesAllArguments = true
    let remover = TextObfuscator(plain)
    var count = 0
    for group in try VectorGroup.all("redis") {
      let operation = try #require(group.fields["op"] as? String)
      for (input, expected) in group.pairs {
        count += 1
        switch operation {
        case "quantize": #expect(obfuscator.commandNames(input) == expected, "\(input)")
        case "obfuscate": #expect(obfuscator.commands(input) == expected, "\(input)")
        default: #expect(remover.commands(input) == expected, "\(input)")
        }
      }
    }
    #expect(count > 120)
  }

  @Test func `cuts Redis commands into words as in their tables`() throws {
    for group in try VectorGroup.all("redis_tokenizer") {
      for fields in group.cases {
        let input = try #require(fields["input"] as? String)
        let expected = try #require(fields["tokens"] as? [[String: Any]]).map { token in
          "\(token["type"] as? String == "redisTokenCommand") \(token["token"] ?? "")"
        }
        var seen: [String] = []
        Array(input.utf8).withUnsafeBytes { bytes in
          var tokens = RedisTokenizer(TextBytes(bytes))
          while let token = tokens.next() {
            let text = String(decoding: (0..<token.text.count).map { token.text[$0] }, as: UTF8.self)
            seen.append("\(token.isCommand) \(text)")
          }
        }
        #expect(seen == expected)
      }
    }
  }

  @Test func `keeps the command of Memcached, or nothing`() throws {
    var options = ObfuscationOptions()
    options.memcachedKeepsCommand = true
    let keeper = TextObfuscator(options)
    for (input, expected) in try Fixtures.pairs("memcached") {
      #expect(keeper.memcached(input) == expected)
      #expect(TextObfuscator().memcached(input) == "")
    }
  }

  @Test func `rewrites URLs as in their tables`() throws {
    var count = 0
    for group in try VectorGroup.all("http_url") {
      for fields in group.cases {
        let config = fields["config"] as? [String: Any] ?? group.config
        var options = ObfuscationOptions()
        options.url.removesQueryString = config["remove_query_string"] as? Bool ?? false
        options.url.removesPathsWithDigits = config["remove_path_digits"] as? Bool ?? false
        let input = try #require(fields["input"] as? String)
        #expect(TextObfuscator(options).url(input) == fields["expected"] as? String, "\(input) \(config)")
        count += 1
      }
    }
    #expect(count > 50)
  }

  @Test func `hides values of JSON as in their tables`() throws {
    var count = 0
    for group in try VectorGroup.all("json_obfuscation") {
      for fields in group.cases {
        var options = ObfuscationOptions()
        options.mongoDB.keptKeys = Set(fields["keep_values"] as? [String] ?? fields["keep_keys"] as? [String] ?? [])
        let input = try #require(fields["input"] as? String)
        let expected = try #require(fields["expected"] as? String)
        let seen = TextObfuscator(options).json(input)
        count += 1
        if input.hasSuffix("...") {
          // The longest case was cut where it was written down, and so was what it comes to.
          let (whole, cut) = (Self.withoutBlanks(seen), Self.withoutBlanks(expected).dropLast(3))
          #expect(whole.count > 500 && cut.hasPrefix(whole.dropLast(3)) || whole.hasPrefix(cut))
          continue
        }
        // The old table leaves open where blanks stand.
        if group.isOld {
          #expect(Self.withoutBlanks(seen) == Self.withoutBlanks(expected))
        } else {
          #expect(seen == expected, "\(input)")
        }
      }
    }
    #expect(count > 20)
  }

  private static func withoutBlanks(_ text: String) -> String { text.filter { !$0.isWhitespace } }

  @Test func `knows card numbers by the tables of issuers`() throws {
    let document = try #require(try Fixtures.json("vectors/credit_cards.json") as? [String: Any])
    var options = ObfuscationOptions()
    options.creditCardsNeedChecksum = true
    let (loose, strict) = (TextObfuscator(), TextObfuscator(options))
    var count = 0
    for group in try #require(document["groups"] as? [[String: Any]]) {
      let cases = try #require(group["cases"] as? [Any])
      count += cases.count
      switch try #require(group["test"] as? String) {
      case "test_valid_card_prefix":
        for fields in cases {
          let row = try #require(fields as? [Any])
          let number = try #require(row[0] as? Int)
          let expected = (row[1] as? [String: Any])?["ident"] as? String
          let seen = CardPrefix.match(number, digits: String(number).count)
          #expect("\(seen)" == ["True": "yes", "Maybe": "maybe", "False": "no"][expected ?? ""], "\(number)")
        }
      case "test_invalid_cards":
        for number in cases { #expect(!loose.isCard(try #require(number as? String))) }
      case "test_valid_cards":
        for number in cases {
          let text = try #require(number as? String)
          #expect(loose.isCard(text) && strict.isCard(text), "\(text)")
        }
      default: break
      }
    }
    #expect(count > 100)
  }

  @Test(arguments: [
    ("http://shop.example", true), ("https://shop.example:8443/a/b;c=1?q=%zz&\u{e9}", true), ("http://h?x", true),
    ("http://h:/", true), ("http://h/@me", false), ("http://h/?q=a@b", false), ("http://h/?q=a%40b", false),
    ("http://u@h/", false), ("http://h/%41", false), ("http://h/a#b", false),
    ("HTTP://h/", false), ("http:///a", false), ("http://h:x/", false), ("http://h/a b", false),
    ("http://h/?a\u{1}", false), ("httpsx//h/", false), ("http://h/?a#b", false),
  ])
  func `takes a short way for plain URLs, which leads to the same`(url: String, isPlain: Bool) {
    Array(url.utf8).withUnsafeBytes { #expect(PlainURL.matches(TextBytes($0)) == isPlain) }
    guard isPlain else { return }
    // With a fragment it has to go the long way.
    #expect(TextObfuscator().url(url) + "#x" == TextObfuscator().url(url + "#x"))
  }

  @Test func `a path is looked at closely for one byte that is not plain, wherever it stands`() {
    let plain = Set("-._~/:!$&'()*+,;=?".utf8)
    for byte in UInt8.min...UInt8.max {
      let isLetter = CharacterClass.isASCIILetter(byte) || CharacterClass.isDigit(byte)
      for position in 0..<20 {
        var url = Array("http://shop.example:80/".utf8) + [UInt8](repeating: UInt8(ascii: "a"), count: 20)
        url[url.count - 20 + position] = byte
        url.withUnsafeBytes {
          #expect(PlainURL.matches(TextBytes($0)) == (isLetter || plain.contains(byte)), "\(byte) at \(position)")
        }
      }
    }
  }
}

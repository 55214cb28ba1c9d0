import Foundation
import TestFixtures
import Testing

@testable import Obfuscation

/// Statements with literals that are known, from a grammar as wide as what applications send.
private struct StatementMaker {
  var random: SeededGenerator
  var literals: [String] = []

  mutating func pick(_ words: [String]) -> String { words[Int.random(in: 0..<words.count, using: &random)] }

  mutating func name() -> String {
    pick(["users", "t1.id", "`a b`", "\"Col\"", "orders", "naïve", "\"s\".\"t\"", "_x"])
  }

  mutating func literal() -> String {
    // Every literal holds a word or number that stands nowhere else.
    let secret = "zq\(UInt32.random(in: 1_000_000...9_999_999, using: &random))"
    let number = "\(UInt32.random(in: 100_000_000...999_999_999, using: &random))"
    switch Int.random(in: 0..<10, using: &random) {
    case 0: literals.append(number); return number
    case 1: literals.append(number); return "-\(number).\(number)e5"
    case 2: literals.append(secret); return "'\(secret)'"
    case 3: literals.append(secret); return "'it''s \(secret)'"
    case 4: literals.append(secret); return "N'\(secret) -- /* '"
    case 5: literals.append(secret); return "$q$\(secret) ' \" $q$"
    case 6: literals.append(secret); return "$$\(secret)$$"
    case 7: literals.append(number); return "0x\(number)"
    case 8: return pick(["NULL", "true", "?", "$1", "%s", "%(name)s", ":name"])
    default: literals.append(secret); return "'\(secret);\n\(secret)'"
    }
  }

  mutating func list() -> String {
    (0..<Int.random(in: 1...4, using: &random)).map { _ in literal() }.joined(separator: pick([",", ", ", " , "]))
  }

  mutating func condition() -> String {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: "\(name()) \(pick(["=", "<>", ">=", "!=", "LIKE"])) \(literal())"
    case 1: "\(name()) IN (\(list()))"
    case 2: "\(name()) BETWEEN \(literal()) AND \(literal())"
    default: "lower(\(name())) = \(literal()) /* \(pick(["note", "x"])) */"
    }
  }

  mutating func statement() -> String {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: "SELECT \(name()) AS x, \(name()) FROM \(name()) WHERE \(condition()) AND \(condition()) LIMIT \(literal())"
    case 1: "INSERT INTO \(name()) (a, b) VALUES (\(list())), (\(list())), (\(list()))"
    case 2: "UPDATE \(name()) SET a = \(literal()), b = \(literal()) WHERE \(condition());"
    default: "DELETE FROM \(name()) WHERE \(condition()) OR \(name()) IN (SELECT \(literal()) FROM \(name()))"
    }
  }
}

@Suite struct `What is obfuscated` {
  @Test(arguments: SQLOptions.Mode.allCases.filter { $0 != .normalizeOnly })
  func `holds no literal of a statement`(mode: SQLOptions.Mode) {
    var options = ObfuscationOptions()
    options.sql.mode = mode
    let obfuscator = TextObfuscator(options)
    var maker = StatementMaker(random: SeededGenerator(seed: 13))
    for _ in 0..<1_500 {
      maker.literals = []
      let statement = maker.statement()
      let seen = obfuscator.sql(statement)
      #expect(seen != nil, "\(statement)")
      for literal in maker.literals { #expect(seen?.contains(literal) != true, "\(literal) of \(statement)") }
      // A blank at most stands between two tokens that had none.
      #expect((seen ?? "").utf8.count <= 2 * statement.utf8.count + 1)
    }
  }

  @Test(arguments: SQLOptions.Mode.allCases.filter { $0 != .normalizeOnly })
  func `stays as it is when it is obfuscated again`(mode: SQLOptions.Mode) {
    var options = ObfuscationOptions()
    options.sql.mode = mode
    let obfuscator = TextObfuscator(options)
    var maker = StatementMaker(random: SeededGenerator(seed: 14))
    for _ in 0..<500 {
      // A name without its quotes may be read otherwise than with them; all else may not.
      let statement = maker.statement().replacing("`a b`", with: "ab").replacing("\"", with: "")
      let once = obfuscator.sql(statement) ?? ""
      let twice = obfuscator.sql(once)
      #expect(twice == once, "\(statement)")
    }
  }

  @Test func `of JSON, URLs and commands stays as it is, too`() throws {
    let obfuscator = TextObfuscator()
    for (input, _) in try Fixtures.pairs("json_obfuscation") {
      let once = obfuscator.json(input)
      if !once.hasSuffix("...") { #expect(obfuscator.json(once) == once) }
    }
    for (input, _) in try Fixtures.pairs("http_url") {
      let once = obfuscator.url(input)
      #expect(obfuscator.url(once) == once, "\(input)")
    }
    for (input, _) in try Fixtures.pairs("redis") {
      let once = obfuscator.commands(input)
      #expect(obfuscator.commands(once) == once, "\(input)")
    }
  }

  @Test func `is bounded and well-formed, whatever the bytes`() throws {
    var random = SeededGenerator(seed: 15)
    let seeds = try ["sql", "json_obfuscation", "redis", "http_url"].flatMap { try Fixtures.pairs($0).map(\.input) }
    let pieces: [String] = "' \" ` $ $func$ \\ ( ) [ ] { } ? , -- /* */ %(".split(separator: " ").map { String($0) }
    var modes: [TextObfuscator] = []
    for mode in SQLOptions.Mode.allCases {
      var options = ObfuscationOptions()
      options.sql.mode = mode
      options.sql.obfuscatesDollarQuotedFunctions = true
      options.sql.collectsTableNames = true
      options.sql.replacesDigits = true
      options.url.removesPathsWithDigits = true
      modes.append(TextObfuscator(options))
    }
    for round in 0..<3_000 {
      var bytes = Array(seeds[Int.random(in: 0..<seeds.count, using: &random)].utf8.prefix(400))
      for _ in 0...Int.random(in: 0...3, using: &random) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes.insert(UInt8.random(in: 0 ... .max, using: &random), at: place)
        case 1: bytes.insert(contentsOf: pieces[Int.random(in: 0..<pieces.count, using: &random)].utf8, at: place)
        default: bytes.removeLast(bytes.count - place)
        }
      }
      let obfuscator = modes[round % modes.count]
      let dialect = try #require(SQLDialect(rawValue: UInt8(round / modes.count % 6)))
      // A broken byte may be repaired to three where a test turns it into text.
      let limit = 6 * bytes.count + 64
      #expect((obfuscator.sql(bytes, dialect) ?? "").utf8.count <= limit)
      #expect(obfuscator.json(bytes).utf8.count <= limit)
      #expect(obfuscator.commands(bytes).utf8.count <= limit)
      #expect(obfuscator.url(bytes).utf8.count <= limit)
    }
  }

  @Test func `takes time in proportion to the text`() {
    // Each of these would be looked through from every place again by a careless reader. A test that hangs fails.
    let obfuscator = TextObfuscator()
    for piece in ["$a", "/*", "'\\'", "(?,", "%(", "[", "{", "$$ $a$", "\"\"", "a,", "FROM t,"] {
      let text = String(repeating: piece, count: 20_000 / piece.utf8.count)
      _ = obfuscator.sql(text)
      _ = obfuscator.json(text)
      _ = obfuscator.commands(text)
      _ = obfuscator.url(text)
    }
    let nested = String(repeating: "[", count: 20_000)
    #expect(obfuscator.json(nested) == nested + "...")
  }
}

import Foundation
import TestFixtures
import Testing

@testable import Obfuscation

/// Statements with literals that are known, from a grammar as wide as what applications send.
private struct StatementMaker {
  var random: SeededGenerator
  var dialect = SQLDialect.generic
  /// Only literals that stand alone: lists of others are not collapsed in one go, which the agent does not do either.
  var isPlain = false
  var literals: [String] = []

  mutating func pick(_ words: [String]) -> String { words[Int.random(in: 0..<words.count, using: &random)] }

  mutating func name() -> String {
    pick(["users", "t1.id", "`a b`", "\"Col\"", "orders", "naïve", "\"s\".\"t\"", "_x"])
  }

  mutating func literal() -> String {
    // Every literal holds a word or number that stands nowhere else.
    let secret = "zq\(UInt32.random(in: 1_000_000...9_999_999, using: &random))"
    let number = "\(UInt32.random(in: 100_000_000...999_999_999, using: &random))"
    let form = Int.random(in: 0..<18, using: &random)
    switch isPlain && (8...15).contains(form) ? 17 : form {
    case 0: literals.append(number); return number
    case 1: literals.append(number); return "-\(number).\(number)e5"
    case 2: literals.append(secret); return "'\(secret)'"
    case 3: literals.append(secret); return "'it''s \(secret)'"
    case 4: literals.append(secret); return "N'\(secret) -- /* '"
    case 5, 6:
      guard dialect == .generic || dialect == .postgreSQL else { fallthrough }
      literals.append(secret)
      return pick(["$q$\(secret) ' \" $q$", "$$\(secret)$$"])
    case 7: literals.append(number); return "0x\(number)"
    case 8...10: literals.append(secret); return own(secret)
    case 11:
      literals.append(number);
      return pick(["1_\(number)", "0b1_\(number)", "0o7_\(number)", "0xA_\(number)", "5.\(number)E-7"])
    case 12: literals.append(number); return "qty\(pick(["*", "/", "+", "||"]))\(number)"
    case 13: literals.append(number); return "e50e8400-e29b-41d4-a716-446\(number)"
    case 14: literals.append(secret); return "{d '}\(secret)'}"
    case 15:
      literals.append(secret);
      return pick(["1 /* it's \(secret) */", "1 /* it's '\(secret)' */", "1 /* 'it\\'s \(secret)' */"])
    case 16: return pick(["NULL", "true", "?", "$1", "%s", "%(name)s", ":name"])
    default: literals.append(secret); return "'\(secret);\n\(secret)'"
    }
  }

  /// A literal as only this dialect has it.
  private mutating func own(_ secret: String) -> String {
    switch dialect {
    case .generic, .quotedNames: pick(["q'[it's \(secret)]'", "1 /* /* a */ '\(secret)' */"])
    case .sqlServer: pick(["'C:\\\(secret)\\'", "1 /* /* a */ '\(secret)' */"])
    case .postgreSQL: pick(["'C:\\\(secret)\\'", "E'it\\'s \(secret)'", "1 /* /* a */ '\(secret)' */"])
    case .mySQL: pick(["'it\\'s \(secret) -- x'", "\"\(secret)\"", "\"it's \\\"\(secret)\"", "1 # it's \(secret)\n"])
    case .oracle: pick(["q'[it's \(secret)]'", "NQ'!it's \(secret)!'", "'C:\\\(secret)\\'"])
    case .snowflake: pick(["'it\\'s \(secret) -- x'", "1 // '\(secret)'\n"])
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
  @Test(
    arguments: SQLOptions.Mode.allCases.filter { $0 != .normalizeOnly },
    [SQLDialect.generic, .sqlServer, .postgreSQL, .mySQL, .oracle, .snowflake])
  func `holds no literal of a statement`(mode: SQLOptions.Mode, dialect: SQLDialect) {
    var options = ObfuscationOptions()
    options.sql.mode = mode
    let obfuscator = TextObfuscator(options)
    var maker = StatementMaker(random: SeededGenerator(seed: 13), dialect: dialect)
    for _ in 0..<400 {
      maker.literals = []
      let statement = maker.statement()
      let seen = obfuscator.sql(statement, dialect)
      #expect(seen != nil, "\(statement)")
      for literal in maker.literals {
        #expect(seen?.contains(literal) != true, "\(literal) of \(statement): \(seen ?? "")")
      }
      // A blank at most stands between two tokens that had none.
      #expect((seen ?? "").utf8.count <= 2 * statement.utf8.count + 1)
      // Cut off anywhere, a statement of a known dialect may not be readable, but shows no more.
      guard dialect != .generic else { continue }
      let cut = String(statement.prefix(Int.random(in: 1...statement.count, using: &maker.random)))
      let seenCut = obfuscator.sql(cut, dialect) ?? ""
      for literal in maker.literals { #expect(!seenCut.contains(literal), "\(literal) of \(cut): \(seenCut)") }
    }
  }

  @Test(arguments: SQLOptions.Mode.allCases.filter { $0 != .normalizeOnly })
  func `stays as it is when it is obfuscated again`(mode: SQLOptions.Mode) {
    var options = ObfuscationOptions()
    options.sql.mode = mode
    let obfuscator = TextObfuscator(options)
    var maker = StatementMaker(random: SeededGenerator(seed: 14), isPlain: true)
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
}

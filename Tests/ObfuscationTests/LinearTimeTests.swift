import Foundation
import Testing

@testable import Obfuscation

@Suite struct `Obfuscation of long texts` {
  /// How many times longer a text is than the one that it is compared with.
  private static let factor = 8
  /// Work that grows with the length takes about `factor` times as long, work that grows with its square `factor` times
  /// that.
  private static let growthMax = 3 * Double(factor)

  /// How many times more of the processor a text of `factor` times the length takes. What else the machine does is left
  /// out: only the time of this thread counts.
  private static func growth(_ run: (Int) -> Void) -> Double {
    seconds(run, 2_000 * factor) / seconds(run, 2_000)
  }

  /// What one run takes: the least of several means, each over so many runs that a coarse clock sees them.
  private static func seconds(_ run: (Int) -> Void, _ length: Int) -> Double {
    var fastest = Double.infinity
    for _ in 0..<3 {
      let start = threadSeconds()
      var (runs, passed) = (0.0, 0.0)
      repeat {
        run(length)
        runs += 1
        passed = threadSeconds() - start
      } while passed < 1e-3
      fastest = min(fastest, passed / runs)
    }
    return fastest
  }

  private static func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func text(of piece: String, _ length: Int) -> String {
    String(repeating: piece, count: max(1, length / piece.utf8.count))
  }

  /// Each of these would be looked through from every place again by a careless reader.
  @Test(
    arguments: [
      "$a", "$$ $a$", "$a$ ", "/*", "/* /* */ ", "'\\'", "\"\"", "q'[", "q'! ", "(?,", "%(", "%('", "{", "x {d '", "[",
      "[a", "[a']", "# '", "a,", "FROM t,", "1,", "a*1 ", "-- '\n", "IN (\"a\",",
    ], SQLOptions.Mode.allCases)
  func `takes time in proportion to a statement`(piece: String, mode: SQLOptions.Mode) {
    let obfuscator = Self.obfuscator(mode)
    let growth = Self.growth { _ = obfuscator.sql(Self.text(of: piece, $0)) }
    #expect(growth < Self.growthMax, "\(piece)")
  }

  @Test(arguments: ["[", "{\"a\":", "\"\\u00", "[1,", "{} "])
  func `takes time in proportion to JSON`(piece: String) {
    let obfuscator = Self.obfuscator(.classic)
    #expect(Self.growth { _ = obfuscator.json(Self.text(of: piece, $0)) } < Self.growthMax, "\(piece)")
  }

  @Test(arguments: [
    "SET k NX ", "HSET k f v ", "HSET k f v\n", "SET k v EX 1 ", "\"a ", "NX ", "MSET a b\n", "x\n", "\" \n",
    "GET a\n",
  ])
  func `takes time in proportion to commands`(piece: String) {
    let obfuscator = Self.obfuscator(.classic)
    let growth = Self.growth {
      _ = obfuscator.commands("SET k v " + Self.text(of: piece, $0))
      _ = obfuscator.commandNames(Self.text(of: piece, $0))
    }
    #expect(growth < Self.growthMax, "\(piece)")
  }

  @Test(arguments: [
    "near '", "near 'a' ", "'", "' ", "\"a", "(1, \"", ")=(", ")=(a) ", "[SQL: ", "[SQL: ]", "dup key: {", "\n'",
    "\n)=(a",
    "value: 'a\\",
  ])
  func `takes time in proportion to the text of an error`(piece: String) {
    let obfuscator = Self.obfuscator(.classic)
    #expect(Self.growth { _ = obfuscator.errorText(Self.text(of: piece, $0)) } < Self.growthMax, "\(piece)")
  }

  @Test(arguments: ["//a@", "//a", "@", "%2F%2F%40", "%25", "25", ":/", "/1", "a:b@", "?//"])
  func `takes time in proportion to a URL`(piece: String) {
    let obfuscator = Self.obfuscator(.classic)
    let growth = Self.growth {
      _ = obfuscator.url("http://h/" + Self.text(of: piece, $0))
      _ = obfuscator.url(Self.text(of: piece, $0))
    }
    #expect(growth < Self.growthMax, "\(piece)")
  }

  @Test func `would be seen to take longer by the square`() {
    let growth = Self.growth { length in
      let text = [UInt8](repeating: 0, count: length)
      var found = 0
      for start in stride(from: 0, to: text.count, by: 16) {
        for index in start..<text.count where text[index] != 0 { found += 1 }
      }
      #expect(found == 0)
    }
    #expect(growth > Self.growthMax)
  }

  @Test func `keeps brackets that are never closed`() {
    let nested = String(repeating: "[", count: 20_000)
    #expect(TextObfuscator().json(nested) == nested + "...")
  }

  /// One that looks at each text anew, whether it saw it before or not.
  private static func obfuscator(_ mode: SQLOptions.Mode) -> TextObfuscator {
    var options = ObfuscationOptions()
    options.remembersStatements = false
    options.sql.mode = mode
    options.sql.collectsTableNames = true
    options.url.removesPathsWithDigits = true
    return TextObfuscator(options)
  }
}

import Testing
import TraceModel

@testable import Obfuscation

@Suite struct `Statements seen before` {
  private static func find(_ text: String, in cache: inout StatementCache, dialect: UInt8 = 0) -> String? {
    var out = GrowableBuffer<UInt8>()
    var tables = GrowableBuffer<UInt8>()
    let isFound = Array(text.utf8).withUnsafeBytes {
      cache.find(TextBytes($0), dialect: dialect, into: &out, tables: &tables)
    }
    return isFound ? String(decoding: Array(out.pointer) + Array(tables.pointer), as: UTF8.self) : nil
  }

  private static func insert(
    _ text: String, _ result: String, tables: String = "", into cache: inout StatementCache
  ) {
    Array(text.utf8).withUnsafeBytes { text in
      Array(result.utf8).withUnsafeBytes { result in
        Array(tables.utf8).withUnsafeBytes { tables in
          cache.insert(
            TextBytes(text), dialect: 0, obfuscated: TextBytes(result), tables: TextBytes(tables))
        }
      }
    }
  }

  @Test func `are found with their tables, in their dialect only`() {
    var cache = StatementCache(bytesMax: 100_000)
    Self.insert("SELECT 1", "SELECT ?", tables: "+t", into: &cache)
    #expect(Self.find("SELECT 1", in: &cache) == "SELECT ?+t")
    #expect(Self.find("SELECT 1", in: &cache, dialect: 1) == nil)
    #expect(Self.find("SELECT 2", in: &cache) == nil)
  }

  @Test(arguments: [0, 4_000, 10_000, 100_000, 5_000_000])
  func `take no more memory than they may`(bytesMax: Int) {
    var cache = StatementCache(bytesMax: bytesMax)
    for number in 0..<20_000 {
      // Now and then a long one, which would make a buffer grow to what is no power of two.
      let tail = number % 1_000 == 7 ? String(repeating: "x", count: 1_000 + number) : ""
      Self.insert("SELECT * FROM t WHERE id = \(number)\(tail)", "SELECT * FROM t WHERE id = ?", into: &cache)
    }
    #expect(cache.allocatedBytes <= bytesMax)
  }

  @Test func `are known to be unreadable, too`() {
    let obfuscator = TextObfuscator()
    for _ in 0..<2 {
      #expect(obfuscator.sql("SELECT 'secret") == nil)
      #expect(obfuscator.tables == "")
    }
    #expect(obfuscator.cacheBytes > 0)
    var cache = StatementCache(bytesMax: 100_000)
    Self.insert("SELECT '", "", into: &cache)
    #expect(Self.find("SELECT '", in: &cache) == "")
  }

  @Test func `stay while they are used`() {
    var cache = StatementCache(bytesMax: 20_000)
    Self.insert("often", "o", into: &cache)
    Self.insert("once", "1", into: &cache)
    for number in 0..<2_000 {
      Self.insert("SELECT \(number)", "SELECT ?", into: &cache)
      #expect(Self.find("often", in: &cache) == "o")
    }
    #expect(Self.find("once", in: &cache) == nil)
  }

  @Test func `are not remembered when they are large`() {
    var cache = StatementCache(bytesMax: 20_000)
    let large = String(repeating: "x", count: 10_000)
    Self.insert(large, "x", into: &cache)
    #expect(Self.find(large, in: &cache) == nil)
  }
}

import TestFixtures
import Testing
import TraceModel

@Suite struct `Hashes` {
  private struct Malformed: Error {}

  static func vectors(_ group: String) throws -> [[String: Any]] {
    let file = try Fixtures.json("vectors/hashes_computed.json") as? [String: Any]
    guard let cases = file?[group] as? [[String: Any]], !cases.isEmpty else { throw Malformed() }
    return cases
  }

  @Test func `of tags are those of the vectors`() throws {
    for vector in try Self.vectors("tags_hash(sorted, NUL-joined, empty=0)") {
      let tags = try #require(vector["tags"] as? [String])
      let expected = try #require((vector["fnv1a64"] as? String).flatMap { UInt64($0) })
      guard !tags.isEmpty else { continue }
      var hash = FNV1a64()
      Array(tags.sorted().joined(separator: "\0").utf8).withUnsafeBytes { hash.combine($0) }
      #expect(hash.value == expected, "\(tags)")
    }
  }

  /// From the reference tables of the FNV authors.
  static let known: [(text: String, hash: UInt64)] = [
    ("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8),
  ]

  @Test(arguments: known)
  func `are FNV-1a, a byte at a time and at once`(text: String, hash: UInt64) {
    var (whole, parts) = (FNV1a64(), FNV1a64())
    Array(text.utf8).withUnsafeBytes { whole.combine($0) }
    for byte in text.utf8 { parts.combine(byte) }
    #expect(whole.value == hash)
    #expect(parts.value == hash)
  }
}

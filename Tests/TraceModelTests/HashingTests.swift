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

  @Test func `of a service and its environment are those of the vectors`() throws {
    for vector in try Self.vectors("service_signature") {
      let service = try #require(vector["service"] as? String)
      let env = try #require(vector["env"] as? String)
      let expected = try #require(vector["fnv1a32_of_service_comma_env"] as? UInt32)
      var hash = FNV1a32()
      Array(service.utf8).withUnsafeBytes { hash.combine($0) }
      hash.combine(UInt8(ascii: ","))
      Array(env.utf8).withUnsafeBytes { hash.combine($0) }
      #expect(hash.value == expected, "\(service), \(env)")
    }
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
  static let known: [(text: String, fnv32: UInt32, fnv64: UInt64)] = [
    ("", 0x811c_9dc5, 0xcbf2_9ce4_8422_2325), ("a", 0xe40c_292c, 0xaf63_dc4c_8601_ec8c),
    ("foobar", 0xbf9c_f968, 0x8594_4171_f739_67e8),
  ]

  @Test(arguments: known)
  func `are FNV-1a, a byte at a time and at once`(text: String, fnv32: UInt32, fnv64: UInt64) {
    var (whole32, whole64) = (FNV1a32(), FNV1a64())
    var (parts32, parts64) = (FNV1a32(), FNV1a64())
    Array(text.utf8).withUnsafeBytes {
      whole32.combine($0)
      whole64.combine($0)
    }
    for byte in text.utf8 {
      parts32.combine(byte)
      parts64.combine(byte)
    }
    #expect(whole32.value == fnv32)
    #expect(parts32.value == fnv32)
    #expect(whole64.value == fnv64)
    #expect(parts64.value == fnv64)
  }

  @Test func `for our tables differ when any byte, the length or the seed differs`() {
    var seen: [UInt64: [UInt8]] = [:]
    for length in 0...40 {
      for place in -1..<length {
        var bytes = [UInt8](repeating: 0, count: length)
        if place >= 0 { bytes[place] = 1 }
        let copy = ExactCopy(bytes)
        let hash = tableHash(copy.bytes)
        #expect(tableHash(copy.bytes, seed: 1) != hash)
        if let other = seen.updateValue(bytes, forKey: hash) { Issue.record("\(other) and \(bytes) collide") }
      }
    }
  }
}

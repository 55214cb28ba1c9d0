import TestFixtures
import TestSpans
import Testing
import TraceModel

@testable import Statistics

@Suite struct PeerTagTests {
  @Test func `the standard names are those of the published mappings`() throws {
    let document = try #require(Fixtures.json("vectors/peer_tags.json") as? [String: Any])
    let concepts = try #require(document["concepts"] as? [String: [String]])
    #expect(PeerTags.standard.count == 43)
    #expect(Set(concepts.values.joined()).isSuperset(of: PeerTags.standard))
    let listed = document.values.compactMap { $0 as? [String] }.first { $0.count == 43 }
    if let listed { #expect(PeerTags.standard == listed) }
    #expect(PeerTags.standard == PeerTags.standard.sorted())
  }

  @Test func `configured names are added once, in order`() {
    let names = PeerTags.names(configured: ["zz", "db.name", "", "aa", "zz"])
    #expect(names.count == 45 && names == names.sorted() && names.contains("aa") && names.last == "zz")
  }

  @Test func `tags hash as the vectors say`() throws {
    let document = try #require(Fixtures.json("vectors/hashes_computed.json") as? [String: Any])
    let cases = try #require(
      document.first { $0.key.hasPrefix("tags_hash") }?.value as? [[String: Any]])
    #expect(cases.count >= 5)
    for one in cases {
      let tags = try #require(one["tags"] as? [String])
      #expect(String(PeerTags.hash(tags)) == one["fnv1a64"] as? String, "of \(tags)")
      #expect(PeerTags.hash(tags.reversed()) == PeerTags.hash(tags))
    }
  }

  @Test func `addresses are quantized as the vectors say`() throws {
    let cases = try Fixtures.vectors("ip_address")
    #expect(cases.count >= 20)
    for one in cases {
      let input = try #require(one["input"] as? String)
      if one["fn"] as? String == "split_prefix" {
        let (prefix, rest) = IPAddressQuantizer.splitPrefix(input[...])
        #expect([String(prefix), String(rest)] == one["expected"] as? [String], "of \(input)")
      } else {
        #expect(IPAddressQuantizer.quantize(input) == one["expected"] as? String, "of \(input)")
      }
    }
  }

  @Test(arguments: [
    ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("169.254.169.254", "169.254.169.254"),
    ("10.1.2.3", "blocked-ip-address"),
    ("10-1-2-3", "blocked-ip-address"), ("10_1_2_3", "blocked-ip-address"), ("10.1-2.3", "10.1-2.3"),
    ("256.1.2.3", "256.1.2.3"), ("10.1.2.3:80", "blocked-ip-address:80"), ("[2001:db8::1]:80", "blocked-ip-address:80"),
    ("10.0.0.1,10.0.0.2,db", "blocked-ip-address,db"), ("db,db", "db"), ("db-1", "db-1"), ("", ""), ("1.2.3", "1.2.3"),
    ("ip-10-0-0-1.ec2.internal", "ip-blocked-ip-address.ec2.internal"),
    ("http://10.0.0.1/x", "http://blocked-ip-address/x"),
  ])
  func `addresses are hidden and names kept`(input: String, expected: String) {
    #expect(IPAddressQuantizer.quantize(input) == expected)
  }

  private static let attributes = [
    ("db.name", "orders"), ("out.host", "10.0.0.7"), ("db.system", ""), ("_dd.base_service", "web"), ("other", "x"),
  ]

  @Test(
    arguments: [
      ("client", ["_dd.base_service:web", "db.name:orders", "out.host:blocked-ip-address"]),
      ("Producer", ["_dd.base_service:web", "db.name:orders", "out.host:blocked-ip-address"]),
      ("consumer", ["_dd.base_service:web", "db.name:orders", "out.host:blocked-ip-address"]),
      ("", ["_dd.base_service:web"]), ("internal", ["_dd.base_service:web"]), ("server", []), ("other", []),
    ] as [(String, [String])])
  func `the kind says which peer tags a group has`(kind: String, expected: [String]) throws {
    let span = TestSpan().meta("span.kind", kind).with { $0.meta += Self.attributes }
    #expect(try groups([[span]]).map(\.peerTags) == [expected])
  }

  @Test(
    arguments: [
      ("client", [("db.name", "a"), ("db.name", "b")], ["db.name:b"]),
      ("client", [("db.name", "a"), ("out.host", "c"), ("db.name", "")], ["out.host:c"]),
      ("client", [("db.name", ""), ("out.host", "c"), ("db.name", "b")], ["db.name:b", "out.host:c"]),
      ("internal", [("_dd.base_service", "a"), ("_dd.base_service", "b")], ["_dd.base_service:b"]),
      ("internal", [("_dd.base_service", "a"), ("_dd.base_service", "")], []),
    ] as [(String, [(String, String)], [String])])
  func `of a peer tag that stands twice the last one counts`(
    kind: String, attributes: [(String, String)], expected: [String]
  ) throws {
    let span = TestSpan().meta("span.kind", kind).with { $0.meta += attributes }
    #expect(try groups([[span]]).map(\.peerTags) == [expected])
  }

  @Test func `without peer tag aggregation there are none`() throws {
    let span = TestSpan().meta("span.kind", "client").with { $0.meta += Self.attributes }
    #expect(try groups([[span]]) { $0.usesPeerTags = false }.map(\.peerTags) == [[]])
  }

  @Test func `peers that become alike share a group, and order does not matter`() throws {
    func span(_ id: UInt64, _ meta: [(String, String)]) -> TestSpan {
      TestSpan(id).meta("span.kind", "client").with {
        $0.meta += meta
        $0.traceID = id
      }
    }
    let seen = try groups([
      [span(1, [("db.name", "a"), ("out.host", "10.0.0.1")])], [span(2, [("out.host", "10.0.0.2"), ("db.name", "a")])],
      [span(3, [("db.name", "b"), ("out.host", "10.0.0.1")])],
    ])
    #expect(seen.map(\.hits).sorted() == [1, 2])
  }
}

import TestFixtures
import Testing

@testable import Inspection

@Suite("Questions to name servers")
struct DNSTests {
  /// The answer of a name server: a CNAME to `x` and one address for it, with names by pointer.
  private static let answer: [UInt8] =
    [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0]
    + [5] + Array("agent".utf8) + [0, 0, 1, 0, 1]
    + [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 3, 1, UInt8(ascii: "x"), 0]
    + [1, UInt8(ascii: "x"), 0, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 3, 7]

  private static func changed(_ index: Int, to byte: UInt8) -> [UInt8] {
    var bytes = answer
    bytes[index] = byte
    return bytes
  }

  @Test func `a name is written in parts with their lengths`() {
    let question = DNSMessage.question("agent.shop", .ipv6, id: 0x1234)
    #expect(
      question == [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 5] + Array("agent".utf8) + [4] + Array("shop".utf8) + [
        0, 0, 28, 0, 1,
      ])
  }

  @Test(arguments: ["", ".", "a..b", String(repeating: "a", count: 64), String(repeating: "a.", count: 127) + "a"])
  func `what is no name is not asked for`(name: String) {
    #expect(DNSMessage.question(name, .ipv4, id: 1) == nil)
  }

  @Test func `addresses are found behind other records`() {
    #expect(DNSMessage.answer(Self.answer, .ipv4, id: 0x1234) == .addresses(["10.0.3.7"]))
    #expect(DNSMessage.answer(Self.answer, .ipv6, id: 0x1234) == .addresses([]))
  }

  @Test(arguments: [(3, .noSuchName), (2, .failure(2)), (5, .failure(5))] as [(UInt8, DNSMessage.Answer)])
  func `a refusal is told by its code`(code: UInt8, expected: DNSMessage.Answer) {
    #expect(DNSMessage.answer(Self.changed(3, to: 0x80 | code), .ipv4, id: 0x1234) == expected)
  }

  @Test func `an answer that was cut off and holds nothing is a failure, not a name without addresses`() {
    let cut = Array(Self.answer[..<7]) + [0, 0, 0, 0, 0] + Array(Self.answer[12..<23])
    #expect(DNSMessage.answer([0x12, 0x34, 0x83] + cut[3...], .ipv4, id: 0x1234) == .failure(0))
    #expect(DNSMessage.answer(cut, .ipv4, id: 0x1234) == .addresses([]))
  }

  @Test func `answers to other questions, questions, and what is cut off are none`() {
    #expect(DNSMessage.answer(Self.answer, .ipv4, id: 1) == nil)
    #expect(DNSMessage.answer(Self.changed(2, to: 1), .ipv4, id: 0x1234) == nil)
    for length in 0..<Self.answer.count {
      #expect(DNSMessage.answer(Array(Self.answer[..<length]), .ipv4, id: 0x1234) == nil)
    }
  }

  @Test func `no answer, however wrong, does harm`() {
    var generator = SeededGenerator(seed: 9)
    for _ in 0..<20_000 {
      var bytes = Self.answer
      for _ in 0..<3 { bytes[Int.random(in: 2..<bytes.count, using: &generator)] = .random(in: 0 ... .max) }
      guard case .addresses(let addresses) = DNSMessage.answer(bytes, .ipv4, id: 0x1234) else { continue }
      // At least 16 bytes announce an address.
      #expect(addresses.count <= bytes.count / 16)
      #expect(addresses.allSatisfy { $0.wholeMatch(of: /\d{1,3}(\.\d{1,3}){3}/) != nil }, "\(bytes)")
    }
  }

  @Test(
    arguments: [
      ("20010db8000000000000000000000001", "2001:db8::1"), ("00000000000000000000000000000000", "::"),
      ("00000000000000000000000000000001", "::1"), ("20010db8000100000000000000010000", "2001:db8:1::1:0"),
      ("fe800000000100020003000400050006", "fe80:0:1:2:3:4:5:6"),
    ]) func `an IPv6 address is written short`(hexadecimal: String, expected: String)
  {
    let digits = Array(hexadecimal)
    let bytes = stride(from: 0, to: 32, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    #expect(IPv6Text.of(bytes) == expected)
  }

  @Test func `the set-up of a container's resolver is read`() {
    let servers = NameServers(
      "# made by Docker\nnameserver 127.0.0.11\nsearch shop.svc.cluster.local svc.cluster.local\noptions ndots:5 edns0\n"
    )
    #expect(servers.addresses == ["127.0.0.11"])
    #expect(servers.candidates(for: "agent").first == "agent.shop.svc.cluster.local")
    #expect(servers.candidates(for: "agent").last == "agent")
    #expect(servers.candidates(for: "agent.monitoring.svc.cluster.local.") == ["agent.monitoring.svc.cluster.local"])
    #expect(NameServers("").candidates(for: "agent.shop") == ["agent.shop"])
    #expect(NameServers("").addresses == ["127.0.0.1"])
    #expect(NameServers("options ndots:x\nnameserver\n").dotsMin == 1)
  }
}

import Platform
import TestFixtures
import Testing

@testable import Inspection

@Suite("Queries to name servers", .timeLimit(.minutes(1)))
struct DNSTests {
  private static let limit = Duration.milliseconds(500)

  /// What comes of a name at a server that answers so.
  private static func lookUp(
    _ name: String, limit: Duration = limit, set: String = "", _ answering: @escaping LocalNameServer.Answering
  ) throws -> (answer: NameResolver.Answer, questions: [DNSQuestion]) {
    let server = try LocalNameServer(answering)
    defer { server.stop() }
    return (try lookUp(name, limit: limit, at: [server.port], set: set), server.received)
  }

  private static func lookUp(
    _ name: String, limit: Duration = limit, at ports: [Int], set: String = ""
  ) throws -> NameResolver.Answer {
    var servers = NameServers(ports.map { _ in "nameserver 127.0.0.1\n" }.joined() + set)
    servers.ports = ports
    return DNSResolver(library: try DNSLibrary(), servers: servers, limit: limit).lookUp(name)
  }

  /// A CNAME to `x` and one address for it, with names by pointer.
  private static let records = [
    DNSQuestion.record(5, [1, UInt8(ascii: "x"), 0]),
    DNSQuestion.record(1, [10, 0, 3, 7], of: [1, UInt8(ascii: "x"), 0]),
  ]

  @Test func `a name is written in parts with their lengths, and asked for in both kinds`() throws {
    let questions = try Self.lookUp("agent.shop") { [$0.answer(code: 3)] }.questions
    #expect(questions.map(\.type).sorted() == [DNSQuestion.ipv4, DNSQuestion.ipv6])
    for question in questions {
      let name = [5] + Array("agent".utf8) + [4] + Array("shop".utf8)
      #expect(Array(question.bytes[2...]) == [1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + name + [0, 0, question.type, 0, 1])
    }
  }

  @Test(arguments: ["", ".", "a..b", String(repeating: "a", count: 64), String(repeating: "a.", count: 127) + "a"])
  func `what is no name is not asked for`(name: String) throws {
    let found = try Self.lookUp(name) { [$0.answer(Self.records)] }
    #expect(found.answer == .failed("EAI_NONAME"))
    #expect(found.questions.isEmpty)
  }

  @Test func `addresses are found behind other records`() throws {
    #expect(try Self.lookUp("agent") { [$0.answer(Self.records)] }.answer == .addresses(["10.0.3.7"]))
  }

  @Test(arguments: [(3, "EAI_NONAME"), (1, "EAI_AGAIN"), (2, "EAI_AGAIN"), (5, "EAI_AGAIN")] as [(UInt8, String)])
  func `a refusal is reported by its code`(code: UInt8, name: String) throws {
    #expect(try Self.lookUp("agent") { [$0.answer(code: code)] }.answer == .failed(name))
  }

  @Test func `an answer that was cut off and holds nothing is a failure, not a name without addresses`() throws {
    #expect(try Self.lookUp("agent") { [$0.answer(isCutOff: true)] }.answer == .failed("EAI_AGAIN"))
    #expect(try Self.lookUp("agent") { [$0.answer()] }.answer == .failed("EAI_NODATA"))
  }

  @Test func `answers to other questions are none, and what is cut off brings no addresses`() throws {
    let other = try Self.lookUp("agent") { question in
      let right = question.answer(Self.records)
      return [[right[0], right[1] ^ 1] + right[2...], [], right]
    }
    #expect(other.answer == .addresses(["10.0.3.7"]))
    for length in [0, 1, 11, 12, 20, 23, 30, 40, 50, 54] {
      let cut = try Self.lookUp("agent", limit: .milliseconds(60)) { [Array($0.answer(Self.records)[..<length])] }
      #expect([.noAnswerInTime, .failed("EAI_AGAIN")].contains(cut.answer), "\(length) bytes: \(cut.answer)")
    }
  }

  @Test func `no answer, however wrong, does harm`() throws {
    for round in 0..<20 {
      let found = try Self.lookUp("agent") { question in
        var generator = SeededGenerator(seed: UInt64(round))
        let right = question.answer(Self.records)
        let wrong = (0..<100).map { _ in
          var bytes = right
          for _ in 0..<3 { bytes[Int.random(in: 2..<bytes.count, using: &generator)] = .random(in: 0 ... .max) }
          return bytes
        }
        return wrong + [right]
      }
      #expect(!found.questions.isEmpty)
      guard case .addresses(let addresses) = found.answer else { continue }
      // At least 16 bytes announce an address.
      #expect(addresses.count <= 2 * 55 / 16, "seed \(round)")
      let isRight = addresses.allSatisfy { $0.contains(":") || $0.wholeMatch(of: /\d{1,3}(\.\d{1,3}){3}/) != nil }
      #expect(isRight, "seed \(round): \(addresses)")
    }
    #expect(try Self.lookUp("agent") { [$0.answer(Self.records)] }.answer == .addresses(["10.0.3.7"]))
  }

  @Test(
    arguments: [
      ("20010db8000000000000000000000001", "2001:db8::1"), ("00000000000000000000000000000000", "::"),
      ("00000000000000000000000000000001", "::1"), ("20010db8000100000000000000010000", "2001:db8:1::1:0"),
      ("fe800000000100020003000400050006", "fe80:0:1:2:3:4:5:6"),
    ]) func `an IPv6 address is written short`(hexadecimal: String, expected: String) throws
  {
    let digits = Array(hexadecimal)
    let bytes = stride(from: 0, to: 32, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    let found = try Self.lookUp("agent") { question in
      [question.type == DNSQuestion.ipv6 ? question.answer([DNSQuestion.record(28, bytes)]) : question.answer()]
    }
    #expect(found.answer == .addresses([expected]))
  }

  @Test func `IPv4 goes before IPv6, whichever comes first`() throws {
    let found = try Self.lookUp("agent") { question in
      let isIPv6 = question.type == DNSQuestion.ipv6
      let data: [UInt8] = isIPv6 ? [0x20, 1] + Array(repeating: 0, count: 13) + [1] : [10, 0, 3, 7]
      return [question.answer([DNSQuestion.record(question.type, data)])]
    }
    #expect(found.answer == .addresses(["10.0.3.7", "2001::1"]))
  }

  @Test func `a server that is silent about IPv6 is believed about IPv4`() throws {
    let found = try Self.lookUp("agent", limit: .milliseconds(100)) { question in
      question.type == DNSQuestion.ipv4 ? [question.answer(Self.records)] : []
    }
    #expect(found.answer == .addresses(["10.0.3.7"]))
  }

  @Test func `silence takes its time and no more, and a closed port none`() throws {
    let began = ContinuousClock.now
    #expect(try Self.lookUp("agent", limit: .milliseconds(100)) { _ in [] }.answer == .noAnswerInTime)
    #expect(began.duration(to: .now) >= .milliseconds(90))
    let server = try LocalNameServer { _ in [] }
    server.stop()
    #expect(try Self.lookUp("agent", limit: .seconds(50), at: [server.port]) == .failed("EAI_AGAIN"))
  }

  @Test func `the next server is asked when one is silent or fails`() throws {
    let right = try LocalNameServer { [$0.answer(Self.records)] }
    let silent = try LocalNameServer { _ in [] }
    let failing = try LocalNameServer { [$0.answer(code: 2)] }
    defer { for server in [right, silent, failing] { server.stop() } }
    let ports = [silent.port, failing.port, right.port]
    #expect(try Self.lookUp("agent", at: ports) == .addresses(["10.0.3.7"]))
    #expect(try Self.lookUp("agent", at: [failing.port, right.port]) == .addresses(["10.0.3.7"]))
    #expect(try Self.lookUp("agent", at: [failing.port]) == .failed("EAI_AGAIN"))
  }

  @Test(
    arguments: [
      ("agent", "agent.shop.svc", ["agent.shop.svc"]), ("agent", "agent.svc", ["agent.shop.svc", "agent.svc"]),
      ("agent", "agent", ["agent.shop.svc", "agent.svc", "agent"]),
      ("agent.a.b", "agent.a.b", ["agent.a.b"]), ("agent.", "agent", ["agent"]),
      ("agent.a", "agent.a.svc", ["agent.a.shop.svc", "agent.a.svc"]),
    ]) func `search domains are tried as the container's resolver tries them`(
      name: String, known: String, tried: [String]
    ) throws
  {
    let found = try Self.lookUp(name, set: "search shop.svc svc\noptions ndots:2\n") { question in
      [question.name == known ? question.answer(Self.records) : question.answer(code: 3)]
    }
    #expect(found.answer == .addresses(["10.0.3.7"]))
    #expect(found.questions.filter { $0.type == DNSQuestion.ipv4 }.map(\.name) == tried)
  }

  @Test func `a search domain that fails is passed over, and remembered where nothing is found`() throws {
    let set = "search corp\n"
    let found = try Self.lookUp("agent", set: set) { question in
      [question.name == "agent" ? question.answer(Self.records) : question.answer(code: 2)]
    }
    #expect(found.answer == .addresses(["10.0.3.7"]))
    let lost = try Self.lookUp("agent", set: set) { [$0.answer(code: $0.name == "agent" ? 3 : 2)] }
    #expect(lost.answer == .failed("EAI_AGAIN"))
  }

  @Test func `a server that c-ares cannot read is left out, and said to be when there is no other`() throws {
    let server = try LocalNameServer { [$0.answer(Self.records)] }
    defer { server.stop() }
    var servers = NameServers("nameserver what.is.this\nnameserver 127.0.0.1\n")
    servers.ports = [server.port, server.port]
    let library = try DNSLibrary()
    #expect(
      DNSResolver(library: library, servers: servers, limit: Self.limit).lookUp("agent") == .addresses(["10.0.3.7"]))
    let unreadable = DNSResolver(library: library, servers: NameServers("nameserver what\n"), limit: Self.limit)
    #expect(unreadable.lookUp("agent") == .notAsked("c-ares cannot read its name servers what"))
  }

  @Test func `without c-ares nobody is asked, and it is said why`() throws {
    let missing = #expect(throws: DNSLibrary.Missing.self) { try DNSLibrary(names: ["libnone.so.0"]) }
    let reason = try #require(missing?.reason)
    #expect(reason.hasPrefix("c-ares, which asks its name servers, is not installed"))
    let query = NameResolver.Query(name: "agent", network: "/none")
    let answers = NameResolver.resolve([], in: [query: NameServers("")], within: Self.limit) {
      () throws(DNSLibrary.Missing) in throw DNSLibrary.Missing(reason: reason)
    }
    #expect(answers == [query: .notAsked(reason)])
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
    #expect(NameServers("nameserver 10.0.0.2\nnameserver fd00::2\n").places == ["10.0.0.2:53", "[fd00::2]:53"])
  }
}

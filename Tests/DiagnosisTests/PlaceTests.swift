import Addresses
import Diagnosis
import Testing

@Suite("Addresses as settings and probes write them")
struct PlaceTests {
  @Test(
    "Hosts, ports and paths are told apart",
    arguments: [
      ("http://localhost:8126", "localhost:8126"), ("http://[::1]:8126/", "[::1]:8126"),
      ("[2001:db8::1]:8126", "[2001:db8::1]:8126"), ("127.0.0.1:8127", "127.0.0.1:8127"),
      ("HTTPS://Agent:443/v1", "agent:443"), ("unix:///run/a.sock", "/run/a.sock"), ("/run/a.sock", "/run/a.sock"),
    ])
  func reads(_ text: String, _ expected: String) throws {
    #expect(try #require(Place(text)).text == expected)
  }

  @Test(
    "What names no agent is none",
    arguments: ["http://", "http://a:b", "http://a:0", "http://::1:8126", "[::1", "http://\"a\":1"])
  func refuses(_ text: String) {
    #expect(Place(text) == nil)
  }

  @Test("A port that cannot be is no other port, and not any port", arguments: [-1, 70_000])
  func impossiblePort(_ port: Int) {
    let place = Place(host: "agent", port: port)
    #expect(place.port == port)
    #expect(place.text == "agent:\(port)")
    #expect(place.url == "http://agent:\(port)")
    for other in [8126, 65_535] { #expect(!place.isSame(as: Place(host: "agent", port: other))) }
    #expect(place != Place(host: "agent", port: 0))
  }

  @Test(
    "Loopback, private and literal addresses are known by their text",
    arguments: [
      ("127.0.0.1", "loopback literal"), ("127.9.9.9", "loopback literal"), ("::1", "loopback literal"),
      ("::ffff:127.0.0.1", "loopback literal"), ("10.1.2.3", "private literal"), ("172.16.0.1", "private literal"),
      ("172.32.0.1", "literal"), ("192.168.0.9", "private literal"), ("agent", ""), ("127.0.0.1.example", ""),
      ("127.0.0.256", ""), ("fe80::1", "literal"), ("0.0.0.0", "unspecified literal"), ("::", "unspecified literal"),
    ])
  func kinds(_ text: String, _ expected: String) {
    let kinds = [
      AddressKind.isLoopback(text) ? "loopback" : nil, AddressKind.isPrivateIPv4(text) ? "private" : nil,
      AddressKind.isUnspecified(text) ? "unspecified" : nil, AddressKind.isLiteral(text) ? "literal" : nil,
    ]
    #expect(kinds.compactMap { $0 }.joined(separator: " ") == expected)
  }

  @Test("A path becomes one word of a shell command")
  func shellWords() {
    #expect(shellWord("/run/a.sock") == "/run/a.sock")
    #expect(shellWord("/run/my app/it's") == #"'/run/my app/it'\''s'"#)
    #expect(shellWord("") == "''")
  }
}

import Addresses
import Testing

@Suite struct `A socket address` {
  @Test(
    arguments: [
      ("127.0.0.1:8126", .tcp(host: "127.0.0.1", port: 8126), "http://127.0.0.1:8126"),
      ("[::1]:8126", .tcp(host: "::1", port: 8126), "http://[::1]:8126"),
      ("agent:0", .tcp(host: "agent", port: 0), "http://agent:0"),
      ("/run/a b.sock", .unix(path: "/run/a b.sock"), "unix:///run/a b.sock"),
    ] as [(String, SocketAddress, String)])
  func `is read as it is written`(_ text: String, _ address: SocketAddress, _ url: String) {
    #expect(SocketAddress(text) == address)
    #expect(address.description == text)
    #expect(address.url == url)
    #expect(address.isUnix == text.hasPrefix("/"))
  }

  @Test(
    arguments: [
      "", "localhost", "127.0.0.1:", ":8126", "127.0.0.1:65536", "127.0.0.1:-1", "::1:8126", "[::1:8126", "::1]:8126",
      "a[b]:1", "run/apm.socket", "host:81 26",
    ])
  func `is not read out of what names no port, and an IPv6 address needs brackets`(_ text: String) {
    #expect(SocketAddress(text) == nil)
  }

  @Test(
    arguments: [
      ("0.0.0.0:1", "127.0.0.1:1"), ("[::]:1", "[::1]:1"), ("[0:0:0:0:0:0:0:0]:1", "[::1]:1"),
      ("10.0.0.7:1", "10.0.0.7:1"), ("/run/a", "/run/a"),
    ])
  func `of a listener on all addresses is reached through loopback`(_ listener: String, _ reachable: String) {
    #expect(SocketAddress(listener)?.reachable.description == reachable)
  }
}

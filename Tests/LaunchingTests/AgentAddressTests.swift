import Addresses
import Testing

@testable import Launching

@Suite struct `The place to send to` {
  @Test(
    arguments: [
      (["[::1]:8126", "127.0.0.1:8126"], "http://127.0.0.1:8126"),
      (["/run/apm.socket", "[::1]:8126"], "http://[::1]:8126"), (["/run/apm.socket"], "unix:///run/apm.socket"),
      (["0.0.0.0:8127", "[::]:8127"], "http://127.0.0.1:8127"), (["[::]:8127"], "http://[::1]:8127"),
      (["10.0.0.7:8126"], "http://10.0.0.7:8126"), ([], nil), (["nonsense", "a:b"], nil), (["127.0.0.1:70000"], nil),
    ] as [([String], String?)])
  func `is the listener that most tracers can reach`(_ listeners: [String], _ url: String?) {
    #expect(SocketAddress.target(listeners: listeners)?.url == url)
  }

  @Test(
    arguments: [
      ("http://127.0.0.1:8126", true), ("http://localhost:8126", true), ("http://localhost:8126/", true),
      ("HTTP://LOCALHOST:8126", true), ("http://[::1]:8126", true), ("http://user:secret@127.0.0.1:8126/x", true),
      ("http://127.0.0.2:8126", true), ("http://127.0.0.1:8127", false), ("https://127.0.0.1:8126", false),
      ("http://agent:8126", false), ("http://localhost", false), ("127.0.0.1:8126", false), ("", false),
      ("unix:///run/apm.socket", false), ("http://127.0.0.1.evil.com:8126", false), ("http://[::1]", false),
    ])
  func `is recognized in the URLs that lead there`(_ text: String, _ leads: Bool) {
    #expect(SocketAddress.tcp(host: "127.0.0.1", port: 8126).isURL(text) == leads)
  }

  @Test func `on a socket is recognized by its path`() {
    let target = SocketAddress.unix(path: "/run/apm.socket")
    #expect(target.isURL("unix:///run/apm.socket"))
    #expect(!target.isURL("unix:///run/other.socket"))
    #expect(!target.isURL("http://127.0.0.1:8126"))
    #expect(!target.isHost("localhost"))
  }
}

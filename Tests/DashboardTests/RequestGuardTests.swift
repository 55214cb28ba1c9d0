import Addresses
import Testing

@testable import Dashboard

@Suite struct `A request to the page` {
  private static func refusal(
    of head: RequestHead, listening: String = "127.0.0.1:8127", host: String = "127.0.0.1"
  ) throws -> Refusal? {
    let address = try #require(SocketAddress(listening))
    return RequestGuard(hosts: PageHosts(listening: address, host: host)).refusal(of: head)
  }

  @Test(arguments: [
    ("localhost:8127", true), ("127.0.0.1:8127", true), ("[::1]:8127", true), ("LocalHost:8127", true),
    ("localhost", false), ("localhost:8126", false), ("127.0.0.1", false), ("evil.example:8127", false),
    ("localhost.evil.example:8127", false), ("127.0.0.1.evil.example:8127", false), ("", false), (":8127", false),
    ("localhost:8127:8127", false), ("localhost:99999", false), ("127.0.0.2:8127", false), ("[::1]", false),
    ("user@localhost:8127", false), ("localhost:+8127", false), ("0.0.0.0:8127", false),
  ])
  func `is answered only under a name of the page with its port`(host: String, isOurs: Bool) throws {
    let refusal = try Self.refusal(of: RequestHead(target: "/", hosts: [host]))
    #expect(refusal == (isOurs ? nil : .host))
  }

  @Test(arguments: [
    ("192.168.7.4:8127", true), ("[fe80::1]:8127", true), ("[fe80::1]", true), ("10.0.0.1", true),
    ("localhost:1234", true), ("evil.example:8127", false), ("1.2.3.4.evil.example:8127", false), ("::1", false),
  ])
  func `to a page that is open to all may have any number in its name, and no other name`(
    host: String, isOurs: Bool
  ) throws {
    let refusal = try Self.refusal(
      of: RequestHead(target: "/", hosts: [host]), listening: "0.0.0.0:8127", host: "0.0.0.0")
    #expect(refusal == (isOurs ? nil : .host))
  }

  @Test func `may use the name that was configured`() throws {
    let head = RequestHead(target: "/", hosts: ["box.local:8127"])
    #expect(try Self.refusal(of: head, listening: "192.168.7.4:8127", host: "Box.local") == nil)
    #expect(try Self.refusal(of: head) == .host)
  }

  @Test func `has one Host`() throws {
    #expect(try Self.refusal(of: RequestHead(target: "/")) == .host)
    #expect(try Self.refusal(of: RequestHead(target: "/", hosts: ["localhost:8127", "localhost:8127"])) == .host)
  }

  @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", "PROPFIND", ""])
  func `only reads`(method: String) throws {
    #expect(try Self.refusal(of: RequestHead(method: method, target: "/", hosts: ["localhost:8127"])) == .method)
  }

  @Test func `brings no body`() throws {
    #expect(try Self.refusal(of: RequestHead(target: "/", hosts: ["localhost:8127"], hasBody: true)) == .body)
  }

  @Test(arguments: [
    ("http://localhost:8127", true), ("http://LOCALHOST:8127", true), ("https://localhost:8127", false),
    ("http://127.0.0.1:8127", false), ("http://localhost:5000", false), ("null", false), ("", false),
    ("http://evil.example", false),
  ])
  func `comes from the page's own scripts or from none`(origin: String, isOurs: Bool) throws {
    let head = RequestHead(target: "/api/v1/info", hosts: ["localhost:8127"], origin: origin)
    #expect(try Self.refusal(of: head) == (isOurs ? nil : .foreignSite))
  }

  @Test(arguments: [
    ("/t/abc", "cross-site", "navigate", "document", true), ("/t/abc", "same-site", "navigate", "document", true),
    ("/t/abc", "cross-site", "navigate", "iframe", false), ("/t/abc", "cross-site", "no-cors", "image", false),
    ("/api/v1/info", "cross-site", "navigate", "document", false),
    ("/%61pi/v1/info", "cross-site", "navigate", "document", false),
    ("/api", "cross-site", "navigate", "document", false), ("/%ff", "cross-site", "navigate", "document", false),
    ("/api/v1/info", "none", "navigate", "document", true),
    ("/api/v1/info", "same-origin", "cors", "empty", true),
    ("/assets/app.js", "cross-site", "no-cors", "script", false),
    ("/api/v1/info", "same-site", "cors", "empty", false),
  ])
  func `of another site opens a tab at most`(
    target: String, site: String, mode: String, destination: String, isAnswered: Bool
  ) throws {
    let head = RequestHead(
      target: target, hosts: ["localhost:8127"], fetchSite: site, fetchMode: mode, fetchDestination: destination)
    #expect(try Self.refusal(of: head) == (isAnswered ? nil : .foreignSite))
  }
}

@Suite struct `An address on the page` {
  @Test(arguments: [
    ("/", []), ("/traces", ["traces"]), ("/services/a%2Fb", ["services", "a/b"]),
    ("/services/a%20b/", ["services", "a b"]),
    ("/t/%E2%82%AC", ["t", "€"]), ("//", [""]), ("/services/..%2f..", ["services", "../.."]),
  ])
  func `is taken apart at its slashes, then decoded`(target: String, segments: [String]) throws {
    #expect(try #require(PageTarget(target)).segments == segments)
  }

  @Test(arguments: [
    "", "*", "traces", "http://localhost/", "/%", "/%4", "/%zz", "/%00", "/%ff", "/a?b=%", "/a?%00=1", "/../etc/passwd",
    "/a/./b", "/%2e%2e/x",
  ])
  func `is refused when no browser would send it`(target: String) { #expect(PageTarget(target) == nil) }

  @Test func `has values by their name`() throws {
    let target = try #require(PageTarget("/a?q=x+y%2B&q=z&empty=&flag&a=b=c"))
    #expect(target["q"] == "z" && target["empty"] == nil && target["flag"] == nil && target["a"] == "b=c")
    #expect(target.query.first?.value == "x y+")
  }
}

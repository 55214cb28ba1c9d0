import Testing

@testable import Receiver

@Suite("What is not a request")
struct ForeignTests {
  static let openings: [(String, ForeignProtocol?)] = [
    ("\u{16}\u{3}\u{1}\u{2}\u{0}", .tls), ("\u{16}\u{3}", .tls), ("\u{16}", nil), ("\u{16}\u{2}", nil),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .http2), ("PRI / HTTP/1.1\r\n", nil),
    ("page.views:1|c\n", .statsD), ("a-b_c:0.5|ms|@0.1|#env:prod", .statsD), ("x:1:2:3|d|#a:b\n", .statsD),
    ("x:1|g\r\n", .statsD), ("_e{5,4}:title|text", .statsD), ("_sc|redis|0", .statsD),
    ("x:1|q\n", nil), (":1|c\n", nil), ("x:|c", nil), ("a b:1|c\n", nil), ("x\n:1|c", nil),
    ("PUT /v0.4/traces HTTP/1.1\r\nHost: a\r\n", nil), ("GET http://a:8126/x|c HTTP/1.1\r\n", nil),
    ("GET /info HTTP/1.1\r\nX:1|c\r\n", nil), ("", nil), ("\r\n", nil),
  ]

  @Test("The first bytes tell TLS, HTTP/2 and StatsD from HTTP/1.1", arguments: openings)
  func classified(_ text: String, _ expected: ForeignProtocol?) {
    let found = Array(text.unicodeScalars.map { UInt8($0.value) }).withUnsafeBytes { ForeignProtocol(firstBytes: $0) }
    #expect(found == expected)
  }

  @Test(
    "So little that it may become HTTP/2 or a method is not judged yet",
    arguments: [
      ("", true), ("P", true), ("PRI", true), ("PRI * HTTP/", true), ("PRI * HTTP/2", false), ("PU", false),
      ("POST", false), ("PRI /", false), ("x", false),
    ])
  func undecided(_ text: String, _ expected: Bool) {
    #expect(Array(text.utf8).withUnsafeBytes { ForeignProtocol.isUndecided($0) } == expected)
  }

  @Test(
    "A connection that speaks something else is told of once, with its peer",
    arguments: [("\u{16}\u{3}\u{1}\n", ForeignProtocol.tls), ("x:1|c\n", .statsD), ("PRI * HTTP/2.0\r\n\r\n", .http2)])
  func foreign(_ text: String, _ expected: ForeignProtocol) throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    client.send(text)
    client.closeSending()
    _ = client.waitForEnd()
    let told = eventually { !tested.recorder.events.isEmpty }
    #expect(told)
    guard case .foreign(let found, .loopback)? = tested.recorder.events.first else {
      Issue.record("\(tested.recorder.events)")
      return
    }
    #expect(found == expected)
  }

  @Test("A client that leaves without a byte is told of, and gives its place back")
  func silent() throws {
    let tested = try ServerUnderTest()
    do {
      let client = try tested.connect()
      #expect(eventually { tested.server.connectionCounters.open == 1 })
      _ = client
    }
    #expect(eventually { tested.server.connectionCounters.open == 0 })
    guard case .silent(.loopback)? = tested.recorder.events.first else {
      Issue.record("\(tested.recorder.events)")
      return
    }
    #expect(tested.recorder.events.count == 1)
  }

  @Test("The marks of all answers come back when the connection ends")
  func marks() throws {
    let tested = try ServerUnderTest()
    do {
      let client = try tested.connect()
      client.post("/info", [])
      _ = try client.response()
      client.post("/v0.4/traces", [1])
      _ = try client.response()
    }
    #expect(eventually { !tested.recorder.events.isEmpty })
    guard case .closed(let marks, .loopback, _)? = tested.recorder.events.first else {
      Issue.record("\(tested.recorder.events)")
      return
    }
    #expect(marks == [ServerUnderTest.infoMark, ServerUnderTest.tracesMark])
  }

  @Test(
    "A request line with a whole URL reaches the endpoint of its path",
    arguments: [
      ("/v0.4/traces", "/v0.4/traces", false), ("http://127.0.0.1:8126/v0.4/traces", "/v0.4/traces", true),
      ("HTTPS://agent/info", "/info", true), ("http://agent", "/", true), ("http:/agent", "http:/agent", false),
      ("agent:8126", "agent:8126", false), ("*", "*", false), ("", "", false),
    ])
  func absoluteForm(_ target: String, _ path: String, _ isAbsolute: Bool) {
    let found = Array(target.utf8).withUnsafeBytes { bytes in
      let found = RequestTarget.path(of: bytes)
      return (String(decoding: found.path, as: UTF8.self), found.isAbsolute)
    }
    #expect(found.0 == path)
    #expect(found.1 == isAbsolute)
  }

  @Test("A request as it is written to a proxy is served and says so")
  func proxied() throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    client.post("http://127.0.0.1:8126/v0.4/traces", [1, 2])
    #expect(try client.response().body == "2")
    #expect(tested.recorder.seen.map(\.isAbsoluteForm) == [true])
    #expect(tested.recorder.seen.map(\.path) == ["/v0.4/traces"])
  }
}

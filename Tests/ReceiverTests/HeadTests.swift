import Testing

@testable import Receiver

@Suite("Heads that two readers could read differently")
struct HeadTests {
  private static let line = "POST /v0.4/traces HTTP/1.1\r\n"

  /// A head, and a request hidden behind it which nobody may take for one.
  struct Broken: CustomTestStringConvertible {
    let name: String
    let head: String
    var testDescription: String { name }
  }

  private static let hidden = "GET /info HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

  static let broken: [Broken] = [
    Broken(name: "two lengths", head: line + "Host: a\r\nContent-Length: 0\r\nContent-Length: 30\r\n\r\n"),
    Broken(name: "a list of lengths", head: line + "Host: a\r\nContent-Length: 0, 0\r\n\r\n"),
    Broken(name: "a negative length", head: line + "Host: a\r\nContent-Length: -1\r\n\r\n"),
    Broken(name: "a signed length", head: line + "Host: a\r\nContent-Length: +0\r\n\r\n"),
    Broken(name: "an empty length", head: line + "Host: a\r\nContent-Length:\r\n\r\n"),
    Broken(
      name: "an encoding beside a length",
      head: line + "Host: a\r\nContent-Length: 30\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    Broken(
      name: "a length beside an encoding",
      head: line + "Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n"),
    Broken(
      name: "two encodings",
      head: line + "Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
    Broken(
      name: "an encoding in HTTP/1.0", head: "POST /v0.4/traces HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    Broken(name: "a bare line feed", head: line + "Host: a\nContent-Length: 0\r\n\r\n"),
    Broken(name: "a bare line feed after the request line", head: "GET /info HTTP/1.1\nHost: a\r\n\r\n"),
    Broken(name: "a bare line feed at the end of the head", head: line + "Host: a\r\nContent-Length: 0\r\n\n"),
    Broken(name: "bare line feeds only", head: "GET /info HTTP/1.1\nHost: a\n\n"),
    Broken(name: "a NUL in a value", head: line + "Host: a\r\nX: a\u{0}b\r\nContent-Length: 0\r\n\r\n"),
    Broken(name: "a NUL at the end", head: line + "Host: a\r\nContent-Length: 0\u{0}\r\n\r\n"),
    Broken(name: "a NUL in a name", head: line + "Host: a\r\nX\u{0}Y: a\r\nContent-Length: 0\r\n\r\n"),
    Broken(name: "a NUL in the target", head: "GET /info\u{0}x HTTP/1.1\r\nHost: a\r\n\r\n"),
    Broken(name: "a folded value", head: line + "Host: a\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n"),
    Broken(name: "a folded length", head: line + "Host: a\r\nContent-Length: 0\r\n\t\r\n\r\n"),
    Broken(name: "folding before the first header", head: line + " Host: a\r\nContent-Length: 0\r\n\r\n"),
    Broken(name: "white space before the colon", head: line + "Host: a\r\nContent-Length : 0\r\n\r\n"),
    Broken(name: "a header without a name", head: line + "Host: a\r\n: x\r\nContent-Length: 0\r\n\r\n"),
    Broken(name: "a header without a colon", head: line + "Host: a\r\nnothing\r\nContent-Length: 0\r\n\r\n"),
    Broken(name: "no host", head: line + "Content-Length: 0\r\n\r\n"),
    Broken(name: "two hosts", head: line + "Host: a\r\nHost: b\r\nContent-Length: 0\r\n\r\n"),
  ]

  @Test("is answered 400, once, and the connection closed: what follows is no request", arguments: broken)
  func refused(_ broken: Broken) throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    // Behind a good request, as on a connection that a proxy shares between clients.
    client.post("/v0.4/traces", [1])
    #expect(try client.response().status == 200)
    client.send(broken.head + Self.hidden)
    let answer = client.rest()
    #expect(answer.hasPrefix("HTTP/1.1 400 ") || answer.hasPrefix("HTTP/1.0 400 "), "\(answer)")
    #expect(answer.components(of: "HTTP/1.") == 1, "\(answer)")
    #expect(tested.recorder.seen.count == 1)
    #expect(eventually { tested.server.connectionCounters.malformed == 1 })
    #expect(tested.server.connectionCounters.requestsInProgress == 0)
  }

  @Test("in pieces it is refused all the same", arguments: [1, 7])
  func pieces(_ size: Int) throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    let head = Array((Self.line + "Host: a\r\nX: 1\nContent-Length: 0\r\n\r\n").utf8)
    for start in stride(from: 0, to: head.count, by: size) { client.send(Array(head[start...].prefix(size))) }
    #expect(client.rest().hasPrefix("HTTP/1.1 400 "))
    #expect(tested.recorder.rejections.map(\.reason) == [.malformed])
  }

  @Test(
    "what only looks odd is taken",
    arguments: [
      "\r\n" + line + "Host: a\r\nContent-Length: 0\r\n\r\n",
      line + "Host: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
      line + "Host:\r\nContent-Length: 0\r\nX:\r\nY: \r\nZ:\t a \r\n\r\n",
      line + "hOST: a\r\ncontent-length: 0\r\n\r\n", "POST /v0.4/traces HTTP/1.0\r\nContent-Length: 0\r\n\r\n",
      "POST /v0.4/traces?a=b&c%20=d HTTP/1.1\r\nHost: a\r\nCookie: a=b; c=d\r\nContent-Length: 0\r\n\r\n",
      "POST http://127.0.0.1/v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
      "POST /v0%2e4/traces HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
      line + "Host: a\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
      line + "Host: a\r\nX: \(String(repeating: "é", count: 5_000))\r\nContent-Length: 0\r\n\r\n",
    ])
  func taken(_ head: String) throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    client.send(head)
    #expect(try client.response().status == 200)
    #expect(tested.recorder.seen.map(\.path) == ["/v0.4/traces"])
  }

  @Test("a client of the unix socket need not name a host")
  func unixWithoutHost() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/apm.socket"
    let tested = try ServerUnderTest(ServerUnderTest.configuration { $0.unixSocketPath = path })
    let client = try Client(unix: path)
    client.send(Self.line + "Content-Length: 0\r\n\r\n")
    #expect(try client.response().status == 200)
    #expect(tested.recorder.seen.count == 1)
  }

  @Test("heads made at random, half of them broken in one place, never let a hidden request through")
  func random() throws {
    let seed = UInt64(0x5EED)
    var random = SplitMix(state: seed)
    let tested = try ServerUnderTest()
    let breaks = [
      "\n", "\u{0}", "\r\n ", " \n", "\r\n\t", "\r\nContent-Length: 31", "\r\nTransfer-Encoding: chunked", "\r\nX :",
    ]
    for _ in 0..<200 {
      let headers = (0..<random.next(below: 6)).map {
        "X-\($0): " + String(repeating: "v", count: random.next(below: 40))
      }
      var parts = Self.line + (["Host: a"] + headers + ["Content-Length: 0"]).joined(separator: "\r\n") + "\r\n\r\n"
      let isBroken = random.next(below: 2) == 0
      if isBroken {
        // Before the end of a line, where each of them changes what the head says.
        let ends = parts.utf8.indices.filter { parts.utf8[$0] == 13 }
        let end = ends[1 + random.next(below: ends.count - 2)]
        parts.insert(contentsOf: breaks[random.next(below: breaks.count)], at: end)
      }
      let client = try tested.connect()
      client.send(parts + Self.hidden)
      let answer = client.rest()
      if isBroken {
        let isRefused = answer.components(of: "HTTP/1.1 ") <= 1 && !answer.contains(" 200 ")
        #expect(isRefused, "seed \(seed): \(parts.debugDescription)")
      } else {
        #expect(answer.components(of: "HTTP/1.1 200 ") == 2, "seed \(seed): \(parts.debugDescription)")
      }
    }
  }
}

/// Numbers that are the same in every run.
struct SplitMix {
  var state: UInt64

  mutating func next(below limit: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((value ^ (value >> 31)) % UInt64(max(limit, 1)))
  }
}

extension String {
  /// How often `part` is in it.
  func components(of part: String) -> Int { ranges(of: part).count }
}

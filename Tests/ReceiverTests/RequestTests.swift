import Testing

@testable import Receiver

@Suite("Requests")
struct RequestTests {
  private func body(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 >> 8) } }

  @Test(
    "a body of any size arrives as it was sent",
    arguments: [0, 1, 100, 8_191, 8_192, 24_576, 45_000, 49_152, 65_536, 300_000, 3_000_000])
  func bodies(_ count: Int) throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    let sent = body(count)
    client.post("/v0.4/traces", sent, headers: "Datadog-Meta-Lang: python\r\n", method: "PUT")
    let response = try client.response()
    #expect(response.status == 200)
    #expect(response.body == "\(count)")
    let seen = try #require(tested.recorder.seen.first)
    #expect(seen.body == sent)
    #expect(seen.method == .put)
    #expect(seen.lang == "python")
    #expect(seen.declaredLength == count)
  }

  @Test("methods are told apart, and none is refused here")
  func methods() throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    for method in ["PUT", "POST", "GET", "DELETE", "OPTIONS", "PATCH"] {
      client.send("\(method) /info HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try client.response().status == 200)
    }
    #expect(tested.recorder.seen.map(\.method) == [.put, .post, .get, .delete, .options, .other])
    #expect(tested.recorder.seen.allSatisfy { $0.declaredLength == nil && $0.body.isEmpty })
  }

  @Test("a chunked body is joined, however it is cut")
  func chunked() throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    let sent = body(100_000)
    for size in [1_000, 7, 65_536, 100_000] where size != 7 || sent.count < 200_000 {
      let pieces = size == 7 ? Array(sent.prefix(700)) : sent
      client.send("POST /v0.4/traces HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
      var start = 0
      while start < pieces.count {
        let piece = pieces[start..<min(start + size, pieces.count)]
        client.send(Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [13, 10])
        start += piece.count
      }
      client.send("0\r\nTrailer: x\r\n\r\n")
      #expect(try client.response().body == "\(pieces.count)")
      #expect(tested.recorder.seen.last?.body == pieces)
      #expect(tested.recorder.seen.last?.declaredLength == nil)
    }
  }

  @Test("Expect: 100-continue is answered before the body is sent")
  func expectContinue() throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    client.send("PUT /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    #expect(try client.response().status == 100)
    client.send("hello")
    #expect(try client.response().body == "5")
  }

  @Test("a thousand requests go over one connection")
  func keepAlive() throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    for count in 0..<1_000 {
      client.post("/v0.4/traces", body(count))
      #expect(try client.response().body == "\(count)")
    }
    #expect(tested.server.connectionCounters.accepted == 1)
    #expect(tested.server.connectionCounters.requests == 1_000)
    #expect(tested.recorder.seen.map(\.body.count) == Array(0..<1_000))
  }

  @Test("requests sent without waiting are answered in order")
  func pipelined() throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    var all: [UInt8] = []
    let sizes = [0, 3, 40_000, 1, 20_000, 0, 9]
    for size in sizes {
      all += Array("POST /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n".utf8) + body(size)
    }
    client.send(all)
    for size in sizes { #expect(try client.response().body == "\(size)") }
    #expect(tested.recorder.seen.map(\.body) == sizes.map { body($0) })
  }

  @Test("HTTP/1.0 is answered and closed")
  func http10() throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    client.send("POST /v0.4/traces HTTP/1.0\r\nContent-Length: 2\r\n\r\nab")
    #expect(try client.response().body == "2")
    #expect(client.waitForEnd())
  }

  @Test("a request that dribbles in byte by byte is one request")
  func dribble() throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    for byte in Array("POST /v0.4/traces?a=b HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd".utf8) {
      client.send([byte])
    }
    #expect(try client.response().body == "4")
    #expect(tested.recorder.seen.map(\.path) == ["/v0.4/traces"])
  }

  @Test("a client that closes its sending half after the request still gets the answer")
  func halfClosed() throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    client.post("/v0.4/traces", body(10))
    client.closeSending()
    #expect(try client.response().body == "10")
  }

  @Test("headers of one answer are added to the shared body's own, which stays as it was")
  func answerHeaders() throws {
    let body = PreparedBody(Array("{}".utf8), contentType: "application/json", headers: [AnswerHeader("X-Fixed", "1")])
    let server = try HTTPServer(configuration: ServerUnderTest.configuration()) { request in
      let extra = request.path.count == 2 ? [AnswerHeader("X-Extra", "2")] : []
      return .now(Answer(status: 202, body: body, extraHeaders: extra))
    }
    guard case .tcp(_, let port)? = server.listeners.first else { return }
    let client = try Client(port: port)
    for (path, extra) in [("/a", "2"), ("/", nil), ("/b", "2")] as [(String, String?)] {
      client.post(path, [])
      let response = try client.response()
      #expect(response.status == 202)
      #expect(response.body == "{}")
      #expect(response.headers["content-type"] == "application/json")
      #expect(response.headers["x-fixed"] == "1")
      #expect(response.headers["x-extra"] == extra)
    }
  }

  @Test("sixty-four clients at once are all answered, each shard one request at a time")
  func concurrent() async throws {
    let tested = try ServerUnderTest(ServerUnderTest.configuration { $0.threads = 2 })
    let port = tested.port
    let each = 30
    try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<64 {
        group.addTask {
          let client = try Client(port: port)
          var right = 0
          for round in 0..<each {
            let size = (number &* 977 &+ round &* 4_099) % 60_000
            client.post("/v0.4/traces", [UInt8](repeating: UInt8(number), count: size))
            if try client.response().body == "\(size)" { right += 1 }
          }
          return right
        }
      }
      for try await right in group { #expect(right == each) }
    }
    let seen = tested.recorder.seen
    #expect(seen.count == 64 * each)
    #expect(seen.allSatisfy { $0.body.first == $0.body.last })
    #expect(Set(seen.map(\.shard)) == [0, 1])
    #expect(tested.recorder.rejections.isEmpty)
  }
}

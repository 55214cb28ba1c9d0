import TestCalls
import Testing

@testable import GRPC

@Suite struct `A session of calls` {
  private static let path = SessionUnderTest.path
  private static let hello = ClientFrame.call(1, path, Array("hello".utf8))

  @Test(arguments: [1, 2, 3, 7, 20, 64, .max])
  func `takes a call in pieces of any size, and answers it with headers, a message and a status`(_ size: Int) throws {
    let tested = try SessionUnderTest()
    tested.send(ClientFrame.opening + Self.hello, pieces: size)
    #expect(tested.messages == ["\(Self.path): hello"])
    let answer = tested.answers[1]
    #expect(answer.headers[":status"] == "200" && answer.headers["content-type"] == "application/grpc")
    #expect(answer.headers["grpc-accept-encoding"] == "identity,gzip")
    #expect(answer.data == ClientFrame.message(Array("answer".utf8)))
    #expect(answer.status == 0 && answer.isEnded && answer.resetCode == nil)
    #expect((tested.began, tested.ended, tested.failures) == (1, 1, []))
    #expect(tested.stores.value == 0, "the message is gone with its answer")
    #expect(!tested.session.isOver && !tested.session.isBusy)
  }

  @Test func `says what it takes before anything else`() throws {
    let tested = try SessionUnderTest(SessionLimits(headerBytesMax: 9_000, callsMax: 7))
    tested.advance()
    #expect(tested.answers.settings == [3: 7, 4: 1 << 20, 6: 9_000, 9: 1])
    #expect(tested.answers.windowBytes == (1 << 20) - 65_535)
  }

  @Test(arguments: 1...8) func `takes headers in several frames`(_ pieces: Int) throws {
    let tested = try SessionUnderTest()
    let block = ClientFrame.block(ClientFrame.fields(Self.path))
    let size = block.count / pieces + 1
    tested.send(ClientFrame.opening + ClientFrame.frame(1, stream: 1, Array(block.prefix(size))))
    for start in stride(from: size, to: block.count, by: size) {
      tested.send(ClientFrame.continuation(1, Array(block[start..<min(start + size, block.count)])))
    }
    tested.send(ClientFrame.continuation(1, [], isLast: true) + ClientFrame.data(1, ClientFrame.message([65])))
    #expect(tested.messages == ["\(Self.path): A"])
  }

  @Test func `takes calls that come between each other`() throws {
    let tested = try SessionUnderTest()
    let (one, other) = (ClientFrame.message(Array("one".utf8)), ClientFrame.message(Array("other".utf8)))
    tested.send(
      ClientFrame.opening + ClientFrame.headers(1, ClientFrame.fields("/a"))
        + ClientFrame.headers(3, ClientFrame.fields("/b"))
        + ClientFrame.data(3, Array(other[..<7]), isLast: false) + ClientFrame.data(1, one)
        + ClientFrame.data(3, Array(other[7...])))
    #expect(tested.messages == ["/a: one", "/b: other"])
    #expect(tested.answers[1].status == 0 && tested.answers[3].status == 0)
  }

  @Test(
    arguments: [
      ("gzip", 1, "\(path): x in gzip", nil), ("gzip", 0, "\(path): x", nil), ("br", 1, "\(path): x in br", nil),
      ("identity", 0, "\(path): x", nil), ("identity", 1, nil, 13), ("", 1, nil, 13),
    ] as [(String, UInt8, String?, Int?)])
  func `says how a message is compressed`(_ encoding: String, _ flag: UInt8, _ message: String?, _ status: Int?) throws
  {
    let tested = try SessionUnderTest()
    let changes = encoding.isEmpty ? [] : [("grpc-encoding", encoding)]
    tested.send(ClientFrame.opening + ClientFrame.call(1, Self.path, Array("x".utf8), flag: flag, changes))
    #expect(tested.messages == [message].compactMap(\.self))
    #expect(tested.answers[1].status == status ?? 0)
  }

  @Test func `sends only a status where a call goes wrong`() throws {
    let tested = try SessionUnderTest()
    tested.status = CallStatus(.invalidArgument, "byte 7: 100 % wrong")
    tested.send(ClientFrame.opening + Self.hello)
    let answer = tested.answers[1]
    #expect(answer.status == 3 && answer.headers["grpc-message"] == "byte 7: 100 %25 wrong")
    #expect(answer.data.isEmpty && answer.isEnded)
  }

  /// What is sent on stream 1, why it is refused, and with which status.
  private static let refusals: [(String, [UInt8], CallFailure, Int?)] = [
    ("no frame", ClientFrame.data(1, [2, 0, 0, 0, 0]), .malformed, 13),
    ("no message", ClientFrame.data(1, []), .malformed, 13),
    ("half a message", ClientFrame.data(1, [0, 0, 0, 0, 9, 1]), .malformed, 13),
    ("two messages", ClientFrame.data(1, ClientFrame.message([1]) + ClientFrame.message([2])), .malformed, 13),
    ("too large", ClientFrame.data(1, [0, 0, 1, 0, 0], isLast: false), .messageTooLarge, 8),
    ("taken back", ClientFrame.data(1, [0, 0, 0, 0, 9], isLast: false) + ClientFrame.reset(1), .unfinished, nil),
  ]

  @Test(arguments: refusals)
  func `refuses what is no whole message, and goes on`(
    _ name: String, _ bytes: [UInt8], _ failure: CallFailure, _ status: Int?
  ) throws {
    let tested = try SessionUnderTest(SessionLimits(messageBytesMax: 1_000))
    tested.send(ClientFrame.opening + ClientFrame.headers(1, ClientFrame.fields(Self.path)) + bytes)
    #expect(tested.failures == [failure] && tested.answers[1].status == status)
    #expect(tested.began == 1 && tested.ended == 1 && tested.stores.value == 0)
    tested.send(ClientFrame.call(3, Self.path, Array("next".utf8)))
    #expect(tested.messages == ["\(Self.path): next"] && tested.answers[3].status == 0)
  }

  @Test func `tells a client that is still sending that nobody reads on`() throws {
    let tested = try SessionUnderTest(SessionLimits(messageBytesMax: 10))
    let head = ClientFrame.headers(1, ClientFrame.fields(Self.path))
    tested.send(ClientFrame.opening + head + ClientFrame.data(1, [0, 0, 0, 9, 9], isLast: false))
    #expect(tested.answers[1].status == 8 && tested.answers[1].resetCode == 0, "reset for no error, behind the status")
    tested.send(ClientFrame.data(1, [UInt8](repeating: 0, count: 2_000)))
    #expect(tested.answers.goAway == nil && tested.failures == [.messageTooLarge])
  }

  @Test func `refuses a message for which there is no room, so that it comes again`() throws {
    let tested = try SessionUnderTest(hasRoom: false)
    tested.send(ClientFrame.opening + Self.hello)
    #expect(tested.failures == [.noRoom] && tested.answers[1].status == 14)
  }

  @Test(
    arguments: [
      [("content-type", "application/json")], [("content-type", "application/grpc+json")],
      [("content-type", "application/grpc-web")], [(":method", "GET")],
    ])
  func `answers what is no call with 415`(_ changes: [(String, String)]) throws {
    let tested = try SessionUnderTest()
    tested.send(ClientFrame.opening + ClientFrame.headers(1, ClientFrame.fields("/info", changes), isLast: true))
    let answer = tested.answers[1]
    #expect(answer.headers[":status"] == "415" && answer.status == nil && answer.isEnded)
    #expect(String(decoding: answer.data, as: UTF8.self).contains("HTTP/1.1"))
    #expect(tested.failures == [.notGRPC])
  }

  @Test(arguments: ["application/grpc", "application/grpc+proto", "application/grpc; charset=utf-8"])
  func `knows calls by their type`(_ type: String) throws {
    let tested = try SessionUnderTest()
    tested.send(ClientFrame.opening + ClientFrame.call(1, Self.path, [], [("content-type", type)]))
    #expect(tested.messages == ["\(Self.path): "])
  }

  @Test func `lets open calls finish and takes no more when it is to go away`() throws {
    let tested = try SessionUnderTest()
    tested.send(ClientFrame.opening + ClientFrame.headers(1, ClientFrame.fields(Self.path)))
    tested.session.goAway()
    tested.advance()
    #expect(tested.answers.goAway?.code == 0 && tested.answers.goAway?.last == 1)
    tested.send(ClientFrame.call(3, Self.path, [7]) + ClientFrame.data(1, ClientFrame.message(Array("last".utf8))))
    #expect(tested.messages == ["\(Self.path): last"] && tested.answers[1].status == 0)
    #expect(tested.answers.streams[3] == nil && tested.began == 1)
    #expect(tested.session.isOver)
  }

  @Test func `ends its calls with the connection`() throws {
    let tested = try SessionUnderTest()
    tested.answersCalls = false
    tested.send(
      ClientFrame.opening + Self.hello + ClientFrame.headers(3, ClientFrame.fields(Self.path))
        + ClientFrame.data(3, [0, 0, 0, 0, 9, 1], isLast: false))
    tested.session.close()
    tested.advance()
    #expect(tested.failures == [.unfinished] && tested.began == 2 && tested.ended == 2)
    // Whoever has a call still may answer it.
    for call in tested.waiting { tested.answer(call) }
    #expect(tested.session.isOver && tested.stores.value == 0)
  }

  @Test func `answers a call that its client took back meanwhile to nobody`() throws {
    let tested = try SessionUnderTest()
    tested.answersCalls = false
    tested.send(ClientFrame.opening + Self.hello)
    tested.send(ClientFrame.reset(1))
    #expect(tested.ended == 1 && tested.failures.isEmpty)
    for call in tested.waiting { tested.answer(call) }
    tested.advance()
    #expect(tested.answers[1].headers.isEmpty && tested.answers.goAway == nil)
  }
}

@Suite struct `A session in which something is late` {
  private static let open = ClientFrame.opening + ClientFrame.headers(1, ClientFrame.fields(SessionUnderTest.path))

  /// What came, and what is late a second later.
  private static let cases: [(String, [UInt8], Lateness, Int?)] = [
    ("nothing is open", ClientFrame.opening, .nothing, nil),
    ("a message does not come", open + ClientFrame.data(1, [0, 0, 0, 0, 9], isLast: false), .calls, 4),
    ("headers do not come", ClientFrame.opening + ClientFrame.frame(1, stream: 1, []), .headers, 4),
    (
      "an answer is not taken",
      ClientFrame.preface + ClientFrame.settings([(4, 0)]) + open.dropFirst(33)
        + ClientFrame.data(1, ClientFrame.message([1])), .answers, nil
    ),
  ]

  @Test(arguments: cases)
  func `says what it is, and not before its time`(
    _ name: String, _ bytes: [UInt8], _ expected: Lateness, _ status: Int?
  ) throws {
    let tested = try SessionUnderTest()
    tested.send(bytes)
    #expect(tested.session.expire(limitMs: 1_000, nowMs: tested.nowMs + 1_000) == .nothing)
    #expect(tested.session.expire(limitMs: 1_000, nowMs: tested.nowMs + 1_001) == expected)
    tested.advance()
    #expect(tested.answers[1].status == status)
    #expect(tested.failures == (expected == .calls || expected == .headers ? [.timedOut] : []))
  }

  @Test func `sends the answer once its client has a window again`() throws {
    let tested = try SessionUnderTest()
    tested.send(
      ClientFrame.preface + ClientFrame.settings([(4, 0)]) + Self.open.dropFirst(33)
        + ClientFrame.data(1, ClientFrame.message([1])))
    #expect(tested.answers[1].headers[":status"] == "200" && tested.answers[1].data.isEmpty && tested.ended == 0)
    tested.send(ClientFrame.window(1, 4))
    #expect(tested.answers[1].data.count == 4)
    tested.send(ClientFrame.window(1, 100))
    #expect(tested.answers[1].message == Array("answer".utf8) && tested.answers[1].status == 0 && tested.ended == 1)
  }
}

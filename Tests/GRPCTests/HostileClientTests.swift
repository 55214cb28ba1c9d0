import TestCalls
import Testing

@testable import GRPC

@Suite struct `A hostile client` {
  private static let path = SessionUnderTest.path
  private static let fields = ClientFrame.fields(path)

  /// Floods: the frames of one round, and with which code the connection ends.
  private static let floods: [(String, @Sendable (UInt32) -> [UInt8], [UInt32])] = [
    ("rapid reset", { ClientFrame.headers($0, fields) + ClientFrame.reset($0) }, [11]),
    ("pings", { _ in ClientFrame.ping() }, [11]),
    ("settings", { _ in ClientFrame.settings([(4, 70_000)]) }, [11]),
    ("acknowledgements", { _ in ClientFrame.frame(4, flags: ClientFrame.ack) }, [1, 11]),
    ("priorities", { ClientFrame.priority($0) }, [11]),
    ("windows", { _ in ClientFrame.window(0, 1) }, [11]),
    ("empty data", { $0 == 1 ? ClientFrame.headers(1, fields) : ClientFrame.data(1, [], isLast: false) }, [11]),
    (
      "data for nobody", { $0 == 1 ? ClientFrame.call(1, path, [9]) : ClientFrame.data(1, [], isLast: false) },
      [5, 11]
    ),
    ("frames that nobody knows", { _ in ClientFrame.frame(0xEE, [1, 2, 3]) }, [11]),
    (
      "continuations",
      { $0 == 1 ? ClientFrame.frame(1, stream: 1, ClientFrame.block(fields)) : ClientFrame.continuation(1, []) }, [11]
    ),
    ("calls that never come", { ClientFrame.headers($0, fields) }, [11]),
    ("calls that are none", { ClientFrame.headers($0, ClientFrame.fields(path, [("content-type", "a")])) }, [11]),
  ]

  @Test(arguments: floods)
  func `who floods is told to calm down, and is read no further`(
    _ name: String, _ round: @Sendable (UInt32) -> [UInt8], _ codes: [UInt32]
  ) throws {
    let tested = try SessionUnderTest()
    tested.send(ClientFrame.opening)
    var (stream, sent): (UInt32, Int) = (1, 0)
    while !tested.session.isOver, sent < 20_000 {
      tested.send(round(stream))
      stream += 2
      sent += 1
    }
    #expect(sent <= FrameBudget.burst + FrameBudget.perCall, "\(name): \(sent)")
    let code = tested.answers.goAway?.code
    #expect(code.map { codes.contains($0) } == true, "\(name): \(String(describing: code))")
    #expect(tested.session.hasMisbehaved)
    #expect(tested.began == tested.ended && tested.stores.value == 0)
    let pongs = tested.answers.pongs
    tested.send(ClientFrame.ping())
    #expect(tested.answers.pongs == pongs)
  }

  /// What breaks the rules of HTTP/2, and the code of the end.
  private static let breaches: [(String, [UInt8], [UInt32])] = [
    ("no preface", Array("GET / HTTP/1.1\r\n\r\nabcdefghijk".utf8), [1]),
    ("no settings", ClientFrame.preface + ClientFrame.ping(), [1]),
    ("an even stream", ClientFrame.opening + ClientFrame.headers(2, fields), [1]),
    ("data for no stream", ClientFrame.opening + ClientFrame.data(0, [1]), [1]),
    (
      "a frame too large", ClientFrame.opening + ClientFrame.frame(0, stream: 1, [UInt8](repeating: 0, count: 16_385)),
      [6]
    ),
    ("a ping of the wrong size", ClientFrame.opening + ClientFrame.frame(6, [1]), [6]),
    ("a window of nothing", ClientFrame.opening + ClientFrame.window(0, 0), [1]),
    ("a window past its limit", ClientFrame.opening + ClientFrame.window(0, 0x7FFF_FFFF), [3]),
    (
      "headers that cannot be read", ClientFrame.opening + ClientFrame.frame(1, flags: 4, stream: 1, [0xFF, 0xFF]), [9]
    ),
    (
      "a ping between headers",
      ClientFrame.opening + ClientFrame.frame(1, stream: 1, ClientFrame.block(fields)) + ClientFrame.ping(), [1, 11]
    ),
  ]

  @Test(arguments: breaches)
  func `who breaks the rules is told so, and is read no further`(
    _ name: String, _ bytes: [UInt8], _ codes: [UInt32]
  ) throws {
    for size in [1, .max] {
      let tested = try SessionUnderTest()
      tested.send(bytes, pieces: size)
      let code = tested.answers.goAway?.code
      #expect(code.map { codes.contains($0) } == true, "\(name): \(String(describing: code))")
      #expect(tested.session.hasMisbehaved && tested.session.isOver)
      tested.session.close()
      tested.advance()
      #expect(tested.began == tested.ended)
    }
  }

  @Test func `whose headers are too large has that call refused, and others taken`() throws {
    let tested = try SessionUnderTest(SessionLimits(headerBytesMax: 1_000))
    let bomb = ClientFrame.fields(Self.path, [("x", String(repeating: "a", count: 900))])
    tested.send(ClientFrame.opening + ClientFrame.headers(1, bomb) + ClientFrame.call(3, Self.path, [7]))
    #expect(tested.answers[1].resetCode == 11 && tested.failures == [.headersTooLarge])
    #expect(tested.answers[3].status == 0)
  }

  /// One entry of the table of headers, which a byte stands for, again and again.
  @Test func `whose headers blow up when they are read has them read no further`() throws {
    let tested = try SessionUnderTest()
    // A literal that is put into the table, and so many references to it.
    let name = [UInt8(0x40), 1] + Array("x".utf8) + [0x7F, 0xA1, 0x1E] + [UInt8](repeating: 97, count: 4_000)
    let bomb = ClientFrame.block(Self.fields) + name + [UInt8](repeating: 0xBE, count: 12_000)
    tested.send(ClientFrame.opening + ClientFrame.frame(1, flags: 4, stream: 1, bomb))
    #expect(tested.answers[1].resetCode == 11 && tested.failures == [.headersTooLarge])
    tested.send(ClientFrame.call(3, Self.path, [7]))
    #expect(tested.answers[3].status == 0)
  }

  @Test func `whose open calls have too many headers together has more of them refused until some are done`() throws {
    let room = HeaderRoom()
    let tested = try SessionUnderTest(headerRoom: room)
    tested.send(ClientFrame.opening)
    // Some 30 kB each, of which all but the first come as eight bytes.
    let entry = [UInt8(0x40), 1] + Array("x".utf8) + [0x7F, 0xA1, 0x1E] + [UInt8](repeating: 97, count: 4_000)
    let references = [UInt8](repeating: 0xBE, count: 7)
    let head = ClientFrame.block(Self.fields)
    for number in 0..<15 as Range<UInt32> {
      let block = number == 0 ? head + entry + references.dropLast() : head + references
      tested.send(ClientFrame.frame(1, flags: 4, stream: 2 * number + 1, block))
      #expect(tested.session.headerBytes <= 256 << 10 && room.bytesTaken == tested.session.headerBytes)
    }
    let open = (0..<15).map { UInt32(2 * $0 + 1) }.filter { tested.answers[$0].resetCode == nil }
    #expect((5...9).contains(open.count) && tested.failures.count == 15 - open.count)
    #expect(tested.failures.allSatisfy { $0 == .headersTooLarge } && tested.answers[29].resetCode == 11)
    for stream in open { tested.send(ClientFrame.data(stream, ClientFrame.message([7]))) }
    #expect(open.allSatisfy { tested.answers[$0].status == 0 } && tested.answers.goAway == nil)
    #expect(tested.session.headerBytes == 0 && room.bytesTaken == 0)
    tested.send(ClientFrame.frame(1, flags: 4, stream: 31, head + references))
    #expect(tested.answers[31].resetCode == nil && tested.session.headerBytes > 30_000)
  }

  @Test func `has not the headers of a call that is being worked on`() throws {
    let tested = try SessionUnderTest()
    tested.answersCalls = false
    tested.send(ClientFrame.opening + ClientFrame.call(1, Self.path, [7]))
    #expect(tested.session.headerBytes > 0)
    let call = try #require(tested.waiting.first)
    tested.session.release(call)
    #expect(tested.session.headerBytes == 0 && tested.stores.value == 0 && tested.session.isAwaited(call))
    tested.answer(call)
    tested.advance()
    #expect(tested.answers[1].status == 0 && tested.session.headerBytes == 0 && !tested.session.isAwaited(call))
  }

  @Test func `shares the room for headers with others, and gives it back when it goes`() throws {
    let room = HeaderRoom(bytesMax: 2_000, reservedBytes: 0)
    let tested = try (0..<3).map { _ in try SessionUnderTest(headerRoom: room) }
    for session in tested { session.send(ClientFrame.opening + ClientFrame.headers(1, Self.fields)) }
    #expect(tested.map { $0.answers[1].resetCode } == [nil, nil, 11])
    tested[0].session.close()
    tested[0].advance()
    tested[2].send(ClientFrame.headers(3, Self.fields))
    #expect(tested[2].answers[3].resetCode == nil)
    for session in tested {
      session.session.close()
      session.advance()
    }
    #expect(room.bytesTaken == 0)
  }

  @Test func `takes all the room for headers, and keeps no small call of others out`() throws {
    let room = HeaderRoom(bytesMax: 2_000, reservedBytes: 1_000)
    let tested = try (0..<4).map { _ in try SessionUnderTest(headerRoom: room) }
    for session in tested { session.send(ClientFrame.opening + ClientFrame.headers(1, Self.fields)) }
    #expect(tested.map { $0.answers[1].resetCode } == [nil, nil, nil, nil] && room.bytesTaken > 2_000)
    tested[0].send(ClientFrame.headers(3, Self.fields))
    #expect(tested[0].answers[3].resetCode == 11)
  }

  @Test func `who opens more calls than there may be has them refused one by one`() throws {
    let tested = try SessionUnderTest(SessionLimits(callsMax: 10))
    tested.send(ClientFrame.opening)
    for number in 0..<15 as Range<UInt32> { tested.send(ClientFrame.headers(2 * number + 1, Self.fields)) }
    #expect(tested.began == 10 && tested.answers[21].resetCode == 7 && tested.answers[29].resetCode == 7)
    tested.send(ClientFrame.data(1, ClientFrame.message([7])))
    #expect(tested.answers[1].status == 0)
    // Once it has said that it knows the limit, it has no excuse.
    tested.send(ClientFrame.frame(4, flags: ClientFrame.ack))
    for number in 15..<18 as Range<UInt32> { tested.send(ClientFrame.headers(2 * number + 1, Self.fields)) }
    #expect(tested.answers.goAway?.code == 1)
  }

  @Test func `is not who exports much, in many calls, with pings`() throws {
    let tested = try SessionUnderTest()
    tested.send(ClientFrame.opening)
    for number in 0..<3_000 as Range<UInt32> {
      let stream = 2 * number + 1
      tested.send(ClientFrame.call(stream, Self.path, [7]) + ClientFrame.window(0, 6) + ClientFrame.ping())
    }
    let large = [UInt8](repeating: 7, count: 60_000)
    for number in 3_000..<3_100 as Range<UInt32> { tested.send(ClientFrame.call(2 * number + 1, Self.path, large)) }
    #expect(tested.messages.count == 3_100 && tested.answers.pongs == 3_000 && tested.answers.goAway == nil)
  }
}

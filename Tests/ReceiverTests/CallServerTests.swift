import GRPC
import Platform
import TestCalls
import Testing

@testable import Receiver

@Suite("Calls of gRPC")
struct CallServerTests {
  private static func tested(_ change: (inout ReceiverConfiguration) -> Void = { _ in }) throws -> ServerUnderTest {
    try ServerUnderTest(
      ServerUnderTest.configuration {
        $0.calls = CallSettings()
        change(&$0)
      })
  }

  @Test("come to the handler beside requests of HTTP/1.1 at the same port, on a shard of their own")
  func beside() throws {
    let tested = try Self.tested { $0.threads = 2 }
    let calls = try CallClient(tested)
    let http = try tested.connect()
    for _ in 0..<3 {
      let answer = try calls.call([1, 2, 3], [("datadog-meta-lang", "go"), ("content-encoding", "zstd")])
      #expect(answer.status == 0 && answer.message == Array("3".utf8))
      http.post("/v0.4/traces", [1, 2])
      #expect(try http.response().body == "2")
    }
    let seen = tested.recorder.seen.filter(\.isCall)
    #expect(seen.map(\.shard) == [2, 2, 2] && seen.map(\.body) == [[1, 2, 3], [1, 2, 3], [1, 2, 3]])
    #expect(seen.first?.lang == "go" && seen.first?.method == .post && seen.first?.declaredLength == 3)
    #expect(seen.first?.contentEncoding == nil, "how a message is compressed, its frame says")
    #expect(tested.recorder.seen.count == 6 && tested.recorder.events.isEmpty)
    #expect(tested.server.connectionCounters.requests == 6)
    #expect(eventually { tested.server.connectionCounters.requestsInProgress == 0 })
  }

  @Test("are told of while libnghttp2 cannot be opened, and taken once it can")
  func missingLibrary() throws {
    let failuresLeft = Lock(2)
    let open: CallWorker.OpenLibrary = { () throws(HTTP2Library.Missing) in
      let fails = failuresLeft.withLock { left in
        left -= 1
        return left >= 0
      }
      if fails { throw HTTP2Library.Missing(reason: "too many open files") }
      return try HTTP2Library.open()
    }
    let tested = try ServerUnderTest(
      ServerUnderTest.configuration { $0.calls = CallSettings() }, openLibrary: open)
    for _ in 0..<2 {
      let client = try tested.connect()
      client.send(ClientFrame.opening)
      _ = client.waitForEnd()
    }
    #expect(try CallClient(tested).call([1]).status == 0)
    #expect(tested.recorder.notes == [.callsNotTaken(reason: "too many open files")])
    let seen = tested.recorder.events.filter { event in
      if case .foreign(.http2, .loopback) = event { true } else { false }
    }
    #expect(seen.count == 2 && tested.server.connectionCounters.acceptErrors == 2)
  }

  @Test("have their encoding where HTTP/1.1 has it, and large messages in many pieces")
  func large() throws {
    let tested = try Self.tested()
    let calls = try CallClient(tested)
    let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    #expect(try calls.call(body).message == Array("3000000".utf8))
    calls.client.send(ClientFrame.call(3, CallClient.path, [7], flag: 1, [("grpc-encoding", "gzip")]))
    #expect(try calls.answer(to: 3).status == 0)
    #expect(tested.recorder.seen.map(\.contentEncoding) == [nil, "gzip"])
    #expect(tested.recorder.seen.first?.body == body)
    #expect(eventually { tested.server.connectionCounters.bodyBytesInFlight == 0 })
  }

  @Test("are refused with the status that says what to do, and reported once")
  func refused() throws {
    let tested = try Self.tested { $0.calls?.messageBytesMax = 1_000 }
    let calls = try CallClient(tested)
    #expect(try calls.call([UInt8](repeating: 1, count: 2_000)).status == 8)
    #expect(try calls.call([1], path: "/nowhere").status == 12)
    let plain = try calls.call([1], [("content-type", "application/json")])
    #expect(plain.headers[":status"] == "415")
    #expect(tested.recorder.rejections.map(\.reason) == [.payloadTooLarge, .notGRPC])
    #expect(tested.recorder.rejections.map(\.path) == [CallClient.path, CallClient.path])
  }

  @Test("have no more memory together than bodies have, and say so at once")
  func memory() throws {
    let tested = try Self.tested {
      $0.maxPayloadBytes = 8_192
      $0.bodyBytesInFlightMax = 20_000
      $0.requestTimeout = .seconds(60)
    }
    let calls = try CallClient(tested)
    for stream in [1, 3, 5] as [UInt32] {
      calls.client.send(
        ClientFrame.headers(stream, ClientFrame.fields(CallClient.path))
          + ClientFrame.data(stream, ClientFrame.message([UInt8](repeating: 1, count: 8_000)).dropLast(), isLast: false)
      )
    }
    #expect(try calls.answer(to: 5).status == 14, "two have room, the third has none")
    #expect(tested.recorder.rejections.map(\.reason) == [.memoryLimit])
    calls.client.send(ClientFrame.data(1, [1]) + ClientFrame.data(3, [1]))
    #expect(try calls.answer(to: 1).status == 0 && calls.answer(to: 3).status == 0)
    #expect(eventually { tested.server.connectionCounters.bodyBytesInFlight == 0 })
  }

  @Test("that do not come whole in time end, and so do connections without a preface or with an answer untaken")
  func late() throws {
    let tested = try Self.tested { $0.requestTimeout = .milliseconds(100) }
    let late = try CallClient(tested)
    late.client.send(ClientFrame.headers(1, ClientFrame.fields(CallClient.path)))
    #expect(try late.answer(to: 1).status == 4)
    #expect(tested.recorder.rejections.map(\.reason) == [.timeout])
    // The connection goes on.
    late.client.send(ClientFrame.call(3, CallClient.path, [1]))
    #expect(try late.answer(to: 3).status == 0)

    let half = try CallClient(tested, opening: Array(ClientFrame.preface.dropLast()))
    #expect(half.readToEnd())
    // No window, so that the answer cannot leave.
    let stuck = try CallClient(tested, opening: ClientFrame.preface + ClientFrame.settings([(4, 0)]))
    stuck.client.send(ClientFrame.call(1, CallClient.path, [1]))
    _ = stuck.readToEnd()
    #expect(stuck.answers[1].headers[":status"] == "200" && !stuck.answers[1].isEnded)
    #expect(tested.server.connectionCounters.timedOut == 2 && tested.server.connectionCounters.idleClosed == 1)
  }

  @Test("may stay away as long as connections may be idle, and are told to go then")
  func idle() throws {
    let tested = try Self.tested { $0.idleTimeout = .milliseconds(50) }
    // In one piece: more than the idle time may pass between two.
    let calls = try CallClient(tested, opening: ClientFrame.opening + ClientFrame.call(1, CallClient.path, [1]))
    #expect(calls.readToEnd())
    #expect(calls.answers[1].status == 0 && calls.answers.goAway?.code == 0)
    #expect(
      eventually { tested.server.connectionCounters.idleClosed == 1 && tested.server.connectionCounters.open == 0 })
  }

  @Test("that are open when the server stops are finished, and clients are told to go elsewhere")
  func stop() throws {
    let tested = try Self.tested()
    let (calls, idle) = (try CallClient(tested), try CallClient(tested))
    #expect(try idle.call([1]).status == 0)
    #expect(eventually { tested.server.connectionCounters.requestsInProgress == 0 })
    calls.client.send(ClientFrame.headers(1, ClientFrame.fields(CallClient.path)))
    #expect(eventually { tested.server.connectionCounters.requestsInProgress == 1 })
    let server = tested.server
    let stopping = try JoinableThread(name: "stopping") { server.stop(deadline: .seconds(20)) }
    try calls.read { calls.answers.goAway != nil }
    #expect(idle.readToEnd() && idle.answers.goAway?.code == 0)
    calls.client.send(ClientFrame.data(1, ClientFrame.message([1, 2])))
    #expect(try calls.answer(to: 1).message == Array("2".utf8))
    #expect(calls.readToEnd())
    stopping.join()
    #expect(tested.recorder.rejections.isEmpty && tested.server.connectionCounters.open == 0)
  }

  @Test("that do not come whole before the server has stopped are reported")
  func stopped() throws {
    let tested = try Self.tested()
    let calls = try CallClient(tested)
    calls.client.send(ClientFrame.headers(1, ClientFrame.fields(CallClient.path)))
    #expect(eventually { tested.server.connectionCounters.requestsInProgress == 1 })
    tested.server.stop(deadline: .milliseconds(10))
    #expect(tested.recorder.rejections.map(\.reason) == [.stopping])
    _ = calls.readToEnd()
  }

  @Test("whose client leaves or resets in their middle are reported, whichever way")
  func broken() throws {
    let tested = try Self.tested()
    let begun =
      ClientFrame.headers(1, ClientFrame.fields(CallClient.path))
      + ClientFrame.data(1, [0, 0, 0, 0, 9, 1], isLast: false)
    let calls = try CallClient(tested)
    calls.client.send(begun + ClientFrame.reset(1))
    #expect(eventually { tested.recorder.rejections.count == 1 })
    do { try CallClient(tested).client.send(begun) }
    #expect(eventually { tested.recorder.rejections.count == 2 })
    #expect(tested.recorder.rejections.map(\.reason) == [.unexpectedEOF, .unexpectedEOF])
    #expect(tested.recorder.rejections.map(\.bytesReceived) == [1, 1])
    #expect(eventually { tested.server.connectionCounters.requestsInProgress == 0 })
  }

  @Test("go on for others when a client floods, which is told why it has to go")
  func flood() throws {
    let tested = try Self.tested()
    let (calls, hostile) = (try CallClient(tested), try CallClient(tested))
    #expect(try calls.call([1]).status == 0)
    for _ in 0..<50 where hostile.client.send((0..<200).flatMap { _ in ClientFrame.ping() }) {}
    #expect(hostile.readToEnd(), "an orderly end, although it was still sending")
    #expect(hostile.answers.goAway?.code == 11)
    #expect(try calls.call([1]).status == 0)
    #expect(tested.server.connectionCounters.malformed == 1)
    #expect(eventually { tested.server.connectionCounters.open == 1 })
  }

  @Test("of a client that flooded end in time, whatever it still sends")
  func dribble() throws {
    let tested = try Self.tested { $0.requestTimeout = .milliseconds(100) }
    let hostile = try CallClient(tested)
    hostile.client.send((0..<1_100).flatMap { _ in ClientFrame.ping() })
    try hostile.read { hostile.answers.goAway?.code == 11 }
    #expect(
      eventually {
        hostile.client.send([0])
        return tested.server.connectionCounters.open == 0
      })
  }

  @Test("that their client took back when they had come whole are not worked on, and reported")
  func takenBack() throws {
    let tested = try Self.tested()
    let calls = try CallClient(tested)
    #expect(try calls.call([1]).status == 0)
    calls.client.send(ClientFrame.call(3, CallClient.path, [1, 2]) + ClientFrame.reset(3))
    #expect(eventually { !tested.recorder.rejections.isEmpty })
    #expect(tested.recorder.rejections.map(\.reason) == [.unexpectedEOF])
    #expect(tested.recorder.rejections.map(\.bytesReceived) == [2] && tested.recorder.seen.count == 1)
  }

  @Test("are calls also when the preface comes in pieces")
  func pieces() throws {
    let tested = try Self.tested()
    let (start, rest) = (ClientFrame.opening.prefix(5), ClientFrame.opening.dropFirst(5))
    let calls = try CallClient(tested, opening: Array(start))
    // Once this one is answered, the other's first bytes have been looked at.
    let http = try tested.connect()
    http.post("/v0.4/traces", [1])
    #expect(try http.response().status == 200)
    calls.client.send(Array(rest))
    #expect(try calls.call([1]).status == 0)
  }

  @Test("of a process that holds most places make place for another one, and not those of others")
  func fairness() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/apm.socket"
    let tested = try Self.tested {
      $0.calls?.connectionsMax = 4
      $0.unixSocketPath = path
    }
    // The system knows the process behind a unix socket; that of the others is the tests' own, which is not looked at.
    let silent = try CallClient(tested)
    #expect(try silent.call([1]).status == 0)
    let greedy = try (0..<3).map { _ in
      let client = CallClient(try Client(unix: path))
      #expect(try client.call([1]).status == 0)
      return client
    }
    let newcomer = try CallClient(tested)
    #expect(try newcomer.call([1]).status == 0)
    #expect(greedy[0].readToEnd() && greedy[0].answers.goAway?.code == 0)
    #expect(try silent.call([1]).status == 0 && greedy[1].call([1]).status == 0 && greedy[2].call([1]).status == 0)
    #expect(tested.recorder.notes == [.callConnectionsFull(limit: 4)])
    let owners = tested.recorder.events.compactMap { if case .gaveWay(let owner, _) = $0 { owner } else { nil } }
    #expect(owners == [PlaceOwner(user: .local(getuid()), pid: getpid())])
  }

  @Test("have so many connections that the longest silent makes place for another")
  func places() throws {
    let tested = try Self.tested { $0.calls?.connectionsMax = 3 }
    let clients = try (0..<3).map { _ in
      let client = try CallClient(tested)
      #expect(try client.call([1]).status == 0)
      return client
    }
    let newcomer = try CallClient(tested)
    #expect(try newcomer.call([1]).status == 0)
    #expect(clients[0].readToEnd() && clients[0].answers.goAway?.code == 0)
    #expect(tested.server.connectionCounters.gaveWay == 1)
    #expect(eventually { tested.server.connectionCounters.open == 3 })
    #expect(try clients[1].call([1]).status == 0 && clients[2].call([1]).status == 0)
  }

  @Test("make place for requests of HTTP/1.1 where all places are taken")
  func sharedPlaces() throws {
    let tested = try Self.tested { $0.maxConnections = 2 }
    let calls = try (0..<2).map { _ in
      let client = try CallClient(tested)
      #expect(try client.call([1]).status == 0)
      return client
    }
    let http = try tested.connect()
    http.post("/v0.4/traces", [1])
    #expect(try http.response().status == 200)
    #expect(calls[0].readToEnd() && calls[0].answers.goAway?.code == 0)
    #expect(eventually { tested.server.connectionCounters.open == 2 })
  }

  @Test("whose answers are not read hold up nobody else")
  func unread() throws {
    let tested = try Self.tested {
      $0.requestTimeout = .milliseconds(200)
      $0.idleTimeout = .seconds(1)
    }
    let deaf = try CallClient(tested)
    deaf.client.narrow()
    // Linux may stop both directions when nothing is read: then the server has answered all that came, and sees it idle.
    deaf.client.waitToSend(seconds: 1)
    #expect(try CallClient(tested).call([1]).status == 0)
    // More than a socket takes of answers, all of them in earnest; at last nothing is read any more, and then it ends.
    var stream: UInt32 = 1
    while stream < 2_000_000, deaf.client.send(ClientFrame.call(stream, CallClient.path, [1])) { stream += 2 }
    #expect(stream < 2_000_000)
    #expect(try CallClient(tested).call([1]).status == 0)
    #expect(eventually { tested.server.connectionCounters.open == 0 }, "the deaf one is gone, too")
  }
}

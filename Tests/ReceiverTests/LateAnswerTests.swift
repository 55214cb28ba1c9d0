import Platform
import Testing

@testable import Receiver

@Suite("Late answers")
struct LateAnswerTests {
  private func post(_ client: Client, _ body: String) { client.post("/late", Array(body.utf8)) }

  @Test("one that is certain to come has the usual limit from when it is so no longer")
  func limitedLater() {
    let answers = LateAnswers(ReceiverConfiguration(lateAnswerTimeout: .seconds(30)))
    guard case .admitted(let late) = answers.admitWithoutLimit() else { return #expect(Bool(false)) }
    answers.sweep(nowMs: 1_000_000)
    answers.limit(late, nowMs: 1_000_000)
    answers.sweep(nowMs: 1_029_999)
    #expect(answers.counters.timedOut == 0 && answers.counters.outstanding == 1)
    answers.sweep(nowMs: 1_030_000)
    #expect(answers.counters.timedOut == 1 && answers.counters.outstanding == 0)
  }

  @Test("requests that wait for a slow upstream do not slow quick ones on the same worker")
  func slowUpstream() throws {
    let upstream = try SlowUpstream()
    let upstreamPort = upstream.port
    let tested = try LateServerUnderTest(begin: { ticket, body in
      // A proxy as simple as can be: a thread for each request.
      let proxy = try? JoinableThread(name: "proxy") {
        guard let client = try? Client(port: upstreamPort) else { return }
        client.post("/", body)
        guard let response = try? client.response() else { return }
        ticket.complete(with: Answer(status: UInt16(response.status), text: response.body))
      }
      proxy?.detach()
    })
    let slow = try (0..<40).map { number in
      let client = try tested.connect()
      post(client, "slow \(number)")
      return client
    }
    #expect(eventually { upstream.accept() == slow.count })
    #expect(tested.late.outstanding == slow.count)

    let quick = try tested.connect()
    for size in 0..<300 {
      quick.post("/quick", [UInt8](repeating: 1, count: size))
      #expect(try quick.response().body == "\(size)")
    }
    #expect(tested.late.outstanding == slow.count)

    upstream.answerAll()
    for (number, client) in slow.enumerated() {
      let response = try client.response()
      #expect(response.status == 202)
      #expect(response.body == "slow \(number)")
      client.post("/quick", [1, 2])
      #expect(try client.response().body == "2", "the connection goes on")
    }
    #expect(eventually { tested.late == LateAnswerCounters() })
  }

  @Test(
    "an answer reaches its request whenever it comes: before the handler returns, or from another thread at any time")
  func race() throws {
    let tested = try LateServerUnderTest {
      $0.threads = 2
    } begin: { ticket, body in
      let text = String(decoding: body, as: UTF8.self)
      if text.hasSuffix("0") {
        #expect(ticket.complete(with: LateServerUnderTest.answer(text)))
        return
      }
      let other = try? JoinableThread(name: "other") { ticket.complete(with: LateServerUnderTest.answer(text)) }
      other?.detach()
    }
    let clients = try (0..<8).map { _ in try tested.connect() }
    for round in 0..<100 {
      for (number, client) in clients.enumerated() { post(client, "\(number) \(round)") }
      for (number, client) in clients.enumerated() { #expect(try client.response().body == "\(number) \(round)") }
    }
    #expect(eventually { tested.late == LateAnswerCounters() })
  }

  @Test(
    "many can be given together, each to its request; those whose clients have gone, or have an answer, are left out")
  func together() throws {
    let tested = try LateServerUnderTest { $0.threads = 2 }
    let clients = try (0..<12).map { _ in try tested.connect() }
    for round in 0..<3 {
      var answers: [(ticket: AnswerTicket, answer: Answer)] = []
      for (number, client) in clients.enumerated() {
        post(client, "")
        let ticket = try #require(tested.tickets.next())
        answers.append((ticket, LateServerUnderTest.answer("\(number) \(round)")))
        if number == 0, round > 0 { #expect(!ticket.isEveryClientWaiting) }
      }
      #expect(answers[0].ticket.isEveryClientWaiting)
      #expect(answers[3].ticket.complete(with: LateServerUnderTest.answer("earlier")))
      AnswerTicket.complete(answers)
      for (number, client) in clients.enumerated() {
        #expect(try client.response().body == (number == 3 ? "earlier" : "\(number) \(round)"))
      }
      #expect(tested.late == LateAnswerCounters(ignored: round + 1))
    }
    AnswerTicket.complete([])
  }

  @Test("those that are given together do not keep the server from stopping, at whatever moment it does")
  func togetherAtTheStop() throws {
    for _ in 0..<20 {
      let tested = try LateServerUnderTest { $0.threads = 2 }
      let clients = try (0..<8).map { _ in try tested.connect() }
      for client in clients { post(client, "") }
      let answers = try clients.map { _ in
        (ticket: try #require(tested.tickets.next()), answer: LateServerUnderTest.answer("late"))
      }
      let other = try JoinableThread(name: "other") { AnswerTicket.complete(answers) }
      tested.server.stop(deadline: .zero)
      other.join()
      #expect(tested.late.outstanding == 0)
      withExtendedLifetime(clients) {}
    }
  }

  @Test("a body in several pieces and one in chunks can be answered later", arguments: [true, false])
  func largeBodies(_ isChunked: Bool) throws {
    let tested = try LateServerUnderTest(begin: { ticket, body in
      ticket.complete(with: LateServerUnderTest.answer("\(body.count) \(body.last ?? 0)"))
    })
    let client = try tested.connect()
    let body = [UInt8](repeating: 1, count: 299_999) + [7]
    if isChunked {
      client.send("POST /late HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
      client.send(Array("493E0\r\n".utf8) + body + Array("\r\n0\r\n\r\n".utf8))
    } else {
      client.post("/late", body)
    }
    #expect(try client.response().body == "300000 7")
    #expect(tested.server.connectionCounters.bodyBytesInFlight == 0)
  }

  @Test("a request behind one that waits is answered after it, on the same connection")
  func pipelined() throws {
    let tested = try LateServerUnderTest()
    let client = try tested.connect()
    client.send(
      "POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na"
        + "POST /quick HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        + "POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
    let first = try #require(tested.tickets.next())
    #expect(tested.server.connectionCounters.requests == 1)
    #expect(first.complete(with: LateServerUnderTest.answer("first")))
    #expect(try client.response().body == "first")
    #expect(try client.response().body == "3")
    let last = try #require(tested.tickets.next())
    #expect(last.complete(with: LateServerUnderTest.answer("last")))
    #expect(try client.response().body == "last")
  }

  @Test("above the limit requests get 503 at once, and what is answered makes way for others")
  func bounded() throws {
    let tested = try LateServerUnderTest { $0.lateAnswersMax = 2 }
    let waiting = try (0..<2).map { number in
      let client = try tested.connect()
      post(client, "\(number)")
      return client
    }
    #expect(eventually { tested.tickets.count == 2 })
    let refused = try tested.connect()
    post(refused, "refused")
    let response = try refused.response()
    #expect(response.status == 503)
    #expect(response.body == "too-many-late-answers")
    #expect(tested.late == LateAnswerCounters(outstanding: 2, refused: 1))

    tested.tickets.next()?.complete(with: LateServerUnderTest.answer("one"))
    post(refused, "taken")
    #expect(eventually { tested.tickets.count == 2 })
    while tested.tickets.count > 0 { tested.tickets.next()?.complete(with: LateServerUnderTest.answer("all")) }
    for client in waiting + [refused] { #expect(try client.response().status == 202) }
    #expect(tested.late == LateAnswerCounters(refused: 1))
  }

  @Test("an answer that does not come in time is 504, and what comes after that is ignored and counted")
  func deadline() throws {
    let tested = try LateServerUnderTest { $0.lateAnswerTimeout = .milliseconds(50) }
    let client = try tested.connect()
    post(client, "a")
    let response = try client.response()
    #expect(response.status == 504)
    #expect(response.body == "late-answer-timeout")
    let ticket = try #require(tested.tickets.next())
    #expect(!ticket.complete(with: LateServerUnderTest.answer("too late")))
    #expect(eventually { tested.late == LateAnswerCounters(timedOut: 1, ignored: 1) })
    client.post("/quick", [1])
    #expect(try client.response().body == "1", "the connection goes on, and the late answer is not on it")
  }

  @Test(
    "a ticket that is released without an answer is 500, before and after the handler returns",
    arguments: [true, false])
  func dropped(_ atOnce: Bool) throws {
    let tested = atOnce ? try LateServerUnderTest(begin: { _, _ in }) : try LateServerUnderTest()
    let client = try tested.connect()
    post(client, "a")
    if !atOnce {
      #expect(eventually { tested.tickets.count == 1 })
      tested.tickets.releaseAll()
    }
    let response = try client.response()
    #expect(response.status == 500)
    #expect(response.body == "no-answer")
    #expect(tested.late == LateAnswerCounters(dropped: 1))
    client.post("/quick", [1])
    #expect(try client.response().body == "1")
  }

  @Test("a ticket answers once")
  func once() throws {
    let tested = try LateServerUnderTest()
    let client = try tested.connect()
    post(client, "a")
    let ticket = try #require(tested.tickets.next())
    #expect(ticket.complete(with: LateServerUnderTest.answer("first")))
    #expect(!ticket.complete(with: LateServerUnderTest.answer("second")))
    #expect(try client.response().body == "first")
    #expect(tested.late.ignored == 1)
  }

  @Test("a client that leaves while it waits frees its place, and the ticket answers nobody", arguments: [true, false])
  func clientLeaves(_ byReset: Bool) throws {
    let tested = try LateServerUnderTest { $0.idleTimeout = .milliseconds(200) }
    do {
      let client = try tested.connect()
      if byReset { client.resetOnClose() }
      post(client, "a")
      #expect(eventually { tested.tickets.count == 1 })
    }
    #expect(eventually { tested.late == LateAnswerCounters(abandoned: 1) })
    #expect(eventually { tested.server.connectionCounters.open == 0 })
    #expect(tested.server.connectionCounters.requestsInProgress == 0)
    let ticket = try #require(tested.tickets.next())
    #expect(!ticket.complete(with: LateServerUnderTest.answer("nobody")))
  }

  @Test("a client that waits is not cut off as idle or as slow to send")
  func notIdle() throws {
    let tested = try LateServerUnderTest {
      $0.idleTimeout = .milliseconds(60)
      $0.requestTimeout = .milliseconds(60)
    }
    let idle = try tested.connect()
    idle.send("G")
    let client = try tested.connect()
    post(client, "a")
    // The other one was connected before, and is gone now.
    #expect(idle.waitForEnd())
    #expect(tested.tickets.next()?.complete(with: LateServerUnderTest.answer("b")) == true)
    #expect(try client.response().body == "b")
  }

  @Test("stopping waits for late answers while there is time")
  func stopWaits() throws {
    let tested = try LateServerUnderTest()
    let client = try tested.connect()
    post(client, "a")
    let ticket = try #require(tested.tickets.next())
    let server = tested.server
    let stopping = try JoinableThread(name: "stopping") { server.stop(deadline: .seconds(15)) }
    #expect(eventually { (try? tested.connect()) == nil })
    #expect(ticket.complete(with: LateServerUnderTest.answer("in time")))
    #expect(try client.response().body == "in time")
    stopping.join()
    #expect(client.waitForEnd())
  }

  @Test("stopping answers 503 to those for whom nothing came, and tickets answer nobody then")
  func stopResolves() throws {
    let tested = try LateServerUnderTest()
    let clients = try (0..<3).map { _ in
      let client = try tested.connect()
      post(client, "a")
      return client
    }
    #expect(eventually { tested.tickets.count == 3 })
    tested.server.stop(deadline: .milliseconds(200))
    for client in clients {
      let response = try client.response()
      #expect(response.status == 503)
      #expect(response.body == "stopping")
      #expect(response.headers["connection"] == "close")
      #expect(client.waitForEnd())
    }
    while tested.tickets.count > 0 {
      #expect(tested.tickets.next()?.complete(with: LateServerUnderTest.answer("nobody")) == false)
    }
    #expect(tested.server.connectionCounters.requestsInProgress == 0)
  }

  @Test("a server that is released at once ends while requests wait, and its tickets live on", arguments: 0..<10)
  func released(_ round: Int) throws {
    var tested: LateServerUnderTest? = try LateServerUnderTest { $0.threads = 2 }
    let tickets = try #require(tested?.tickets)
    let clients = try (0..<4).map { _ in
      let client = try #require(try tested?.connect())
      post(client, "a")
      return client
    }
    #expect(eventually { tickets.count == clients.count })
    let ticket = try #require(tickets.next())
    // Completed in the middle of the stop.
    let other = try JoinableThread(name: "other") { ticket.complete(with: LateServerUnderTest.answer("\(round)")) }
    tested = nil
    for client in clients {
      _ = try? client.response()
      _ = client.waitForEnd()
    }
    other.join()
    while tickets.count > 0 {
      #expect(tickets.next()?.complete(with: LateServerUnderTest.answer("nobody")) == false)
    }
  }

  @Test("the marks of a late answer come back when the connection ends")
  func marks() throws {
    let tested = try LateServerUnderTest()
    do {
      let client = try tested.connect()
      post(client, "a")
      tested.tickets.next()?.complete(with: LateServerUnderTest.answer("b"))
      #expect(try client.response().body == "b")
    }
    #expect(eventually { !tested.events.events.isEmpty })
    guard case .closed(let marks, .loopback, _)? = tested.events.events.first else {
      Issue.record("\(tested.events.events)")
      return
    }
    #expect(marks == LateServerUnderTest.lateMark)
  }
}

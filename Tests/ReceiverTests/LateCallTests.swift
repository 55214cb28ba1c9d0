import Platform
import TestCalls
import Testing

@testable import Receiver

@Suite("Calls of gRPC that are answered later")
struct LateCallTests {
  private static func tested(_ change: (inout ReceiverConfiguration) -> Void = { _ in }) throws -> LateServerUnderTest {
    try LateServerUnderTest {
      $0.calls = CallSettings()
      change(&$0)
    }
  }

  private static func answer(_ text: String) -> Answer { Answer(status: 200, text: text) }

  /// The beginning of a connection with a call that waits.
  private static let opening = ClientFrame.opening + ClientFrame.call(1, "/late", [1])

  /// A client whose call waits for its answer, and who brings that.
  private func waiting(
    _ tested: LateServerUnderTest
  ) throws -> (client: CallClient, ticket: AnswerTicket) {
    let client = CallClient(try tested.connect(), opening: Self.opening)
    return (client, try #require(tested.tickets.next()))
  }

  @Test("hold up neither their connection nor others, and are answered in any order")
  func order() throws {
    let tested = try Self.tested()
    let (calls, other) = (CallClient(try tested.connect()), CallClient(try tested.connect()))
    calls.client.send(
      ClientFrame.call(1, "/late", [1]) + ClientFrame.call(3, "/late", [2]) + ClientFrame.call(5, "/now", [1, 2, 3])
        + ClientFrame.ping())
    #expect(try calls.answer(to: 5).message == Array("3".utf8))
    try calls.read { calls.answers.pongs == 1 }
    #expect(try other.call([1], path: "/now").status == 0)
    let (first, second) = (try #require(tested.tickets.next()), try #require(tested.tickets.next()))
    #expect(second.complete(with: Self.answer("second")))
    #expect(try calls.answer(to: 3).message == Array("second".utf8))
    #expect(calls.answers[1].headers.isEmpty)
    #expect(eventually { tested.server.connectionCounters.requestsInProgress == 1 })
    #expect(first.complete(with: Self.answer("first")))
    #expect(try calls.answer(to: 1).message == Array("first".utf8))
    #expect(eventually { tested.server.connectionCounters.requestsInProgress == 0 })
    #expect(tested.late == LateAnswerCounters())
  }

  @Test("are answered at once where the answer is there before their handler returns")
  func atOnce() throws {
    let tested = try LateServerUnderTest {
      $0.calls = CallSettings()
    } begin: { ticket, body in
      ticket.complete(with: Self.answer("\(body.count)"))
    }
    #expect(try CallClient(try tested.connect()).call([1, 2], path: "/late").message == Array("2".utf8))
  }

  @Test("end as unavailable when no answer comes, so that exporters try again")
  func unanswered() throws {
    let late = try Self.tested { $0.lateAnswerTimeout = .milliseconds(50) }
    let (slow, tooLate) = try waiting(late)
    #expect(try slow.answer(to: 1).status == 14)
    #expect(!tooLate.complete(with: Self.answer("too late")))
    #expect(eventually { late.late == LateAnswerCounters(timedOut: 1, ignored: 1) })

    let dropping = try LateServerUnderTest({ $0.calls = CallSettings() }, begin: { _, _ in })
    #expect(try CallClient(try dropping.connect()).call([1], path: "/late").status == 14)
    #expect(dropping.late == LateAnswerCounters(dropped: 1))

    let full = try Self.tested { $0.lateAnswersMax = 1 }
    let (first, ticket) = try waiting(full)
    #expect(try CallClient(try full.connect()).call([1], path: "/late").status == 14)
    ticket.complete(with: Self.answer("taken"))
    #expect(try first.answer(to: 1).status == 0)
  }

  @Test("are waited for by nobody when their client takes them back, or leaves", arguments: [true, false])
  func abandoned(_ byReset: Bool) throws {
    let tested = try Self.tested()
    var client: CallClient? = CallClient(try tested.connect(), opening: Self.opening)
    let ticket = try #require(tested.tickets.next())
    if byReset { client?.client.send(ClientFrame.reset(1)) } else { client = nil }
    #expect(eventually { tested.late == LateAnswerCounters(abandoned: 1) })
    #expect(!ticket.complete(with: Self.answer("for nobody")))
    #expect(eventually { tested.server.connectionCounters.requestsInProgress == 0 })
    guard let client else { return }
    client.client.send(ClientFrame.call(3, "/now", [1]))
    #expect(try client.answer(to: 3).status == 0 && client.answers[1].headers.isEmpty)
  }

  @Test("end before the server has stopped")
  func stopped() throws {
    let tested = try Self.tested()
    let (client, ticket) = try waiting(tested)
    tested.server.stop(deadline: .milliseconds(400))
    #expect(try client.answer(to: 1).status == 14)
    #expect(client.readToEnd() && client.answers.goAway?.code == 0)
    #expect(!ticket.complete(with: Self.answer("too late")))
  }

  @Test("keep their connection its place, and a client for whom none is left is turned away and counted")
  func places() throws {
    let tested = try Self.tested { $0.calls?.connectionsMax = 1 }
    let (client, ticket) = try waiting(tested)
    _ = CallClient(try tested.connect()).readToEnd()
    #expect(tested.server.connectionCounters.acceptPauses == 1 && tested.server.connectionCounters.acceptErrors == 0)
    #expect(tested.server.connectionCounters.gaveWay == 0)
    ticket.complete(with: Self.answer("done"))
    #expect(try client.answer(to: 1).status == 0)
  }
}

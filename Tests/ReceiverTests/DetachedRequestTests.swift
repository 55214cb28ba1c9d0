import Platform
import TestCalls
import Testing

@testable import Receiver

@Suite struct `A request that another thread works on` {
  private final class Gate: Sendable {
    let isOpen = Lock(false)
  }

  /// A server that leaves what comes to `/large` to a thread, which waits for the test.
  private struct Tested {
    let server: HTTPServer
    let port: UInt16
    let gate = Gate()

    init(_ change: (inout ReceiverConfiguration) -> Void = { _ in }) throws {
      let gate = self.gate
      let threads = OnDemandThreads(name: "large", threadsMax: 1, waitingMax: 1_000)
      server = try HTTPServer(
        configuration: ServerUnderTest.configuration(change),
        handler: { request in
          guard request.path.elementsEqual("/large".utf8) else {
            return .now(Answer(status: 200, text: "\(request.body.count)"))
          }
          let later = request.answerOnOtherThread { request, ticket in
            threads.run {
              _ = eventually { gate.isOpen.withLock { $0 } }
              let text = request.withRequest(shard: 7) { request in
                let path = String(decoding: request.path, as: UTF8.self)
                let lang = request.headers.string(.metaLang) ?? "none"
                let isEmptyThere = request.headers[.userAgent]?.isEmpty == true
                let sum = request.body.reduce(0) { $0 &+ Int($1) }
                return "\(path) \(request.shard) \(lang) \(isEmptyThere) \(request.body.count) \(sum)"
              }
              ticket.complete(with: Answer(status: 200, text: text))
            } orRefuse: {
            }
          }
          return later ?? .now(Answer(status: 200, text: "itself"))
        })
      guard case .tcp(_, let port)? = server.listeners.first else { throw Client.Broken(what: "no listener") }
      self.port = port
    }

    func connect() throws -> Client { try Client(port: port) }

    func open() { gate.isOpen.withLock { $0 = true } }

    func post(_ client: Client, _ count: Int) {
      client.post(
        "/large", [UInt8](repeating: 3, count: count), headers: "Datadog-Meta-Lang: ruby\r\nUser-Agent:\r\n")
    }
  }

  @Test(arguments: [0, 9, 40_000, 900_000])
  func `is whole there, and others are answered meanwhile`(count: Int) throws {
    let tested = try Tested()
    let large = try tested.connect()
    tested.post(large, count)
    #expect(eventually { tested.server.connectionCounters.lateAnswers.outstanding == 1 })
    let small = try tested.connect()
    small.post("/small", [1, 2])
    #expect(try small.response().body == "2")
    // What is set aside for a body goes with it.
    #expect((tested.server.connectionCounters.bodyBytesInFlight > 0) == (count > 32_768))
    tested.open()
    #expect(try large.response().body == "/large 7 ruby true \(count) \(3 * count)")
    #expect(eventually { tested.server.connectionCounters.bodyBytesInFlight == 0 })
    tested.post(large, 1)
    #expect(try large.response().body == "/large 7 ruby true 1 3", "the connection goes on")
  }

  @Test(arguments: [1, 600_000]) func `is whole there also when it is a call of gRPC`(count: Int) throws {
    let tested = try Tested { $0.calls = CallSettings() }
    let (large, small) = (CallClient(try tested.connect()), CallClient(try tested.connect()))
    large.client.send(
      ClientFrame.call(
        1, "/large", [UInt8](repeating: 3, count: count), [("datadog-meta-lang", "ruby"), ("user-agent", "")]))
    #expect(eventually { tested.server.connectionCounters.lateAnswers.outstanding == 1 })
    #expect(try small.call([1, 2], path: "/small").message == Array("2".utf8))
    #expect(tested.server.connectionCounters.bodyBytesInFlight > 0)
    tested.open()
    let text = "/large 7 ruby true \(count) \(3 * count)"
    #expect(try large.answer(to: 1).message == Array(text.utf8))
    #expect(eventually { tested.server.connectionCounters.bodyBytesInFlight == 0 })
  }

  @Test func `is answered to a client that has closed its sending half, whenever it did`() throws {
    let tested = try Tested { $0.idleTimeout = .milliseconds(80) }
    let before = try tested.connect()
    tested.post(before, 500_000)
    before.closeSending()
    let after = try tested.connect()
    tested.post(after, 400_000)
    #expect(eventually { tested.server.connectionCounters.lateAnswers.outstanding == 2 })
    after.closeSending()
    // Idle connections and clients that have left are looked for meanwhile.
    #expect(try tested.connect().waitForEnd())
    tested.open()
    #expect(try before.response().body == "/large 7 ruby true 500000 1500000")
    #expect(try after.response().body == "/large 7 ruby true 400000 1200000")
    #expect(after.waitForEnd())
    #expect(eventually { tested.server.connectionCounters.lateAnswers == LateAnswerCounters() })
  }

  @Test func `is done with also when its client has left`() throws {
    let tested = try Tested()
    var client: Client? = try tested.connect()
    if let client { tested.post(client, 500_000) }
    #expect(eventually { tested.server.connectionCounters.lateAnswers.outstanding == 1 })
    client = nil
    #expect(tested.server.connectionCounters.bodyBytesInFlight > 0)
    tested.open()
    #expect(eventually { tested.server.connectionCounters.bodyBytesInFlight == 0 })
    #expect(eventually { tested.server.connectionCounters.open == 0 })
    #expect(eventually { tested.server.connectionCounters.lateAnswers == LateAnswerCounters() })
  }

  @Test func `is the worker's own where too many answers are awaited`() throws {
    let tested = try Tested { $0.lateAnswersMax = 1 }
    let first = try tested.connect()
    tested.post(first, 100_000)
    #expect(eventually { tested.server.connectionCounters.lateAnswers.outstanding == 1 })
    let second = try tested.connect()
    tested.post(second, 100_000)
    #expect(try second.response().body == "itself")
    #expect(tested.server.connectionCounters.lateAnswers.refused == 0)
    tested.open()
    #expect(try first.response().status == 200)
  }

  @Test func `gets 503 from a server that stops before it is done with`() throws {
    let tested = try Tested()
    let client = try tested.connect()
    tested.post(client, 500_000)
    #expect(eventually { tested.server.connectionCounters.lateAnswers.outstanding == 1 })
    tested.server.stop(deadline: .milliseconds(100))
    #expect(try client.response().status == 503)
    tested.open()
    #expect(eventually { tested.server.connectionCounters.bodyBytesInFlight == 0 })
  }
}

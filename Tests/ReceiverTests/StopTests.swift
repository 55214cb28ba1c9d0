import Platform
import Testing

@testable import Receiver

@Suite("Stopping")
struct StopTests {
  /// A door that the handler waits at, so that a request is surely in progress.
  final class Door: Sendable {
    let isOpen = Lock(false)
    let isReached = Lock(false)

    func wait() {
      isReached.withLock { $0 = true }
      _ = eventually { isOpen.withLock { $0 } }
    }
  }

  @Test("a request in progress gets its answer, and new ones on open connections get 503")
  func drains() throws {
    let door = Door()
    let tested = try ServerUnderTest(
      ServerUnderTest.configuration { $0.threads = 2 }, onRequest: { path in if path == "/proxy/wait" { door.wait() } })
    // Two connections, one for each worker.
    let waiting = try tested.connect()
    waiting.post("/proxy/wait", [1, 2])
    #expect(eventually { door.isReached.withLock { $0 } })
    let other = try tested.connect()
    other.post("/v0.4/traces", [1], headers: "X-Datadog-Trace-Count: 3\r\n")
    #expect(try other.response().status == 200)

    let server = tested.server
    let stopping = try JoinableThread(name: "stopping") { server.stop(deadline: .seconds(15)) }
    // Closing the listeners comes first; then requests are refused.
    #expect(eventually { (try? tested.connect()) == nil })
    #expect(
      eventually {
        other.post("/v0.4/traces", [1], headers: "X-Datadog-Trace-Count: 3\r\n")
        guard let response = try? other.response() else { return true }
        return response.status == 503 && response.body == "stopping" && response.headers["connection"] == "close"
      })
    #expect(tested.recorder.rejections.map(\.reason) == [.stopping])
    #expect(tested.recorder.rejections.map(\.traceCount) == [3])
    door.isOpen.withLock { $0 = true }
    #expect(try waiting.response().body == "2")
    stopping.join()
    #expect(waiting.waitForEnd())
    #expect(server.connectionCounters.open == 0)
    #expect(server.connectionCounters.requestsInProgress == 0)
  }

  @Test("an unfinished request does not hold the stop beyond its deadline, and is counted")
  func deadline() throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    client.send("POST /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
    #expect(eventually { tested.server.connectionCounters.requests == 1 })
    tested.server.stop(deadline: .milliseconds(20))
    #expect(tested.recorder.rejections.map(\.reason) == [.stopping])
    #expect(tested.server.connectionCounters.open == 0)
  }

  @Test("stopping to accept leaves open connections working")
  func stopAccepting() throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    client.post("/v0.4/traces", [1])
    #expect(try client.response().status == 200)
    tested.server.stopAccepting()
    tested.server.stopAccepting()
    #expect((try? tested.connect()) == nil)
    client.post("/v0.4/traces", [1, 2])
    #expect(try client.response().body == "2")
  }

  @Test("stopping twice, and releasing a stopped server, does nothing more")
  func twice() throws {
    var tested: ServerUnderTest? = try ServerUnderTest()
    let client = try #require(try tested?.connect())
    client.post("/v0.4/traces", [1])
    #expect(try client.response().status == 200)
    tested?.server.stop()
    #expect(client.waitForEnd())
    let recorder = try #require(tested?.recorder)
    let counters = try #require(tested?.server.connectionCounters)
    tested?.server.stop()
    #expect(try #require(tested?.server.connectionCounters).accepted == counters.accepted)
    #expect(counters.open == 0 && counters.requestsInProgress == 0)
    tested = nil
    #expect(recorder.rejections.isEmpty)
  }

  @Test("a server that is let go of closes its connections")
  func released() throws {
    var tested: ServerUnderTest? = try ServerUnderTest()
    let client = try #require(try tested?.connect())
    client.post("/v0.4/traces", [1])
    #expect(try client.response().status == 200)
    tested = nil
    #expect(client.waitForEnd())
  }

  @Test func `malformed heads that come while it stops are no end of the process`() throws {
    for _ in 0..<120 {
      let tested = try ServerUnderTest()
      let clients = try (0..<8).map { _ in try tested.connect() }
      for client in clients { client.send("POST /v0.4/traces HTTP/1.1\r\nno colon here\r\n\r\n") }
      tested.server.stop(deadline: .zero)
    }
  }
}

import Addresses
import Platform
import Testing

@testable import Receiver

/// A worker of another kind: greets whoever is handed to it, and keeps the connection open.
private final class GreetingWorker: ConnectionWorker {
  private struct Contents {
    var descriptors: [Int32] = []
    var sweeps = 0
  }
  private let contents = Lock(Contents())
  private let state: ServerState

  init(_ state: ServerState) { self.state = state }

  var connectionCount: Int { contents.withLock { $0.descriptors.count } }
  var sweeps: Int { contents.withLock { $0.sweeps } }

  func add(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Bool {
    contents.withLock { $0.descriptors.append(descriptor) }
    // What was left unread would make the end a reset.
    var request = [UInt8](repeating: 0, count: 1024)
    _ = recv(descriptor, &request, request.count, 0)
    var greeting = Array("hello".utf8)
    return send(descriptor, &greeting, greeting.count, SystemCalls.sendFlags) == greeting.count
  }

  func sweep(_ deadlines: ConnectionDeadlines, nowMs: UInt64) { contents.withLock { $0.sweeps += 1 } }

  func stop() {
    contents.withLock { contents in
      for descriptor in contents.descriptors {
        SystemCalls.close(descriptor)
        state.connectionClosed()
      }
      contents.descriptors = []
    }
  }
}

@Suite("Kinds of workers")
struct ConnectionWorkerTests {
  @Test("a second kind of worker takes the connections of its own listeners, beside the first")
  func beside() throws {
    let workers = Lock([GreetingWorker]())
    let recorder = Recorder()
    let other = try ListenerSet(ServerUnderTest.configuration()).listeners
    let port = { (listener: SocketAddress?) in
      if case .tcp(_, let port)? = listener { port } else { UInt16(0) }
    }
    let configuration = ServerUnderTest.configuration { $0.requestTimeout = .milliseconds(100) }
    let server = try HTTPServer(
      configuration: configuration, memory: ConnectionMemory(headerBytesMax: configuration.headerBytesMax),
      note: { recorder.add($0) }, handler: { _ in .now(Answer(status: 200, text: "HTTP/1.1")) }, rejected: { _ in },
      event: { recorder.add($0) },
      others: { state in
        let made = [GreetingWorker(state), GreetingWorker(state)]
        workers.withLock { $0 = made }
        return [ListenerGroup(listeners: other, pool: WorkerPool(made, speaks: .http2))]
      })
    #expect(server.listeners.count == 2)

    // Both kinds at once, each behind its own listener.
    let greeted = try (0..<4).map { _ in
      let client = try Client(port: port(server.listeners.last))
      client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
      #expect(try client.text(count: 5) == "hello")
      return client
    }
    let http = try Client(port: port(server.listeners.first))
    http.post("/", [])
    #expect(try http.response().body == "HTTP/1.1")
    #expect(workers.withLock { $0.map(\.connectionCount) } == [2, 2])
    #expect(server.connectionCounters.open == 5)
    #expect(recorder.events.isEmpty, "what a worker speaks is not foreign to it")
    #expect(eventually { workers.withLock { $0.allSatisfy { $0.sweeps > 0 } } })

    // What it speaks finds its workers, whichever port it comes to.
    let elsewhere = try Client(port: port(server.listeners.first))
    elsewhere.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    #expect(try elsewhere.text(count: 5) == "hello")
    #expect(recorder.events.isEmpty)

    server.stop(deadline: .zero)
    for client in greeted { #expect(client.waitForEnd()) }
    #expect(server.connectionCounters.open == 0)
  }

  @Test(
    "connections go to the worker with the fewest, and those with equally few take turns",
    arguments: [([0, 0, 0], [0, 1, 2, 0]), ([2, 0, 1], [1, 1, 1, 1]), ([1], [0, 0]), ([], [])])
  func choice(_ counts: [Int], _ expected: [Int]) {
    final class Counted: ConnectionWorker {
      let connectionCount: Int
      init(_ count: Int) { connectionCount = count }
      func add(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Bool { true }
      func sweep(_ deadlines: ConnectionDeadlines, nowMs: UInt64) {}
      func stop() {}
    }
    let workers = counts.map(Counted.init)
    var pool = WorkerPool(workers)
    for position in expected { #expect(pool.next() === workers[position]) }
    if workers.isEmpty { #expect(pool.next() == nil) }
  }
}

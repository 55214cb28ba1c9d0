import Platform
import Testing

@testable import Receiver

/// What several clients got.
private final class Answers: Sendable {
  private let answers = Lock([String]())
  var all: [String] { answers.withLock { $0 } }
  func add(_ answer: String) { answers.withLock { $0.append(answer) } }
}

@Suite("When every place is taken")
struct FullHouseTests {
  private func server(_ change: (inout ReceiverConfiguration) -> Void) throws -> ServerUnderTest {
    try ServerUnderTest(ServerUnderTest.configuration(change))
  }

  private func answered(_ tested: ServerUnderTest) throws -> Bool {
    let client = try tested.connect()
    client.post("/v0.4/traces", [1, 2, 3])
    return try client.response().body == "3"
  }

  /// Owners of the connections that gave way.
  private func owners(_ tested: ServerUnderTest) -> [PlaceOwner] {
    tested.recorder.events.compactMap { if case .gaveWay(let owner, _) = $0 { owner } else { nil } }
  }

  @Test(
    "connections that say nothing, or never finish, give way to whoever has something to say",
    arguments: [
      "", "P", "POST /v0.4/traces HTTP/1.1\r\nHost: a\r\n",
      "POST /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na",
    ])
  func newcomers(_ opening: String) throws {
    let tested = try server {
      $0.maxConnections = 20
      $0.requestTimeout = .seconds(60)
    }
    let squatters = try (0..<40).map { _ in
      let client = try tested.connect()
      if !opening.isEmpty { client.send(opening) }
      return client
    }
    #expect(eventually { tested.server.connectionCounters.accepted == 40 })
    for _ in 0..<20 { #expect(try answered(tested)) }
    let counters = tested.server.connectionCounters
    #expect(counters.gaveWay >= 20 && counters.open <= 20 + 32)
    #expect(eventually { tested.server.connectionCounters.open <= 20 })
    #expect(tested.recorder.notes == [.connectionsFull(limit: 20)])
    if opening.hasSuffix("a") {
      #expect(eventually { tested.recorder.rejections.count >= 20 })
      #expect(Set(tested.recorder.rejections.map(\.reason)) == [.gaveWay] && counters.timedOut == 0)
    }
    _ = squatters
  }

  @Test("who gives way is told by the user of its socket")
  func owner() throws {
    let tested = try server {
      $0.maxConnections = 4
      $0.requestTimeout = .seconds(60)
    }
    var squatters: [Client] = []
    // The kernel's table may miss a socket while other tests open and close many.
    #expect(
      eventually {
        for _ in 0..<5 { if let client = try? tested.connect() { squatters.append(client) } }
        guard (try? answered(tested)) == true else { return false }
        return owners(tested).contains { $0.user == .local(getuid()) }
      })
  }

  @Test func `a connection whose request came after it was chosen does not give way`() throws {
    let door = StopTests.Door()
    let tested = try ServerUnderTest(
      ServerUnderTest.configuration { $0.threads = 1 }, onRequest: { if $0 == "/proxy/wait" { door.wait() } })
    let silent = try tested.connect()
    silent.post("/v0.4/traces", [1])
    #expect(try silent.response().body == "1")
    // Whatever comes now stays unread.
    let busy = try tested.connect()
    busy.post("/proxy/wait", [1])
    #expect(eventually { door.isReached.withLock { $0 } })
    let worker = tested.server.workers[0]
    let chosen = try #require(worker.placeHolders().first { $0.stamp.phase == .idle })
    guard case .taken(let connection, _) = chosen.place else { return #expect(Bool(false)) }
    #expect(!worker.isUnread(connection))
    silent.post("/v0.4/traces", [1, 2])
    #expect(eventually { worker.isUnread(connection) })
    #expect(!worker.giveWay(connection))
    door.isOpen.withLock { $0 = true }
    #expect(try silent.response().body == "2" && busy.response().body == "1")
    #expect(eventually { worker.giveWay(connection) } && silent.waitForEnd())
  }

  @Test("a client between two requests keeps its place before those that never made one")
  func keepsPlace() throws {
    let tested = try server {
      $0.maxConnections = 8
      $0.requestTimeout = .seconds(60)
    }
    let tracer = try tested.connect()
    tracer.post("/v0.4/traces", [1])
    #expect(try tracer.response().status == 200)
    let squatters = try (0..<7).map { _ in try tested.connect() }
    #expect(eventually { tested.server.connectionCounters.open == 8 })
    // Later ones would be too young to be closed before it.
    let began = SystemCalls.monotonicMs()
    #expect(eventually { SystemCalls.monotonicMs() > began + 150 })
    for _ in 0..<7 { #expect(try answered(tested)) }
    tracer.post("/v0.4/traces", [1, 2])
    #expect(try tracer.response().body == "2")
    _ = squatters
  }

  @Test("a request that is being handled keeps its place; with nothing but those, new clients wait")
  func busy() throws {
    let gate = try WakePipe()
    let configuration = ServerUnderTest.configuration {
      $0.maxConnections = 1
      $0.threads = 2
    }
    let tested = try ServerUnderTest(configuration) { path in
      if path == "/proxy/hold" { _ = gate.waitUntilWoken(atMost: .seconds(20)) }
    }
    // One more than the limit is let in, to see whether somebody gives way to it.
    let holding = try (0..<2).map { _ in
      let client = try tested.connect()
      client.post("/proxy/hold", [])
      return client
    }
    #expect(eventually { tested.recorder.seen.count == 2 })
    let third = try tested.connect()
    third.post("/v0.4/traces", [1, 2])
    #expect(eventually { tested.server.connectionCounters.acceptPauses > 0 })
    #expect(tested.server.connectionCounters.gaveWay == 0 && tested.server.connectionCounters.accepted == 2)
    gate.wake()
    for client in holding { #expect(try client.response().status == 200) }
    #expect(try third.response().body == "2")
  }

  @Test("the head of a request has its time from its first byte on, on a fresh and on a kept connection")
  func slowHead() throws {
    let tested = try server {
      $0.requestTimeout = .milliseconds(300)
      $0.idleTimeout = .seconds(60)
    }
    let fresh = try tested.connect()
    fresh.send("POST /v0")
    let kept = try tested.connect()
    kept.post("/v0.4/traces", [1])
    #expect(try kept.response().status == 200)
    let began = SystemCalls.monotonicMs()
    // Later than what could still belong to the request before.
    #expect(eventually { SystemCalls.monotonicMs() > began + 150 })
    #expect(eventually { !kept.send("P") || tested.server.connectionCounters.timedOut == 2 })
    #expect(try fresh.response().status == 408)
    #expect(kept.rest().hasPrefix("HTTP/1.1 408 "))
    #expect(eventually { tested.server.connectionCounters.open == 0 })
  }

  @Test("many large bodies at once are all taken, one after the other")
  func bodiesWait() throws {
    let tested = try server {
      $0.maxPayloadBytes = 3_000_000
      $0.bodyBytesInFlightMax = 8_000_000
      $0.requestTimeout = .seconds(60)
      $0.threads = 2
    }
    let body = [UInt8](repeating: 5, count: 2_900_000)
    let clients = try (0..<12).map { _ in try tested.connect() }
    let answers = Answers()
    for client in clients {
      let thread = try JoinableThread(name: "client") {
        client.post("/v0.4/traces", body)
        answers.add((try? client.response().body) ?? "")
      }
      thread.detach()
    }
    // Small ones do not wait behind them.
    let small = try tested.connect()
    small.post("/v0.4/traces", [UInt8](repeating: 1, count: 500_000))
    #expect(try small.response().body == "500000")
    #expect(eventually { answers.all.count == 12 })
    #expect(Set(answers.all) == ["2900000"])
    #expect(tested.recorder.rejections.isEmpty)
    #expect(tested.server.connectionCounters.bodyBytesInFlight == 0)
  }

  @Test("stopping does not wait for bodies that wait for room")
  func stopping() throws {
    let tested = try server {
      $0.maxPayloadBytes = 100_000
      $0.bodyBytesInFlightMax = 100_000
      $0.requestTimeout = .seconds(60)
    }
    let first = try tested.connect()
    first.send("POST /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc")
    let second = try tested.connect()
    #expect(eventually { tested.server.connectionCounters.bodyBytesInFlight == 100_000 })
    second.send("POST /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc")
    #expect(eventually { tested.server.connectionCounters.requests == 2 })
    tested.server.stop(deadline: .milliseconds(100))
    #expect(second.rest().hasPrefix("HTTP/1.1 503 "))
    #expect(tested.recorder.rejections.count == 2)
  }
}

@Suite("Who gives way")
struct PlaceChoiceTests {
  private static let unread: Int32 = -2

  private func holder(_ phase: ConnectionPhase, _ ageMs: UInt64, isUnread: Bool = false) -> PlaceHolder {
    PlaceHolder(
      place: .pending(descriptor: isUnread ? Self.unread : -1), peer: .unknown,
      stamp: PhaseStamp(phase, sinceMs: 10_000 - ageMs))
  }

  private func owner(_ uid: UInt32, _ pid: Int32) -> PlaceOwner { PlaceOwner(user: .local(uid), pid: pid) }

  private func leaving(_ holders: [PlaceHolder], _ owners: [PlaceOwner]? = nil, atMost count: Int = 1) -> [Int] {
    let all = owners ?? holders.indices.map { _ in PlaceOwner(user: .unknown) }
    return PlaceChoice.leaving(holders, owners: all, atMost: count, nowMs: 10_000) { holder in
      if case .pending(Self.unread) = holder.place { true } else { false }
    }
  }

  @Test("first who has had time for a request and made none, then who is silent, last who is just sending")
  func order() {
    let all = [holder(.handling, 9_000), holder(.receiving, 5), holder(.idle, 9_000), holder(.beginning, 200)]
    #expect(leaving(all) == [3])
    #expect(leaving(Array(all[..<3])) == [2])
    #expect(leaving(Array(all[..<2])) == [1])
    #expect(leaving(Array(all[..<1])).isEmpty && leaving([]).isEmpty)
    #expect(leaving([holder(.idle, 5), holder(.answering, 700), holder(.idle, 600)]) == [1])
    // Its answer is on its way.
    #expect(leaving([holder(.idle, 5), holder(.answering, 7), holder(.discarding, 8)]) == [0])
    #expect(leaving([holder(.receiving, 500), holder(.beginning, 700)]) == [1])
    // It is the agent that has not read what is there.
    #expect(leaving([holder(.beginning, 900, isUnread: true), holder(.idle, 50)]) == [1])
    #expect(leaving([holder(.idle, 900, isUnread: true)]).isEmpty)
  }

  @Test("several only of those that made no request")
  func several() {
    let all = [holder(.idle, 900), holder(.beginning, 300), holder(.receiving, 200), holder(.idle, 800)]
    #expect(leaving(all, atMost: 3) == [1, 2])
    #expect(leaving([all[0], all[3]], atMost: 3) == [0])
    let unread = [holder(.beginning, 900, isUnread: true)] + all
    #expect(leaving(unread, atMost: 2) == [2, 3] && leaving(unread, atMost: 1) == [2])
  }

  @Test func `only those whose turn it is are looked at`() {
    let all = (1...100).map { holder(.beginning, 900 + $0, isUnread: $0 > 98) }
    var looks = 0
    let owners = all.map { _ in PlaceOwner(user: .unknown) }
    let leaving = PlaceChoice.leaving(all, owners: owners, atMost: 3, nowMs: 10_000) { holder in
      looks += 1
      if case .pending(Self.unread) = holder.place { return true } else { return false }
    }
    #expect(leaving == [97, 96, 95] && looks == 5)
  }

  @Test("a user or a process with more than half of the places gives way itself, however old the others are")
  func shares() {
    let holders = [holder(.idle, 9_000), holder(.idle, 8_000), holder(.idle, 10), holder(.idle, 20), holder(.idle, 30)]
    #expect(leaving(holders, [owner(1, 0), owner(2, 0), owner(3, 0), owner(3, 0), owner(3, 0)]) == [4])
    #expect(leaving(holders, [owner(1, 5), owner(1, 6), owner(1, 7), owner(1, 7), owner(1, 7)]) == [4])
    // Nobody has more than half.
    #expect(leaving(holders, [owner(1, 0), owner(2, 0), owner(2, 0), owner(3, 0), owner(3, 0)]) == [0])
    // All that it has is being worked on.
    let busy = [holder(.idle, 10), holder(.handling, 20), holder(.handling, 30)]
    #expect(leaving(busy, [owner(1, 0), owner(2, 0), owner(2, 0)]) == [0])
  }
}

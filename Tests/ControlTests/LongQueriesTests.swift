import Platform
import Testing
import Traces

@testable import Control

@Suite("Queries that may take long")
struct LongQueriesTests {
  @Test("Searches that take their time keep nobody waiting, also when there are many, and end with the server")
  func searches() throws {
    let place = try Place()
    let answers = try SlowSearches()
    let server = try ControlServer(path: place.socket, answering: answers)
    let said = try Said()
    let socket = place.socket
    let asking = OnDemandThreads(name: "ask", threadsMax: 14, waitingMax: 0)
    for _ in 0..<14 {
      asking.run {
        do throws(ControlError) {
          _ = try ControlClient(path: socket).query(.traces(TracesQuery(filter: .all)), within: .seconds(60))
        } catch {
          said.lines.withLock { $0.append(error) }
          said.anything.wake()
        }
      } orRefuse: {
      }
    }
    #expect(answers.began.waitUntilWoken(atMost: .seconds(60)))
    #expect(try ControlClient(path: place.socket).query(.ping) == .pong)
    // Two are at work and eight wait; the others are told so at once. Whoever is too slow to ask in time is dropped.
    #expect(said.anything.waitUntilWoken(atMost: .seconds(60)))
    let client = ControlClient(path: place.socket)
    #expect(try client.query(.ping) == .pong)
    // What names its trace, and statistics, wait for no search.
    #expect(try client.query(.trace(.hexPrefix("beef")), within: .seconds(60)) == .pong)
    #expect(try client.query(.services(ServicesQuery(range: TimeRange())), within: .seconds(60)) == .pong)
    answers.mayEnd.wake()
    #expect(asking.stop(deadline: .now + .seconds(60)))
    let all = said.lines.withLock { $0 }
    let (searched, busy) = (all.count { $0 == .refused("searched") }, all.count { $0.isBusy })
    let dropped = all.count { $0 == .timedOut || $0 == .closedEarly }
    #expect(searched + busy + dropped == 14 && busy >= 1 && (1...10).contains(searched), "\(all)")
    server.stop()
  }

  @Test("Who has hung up is not searched for when the turn comes")
  func hangingUp() throws {
    let place = try Place()
    let answers = try SlowSearches()
    let server = try ControlServer(path: place.socket, answering: answers)
    let deadline = ContinuousClock.now + .seconds(60)
    let query = ControlQuery.traces(TracesQuery(filter: .all))
    let first = try asking(query, place, deadline)
    let second = try asking(query, place, deadline)
    while answers.count < 2, ContinuousClock.now < deadline { sched_yield() }
    do {
      let third = try asking(query, place, deadline)
      let fourth = try asking(query, place, deadline)
      while server.queryCount < 4, ContinuousClock.now < deadline { sched_yield() }
      withExtendedLifetime((third.peerName, fourth.peerName)) {}
    }
    answers.mayEnd.wake()
    let firstAnswer = try first.readSome(1, deadline: deadline)
    let secondAnswer = try second.readSome(1, deadline: deadline)
    #expect(!firstAnswer.isEmpty && !secondAnswer.isEmpty)
    // Whose turn comes behind them.
    #expect(throws: ControlError.refused("searched")) {
      try ControlClient(path: place.socket).query(query, within: .seconds(60))
    }
    server.stop()
    #expect(answers.count == 3)
  }

  /// A connection on which a query was written, and whose answer nobody has read.
  private func asking(
    _ query: ControlQuery, _ place: Place, _ deadline: ContinuousClock.Instant
  ) throws -> StreamSocket {
    let stream = try StreamSocket.connect(to: .unix(path: place.socket), deadline: deadline)
    try ControlFrame.write(query.message, limit: ControlProtocol.questionBytesMax, to: stream, deadline: deadline)
    return stream
  }

  @Test("A search without end does not keep the server")
  func endlessSearch() throws {
    let place = try Place()
    let answers = try SlowSearches()
    let server = try ControlServer(path: place.socket, answering: answers)
    let deadline = ContinuousClock.now + .seconds(60)
    let query = ControlQuery.traces(TracesQuery(filter: .all))
    let searching = try asking(query, place, deadline)
    #expect(answers.began.waitUntilWoken(atMost: .seconds(60)))
    #expect(!server.stop(deadline: .now + .milliseconds(100)))
    #expect(throws: ControlError.noAgent(path: place.socket)) { try ControlClient(path: place.socket).query(query) }
    answers.mayEnd.wake()
    withExtendedLifetime(searching.peerName) {}
  }

  @Test("What may take much memory is put off where there is none, and the rest is answered")
  func memory() throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: NoMemory())
    let client = ControlClient(path: place.socket)
    #expect(try client.query(.info) == .pong)
    let queries: [ControlQuery] = [
      .trace(.last), .traces(TracesQuery(filter: .all)), .badPayload(BadPayloadQuery(id: nil)),
    ]
    for query in queries {
      let failure = #expect(throws: ControlError.self) { try client.query(query) }
      #expect(failure?.isBusy == true && failure.map { "\($0)".contains("apm_config.max_memory") } == true)
    }
    server.stop()
  }

  @Test("What reads only memory is answered in turn, and what reads the store beside it")
  func kinds() {
    let hour = ControlProtocol.historyNs
    let quick: [ControlQuery] = [
      .ping, .info, .observations, .services(ServicesQuery()), .services(ServicesQuery(windowNs: hour)),
      .series(SeriesQuery()),
    ]
    let long: [ControlQuery] = [
      .traces(TracesQuery(filter: .all)), .trace(.last), .services(ServicesQuery(windowNs: hour + 1)),
      .resources(ResourcesQuery(service: "a", range: TimeRange(sinceNs: 1, untilNs: 2))),
    ]
    #expect(quick.allSatisfy { !$0.mayTakeLong() } && long.allSatisfy { $0.mayTakeLong() })
    // Which services are silent is known by a whole hour.
    let fresh: (Int64) -> Bool = { $0 < hour }
    #expect(ControlQuery.services(ServicesQuery(windowNs: hour / 12)).mayTakeLong(isInMemory: fresh))
    #expect(!ControlQuery.resources(ResourcesQuery(service: "a", windowNs: hour / 12)).mayTakeLong(isInMemory: fresh))
  }

  @Test("What reads the last hour from the store, after a restart, is answered without memory to spare")
  func lastHour() throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: NoMemory(mayTakeLong: true))
    let client = ControlClient(path: place.socket)
    let hour = ControlProtocol.historyNs
    for query: ControlQuery in [
      .observations, .services(ServicesQuery()), .resources(ResourcesQuery(service: "a", windowNs: hour)),
      .series(SeriesQuery(windowNs: hour)), .histogram(HistogramQuery()),
    ] {
      #expect(try client.query(query) == .pong, "\(query)")
    }
    #expect(throws: ControlError.self) { try client.query(.services(ServicesQuery(windowNs: hour + 1))) }
    server.stop()
  }
}

/// What threads were told.
private final class Said: Sendable {
  let lines = Lock<[ControlError]>([])
  let anything: WakePipe

  init() throws { anything = try WakePipe() }
}

extension ControlError {
  fileprivate var isBusy: Bool { if case .busy = self { true } else { false } }
}

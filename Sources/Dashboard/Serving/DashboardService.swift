import CMicroHTTPD
import Control
import Platform
import Synchronization

/// What the daemon's thread does with a request: guard, route, answer.
final class DashboardService: Sendable {
  private let guarding: RequestGuard
  private let routes: PageRoutes
  private let doctor: DoctorRuns?
  /// As many searches may wait as there may be connections.
  private let searches = QueryThreads(waitingMax: ConnectionTable.connectionsMax)
  /// Requests that another thread makes the answer for, until they are answered.
  private let sleeping = Lock<[ObjectIdentifier: SleepingRequest]>([:])
  let streams: EventStreams
  let connections = PageConnections()
  private let budget = AnswerBudget()
  /// Whether searches were still at work when the page was closed.
  let hasLeftQueries = Atomic<Bool>(false)
  /// Requests whose head has come, refused ones among them.
  let requestCount = Atomic<Int>(0)

  init(guarding: RequestGuard, routes: PageRoutes, doctor: DoctorRuns?, agent: String) {
    streams = EventStreams(agent: agent)
    self.guarding = guarding
    self.routes = routes
    self.doctor = doctor
  }

  /// What the daemon's thread gets of the time to end, to write the answers that have been made.
  private static let lastAnswersLimit = Duration.milliseconds(200)

  /// Ends streams, searches and the doctor's run, before the deadline. Afterwards no connection sleeps: a search that does
  /// not end in time is left to itself, and whoever waits for it is told so.
  func stop(deadline: ContinuousClock.Instant, searchLimit: Duration) {
    streams.stop()
    let hasEnded = searches.stop(deadline: min(deadline - Self.lastAnswersLimit, .now + searchLimit))
    hasLeftQueries.store(!hasEnded, ordering: .relaxed)
    doctor?.stop()
    for request in sleeping.withLock({ Array($0.values) }) { request.wake(MadeAnswer(.stopping)) }
    while sleeping.withLock({ !$0.isEmpty }), ContinuousClock.now < deadline { usleep(1_000) }
  }

  /// Called when a request has been answered, or its connection has ended.
  func complete(_ exchange: PageExchange) {
    sleeping.withLock { $0[ObjectIdentifier(exchange)] = nil }
  }

  /// Called when the head has come, again when the request is whole, and again when another thread has made the answer.
  func handle(
    _ exchange: PageExchange, on connection: PageConnection, _ mhd: OpaquePointer, method: String, hasBytes: Bool
  ) -> MHD_Result {
    switch exchange.step {
    case .head:
      requestCount.add(1, ordering: .relaxed)
      connections.enter(.answering, connection.number)
      let head = RequestHead(mhd, method: method, target: exchange.target)
      if let refusal = guarding.refusal(of: head) { return refuse(refusal, exchange, mhd) }
      exchange.head = head
      exchange.step = .ready
      return .YES
    case .ready:
      guard !hasBytes, let head = exchange.head else { return .NO }
      return answer(head, exchange, on: connection, mhd)
    case .waiting:
      exchange.step = .answered
      connections.enter(.answering, connection.number)
      guard let made = exchange.made.withLock({ $0.take() }) else { return .NO }
      return send(.document(status: made.status, made.document), mhd)
    case .answered: return .NO
    }
  }

  private func refuse(_ refusal: Refusal, _ exchange: PageExchange, _ mhd: OpaquePointer) -> MHD_Result {
    exchange.step = .answered
    let (code, message) = refusal.text
    return send(.problem(APIProblem(code, message, status: refusal.status)), mhd, closing: true)
  }

  private func answer(
    _ head: RequestHead, _ exchange: PageExchange, on connection: PageConnection, _ mhd: OpaquePointer
  ) -> MHD_Result {
    exchange.step = .answered
    switch routes.answer(head) {
    case .events where head.method == "GET": return stream(on: connection, mhd)
    case .events: return send(.text(status: 200, ""), mhd)
    case .doctor: return askDoctor(exchange, on: connection, mhd)
    case .search(let target): return search(target, exchange, on: connection, mhd)
    case let answer: return send(answer, mhd)
    }
  }

  private func askDoctor(
    _ exchange: PageExchange, on connection: PageConnection, _ mhd: OpaquePointer
  ) -> MHD_Result {
    guard let doctor else {
      return send(.problem(APIProblem("doctor", "this agent has no doctor to ask", status: 503)), mhd)
    }
    let resume = suspend(exchange, connection, mhd)
    doctor.request { outcome in
      switch outcome {
      case .document(let bytes):
        resume(MadeAnswer(status: 200, APIDocument(mediaType: "application/json", bytes: bytes)))
      case .failed(let why): resume(MadeAnswer(APIProblem("doctor", why, status: 503)))
      }
    }
    return .YES
  }

  private func search(
    _ target: PageTarget, _ exchange: PageExchange, on connection: PageConnection, _ mhd: OpaquePointer
  ) -> MHD_Result {
    let resume = suspend(exchange, connection, mhd)
    let path = target.segments.dropFirst(2)
    searches.run(isSearch: routes.api.isSearch(path)) { [routes] in
      guard let claim = routes.api.claim(path, target) else { return resume(MadeAnswer(.noMemory)) }
      resume(routes.document(target))
      withExtendedLifetime(claim) {}
    } orRefuse: {
      resume(MadeAnswer(.searching))
    }
    return .YES
  }

  /// Lets the connection sleep until what this returns is called, once, with the answer.
  private func suspend(
    _ exchange: PageExchange, _ connection: PageConnection, _ mhd: OpaquePointer
  ) -> @Sendable (MadeAnswer) -> Void {
    exchange.step = .waiting
    connections.enter(.asleep, connection.number)
    let request = SleepingRequest(exchange, SleepingConnection(pointer: mhd))
    MHD_suspend_connection(mhd)
    sleeping.withLock { $0[ObjectIdentifier(exchange)] = request }
    return { request.wake($0) }
  }

  private func send(_ answer: PageAnswer, _ mhd: OpaquePointer, closing: Bool = false) -> MHD_Result {
    var status: UInt16 = 200
    let response: OpaquePointer?
    var headers: [(name: String, value: String)]
    switch answer {
    case .file(let file):
      headers = AnswerHeaders.file(file)
      // The bytes are the binary's own, and stay where they are.
      response = MHD_create_response_from_buffer(
        file.bytes.count, UnsafeMutableRawPointer(mutating: file.bytes.baseAddress), .RESPMEM_PERSISTENT)
    case .unchanged(let file):
      status = 304
      headers = AnswerHeaders.file(file)
      response = MHD_create_response_from_buffer(0, nil, .RESPMEM_PERSISTENT)
    case .document(let documentStatus, let document):
      guard let held = HeldAnswer(document.bytes, budget) else { return send(.problem(.busy), mhd) }
      status = documentStatus
      headers = AnswerHeaders.content(document.mediaType)
      response = Self.response(document.bytes.count, held)
    case .events, .doctor, .search: return .NO
    }
    guard let response else { return .NO }
    defer { MHD_destroy_response(response) }
    if status == 405 { headers.append(("Allow", "GET, HEAD")) }
    if closing { headers.append(("Connection", "close")) }
    for header in AnswerHeaders.always + headers { MHD_add_response_header(response, header.name, header.value) }
    return MHD_queue_response(mhd, UInt32(status), response)
  }

  /// Gives the bytes free when they are sent, or nobody wants them any more.
  private static func response(_ count: Int, _ held: HeldAnswer) -> OpaquePointer? {
    let context = Unmanaged.passRetained(held).toOpaque()
    let response = roost_mhd_response(count, held.start, answerReleased, context)
    if response == nil { answerReleased(context) }
    return response
  }

  private func stream(on connection: PageConnection, _ mhd: OpaquePointer) -> MHD_Result {
    let reader = Unmanaged.passRetained(EventReader(streams: streams, number: streams.open(mhd, on: connection)))
    guard let response = roost_mhd_stream(1_024, eventsWanted, reader.toOpaque(), eventsReleased) else {
      eventsReleased(reader.toOpaque())
      return .NO
    }
    defer { MHD_destroy_response(response) }
    connections.enter(.asleep, connection.number)
    for header in AnswerHeaders.always + AnswerHeaders.content("text/event-stream") {
      MHD_add_response_header(response, header.name, header.value)
    }
    return MHD_queue_response(mhd, 200, response)
  }
}

/// What the body of an event stream is read from.
final class EventReader: Sendable {
  let streams: EventStreams
  let number: UInt64

  init(streams: EventStreams, number: UInt64) {
    self.streams = streams
    self.number = number
  }
}

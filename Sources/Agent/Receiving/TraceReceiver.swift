import Configuration
import GRPC
import Receiver
import Synchronization

/// The HTTP server with the agent's routes on it: finds the route of a request and the shard that handles it.
final class TraceReceiver: Sendable {
  /// One for each thread that receives over HTTP/1.1, then that of calls of gRPC where they are taken, then as many as the
  /// first for large requests.
  let shards: [ReceivingShard]
  private let largeRequests: LargeRequests
  let routes: ServedRoutes
  let parts: ReceivingParts
  private let table: RoutingTable<ReceiverRoute>
  private let calls: RoutingTable<ReceiverRoute>
  private let isOverloaded = Atomic<Bool>(false)
  private let threads: Int
  private let takesCalls: Bool

  /// - Parameters:
  ///   - threads: that requests of HTTP/1.1 are received on.
  ///   - takesCalls: whether there is another thread, for calls of gRPC.
  init(_ parts: ReceivingParts, routes: ServedRoutes, threads: Int, takesCalls: Bool = false) {
    self.parts = parts
    self.threads = threads
    self.takesCalls = takesCalls
    self.routes = routes
    table = routes.routingTable(ofCalls: false)
    calls = routes.routingTable(ofCalls: true)
    let count = Self.shardCount(threads: threads, takesCalls: takesCalls)
    shards = (0..<count).map { ReceivingShard(parts, number: $0) }
    largeRequests = LargeRequests(shards, workers: count - threads)
  }

  /// How many shards there are, with the parameters of `init`.
  static func shardCount(threads: Int, takesCalls: Bool) -> Int { 2 * threads + (takesCalls ? 1 : 0) }

  func start(_ configuration: ReceiverConfiguration) throws(ReceiverError) -> HTTPServer {
    var configuration = configuration
    // Requests have shards: neither more threads receive than there are, nor calls where they have none.
    configuration.threads = threads
    if !takesCalls { configuration.calls = nil }
    let answers = parts.answers.now
    configuration.refusalHeaders = answers.refusalHeaders
    configuration.answersRealStatus = answers.thisMachine.answersRealStatus
    configuration.unchangedAnswers = routes.unchangedAnswers
    return try HTTPServer(
      configuration: configuration, note: { [log = parts.log] note in log.warn("\(note)") },
      handler: { [self] request in reply(to: request) },
      rejected: { [self] request in reject(request) },
      event: { [parts] event in
        parts.observers.connections.observe(event)
        if case .gaveWay(let owner, let sinceMs) = event { Self.warn(of: owner, sinceMs, parts) }
        if case .foreign(.http2, let peer) = event { Self.warnOfHTTP2(peer, parts) }
      })
  }

  /// Who took the places that others need, for the person who has to stop it.
  private static func warn(of owner: PlaceOwner, _ sinceMs: UInt64, _ parts: ReceivingParts) {
    parts.log.warn(
      kind: "connections",
      "too many connections: closed one of \(owner) that had been silent or unfinished for \(sinceMs) ms")
  }

  /// Where no calls of gRPC can be taken. What begins as HTTP/2 without having been asked to is one, as a rule of an
  /// OpenTelemetry exporter.
  private static func warnOfHTTP2(_ peer: PeerIdentity, _ parts: ReceivingParts) {
    let place = peer.place.isEmpty ? "this machine" : peer.place
    guard parts.observers.otlpClients.isNew("HTTP/2 " + place) else { return }
    let advice = OTLPAdvice.text("a client on \(place) speaks HTTP/2, as OTLP over gRPC does")
    parts.observers.errors.add(advice, atNs: parts.clock.nowNs)
    parts.log.warn(kind: "otlp", advice)
  }

  /// From now on clients are answered as this configuration wants it.
  /// - Parameter server: what `start` returned; `nil` when nothing is received.
  func answer(by configuration: AgentConfiguration, _ server: HTTPServer?) {
    parts.answers.update(configuration)
    server?.setRefusalHeaders(parts.answers.now.refusalHeaders)
  }

  /// From now on payloads are refused, or taken again.
  func setOverloaded(_ value: Bool) { isOverloaded.store(value, ordering: .relaxed) }

  private var isOverloadedNow: Bool { isOverloaded.load(ordering: .relaxed) }

  /// Refuses large requests that wait for their turn; to be called when the server takes nothing more.
  /// - Returns: whether none is under way, at the deadline at the latest.
  func stopLargeRequests(deadline: ContinuousClock.Instant) -> Bool { largeRequests.stop(deadline: deadline) }

  private func reply(to request: borrowing Request) -> Reply {
    let shard = shards[request.shard]
    switch (request.isCall ? calls : table).route(request) {
    case .endpoint(.traces(let format)):
      let isLarge = LargeRequests.areFor(request)
      let trialBytesMax = min(LargeRequests.bytesMin, parts.bodyBytesMax)
      let trial = isLarge || isOverloadedNow ? .none : shard.inflate(request, bytesMax: trialBytesMax)
      if isLarge || trial == .tooLarge,
        let later = largeRequests.take(request, format, isOverloaded: { [self] in isOverloadedNow })
      {
        return later
      }
      return shard.traces(request, format, isOverloaded: isOverloadedNow, trial)
    case .endpoint(.info): return .now(shard.record(.info, request))
    case .endpoint(.acknowledge): return .now(shard.record(.acknowledged, request))
    case .endpoint(.unimplemented(let signal)):
      let answer = OTLPAnswers.unimplemented(signal, request.headers[.contentType])
      return .now(shard.record(.notOffered(product: signal, answer), request))
    case .endpoint(.product(let endpoint)):
      let answers = parts.answers.now
      let headers = request.peer.isOnThisMachine ? answers.thisMachine.headers : answers.network.headers
      let product = endpoint.receive(request, headers: headers)
      shard.record(product, request)
      return product.reply
    case .refused(let answer) where request.isCall && answer.status == 404:
      return .now(shard.record(.notFound(Self.noSuchMethod), request))
    case .refused where Self.asksWhoListens(request): return .now(shard.record(.about, request))
    case .refused(let answer):
      return .now(shard.record(Self.refusal(request, answer), request))
    }
  }

  /// The answer to a call of a method that is none.
  private static let noSuchMethod: Answer = {
    var answer = Answer(status: 404, text: "")
    answer.callStatus = CallStatus(.unimplemented, "roost has no such method")
    return answer
  }()

  private static func refusal(_ request: borrowing Request, _ answer: Answer) -> RequestEvent {
    if answer.status != 404 { return .crossSite(answer) }
    return ServedRoutes.productNotOffered(at: request.path).map { .notOffered(product: $0, answer) }
      ?? .notFound(answer)
  }

  /// Whether it only looks at the root of the server. A tracer that posts there is told that nothing is served, and so is
  /// a client that takes the agent for a proxy.
  private static func asksWhoListens(_ request: borrowing Request) -> Bool {
    (request.method == .get || request.method == .head) && !request.isAbsoluteForm
      && request.path.elementsEqual("/".utf8)
  }

  private func reject(_ request: borrowing RejectedRequest) {
    let route = (request.isCall ? calls : table).identifier(for: request.path)
    if case .product(let endpoint) = route { endpoint.noteBroken(request) }
    let rejection = RequestRejection(
      reason: request.reason, bytesReceived: request.bytesReceived, declaredBytes: request.declaredLength,
      takesTraces: route?.takesTraces ?? false, bodyBytesMax: parts.bodyBytesMax)
    shards[request.shard].record(rejection, request)
  }
}

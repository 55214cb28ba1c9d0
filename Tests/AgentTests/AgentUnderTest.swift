import Addresses
import Compression
import Configuration
import Control
import Journal
import MessagePack
import Platform
import Processing
import Receiver
import Statistics
import Store
import Synchronization
import Testing
import TestSpans
import TraceModel

@testable import Agent
@testable import Compression
@testable import Exporting

/// An agent without its process: the receiver on a free port, the shards behind it, and what the commands are told.
final class AgentUnderTest {
  let server: HTTPServer
  let receiver: TraceReceiver
  let queries: AgentQueries
  let flusher: Flusher
  let statistics: RecentStatistics
  let store: HistoryStore?
  let products: ProductServices
  private let listener: SocketAddress
  private let hand: ClockHand

  let forwarder: Forwarder?
  let accounting = DeliveryAccounting()
  let receipts: PayloadReceipts
  let checkpoint: StatisticsCheckpoint?
  private let configuration: AgentConfiguration

  /// Statistics on a machine on which they cannot be compressed.
  struct BrokenStatistics: StatisticsOutput {
    let kind = OutgoingPayload.Kind.stats

    func makePayloads(
      of buckets: [StatsBucket], take: (OutgoingPayload) -> Void
    ) throws(CompressionError) -> UInt64 {
      throw CompressionError(format: "gzip", reason: "no memory")
    }
  }

  /// - Parameters:
  ///   - routes: what it serves; without it what the configuration asks for.
  ///   - log: where the agent writes; nowhere unless it is said.
  ///   - canEncodeStats: false for a machine on which statistics cannot be compressed.
  ///   - steps: of processing, in place of those that the configuration asks for.
  ///   - destinations: where payloads go besides the configured intake.
  ///   - outputs: what traces and statistics become besides the configured outputs.
  ///   - storing: takes traces; without it none are stored.
  ///   - containers: knows those of clients; without it they are what clients say.
  ///   - journal: where requests are on disk before they are answered; without it they are not.
  ///   - checkpointFolder: where statistics of open buckets are kept; without it they are not.
  ///   - secondsLater: how much later it starts than others do.
  ///   - takesCalls: whether it takes calls of gRPC.
  ///   - memory: what requests may take while they are handled; without it what the configuration says.
  ///   - lateAnswersMax: requests that may wait for their answer.
  init(
    threads: Int = 2, routes: ServedRoutes? = nil, log: Log? = nil, canEncodeStats: Bool = true,
    steps: [any ProcessingStep]? = nil, destinations: [Destination] = [], outputs: AgentOutputs = AgentOutputs(),
    storing: TraceStoring? = nil,
    containers: ContainerResolver = ContainerResolver(seesControlGroups: false) { _ in .none },
    journal: Journal? = nil, checkpointFolder: String? = nil, secondsLater: Int64 = 0, takesCalls: Bool = false,
    memory: MemoryLimit? = nil, lateAnswersMax: Int = 100,
    _ change: (inout AgentConfiguration) -> Void = { _ in }
  ) throws {
    var configuration = AgentConfiguration()
    // Many agents are tested in one process, whose memory is not theirs; sanitizers take much of it besides.
    configuration.maxMemoryBytes = 1 << 40
    change(&configuration)
    self.configuration = configuration
    let receipts = PayloadReceipts()
    self.receipts = receipts
    let build = BuildIdentity(version: "1.2.3", commit: "abc")
    let hand = ClockHand(TestSpan.someTimeNs + (1 + secondsLater) * 1_000_000_000)
    self.hand = hand
    let clock = WallClock { hand.now }
    let log = log ?? Log(level: .off, path: nil, clock: clock)
    checkpoint = checkpointFolder.map {
      StatisticsCheckpoint(
        folder: $0, bytesMax: 64 << 20, build: build, bucketSize: configuration.bucketSize, peerTags: [],
        receipts: receipts, log: log)
    }
    let errors = RecentErrors()
    forwarder = try Forwarding.start(
      Forwarding.destinations(configuration, build, log) + destinations, accounting: accounting, receipts: receipts,
      log: log, errors: errors, clock)
    var pipeline = PipelineParts(
      configuration, hostname: "box", peerTags: [], version: build.version, forwarder: forwarder,
      containers: containers)
    if let steps { pipeline.processing = steps }
    if let memory { pipeline.memory = memory }
    pipeline.storing = storing
    if !canEncodeStats { pipeline.outputs.statistics = [BrokenStatistics()] }
    pipeline.outputs.batches += outputs.batches
    pipeline.outputs.statistics += outputs.statistics
    products = ProductServices(
      configuration, hostname: "box", build: build, pipeline: pipeline, clock: clock, log: log, errors: errors)
    let routes = routes ?? ServedRoutes(ProductRoutes(configuration, products))
    var parts = ReceivingParts(
      configuration, pipeline: pipeline, routes: routes, peerTags: ["db.name"], build: build, errors: errors,
      clock: clock, log: log)
    let requests = journal.map {
      RequestJournal($0, receipts: receipts, bucketSizeNs: configuration.bucketSize.nanoseconds)
    }
    parts.requests = requests
    receiver = TraceReceiver(parts, routes: routes, threads: threads, takesCalls: takesCalls)
    let place = configuration.storePath.map { StorePlace.file($0) } ?? .off
    let local = LocalStore.open(configuration, place, nowNs: clock.nowNs, log: log)
    store = local.store
    statistics = RecentStatistics(
      sources: receiver.shards, history: local.history,
      older: local.store.map { OlderThanHistory(store: $0, log: log) }, senders: pipeline.concentrator.senders)
    flusher = Flusher(
      shards: receiver.shards, statistics: statistics, outputs: pipeline.outputs.statistics, forwarder: forwarder,
      store: local.store, bucketSizeNs: configuration.bucketSize.nanoseconds,
      missingStatistics: parts.observers.missingStatistics, accounting: accounting, requests: requests,
      checkpoint: checkpoint, log: log)
    var serving = ReceiverConfiguration(
      tcp: [.tcp(host: "127.0.0.1", port: 0)], maxPayloadBytes: configuration.maxPayloadBytes,
      bodyBytesInFlightMax: max(configuration.maxPayloadBytes, configuration.maxMemoryBytes / 2),
      requestTimeout: configuration.receiverTimeout, threads: threads)
    serving.lateAnswersMax = lateAnswersMax
    if takesCalls { serving.calls = CallSettings(messageBytesMax: configuration.maxPayloadBytes) }
    server = try receiver.start(serving)
    listener = try #require(server.listeners.first)
    queries = AgentQueries(
      agent: AgentDescription(
        configuration: configuration, build: build, hostname: "box", startedNs: clock.nowNs,
        countedSinceNs: min(local.firstNs ?? clock.nowNs, clock.nowNs), runPid: 0),
      receiver: receiver, server: server, statistics: statistics, store: local.store, forwarder: forwarder,
      accounting: accounting, products: products)
  }

  deinit {
    server.stop(deadline: .seconds(2))
    _ = products.stop(deadline: .now)
    forwarder?.stop(deadline: .now)
    store?.stop(deadline: .now)
  }

  /// What requests of an earlier agent go through.
  func replayParts() -> PipelineParts {
    PipelineParts(configuration, hostname: "box", peerTags: [], version: "1.2.3", forwarder: forwarder)
  }

  /// Now, as the agent sees it.
  var nowNs: Int64 { hand.now }

  /// Lets time pass for the agent.
  func pass(seconds: Int64) { hand.advance(seconds * 1_000_000_000) }

  var info: InfoAnswer { queries.info() }

  func services() throws -> [ServiceRow] {
    guard case .services(let answer) = queries.answer(.services(ServicesQuery())) else { throw Broken() }
    return answer.rows
  }

  func resources(of service: String) throws -> [ResourceRow] {
    let query = ResourcesQuery(service: service, allSpans: true)
    guard case .resources(let answer) = queries.answer(.resources(query)) else { throw Broken() }
    return answer.rows
  }

  /// What an HTTP client sees.
  struct Response {
    var status: Int
    var headers: [String: String]
    var body: String
  }

  struct Broken: Error {}

  /// One request on a connection of its own. `traces` is the header that says how many traces there are.
  func post(
    _ path: String, _ body: [UInt8], traces: Int? = nil, _ headers: [String: String] = [:], method: String = "PUT"
  ) throws -> Response {
    guard case .tcp(_, let port) = listener else { throw Broken() }
    let descriptor = try connected(port)
    defer { close(descriptor) }
    var head = "\(method) \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(body.count)\r\n"
    if let traces { head += "X-Datadog-Trace-Count: \(traces)\r\n" }
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    send(Array((head + "\r\n").utf8) + body, to: descriptor)
    return try response(from: descriptor)
  }

  /// Sends bytes on a connection of their own, waits for the beginning of an answer if one is wanted, and closes.
  func exchange(_ bytes: [UInt8], isAnswered: Bool = true) throws {
    guard case .tcp(_, let port) = listener else { throw Broken() }
    let descriptor = try connected(port)
    defer { close(descriptor) }
    send(bytes, to: descriptor)
    var byte: UInt8 = 0
    if isAnswered { _ = read(descriptor, &byte, 1) }
  }

  /// How a client leaves a connection on which it has sent something.
  enum Ending: Sendable { case reads, closesSending, resets }

  /// Sends pieces on a connection of their own, each for itself, and returns all answers until the agent closes it.
  /// - Parameter waitsForHead: whether the second piece is sent only when the agent has the first, a head.
  func converse(
    _ pieces: [[UInt8]], _ ending: Ending = .reads, waitsForHead: Bool = false
  ) throws -> [Response] {
    guard case .tcp(_, let port) = listener else { throw Broken() }
    let descriptor = try connected(port)
    defer { close(descriptor) }
    var atOnce: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &atOnce, socklen_t(MemoryLayout<Int32>.size))
    for (number, piece) in pieces.enumerated() {
      if waitsForHead, number == 1 { _ = eventually { server.connectionCounters.requestsInProgress > 0 } }
      send(piece, to: descriptor)
    }
    if ending == .resets {
      // What has not been read yet would be lost with the connection.
      guard eventually({ server.connectionCounters.requestsInProgress > 0 }) else { throw Broken() }
      // Closing is a reset then.
      var setting = linger(l_onoff: 1, l_linger: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &setting, socklen_t(MemoryLayout<linger>.size))
      return []
    }
    if ending == .closesSending { shutdown(descriptor, Int32(SHUT_WR)) }
    var responses: [Response] = []
    var rest = received(from: descriptor)
    while !rest.isEmpty {
      let response = try Self.response(rest)
      responses.append(response)
      guard let head = rest.firstRange(of: Array("\r\n\r\n".utf8)) else { break }
      rest.removeFirst(min(rest.count, head.upperBound + (response.headers["content-length"].flatMap { Int($0) } ?? 0)))
    }
    return responses
  }

  /// Sends bytes on a connection of their own, and reads until `hasCome` says of what came that it is all.
  func exchange(_ bytes: [UInt8], until hasCome: ([UInt8]) -> Bool) throws {
    guard case .tcp(_, let port) = listener else { throw Broken() }
    let descriptor = try connected(port)
    defer { close(descriptor) }
    send(bytes, to: descriptor)
    var room = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &room, room.count, 0)
      guard count > 0 else { throw Broken() }
      if hasCome(Array(room.prefix(count))) { return }
    }
  }

  /// Sends bytes on a connection of their own that stays open while `body` runs.
  func holding(_ bytes: [UInt8], _ body: () throws -> Void) throws {
    guard case .tcp(_, let port) = listener else { throw Broken() }
    let descriptor = try connected(port)
    defer { close(descriptor) }
    send(bytes, to: descriptor)
    try body()
  }

  private func connected(_ port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, SystemSockets.stream, 0)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw Broken() }
    return descriptor
  }

  private func send(_ bytes: [UInt8], to descriptor: Int32) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      sent += count
    }
  }

  private func response(from descriptor: Int32) throws -> Response { try Self.response(received(from: descriptor)) }

  /// All that comes until the agent closes the connection.
  private func received(from descriptor: Int32) -> [UInt8] {
    var all: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 65_536)
    while case let count = recv(descriptor, &room, room.count, 0), count > 0 { all += room.prefix(count) }
    return all
  }

  private static func response(_ bytes: [UInt8]) throws -> Response {
    let text = String(decoding: bytes, as: UTF8.self)
    let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    var lines = parts[0].split(separator: "\r\n")[...]
    guard let status = lines.popFirst()?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw Broken()
    }
    var headers: [String: String] = [:]
    for line in lines {
      let pair = line.split(separator: ":", maxSplits: 1)
      headers[pair[0].lowercased()] = pair.count > 1 ? String(pair[1].drop { $0 == " " }) : ""
    }
    return Response(status: status, headers: headers, body: parts.count > 1 ? String(parts[1]) : "")
  }
}

/// A clock's hand that a test moves.
private final class ClockHand: Sendable {
  private let time: Atomic<Int64>

  init(_ nowNs: Int64) { time = Atomic(nowNs) }

  var now: Int64 { time.load(ordering: .sequentiallyConsistent) }

  func advance(_ ns: Int64) { time.add(ns, ordering: .sequentiallyConsistent) }
}

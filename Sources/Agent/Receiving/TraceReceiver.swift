import Configuration
import Receiver
import Synchronization

/// The HTTP server with the agent's endpoints on it: finds the endpoint of a request and the shard that handles it.
final class TraceReceiver: Sendable {
  let shards: [ReceivingShard]
  private let routes: RoutingTable<TraceEndpoint>
  private let infoAnswer: Answer
  private let servicesAnswer: Answer
  private let emptyAnswer: Answer
  private let log: Log
  private let isOverloaded = Atomic<Bool>(false)

  init(shards: [ReceivingShard], info: InfoDocument, answerHeaders: [AnswerHeader], log: Log) {
    self.shards = shards
    self.log = log
    routes = TraceEndpoint.routes(headers: answerHeaders)
    infoAnswer = Answer(
      status: 200, body: PreparedBody(info.bytes, contentType: "application/json", headers: answerHeaders))
    emptyAnswer = Answer(
      status: 200, body: PreparedBody("{}".utf8, contentType: "application/json", headers: answerHeaders))
    servicesAnswer = Answer(status: 200, text: "OK\n", headers: answerHeaders)
  }

  func start(_ configuration: ReceiverConfiguration) throws(ReceiverError) -> HTTPServer {
    try HTTPServer(
      configuration: configuration, note: { [log] note in log.warn("\(note)") },
      handler: { [self] request in answer(request) },
      rejected: { [self] request in reject(request) })
  }

  /// From now on payloads are refused, or taken again.
  func setOverloaded(_ value: Bool) { isOverloaded.store(value, ordering: .relaxed) }

  private func answer(_ request: borrowing Request) -> Answer {
    let shard = shards[request.shard]
    switch routes.route(request) {
    case .endpoint(.info): return infoAnswer
    case .endpoint(.services): return servicesAnswer
    case .endpoint(.debugger):
      shard.discard("debugger_not_forwarded", bytes: request.body.count)
      return emptyAnswer
    case .endpoint(let endpoint):
      return shard.traces(request, endpoint, isOverloaded: isOverloaded.load(ordering: .relaxed))
    case .refused(let answer):
      shard.refuse(answer.status == 404 ? "not_found" : "cross_site")
      return answer
    }
  }

  private func reject(_ request: borrowing RejectedRequest) {
    let takesTraces = routes.identifier(for: request.path)?.takesTraces ?? false
    shards[request.shard].reject(request, takesTraces: takesTraces)
    if request.reason != .stopping {
      log.warn(
        kind: "rejected",
        "refused a request from \(request.peer): \(request.reason.answerText), \(request.bytesReceived) bytes had come")
    }
  }
}

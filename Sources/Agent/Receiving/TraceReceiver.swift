import Configuration
import Receiver
import Synchronization

/// The HTTP server with the agent's endpoints on it: finds the endpoint of a request and the shard that handles it.
final class TraceReceiver: Sendable {
  let shards: [ReceivingShard]
  private let routes: RoutingTable<TraceEndpoint>
  private let infoAnswer: Answer
  private let askedInfoAnswer: Answer
  private let servicesAnswer: Answer
  private let emptyAnswer: Answer
  private let log: Log
  private let connections: ConnectionWatch
  private let isOverloaded = Atomic<Bool>(false)

  init(
    shards: [ReceivingShard], info: InfoDocument, answerHeaders: [AnswerHeader], log: Log, connections: ConnectionWatch
  ) {
    self.shards = shards
    self.connections = connections
    self.log = log
    routes = TraceEndpoint.routes(headers: answerHeaders)
    infoAnswer = Answer(
      status: 200, body: PreparedBody(info.bytes, contentType: "application/json", headers: answerHeaders))
    askedInfoAnswer = infoAnswer.marked(.askedInfo)
    emptyAnswer = Answer(
      status: 200, body: PreparedBody("{}".utf8, contentType: "application/json", headers: answerHeaders))
    servicesAnswer = Answer(status: 200, text: "OK\n", headers: answerHeaders)
  }

  func start(_ configuration: ReceiverConfiguration) throws(ReceiverError) -> HTTPServer {
    try HTTPServer(
      configuration: configuration, note: { [log] note in log.warn("\(note)") },
      handler: { [self] request in answer(request) },
      rejected: { [self] request in reject(request) },
      event: { [connections] event in connections.observe(event) })
  }

  /// From now on payloads are refused, or taken again.
  func setOverloaded(_ value: Bool) { isOverloaded.store(value, ordering: .relaxed) }

  private func answer(_ request: borrowing Request) -> Answer {
    let shard = shards[request.shard]
    if let sign = RequestIssue.proxySign(request.headers, isAbsoluteForm: request.isAbsoluteForm) {
      shard.note(.proxyRequest, sign, client: ClientName.of(request.headers))
    }
    switch routes.route(request) {
    case .endpoint(.info): return ClientName.isLookedAtByHand(request.headers) ? infoAnswer : askedInfoAnswer
    case .endpoint(.services): return servicesAnswer.marked(.sentPayload)
    case .endpoint(.debugger):
      shard.discard("debugger_not_forwarded", request)
      return emptyAnswer
    case .endpoint(let endpoint):
      connections.observePayload(from: request.peer)
      return shard.traces(request, endpoint, isOverloaded: isOverloaded.load(ordering: .relaxed)).marked(.sentPayload)
    case .refused(let answer):
      shard.refuse(answer.status == 404 ? "not_found" : "cross_site", request)
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

extension Answer {
  /// The same answer, with a mark for when its connection ends.
  fileprivate func marked(_ mark: AnswerMarks) -> Answer {
    var answer = self
    answer.marks = mark
    return answer
  }
}

import GRPC
import Platform

/// Turns the events of calls into requests for the handler, and its answers into those of gRPC; counts what never comes
/// there. Belongs to the thread of its worker.
final class CallHandling {
  /// A call that came whole, and whose answer somebody brings later.
  private struct WaitingCall {
    let call: Call
    let connection: CallConnection
    let late: LateAnswer
  }

  private let worker: CallWorker
  /// Wakes the worker's thread when an answer has come.
  private let wake: @Sendable () -> Void
  private var waiting: [WaitingCall] = []
  private let slots: UnsafeMutablePointer<UnsafeRawBufferPointer>

  private static var none: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

  init(_ worker: CallWorker, wake: WakePipe) {
    self.worker = worker
    self.wake = { wake.wake() }
    slots = .allocate(capacity: KnownHeader.allCases.count)
    slots.initialize(repeating: Self.none, count: KnownHeader.allCases.count)
  }

  deinit { slots.deallocate() }

  func handle(_ events: [CallEvent], of connection: CallConnection) {
    for event in events {
      switch event {
      case .began:
        worker.requestCount.increment()
        worker.state.requestBegan()
      case .whole(let call): answer(call, of: connection)
      case .failed(let call, let failure): report(call, failure, of: connection)
      case .ended(let call):
        waitNoLonger(for: call, of: connection)
        worker.state.requestEnded()
      }
    }
  }

  private func answer(_ call: Call, of connection: CallConnection) {
    // Its client has taken it back already, and may make it again.
    guard connection.session.isAwaited(call) else { return report(call, .unfinished, of: connection) }
    connection.enter(.handling, sinceMs: SystemCalls.monotonicMs())
    collectHeaders(of: call)
    defer { forgetHeaders() }
    let reply = worker.handler(
      Request(
        method: .post, path: call.path, isAbsoluteForm: false, headers: RequestHeaders(slots: slots), body: call.bytes,
        declaredLength: call.announcedBytes, shard: worker.shard, peer: connection.peer,
        lateAnswers: worker.state.lateAnswers, isCall: true, exchange: nil, heldBody: heldBody(of: call)))
    switch reply {
    case .now(let answer): send(answer, call, of: connection)
    case .later(let late): wait(for: late, call, of: connection)
    }
  }

  private func heldBody(of call: Call) -> Request.HeldBody? {
    (call.store as? StoredMessage).map { Request.HeldBody(holder: $0, bodies: worker.state.bodies) }
  }

  private func deliver(_ outcome: LateAnswer.Outcome, _ call: Call, of connection: CallConnection) {
    if case .answer(let answer) = outcome { return send(answer, call, of: connection) }
    connection.session.answer(call, CallStatus(.unavailable, "this call has no answer now"))
  }

  private func send(_ answer: Answer, _ call: Call, of connection: CallConnection) {
    connection.marks.formUnion(answer.marks)
    let status = answer.callStatus ?? CallStatus(httpStatus: answer.status, answer.body.text)
    withExtendedLifetime(answer) { connection.session.answer(call, status, message: answer.body.bytes) }
  }

  /// A call that is refused or broke off, once.
  private func report(_ call: Call, _ failure: CallFailure, of connection: CallConnection) {
    let reason = self.reason(failure, connection)
    if reason == .timeout { worker.state.timedOut.increment() }
    if reason == .malformed { worker.state.malformed.increment() }
    collectHeaders(of: call)
    defer { forgetHeaders() }
    worker.rejected(
      RejectedRequest(
        reason: reason, method: .post, path: call.path, headers: RequestHeaders(slots: slots),
        bytesReceived: call.receivedBytes, declaredLength: call.announcedBytes, shard: worker.shard,
        peer: connection.peer, isCall: true))
  }

  private func reason(_ failure: CallFailure, _ connection: CallConnection) -> RejectionReason {
    switch failure {
    case .notGRPC: .notGRPC
    case .malformed: .malformed
    case .headersTooLarge: .headersTooLarge
    case .messageTooLarge: .payloadTooLarge
    case .noRoom: .memoryLimit
    case .timedOut: .timeout
    case .unfinished:
      if connection.gaveWay.load(ordering: .relaxed) {
        .gaveWay
      } else {
        worker.mustEnd.load(ordering: .relaxed) ? .stopping : .unexpectedEOF
      }
    }
  }

  /// The headers that anybody reads. How the message is compressed stands where HTTP/1.1 has it.
  private func collectHeaders(of call: Call) {
    call.forEachHeader { name, value in
      guard let header = worker.headerIndex.find(name) else { return }
      let slot = slots + Int(header.rawValue)
      if slot.pointee.baseAddress == nil { slot.pointee = value }
    }
    slots[Int(KnownHeader.contentEncoding.rawValue)] = call.encoding ?? Self.none
  }

  private func forgetHeaders() { slots.update(repeating: Self.none, count: KnownHeader.allCases.count) }
}

// Answers that come later, while the thread serves others.
extension CallHandling {
  /// Answers the calls whose answers have come meanwhile.
  /// - Returns: their connections, which have something to send.
  func deliverLateAnswers() -> [CallConnection] {
    var connections: [ObjectIdentifier: CallConnection] = [:]
    waiting.removeAll { entry in
      guard let outcome = entry.late.takeOutcome() else { return false }
      deliver(outcome, entry.call, of: entry.connection)
      entry.connection.waitingCalls -= 1
      connections[ObjectIdentifier(entry.connection)] = entry.connection
      return true
    }
    return Array(connections.values)
  }

  private func wait(for late: LateAnswer, _ call: Call, of connection: CallConnection) {
    // The handler has copied what it needs, or taken it.
    connection.session.release(call)
    if let outcome = late.awaitOutcome(wake) { return deliver(outcome, call, of: connection) }
    waiting.append(WaitingCall(call: call, connection: connection, late: late))
    connection.waitingCalls += 1
  }

  /// A call has ended. Nobody waits for its answer any more, if that has not come.
  private func waitNoLonger(for call: Call, of connection: CallConnection) {
    guard connection.waitingCalls > 0, let position = waiting.firstIndex(where: { $0.call === call }) else { return }
    worker.state.lateAnswers.abandon(waiting.remove(at: position).late)
    connection.waitingCalls -= 1
  }
}

import GRPC

/// Turns the events of calls into requests for the handler, and its answers into those of gRPC; counts what never comes
/// there. Belongs to the thread of its worker.
final class CallHandling {
  private let worker: CallWorker
  private let slots: UnsafeMutablePointer<UnsafeRawBufferPointer>

  private static var none: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

  init(_ worker: CallWorker) {
    self.worker = worker
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
      case .ended: worker.state.requestEnded()
      }
    }
  }

  private func answer(_ call: Call, of connection: CallConnection) {
    connection.enter(.handling, sinceMs: SystemCalls.monotonicMs())
    collectHeaders(of: call)
    defer { forgetHeaders() }
    let reply = worker.handler(
      Request(
        method: .post, path: call.path, isAbsoluteForm: false, headers: RequestHeaders(slots: slots), body: call.bytes,
        declaredLength: call.announcedBytes, shard: worker.shard, peer: connection.peer,
        lateAnswers: worker.state.lateAnswers, isCall: true, exchange: nil))
    switch reply {
    case .now(let answer): send(answer, call, of: connection)
    case .later(let late):
      guard case .answer(let answer) = late.waitForOutcome() else {
        return connection.session.answer(call, CallStatus(.unavailable, "this call has no answer now"))
      }
      send(answer, call, of: connection)
    }
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

import CMicroHTTPD

// The way of one request: begin (headers are here), receive (some of the body is), finish (all of it is), complete (the
// answer is sent or the connection broke).
extension Worker {
  /// What a client may still send after its request was refused, so that it can read the answer instead of a reset.
  private static let discardBytesMax = 64 << 20

  func begin(
    _ connection: Connection, _ mhd: OpaquePointer, method: UnsafeRawBufferPointer, path: UnsafeRawBufferPointer
  ) -> MHD_Result {
    requestCount.increment()
    state.requestBegan()
    connection.isCounted = true
    connection.method = RequestMethod(method)
    (connection.path, connection.isAbsoluteForm) = RequestTarget.path(of: path)
    collectHeaders(connection, mhd)
    let headers = connection.headers
    let isEncoded = headers.contains(.transferEncoding)
    connection.declaredLength = isEncoded ? nil : headers.integer(.contentLength).map { Int(clamping: $0) }
    connection.step = .body
    if let reason = refusal(connection, mhd, isEncoded: isEncoded) {
      return refuse(connection, mhd, reason, beforeBody: true)
    }
    return .YES
  }

  private func refusal(_ connection: Connection, _ mhd: OpaquePointer, isEncoded: Bool) -> RejectionReason? {
    if state.isDraining.load(ordering: .relaxed) { return .stopping }
    if roost_mhd_header_size(mhd) > headerBytesMax { return .headersTooLarge }
    if isEncoded && !connection.headers.isEqual(.transferEncoding, "chunked") { return .unsupportedEncoding }
    if let declared = connection.declaredLength, declared > maxPayloadBytes { return .payloadTooLarge }
    return nil
  }

  func receive(_ connection: Connection, _ mhd: OpaquePointer, _ bytes: UnsafeRawBufferPointer) -> MHD_Result {
    guard connection.step == .body else {
      connection.discardedBytes += bytes.count
      return connection.discardedBytes > Self.discardBytesMax ? .NO : .YES
    }
    connection.receivedBytes += bytes.count
    if connection.wasCut.load(ordering: .relaxed) {
      state.timedOut.increment()
      return refuse(connection, mhd, .timeout, beforeBody: false)
    }
    if connection.receivedBytes > maxPayloadBytes {
      return refuse(connection, mhd, .payloadTooLarge, beforeBody: false)
    }
    if connection.box == nil && bytes.count == connection.declaredLength {
      // All of it in one piece: the handler reads it where it lies.
      connection.earlyReply = callHandler(connection, bytes)
      return .YES
    }
    return keep(bytes, for: connection) ? .YES : refuse(connection, mhd, .memoryLimit, beforeBody: false)
  }

  /// Called again for a request whose answer comes later, once it is there.
  func finish(_ connection: Connection, _ mhd: OpaquePointer) -> MHD_Result {
    switch connection.step {
    case .body: break
    case .waiting: return resume(connection, mhd)
    // After a raw answer nothing may follow on this connection; refusing closes it.
    case .head, .discarding, .answered: return .NO
    }
    switch reply(to: connection) {
    case .now(let answer): return send(answer, connection, mhd)
    case .later(let late): return wait(for: late, connection, mhd)
    }
  }

  func send(_ answer: Answer, _ connection: Connection, _ mhd: OpaquePointer) -> MHD_Result {
    connection.marks.formUnion(answer.marks)
    connection.step = .answered
    connection.enter(.answering)
    return answer.body.queue(on: mhd, status: answer.status, extraHeaders: answer.extraHeaders)
  }

  func complete(_ connection: Connection, _ mhd: OpaquePointer, _ code: MHD_RequestTerminationCode) {
    switch connection.step {
    case .head: countBrokenHead(connection, mhd)
    case .body: countBrokenBody(connection, mhd, code)
    case .waiting, .discarding, .answered: break
    }
    if let late = connection.late { state.lateAnswers.abandon(late) }
    releaseBuffer(of: connection)
    if connection.isCounted { state.requestEnded() }
    connection.reset()
    connection.enter(.idle)
  }

  /// The handler's reply to a request that has arrived completely.
  private func reply(to connection: Connection) -> Reply {
    if let early = connection.earlyReply {
      connection.earlyReply = nil
      return early
    }
    guard let box = connection.box else {
      return callHandler(connection, UnsafeRawBufferPointer(start: nil, count: 0))
    }
    let reply = callHandler(connection, box.buffer.bytes)
    releaseBuffer(of: connection)
    return reply
  }

  private func callHandler(_ connection: Connection, _ body: UnsafeRawBufferPointer) -> Reply {
    connection.enter(.handling)
    let reply = handler(
      Request(
        method: connection.method, path: connection.path, isAbsoluteForm: connection.isAbsoluteForm,
        headers: connection.headers, body: body, declaredLength: connection.declaredLength, shard: shard,
        peer: connection.peer, lateAnswers: state.lateAnswers))
    if case .later(let late) = reply { connection.late = late }
    return reply
  }

  private func collectHeaders(_ connection: Connection, _ mhd: OpaquePointer) {
    var collector = HeaderCollector(
      index: headerIndex, slots: connection.slots, empty: UnsafeRawPointer(connection.slots))
    _ = withUnsafeMutablePointer(to: &collector) {
      MHD_get_connection_values_n(mhd, .HEADER_KIND, headerCollected, $0)
    }
  }
}

// The body while it arrives. What buffers take up is counted over all workers, for many clients at once could each hold
// almost a whole body for as long as a request may take.
extension Worker {
  /// Adds bytes to the connection's body; false when all bodies together would become too large.
  private func keep(_ bytes: UnsafeRawBufferPointer, for connection: Connection) -> Bool {
    if connection.box == nil {
      let box = buffers.acquire(declaredLength: connection.declaredLength)
      guard state.acquireBodyCapacity(box.buffer.capacity, limit: bodyBytesInFlightMax) else {
        buffers.recycle(box)
        return false
      }
      connection.box = box
    }
    guard let box = connection.box else { return false }
    let growth = box.buffer.growth(toAppend: bytes.count)
    guard growth == 0 || state.acquireBodyCapacity(growth, limit: bodyBytesInFlightMax) else { return false }
    box.buffer.append(bytes)
    return true
  }

  private func releaseBuffer(of connection: Connection) {
    guard let box = connection.box else { return }
    connection.box = nil
    state.releaseBodyCapacity(box.buffer.capacity)
    buffers.recycle(box)
  }
}

// Requests that never reach the handler.
extension Worker {
  private func refuse(
    _ connection: Connection, _ mhd: OpaquePointer, _ reason: RejectionReason, beforeBody: Bool
  ) -> MHD_Result {
    report(connection, reason)
    releaseBuffer(of: connection)
    let headers = connection.headers
    let hasBody = headers.contains(.transferEncoding) || (connection.declaredLength ?? 0) > 0
    if beforeBody && (!hasBody || headers.isEqual(.expect, "100-continue")) {
      connection.step = .answered
      connection.enter(.answering)
      return refusals.queue(reason, on: mhd)
    }
    refusals.send(reason, to: connection.descriptor)
    connection.step = .discarding
    connection.enter(.discarding)
    // Answered already: the server may stop without waiting for what is thrown away.
    state.requestEnded()
    connection.isCounted = false
    return .YES
  }

  /// The request line came, and then nothing that could be handled.
  private func countBrokenHead(_ connection: Connection, _ mhd: OpaquePointer) {
    if roost_mhd_status(mhd) != 0 {
      state.malformed.increment()
    } else if connection.wasCut.load(ordering: .relaxed) {
      state.timedOut.increment()
      refusals.send(.timeout, to: connection.descriptor)
    }
  }

  /// The headers came and the body did not come to its end.
  private func countBrokenBody(_ connection: Connection, _ mhd: OpaquePointer, _ code: MHD_RequestTerminationCode) {
    if roost_mhd_status(mhd) != 0 {
      state.malformed.increment()
      return report(connection, .malformed)
    }
    if code == .REQUEST_TERMINATED_DAEMON_SHUTDOWN { return report(connection, .stopping) }
    let isLate = connection.wasCut.load(ordering: .relaxed)
    if isLate { state.timedOut.increment() }
    let reason = isLate ? RejectionReason.timeout : .unexpectedEOF
    report(connection, reason)
    // A client that only closed its sending half still reads.
    refusals.send(reason, to: connection.descriptor)
  }

  private func report(_ connection: Connection, _ reason: RejectionReason) {
    rejected(
      RejectedRequest(
        reason: reason, method: connection.method, path: connection.path, headers: connection.headers,
        bytesReceived: connection.receivedBytes, declaredLength: connection.declaredLength, shard: shard,
        peer: connection.peer))
  }
}

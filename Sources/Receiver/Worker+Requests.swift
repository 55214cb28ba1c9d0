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
      connection.earlyAnswer = ask(connection, bytes)
      return .YES
    }
    return keep(bytes, for: connection) ? .YES : refuse(connection, mhd, .memoryLimit, beforeBody: false)
  }

  func finish(_ connection: Connection, _ mhd: OpaquePointer) -> MHD_Result {
    // After a raw answer nothing may follow on this connection; refusing closes it.
    guard connection.step == .body else { return .NO }
    let answer: Answer
    if let early = connection.earlyAnswer {
      answer = early
      connection.earlyAnswer = nil
    } else if let box = connection.box {
      answer = ask(connection, box.buffer.bytes)
      letGo(connection)
    } else {
      answer = ask(connection, UnsafeRawBufferPointer(start: nil, count: 0))
    }
    connection.marks.formUnion(answer.marks)
    connection.step = .answered
    connection.enter(.answering)
    return answer.body.queue(on: mhd, status: answer.status, extraHeaders: answer.extraHeaders)
  }

  func complete(_ connection: Connection, _ mhd: OpaquePointer, _ code: MHD_RequestTerminationCode) {
    switch connection.step {
    case .head: countBrokenHead(connection, mhd)
    case .body: countBrokenBody(connection, mhd, code)
    case .discarding, .answered: break
    }
    letGo(connection)
    if connection.isCounted { state.requestEnded() }
    connection.reset()
    connection.enter(.idle)
  }

  private func ask(_ connection: Connection, _ body: UnsafeRawBufferPointer) -> Answer {
    connection.enter(.handling)
    return handler(
      Request(
        method: connection.method, path: connection.path, isAbsoluteForm: connection.isAbsoluteForm,
        headers: connection.headers, body: body, declaredLength: connection.declaredLength, shard: shard,
        peer: connection.peer))
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
      let box = buffers.take(declaredLength: connection.declaredLength)
      guard state.takeBodyRoom(box.buffer.capacity, limit: bodyBytesInFlightMax) else {
        buffers.give(box)
        return false
      }
      connection.box = box
    }
    guard let box = connection.box else { return false }
    let growth = box.buffer.growth(toAppend: bytes.count)
    guard growth == 0 || state.takeBodyRoom(growth, limit: bodyBytesInFlightMax) else { return false }
    box.buffer.append(bytes)
    return true
  }

  /// Gives the connection's buffer back, if it has one.
  private func letGo(_ connection: Connection) {
    guard let box = connection.box else { return }
    connection.box = nil
    state.giveBodyRoom(box.buffer.capacity)
    buffers.give(box)
  }
}

// Requests that never reach the handler.
extension Worker {
  private func refuse(
    _ connection: Connection, _ mhd: OpaquePointer, _ reason: RejectionReason, beforeBody: Bool
  ) -> MHD_Result {
    tell(connection, reason)
    letGo(connection)
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
      return tell(connection, .malformed)
    }
    if code == .REQUEST_TERMINATED_DAEMON_SHUTDOWN { return tell(connection, .stopping) }
    let isLate = connection.wasCut.load(ordering: .relaxed)
    if isLate { state.timedOut.increment() }
    let reason = isLate ? RejectionReason.timeout : .unexpectedEOF
    tell(connection, reason)
    // A client that only closed its sending half still reads.
    refusals.send(reason, to: connection.descriptor)
  }

  private func tell(_ connection: Connection, _ reason: RejectionReason) {
    rejected(
      RejectedRequest(
        reason: reason, method: connection.method, path: connection.path, headers: connection.headers,
        bytesReceived: connection.receivedBytes, declaredLength: connection.declaredLength, shard: shard,
        peer: connection.peer))
  }
}

import CMicroHTTPD

// The way of one request: begin (headers are here), receive (some of the body is), finish (all of it is), complete (the
// answer is sent or the connection broke).
extension Worker {
  /// What a client may still send after its request was refused, so that it can read the answer instead of a reset.
  private static let discardBytesMax = 64 << 20

  func begin(_ connection: Connection, _ mhd: OpaquePointer, _ line: RequestLine) -> MHD_Result {
    requestCount.increment()
    state.requestBegan()
    connection.isCounted = true
    connection.method = RequestMethod(line.method)
    (connection.path, connection.isAbsoluteForm) = RequestTarget.path(of: line.target)
    let rules = collectHeaders(connection, mhd, line)
    let headers = connection.headers
    let isEncoded = headers.contains(.transferEncoding)
    connection.declaredLength = isEncoded ? nil : headers.integer(.contentLength).map { Int(clamping: $0) }
    connection.step = .body
    if rules.isBroken || headers.contradict(line, from: connection.peer) {
      state.malformed.increment()
      return refuse(connection, mhd, .malformed, beforeBody: true)
    }
    if let reason = refusal(connection, mhd, isEncoded: isEncoded) {
      return refuse(connection, mhd, reason, beforeBody: true)
    }
    return reserve(connection, mhd)
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
    if let reason = cut(connection) { return refuse(connection, mhd, reason, beforeBody: false) }
    if connection.receivedBytes > maxPayloadBytes {
      return refuse(connection, mhd, .payloadTooLarge, beforeBody: false)
    }
    if connection.box == nil && bytes.count == connection.declaredLength {
      // All of it in one piece: the handler reads it where it lies.
      connection.earlyReply = callHandler(connection, bytes)
      return .YES
    }
    return keep(bytes, of: connection, mhd)
  }

  /// Called again for a request whose answer comes later, once it is there.
  func finish(_ connection: Connection, _ mhd: OpaquePointer) -> MHD_Result {
    switch connection.step {
    case .body: break
    case .waiting: return resume(connection, mhd)
    // After a raw answer nothing may follow on this connection; refusing closes it.
    case .head, .capacity, .discarding, .answered: return .NO
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
    case .body, .capacity: countBrokenBody(connection, mhd, code)
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
        peer: connection.peer, lateAnswers: state.lateAnswers, isCall: false, exchange: connection.handle,
        heldBody: Request.HeldBody(holder: connection, bodies: state.bodies)))
    if case .later(let late) = reply { connection.late = late }
    return reply
  }

  private func collectHeaders(_ connection: Connection, _ mhd: OpaquePointer, _ line: RequestLine) -> HeadRules {
    var collector = HeaderCollector(
      index: headerIndex, slots: connection.slots, empty: UnsafeRawPointer(connection.slots), rules: HeadRules(line))
    _ = withUnsafeMutablePointer(to: &collector) {
      MHD_get_connection_values_n(mhd, .HEADER_KIND, headerCollected, $0)
    }
    collector.rules.finish(line, bytes: roost_mhd_header_size(mhd))
    return collector.rules
  }
}

// Requests that never reach the handler.
extension Worker {
  func refuse(
    _ connection: Connection, _ mhd: OpaquePointer, _ reason: RejectionReason, beforeBody: Bool
  ) -> MHD_Result {
    report(connection, reason)
    releaseBuffer(of: connection)
    let headers = connection.headers
    let hasBody = headers.contains(.transferEncoding) || (connection.declaredLength ?? 0) > 0
    // Behind a head that breaks the rules nobody knows what is body and what the next request.
    if beforeBody && (!hasBody || reason == .malformed || headers.isEqual(.expect, "100-continue")) {
      connection.step = .answered
      connection.enter(.answering)
      return refusals.queue(reason, on: mhd, for: connection)
    }
    refusals.send(reason, to: connection)
    connection.step = .discarding
    connection.enter(.discarding)
    // Answered already: the server may stop without waiting for what is thrown away.
    state.requestEnded()
    connection.isCounted = false
    return .YES
  }

  /// libmicrohttpd 0.9.75 answers a `Content-Length` that is no number, and cookies that do not fit, twice: it forgets
  /// that it has answered already. It is about to; the answer is given here, and what it sends goes nowhere.
  func preventSecondAnswer() {
    // Between the end of the headers and the handler there is one connection at most: this one.
    let answered = registry.withLock { registry in
      registry.connections.first { $0.step == .head && roost_mhd_has_head($0.handle) != 0 }
    }
    guard let answered else { return }
    refusals.send(.malformed, to: answered)
    SystemCalls.shutdownWriting(answered.descriptor)
  }

  /// The request line came, and then nothing that could be handled.
  private func countBrokenHead(_ connection: Connection, _ mhd: OpaquePointer) {
    if roost_mhd_status(mhd) != 0 {
      state.malformed.increment()
    } else if let reason = cut(connection) {
      refusals.send(reason, to: connection)
    }
  }

  /// Why another thread has cut the request off, counted; `nil` when none has.
  private func cut(_ connection: Connection) -> RejectionReason? {
    guard connection.wasCut.load(ordering: .acquiring) else { return nil }
    if connection.gaveWay.load(ordering: .relaxed) { return .gaveWay }
    state.timedOut.increment()
    return .timeout
  }

  /// The headers came and the body did not come to its end.
  private func countBrokenBody(_ connection: Connection, _ mhd: OpaquePointer, _ code: MHD_RequestTerminationCode) {
    if roost_mhd_status(mhd) != 0 {
      state.malformed.increment()
      return report(connection, .malformed)
    }
    if code == .REQUEST_TERMINATED_DAEMON_SHUTDOWN || isEnding.load(ordering: .relaxed) {
      return report(connection, .stopping)
    }
    let reason = cut(connection) ?? .unexpectedEOF
    report(connection, reason)
    // A client that only closed its sending half still reads.
    refusals.send(reason, to: connection)
  }

  private func report(_ connection: Connection, _ reason: RejectionReason) {
    rejected(
      RejectedRequest(
        reason: reason, method: connection.method, path: connection.path, headers: connection.headers,
        bytesReceived: connection.receivedBytes, declaredLength: connection.declaredLength, shard: shard,
        peer: connection.peer, isCall: false))
  }
}

import CNGHTTP2

// The way of a call: begin (a stream opens), take its headers and its message, and its end; what libnghttp2's callbacks come
// to.
extension CallSession {
  func beginCall(_ stream: Int32) {
    let call = Call(stream: stream, nowMs: nowMs)
    calls[stream] = call
    events.append(.began(call))
  }

  /// - Returns: false when the headers are too large, or those of all calls are: none of this call is read any more.
  func addHeader(_ stream: Int32, _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
    // Trailers of a client, which gRPC does not know, come behind the headers.
    guard let call = calls[stream], call.step == .headers else { return true }
    let growth = call.headers.growth(toAppend: name, value)
    if takeHeaderRoom(growth) {
      if call.headers.append(name, value, bytesMax: limits.headerBytesMax) { return true }
      giveBackHeaderRoom(growth)
    }
    budget.payForLargeHeaders()
    fail(call, .headersTooLarge)
    return false
  }

  func finishHeaders(_ stream: Int32) {
    guard let call = calls[stream], call.step == .headers else { return }
    call.step = .message
    if !call.isGRPC { fail(call, .notGRPC) }
  }

  func addData(_ stream: Int32, _ bytes: UnsafeRawBufferPointer) {
    budget.earn(messageBytes: bytes.count)
    guard let call = calls[stream], call.step == .message else { return }
    do throws(CallFailure) {
      try call.message.read(bytes, lengthMax: limits.messageBytesMax) { piece, length in
        if call.store == nil { call.store = makeStore(length) }
        return call.store?.append(piece) ?? false
      }
    } catch {
      fail(call, error)
    }
  }

  /// The client sends no more of a call.
  func endOfClient(_ stream: Int32) {
    guard let call = calls[stream] else { return }
    call.hasClientEnded = true
    guard call.step == .message else { return }
    guard call.message.isWhole, !call.lacksEncoding else { return fail(call, .malformed) }
    call.step = .whole
    budget.earnForCall()
    events.append(.whole(call))
  }

  /// The stream is closed, by whomever.
  func closeCall(_ stream: Int32) {
    guard let call = calls.removeValue(forKey: stream) else { return }
    forget(call)
  }

  /// Ends a call for the caller of this session, whatever it has come to.
  func forget(_ call: Call) {
    if call.isArriving {
      call.step = .answered
      events.append(.failed(call, .unfinished))
    }
    closedHeaderBytes += call.headers.heldBytes
    events.append(.ended(call))
  }

  /// Refuses a call that has not come whole, and tells the client.
  func fail(_ call: Call, _ failure: CallFailure) {
    guard call.isArriving else { return }
    events.append(.failed(call, failure))
    if failure == .notGRPC { return refuseRequest(call) }
    if failure == .headersTooLarge {
      call.step = .answered
      return reset(call, .enhanceYourCalm)
    }
    if let status = failure.status { answer(call, status) }
  }

  /// A call that came whole is in other hands, or done with: so are its headers and its message here.
  package func release(_ call: Call) {
    call.store = nil
    guard calls[call.stream] === call else { return }
    giveBackHeaderRoom(call.headers.heldBytes)
    call.headers = HeaderList()
  }

  /// Whether a client still waits for the answer to a call that came whole.
  package func isAwaited(_ call: Call) -> Bool { call.step == .whole && calls[call.stream] === call }

  func reset(_ call: Call, _ code: ErrorCode) {
    guard let session else { return }
    _ = http2.submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), call.stream, code.rawValue)
  }
}

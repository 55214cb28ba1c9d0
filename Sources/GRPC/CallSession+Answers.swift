import CNGHTTP2
import Platform

// What calls are answered: headers, a message where all went well, and the status behind it (gRPC over HTTP/2, Responses).
extension CallSession {
  private typealias Field = (name: StaticString, value: [UInt8])

  /// Answers a call that came whole. A message is sent only with the status `ok`.
  package func answer(_ call: Call, _ status: CallStatus, message: UnsafeRawBufferPointer = .init(start: nil, count: 0))
  {
    guard call.step != .answered else { return }
    // What came is done with; its memory is for other calls. Of one that did not come whole the headers are read still.
    if call.step == .whole { release(call) } else { call.store = nil }
    call.step = .answered
    call.answeredMs = nowMs
    call.status = status
    // A client may have taken its call back meanwhile.
    guard calls[call.stream] === call else { return }
    var fields: [Field] = [
      (":status", Array("200".utf8)), ("content-type", Array("application/grpc".utf8)),
      ("grpc-accept-encoding", acceptedEncodings),
    ]
    guard status.code == .ok else {
      fields.append(("grpc-status", Array("\(status.code.rawValue)".utf8)))
      if !status.message.isEmpty { fields.append(("grpc-message", status.encodedMessage)) }
      return submit(fields, for: call, hasMessage: false)
    }
    call.answer = Self.frame(message)
    submit(fields, for: call, hasMessage: true)
  }

  /// Answers what is no call of gRPC, as its specification wants it.
  func refuseRequest(_ call: Call) {
    call.step = .answered
    call.answeredMs = nowMs
    call.answer = Array("HTTP/2 is for calls of gRPC here; all else is asked in HTTP/1.1\n".utf8)
    call.isPlain = true
    submit(
      [(":status", Array("415".utf8)), ("content-type", Array("text/plain; charset=utf-8".utf8))], for: call,
      hasMessage: true)
  }

  /// A message behind the prefix that says that it is not compressed, and its length.
  private static func frame(_ message: UnsafeRawBufferPointer) -> [UInt8] {
    let length = UInt32(clamping: message.count)
    var framed: [UInt8] = [0]
    framed.reserveCapacity(message.count + 5)
    for shift: UInt32 in [24, 16, 8, 0] { framed.append(UInt8(truncatingIfNeeded: length >> shift)) }
    framed += message
    return framed
  }

  private func submit(_ fields: [Field], for call: Call, hasMessage: Bool) {
    let status = Self.withFields(fields) { start, count in
      guard hasMessage else { return http2.submit_response(session, call.stream, start, count, nil) }
      var provider = nghttp2_data_provider()
      provider.read_callback = readAnswer
      return http2.submit_response(session, call.stream, start, count, &provider)
    }
    if status != 0 { reset(call, .internalError) }
  }

  /// Copies what comes next of an answer.
  /// - Returns: how many bytes, and whether they are the last.
  func takeAnswer(_ stream: Int32, into room: UnsafeMutableRawBufferPointer) -> (count: Int, isLast: Bool)? {
    guard let call = calls[stream] else { return nil }
    let count = min(room.count, call.answer.count - call.answerSent)
    call.answer.withUnsafeBytes { answer in
      room.copyMemory(from: UnsafeRawBufferPointer(rebasing: answer[call.answerSent..<call.answerSent + count]))
    }
    call.answerSent += count
    return (count, call.answerSent == call.answer.count)
  }

  /// The status behind a message.
  /// - Returns: false when nothing follows, because it is no answer of gRPC.
  func submitTrailer(_ stream: Int32) -> Bool {
    guard let call = calls[stream], !call.isPlain else { return false }
    let fields: [Field] = [("grpc-status", Array("\(call.status.code.rawValue)".utf8))]
    return Self.withFields(fields) { start, count in http2.submit_trailer(session, stream, start, count) } == 0
  }

  /// The answer has left. A client that is still sending learns that nobody reads it.
  func answerLeft(_ stream: Int32) {
    guard let call = calls[stream], !call.hasClientEnded else { return }
    reset(call, .noError)
  }

  /// Calls `body` with header fields as libnghttp2 takes them, which copies them.
  private static func withFields<Result>(
    _ fields: [Field], _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result
  ) -> Result {
    var values: [UInt8] = []
    for field in fields { values += field.value }
    return values.withUnsafeMutableBufferPointer { values in
      var offset = 0
      let pairs = fields.map { field in
        defer { offset += field.value.count }
        return nghttp2_nv(
          name: UnsafeMutablePointer(mutating: field.name.utf8Start),
          value: values.baseAddress.map { $0 + offset }, namelen: field.name.utf8CodeUnitCount,
          valuelen: field.value.count, flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
      }
      return body(pairs, pairs.count)
    }
  }
}

import CNGHTTP2

// The functions that libnghttp2 calls, all while the session receives or gives out what it sends. They turn its pointers
// into our types and do nothing else. The context is the session.
extension CallSession {
  /// A session of libnghttp2's, for a server; `nil` without memory for it.
  func makeSession() -> OpaquePointer? {
    var callbacks: OpaquePointer?
    var options: OpaquePointer?
    var made: OpaquePointer?
    defer {
      http2.session_callbacks_del(callbacks)
      http2.option_del(options)
    }
    guard http2.session_callbacks_new(&callbacks) == 0, http2.option_new(&options) == 0 else { return nil }
    http2.session_callbacks_set_on_begin_headers_callback(callbacks, headersBegan)
    http2.session_callbacks_set_on_header_callback(callbacks, headerCame)
    http2.session_callbacks_set_on_data_chunk_recv_callback(callbacks, dataCame)
    http2.session_callbacks_set_on_frame_recv_callback(callbacks, frameCame)
    http2.session_callbacks_set_on_frame_send_callback(callbacks, frameLeft)
    http2.session_callbacks_set_on_stream_close_callback(callbacks, streamClosed)
    // Closed streams are kept for priorities, which nobody here goes by.
    http2.option_set_no_closed_streams(options, 1)
    let context = Unmanaged.passUnretained(self).toOpaque()
    guard http2.session_server_new2(&made, callbacks, context, options) == 0 else { return nil }
    return made
  }
}

private let stop = Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
private let stopOneStream = Int32(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)

private func owner(_ context: UnsafeMutableRawPointer?) -> CallSession? {
  context.map { Unmanaged<CallSession>.fromOpaque($0).takeUnretainedValue() }
}

private func isLast(_ flags: UInt8) -> Bool { flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 }

private let headersBegan:
  @convention(c) (OpaquePointer?, UnsafePointer<nghttp2_frame>?, UnsafeMutableRawPointer?) -> Int32 = {
    _, frame, context in
    if nghttp2_begins_request(frame) != 0 { owner(context)?.beginCall(nghttp2_frame_stream_of(frame)) }
    return 0
  }

private let headerCame:
  @convention(c) (
    OpaquePointer?, UnsafePointer<nghttp2_frame>?, UnsafePointer<UInt8>?, Int, UnsafePointer<UInt8>?, Int, UInt8,
    UnsafeMutableRawPointer?
  ) -> Int32 = { _, frame, name, nameBytes, value, valueBytes, _, context in
    let isTaken = owner(context)?.addHeader(
      nghttp2_frame_stream_of(frame), UnsafeRawBufferPointer(start: name, count: nameBytes),
      UnsafeRawBufferPointer(start: value, count: valueBytes))
    return isTaken ?? true ? 0 : stopOneStream
  }

private let dataCame:
  @convention(c) (OpaquePointer?, UInt8, Int32, UnsafePointer<UInt8>?, Int, UnsafeMutableRawPointer?) -> Int32 = {
    _, _, stream, bytes, count, context in
    owner(context)?.addData(stream, UnsafeRawBufferPointer(start: bytes, count: count))
    return 0
  }

private let frameCame:
  @convention(c) (OpaquePointer?, UnsafePointer<nghttp2_frame>?, UnsafeMutableRawPointer?) -> Int32 = {
    _, frame, context in
    guard let session = owner(context) else { return stop }
    let (type, stream) = (UInt32(nghttp2_frame_type_of(frame)), nghttp2_frame_stream_of(frame))
    switch type {
    case NGHTTP2_HEADERS.rawValue: session.finishHeaders(stream)
    case NGHTTP2_DATA.rawValue: break
    case NGHTTP2_SETTINGS.rawValue:
      session.hasBegun = true
      return 0
    default: return 0
    }
    if isLast(nghttp2_frame_flags_of(frame)) { session.endOfClient(stream) }
    return 0
  }

private let frameLeft:
  @convention(c) (OpaquePointer?, UnsafePointer<nghttp2_frame>?, UnsafeMutableRawPointer?) -> Int32 = {
    _, frame, context in
    let type = UInt32(nghttp2_frame_type_of(frame))
    // libnghttp2 ends a session by itself when the client breaks the rules.
    if type == NGHTTP2_GOAWAY.rawValue, nghttp2_goaway_error_of(frame) != 0 { owner(context)?.hasMisbehaved = true }
    if type == NGHTTP2_HEADERS.rawValue || type == NGHTTP2_DATA.rawValue, isLast(nghttp2_frame_flags_of(frame)) {
      owner(context)?.answerLeft(nghttp2_frame_stream_of(frame))
    }
    return 0
  }

private let streamClosed: @convention(c) (OpaquePointer?, Int32, UInt32, UnsafeMutableRawPointer?) -> Int32 = {
  _, stream, _, context in
  owner(context)?.closeCall(stream)
  return 0
}

let readAnswer:
  @convention(c) (
    OpaquePointer?, Int32, UnsafeMutablePointer<UInt8>?, Int, UnsafeMutablePointer<UInt32>?,
    UnsafeMutablePointer<nghttp2_data_source>?, UnsafeMutableRawPointer?
  ) -> Int = { _, stream, buffer, count, flags, _, context in
    guard let session = owner(context), let flags,
      let taken = session.takeAnswer(stream, into: UnsafeMutableRawBufferPointer(start: buffer, count: count))
    else { return Int(stopOneStream) }
    if taken.isLast {
      flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
      if session.submitTrailer(stream) { flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue) }
    }
    return taken.count
  }

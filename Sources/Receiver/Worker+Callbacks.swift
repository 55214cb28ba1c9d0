import CMicroHTTPD

// The functions that libmicrohttpd calls, all on the worker's thread. They turn its pointers into our types and do
// nothing else. The context is the worker; the request context is the connection, which `workerURI` puts there.

let workerHandler:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?,
    UnsafePointer<CChar>?, UnsafeMutablePointer<Int>?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
  ) -> MHD_Result = { context, mhd, url, method, version, upload, uploadSize, requestContext in
    guard let context, let mhd, let uploadSize, let known = requestContext?.pointee else { return .NO }
    let worker = Unmanaged<Worker>.fromOpaque(context).takeUnretainedValue()
    let connection = Unmanaged<Connection>.fromOpaque(known).takeUnretainedValue()
    switch connection.step {
    case .head:
      return worker.begin(
        connection, mhd,
        RequestLine(
          method: bytes(method), target: bytes(url), targetBytes: connection.targetBytes, version: bytes(version)))
    case .body, .capacity, .waiting, .discarding, .answered:
      let piece = UnsafeRawBufferPointer(start: upload, count: uploadSize.pointee)
      let result =
        connection.step == .capacity
        ? worker.endWait(connection, mhd, piece)
        : piece.isEmpty ? worker.finish(connection, mhd) : worker.receive(connection, mhd, piece)
      // What there is no room for yet is given again.
      if connection.step != .capacity { uploadSize.pointee = 0 }
      return result
    }
  }

let workerCompleted:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    MHD_RequestTerminationCode
  ) -> Void = { context, mhd, requestContext, code in
    guard let context, let mhd, let known = requestContext?.pointee else { return }
    let worker = Unmanaged<Worker>.fromOpaque(context).takeUnretainedValue()
    worker.complete(Unmanaged<Connection>.fromOpaque(known).takeUnretainedValue(), mhd, code)
  }

/// A request line has arrived. What is returned becomes the request context.
let workerURI:
  @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) -> UnsafeMutableRawPointer? = {
    _, target, mhd in
    guard let known = roost_mhd_socket_context(mhd) else { return nil }
    let connection = Unmanaged<Connection>.fromOpaque(known).takeUnretainedValue()
    connection.targetBytes = target.map { terminatedLength($0) } ?? 0
    if let target {
      OptionalWhitespace.move(behind: UnsafeMutableRawPointer(mutating: target), targetBytes: connection.targetBytes)
    }
    connection.enterReceiving()
    return known
  }

/// A connection began (the socket context then owns its `Connection`), or ended and is about to be closed.
let workerConnection:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    MHD_ConnectionNotificationCode
  ) -> Void = { context, mhd, socketContext, code in
    guard let context, let mhd, let socketContext else { return }
    let worker = Unmanaged<Worker>.fromOpaque(context).takeUnretainedValue()
    if code == .CONNECTION_NOTIFY_STARTED {
      let descriptor = roost_mhd_descriptor(mhd)
      let peer = PeerIdentity(address: roost_mhd_address(mhd), descriptor: descriptor)
      let connection = Connection(
        handle: mhd, descriptor: descriptor, peer: peer, nowMs: SystemCalls.monotonicMs())
      socketContext.pointee = Unmanaged.passRetained(connection).toOpaque()
      worker.opened(connection)
    } else if let known = socketContext.pointee {
      socketContext.pointee = nil
      worker.closed(Unmanaged<Connection>.fromOpaque(known).takeRetainedValue())
    }
  }

/// Something that libmicrohttpd would log. Nothing is: what matters shows in the answer.
let workerLog: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> Void = { context, format in
  guard let context, let format, roost_mhd_keeps_places() != 0 else { return }
  let worker = Unmanaged<Worker>.fromOpaque(context).takeUnretainedValue()
  if bytes(format).starts(with: "Error processing request".utf8) { worker.preventSecondAnswer() }
}

/// One header; the context is a `HeaderCollector`.
let headerCollected:
  @convention(c) (
    UnsafeMutableRawPointer?, MHD_ValueKind, UnsafePointer<CChar>?, Int, UnsafePointer<CChar>?, Int
  ) -> MHD_Result = { context, _, name, nameBytes, value, valueBytes in
    guard let collector = context?.assumingMemoryBound(to: HeaderCollector.self) else { return .NO }
    collector.pointee.collect(
      UnsafeRawBufferPointer(start: name, count: nameBytes), UnsafeRawBufferPointer(start: value, count: valueBytes))
    return .YES
  }

/// Fills the slots of `RequestHeaders` in one pass over a request's headers.
struct HeaderCollector {
  let index: HeaderIndex
  let slots: UnsafeMutablePointer<UnsafeRawBufferPointer>
  /// Stands for the value of a header without any, which libmicrohttpd gives as no pointer at all.
  let empty: UnsafeRawPointer
  var rules: HeadRules

  mutating func collect(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    rules.add(name, value)
    guard let header = index.find(name) else { return }
    // What libmicrohttpd goes by stays as it has read it.
    let value = header.framesBody ? value : OptionalWhitespace.without(value)
    let slot = slots + Int(header.rawValue)
    guard slot.pointee.baseAddress == nil else { return rules.addAgain(header, value, first: slot.pointee) }
    slot.pointee = UnsafeRawBufferPointer(start: value.baseAddress ?? empty, count: value.count)
  }
}

private func bytes(_ text: UnsafePointer<CChar>?) -> UnsafeRawBufferPointer {
  guard let text else { return UnsafeRawBufferPointer(start: nil, count: 0) }
  return UnsafeRawBufferPointer(start: text, count: terminatedLength(text))
}

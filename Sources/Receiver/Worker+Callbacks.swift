import CMicroHTTPD

// The functions that libmicrohttpd calls, all on the worker's thread. They turn its pointers into our types and do
// nothing else. The context is the worker; the request context is the connection, which `workerURI` puts there.

let workerHandler:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?,
    UnsafePointer<CChar>?, UnsafeMutablePointer<Int>?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
  ) -> MHD_Result = { context, mhd, url, method, _, upload, uploadSize, requestContext in
    guard let context, let mhd, let uploadSize, let known = requestContext?.pointee else { return .NO }
    let worker = Unmanaged<Worker>.fromOpaque(context).takeUnretainedValue()
    let connection = Unmanaged<Connection>.fromOpaque(known).takeUnretainedValue()
    switch connection.step {
    case .head:
      return worker.begin(connection, mhd, method: bytes(method), path: bytes(url))
    case .body, .waiting, .discarding, .answered:
      let size = uploadSize.pointee
      guard size > 0 else { return worker.finish(connection, mhd) }
      uploadSize.pointee = 0
      return worker.receive(connection, mhd, UnsafeRawBufferPointer(start: upload, count: size))
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
    _, _, mhd in
    guard let known = roost_mhd_socket_context(mhd) else { return nil }
    Unmanaged<Connection>.fromOpaque(known).takeUnretainedValue().enter(.receiving)
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
      let connection = Connection(descriptor: descriptor, peer: peer, nowMs: SystemCalls.monotonicMs())
      socketContext.pointee = Unmanaged.passRetained(connection).toOpaque()
      worker.opened(connection)
    } else if let known = socketContext.pointee {
      socketContext.pointee = nil
      worker.closed(Unmanaged<Connection>.fromOpaque(known).takeRetainedValue())
    }
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

  func collect(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    guard let header = index.find(name) else { return }
    let slot = slots + Int(header.rawValue)
    guard slot.pointee.baseAddress == nil else { return }
    slot.pointee = UnsafeRawBufferPointer(start: value.baseAddress ?? empty, count: value.count)
  }
}

private func bytes(_ text: UnsafePointer<CChar>?) -> UnsafeRawBufferPointer {
  guard let text else { return UnsafeRawBufferPointer(start: nil, count: 0) }
  return UnsafeRawBufferPointer(start: text, count: terminatedLength(text))
}

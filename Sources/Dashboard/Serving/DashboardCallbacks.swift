import CMicroHTTPD

// The functions that libmicrohttpd calls, all on the daemon's thread. They turn its pointers into our types and do
// nothing else. The context is the service; the request context is the exchange, which `pageURI` makes.

let pageURI:
  @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) -> UnsafeMutableRawPointer? = {
    _, uri, _ in
    let target = uri.map { String(cString: $0) } ?? ""
    return Unmanaged.passRetained(PageExchange(target: target)).toOpaque()
  }

let pageHandler:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?,
    UnsafePointer<CChar>?, UnsafeMutablePointer<Int>?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
  ) -> MHD_Result = { context, mhd, _, method, _, _, uploadSize, requestContext in
    guard let context, let mhd, let method, let known = requestContext?.pointee,
      let connection = roost_mhd_socket_context(mhd)
    else { return .NO }
    let service = Unmanaged<DashboardService>.fromOpaque(context).takeUnretainedValue()
    let exchange = Unmanaged<PageExchange>.fromOpaque(known).takeUnretainedValue()
    return service.handle(
      exchange, on: Unmanaged<PageConnection>.fromOpaque(connection).takeUnretainedValue(), mhd,
      method: String(cString: method), hasBytes: (uploadSize?.pointee ?? 0) > 0)
  }

let pageCompleted:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    MHD_RequestTerminationCode
  ) -> Void = { context, mhd, requestContext, _ in
    guard let known = requestContext?.pointee else { return }
    requestContext?.pointee = nil
    let exchange = Unmanaged<PageExchange>.fromOpaque(known).takeRetainedValue()
    guard let context else { return }
    let service = Unmanaged<DashboardService>.fromOpaque(context).takeUnretainedValue()
    service.complete(exchange)
    guard let connection = roost_mhd_socket_context(mhd) else { return }
    service.connections.enter(
      .idle, Unmanaged<PageConnection>.fromOpaque(connection).takeUnretainedValue().number)
  }

/// A connection began (the socket context then owns its `PageConnection`), or ended and is about to be closed.
let pageConnected:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    MHD_ConnectionNotificationCode
  ) -> Void = { context, mhd, socketContext, code in
    guard let context, let mhd, let socketContext else { return }
    let service = Unmanaged<DashboardService>.fromOpaque(context).takeUnretainedValue()
    if code == .CONNECTION_NOTIFY_STARTED {
      let connection = service.connections.open(roost_mhd_descriptor(mhd))
      socketContext.pointee = Unmanaged.passRetained(connection).toOpaque()
    } else if let known = socketContext.pointee {
      socketContext.pointee = nil
      service.connections.close(Unmanaged<PageConnection>.fromOpaque(known).takeRetainedValue())
    }
  }

/// The body of an event stream: what waits for this browser.
let eventsWanted: @convention(c) (UnsafeMutableRawPointer?, UInt64, UnsafeMutablePointer<CChar>?, Int) -> Int = {
  context, _, buffer, size in
  guard let context else { return roost_mhd_end_of_stream() }
  let reader = Unmanaged<EventReader>.fromOpaque(context).takeUnretainedValue()
  return reader.streams.read(reader.number, into: UnsafeMutableRawBufferPointer(start: buffer, count: size))
    ?? roost_mhd_end_of_stream()
}

/// The bytes of an answer are not needed any more.
let answerReleased: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
  guard let context else { return }
  Unmanaged<HeldAnswer>.fromOpaque(context).release()
}

let eventsReleased: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
  guard let context else { return }
  let reader = Unmanaged<EventReader>.fromOpaque(context).takeRetainedValue()
  reader.streams.close(reader.number)
}

extension RequestHead {
  /// What libmicrohttpd has read of a request.
  init(_ mhd: OpaquePointer, method: String, target: String) {
    self.init(method: method, target: target)
    _ = withUnsafeMutablePointer(to: &self) { MHD_get_connection_values_n(mhd, .HEADER_KIND, pageHeader, $0) }
  }

  fileprivate mutating func take(_ name: String, _ value: String) {
    switch name.lowercased() {
    case "host": hosts.append(value)
    case "origin": origin = value
    case "sec-fetch-site": fetchSite = value
    case "sec-fetch-mode": fetchMode = value
    case "sec-fetch-dest": fetchDestination = value
    case "if-none-match": knownVersion = value
    case "content-length": hasBody = hasBody || value != "0"
    case "transfer-encoding": hasBody = true
    default: break
    }
  }
}

/// One header; the context is a `RequestHead`.
private let pageHeader:
  @convention(c) (
    UnsafeMutableRawPointer?, MHD_ValueKind, UnsafePointer<CChar>?, Int, UnsafePointer<CChar>?, Int
  ) -> MHD_Result = { context, _, name, nameBytes, value, valueBytes in
    guard let head = context?.assumingMemoryBound(to: RequestHead.self) else { return .NO }
    head.pointee.take(text(name, nameBytes), withoutBlanks(text(value, valueBytes)))
    return .YES
  }

/// A header's value without white space around it, which is no part of it.
private func withoutBlanks(_ value: String) -> String {
  let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
  guard let last = value.utf8.lastIndex(where: { !isBlank($0) }) else { return "" }
  return String(decoding: value.utf8[...last].drop(while: isBlank), as: UTF8.self)
}

private func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
  String(decoding: UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count), as: UTF8.self)
}

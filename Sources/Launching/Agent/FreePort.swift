import Platform

/// A TCP port that nobody has at the moment.
enum FreePort {
  /// Asks the system; `nil` when it has none.
  static func find() -> UInt16? {
    let descriptor = socket(AF_INET, SystemSockets.stream, 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard let any = SystemAddress(.tcp(host: "127.0.0.1", port: 0)),
      any.withPointer({ bind(descriptor, $0, $1) }) == 0,
      case .tcp(_, let port)? = SystemAddress(boundTo: descriptor)?.address
    else { return nil }
    return port
  }
}

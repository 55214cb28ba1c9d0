import Addresses
import Platform

/// Datagrams for a DogStatsD, over UDP or a unix socket. Nobody waits for a reader of metrics.
enum DatagramDelivery {
  /// Sends them over a socket of their own.
  /// - Returns: why they could not be sent; `nil` when they were.
  static func send(_ datagrams: [[UInt8]], to address: SocketAddress) -> String? {
    guard let target = SystemAddress(address) else { return "this is neither an IP address nor the path of a socket" }
    let descriptor = target.withPointer { pointer, _ in
      socket(CInt(pointer.pointee.sa_family), SystemSockets.datagram, 0)
    }
    guard descriptor >= 0 else { return SystemError("socket", errno).description }
    defer { close(descriptor) }
    SystemSockets.prepare(descriptor)
    guard target.withPointer({ connect(descriptor, $0, $1) }) == 0 else {
      return SystemError("connect", errno).description
    }
    var failure: String?
    for datagram in datagrams {
      let sent = datagram.withUnsafeBytes {
        Platform.send(descriptor, $0.baseAddress, $0.count, SystemSockets.sendFlags)
      }
      // Over UDP a datagram that nobody took is the error of a later one.
      if sent < 0 { failure = SystemError("send", errno).description }
    }
    return failure
  }
}

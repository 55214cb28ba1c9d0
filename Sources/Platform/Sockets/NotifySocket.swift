/// The socket on which a service manager takes notices of a service, each a datagram, as `sd_notify(3)` describes it.
package struct NotifySocket: Sendable {
  private let address: SystemAddress

  /// - Parameter name: as `NOTIFY_SOCKET` has it: a path, or `@` and a name in Linux's abstract namespace. `nil` for
  ///   anything else, such as the address of a virtual machine's host.
  package init?(_ name: String) {
    let found =
      switch name.utf8.first {
      case UInt8(ascii: "/"): SystemAddress(.unix(path: name))
      case UInt8(ascii: "@"): SystemAddress(abstractName: String(name.dropFirst()))
      default: nil as SystemAddress?
      }
    guard let found else { return nil }
    address = found
  }

  /// Sends a notice, lines of `NAME=value`. Never waits; false when it could not be sent.
  @discardableResult
  package func send(_ notice: String) -> Bool {
    let descriptor = socket(AF_UNIX, SystemSockets.datagram, 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    SystemSockets.prepare(descriptor)
    let bytes = Array(notice.utf8)
    let count = bytes.withUnsafeBytes { bytes in
      address.withPointer { sendto(descriptor, bytes.baseAddress, bytes.count, SystemSockets.sendFlags, $0, $1) }
    }
    return count == bytes.count
  }
}

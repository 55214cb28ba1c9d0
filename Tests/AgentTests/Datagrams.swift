import Foundation
import Platform

@testable import Agent

/// A unix socket that takes datagrams, such as those for syslog or a service manager.
final class Datagrams {
  private let descriptor: Int32
  private let path: String?

  /// - Parameter path: where it is made; removed at the end.
  init(path: String) throws {
    guard let address = SystemAddress(.unix(path: path)) else { throw CocoaError(.fileNoSuchFile) }
    self.path = path
    descriptor = try Self.bound(address)
  }

  /// - Parameter abstractName: of Linux's namespace that has no files.
  init(abstractName: String) throws {
    guard let address = SystemAddress(abstractName: abstractName) else { throw CocoaError(.fileNoSuchFile) }
    path = nil
    descriptor = try Self.bound(address)
  }

  deinit {
    close(descriptor)
    if let path { unlink(path) }
  }

  private static func bound(_ address: SystemAddress) throws -> Int32 {
    let descriptor = socket(AF_UNIX, SystemSockets.datagram, 0)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard address.withPointer({ bind(descriptor, $0, $1) }) == 0 else { throw CocoaError(.fileWriteUnknown) }
    return descriptor
  }

  /// The next one as text; nothing when none comes.
  func next() -> String {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = read(descriptor, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}

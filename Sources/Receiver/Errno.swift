import Platform

/// The `errno` values that the receiver distinguishes.
enum Errno {
  static var addressInUse: Int32 { EADDRINUSE }
  static var accessDenied: Int32 { EACCES }

  static var current: Int32 { errno }

  /// The machine has no such address: for `::1`, IPv6 is switched off.
  static func isAddressMissing(_ code: Int32) -> Bool { code == EADDRNOTAVAIL || code == EAFNOSUPPORT }

  /// The process or the machine has no descriptors or memory left for another connection.
  static func isExhaustion(_ code: Int32) -> Bool {
    code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM
  }

  /// A read that would have to wait.
  static func isNothingYet(_ code: Int32) -> Bool { code == EAGAIN || code == EWOULDBLOCK || code == EINTR }

  /// `accept` has nothing now, or the client went away while it waited: not worth a word.
  static func isPassing(_ code: Int32) -> Bool {
    code == EAGAIN || code == EWOULDBLOCK || code == EINTR || code == ECONNABORTED || code == EPROTO
  }
}

import Platform

// The calls of this target whose spelling differs between Linux and Darwin.

/// What the rest of the collectors need of the system's C library.
enum SystemCalls {
  #if canImport(Darwin)
    static let system = "darwin"
  #else
    static let system = "linux"
  #endif

  /// The name of an error number, as people search for it.
  static func errorName(_ number: CInt) -> String {
    switch number {
    case ECONNREFUSED: "ECONNREFUSED"
    case ETIMEDOUT: "ETIMEDOUT"
    case EHOSTUNREACH: "EHOSTUNREACH"
    case ENETUNREACH: "ENETUNREACH"
    case EADDRNOTAVAIL: "EADDRNOTAVAIL"
    case EACCES: "EACCES"
    case EPERM: "EPERM"
    case ENOENT: "ENOENT"
    case ENOTDIR: "ENOTDIR"
    case EPROTOTYPE: "EPROTOTYPE"
    case ENOTSOCK: "ENOTSOCK"
    case ECONNRESET: "ECONNRESET"
    case EPIPE: "EPIPE"
    case EAGAIN: "EAGAIN"
    case EAFNOSUPPORT: "EAFNOSUPPORT"
    case EMFILE: "EMFILE"
    case ENAMETOOLONG: "ENAMETOOLONG"
    default: "errno \(number)"
    }
  }

  /// The name of a resolver's error.
  static func resolverErrorName(_ number: CInt) -> String {
    switch number {
    case EAI_NONAME: "EAI_NONAME"
    case EAI_AGAIN: "EAI_AGAIN"
    case EAI_FAIL: "EAI_FAIL"
    case EAI_FAMILY: "EAI_FAMILY"
    case EAI_MEMORY: "EAI_MEMORY"
    case EAI_SERVICE: "EAI_SERVICE"
    case EAI_SYSTEM: "EAI_SYSTEM"
    // `EAI_NODATA` (the name exists and has no address) and `EAI_ADDRFAMILY`, which not every C library declares.
    case -5, 7: "EAI_NODATA"
    case -9, 1: "EAI_ADDRFAMILY"
    default: "EAI \(number)"
    }
  }

  static func numericHost(_ address: UnsafePointer<sockaddr>, _ size: socklen_t) -> String? {
    var text = [CChar](repeating: 0, count: 256)
    guard getnameinfo(address, size, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

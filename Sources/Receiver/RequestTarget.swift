/// The target of a request line, as RFC 9112 lets clients write it.
enum RequestTarget {
  private static let root: StaticString = "/"

  /// The path within `target`: the target itself, or what follows the authority of a whole `http://` or `https://` URL,
  /// which a server has to accept. Points into the same memory.
  static func path(of target: UnsafeRawBufferPointer) -> (path: UnsafeRawBufferPointer, isAbsolute: Bool) {
    if target.first == UInt8(ascii: "/") { return (target, false) }
    guard let authority = authorityStart(of: target) else { return (target, false) }
    guard let slash = target[authority...].firstIndex(of: UInt8(ascii: "/")) else {
      return (UnsafeRawBufferPointer(start: root.utf8Start, count: root.utf8CodeUnitCount), true)
    }
    return (UnsafeRawBufferPointer(rebasing: target[slash...]), true)
  }

  private static func authorityStart(of target: UnsafeRawBufferPointer) -> Int? {
    for scheme: StaticString in ["http://", "https://"] where target.count >= scheme.utf8CodeUnitCount {
      let start = UnsafeRawBufferPointer(rebasing: target[..<scheme.utf8CodeUnitCount])
      if start.equalsIgnoringCase(scheme) { return scheme.utf8CodeUnitCount }
    }
    return nil
  }
}

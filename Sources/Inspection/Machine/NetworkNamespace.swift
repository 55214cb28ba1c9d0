import Platform

/// The network of another process, entered by the thread that asks: what it connects to from then on, it connects to as
/// that process would. Needs root; only the network changes, never files, so that nothing of a container is run.
enum NetworkNamespace {
  /// Whether the calling thread is in the network now. It stays there to its end.
  static func enter(_ file: String) -> Bool {
    #if canImport(Darwin)
      return false
    #else
      typealias SetNamespace = @convention(c) (CInt, CInt) -> CInt
      // `setns` hides behind a feature macro that Swift does not set.
      guard let library = dlopen(nil, RTLD_NOW), let symbol = dlsym(library, "setns") else { return false }
      defer { dlclose(library) }
      let descriptor = open(file, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return false }
      defer { close(descriptor) }
      return unsafeBitCast(symbol, to: SetNamespace.self)(descriptor, networkFlag) == 0
    #endif
  }

  /// The kernel's `CLONE_NEWNET`: the descriptor has to be a network namespace.
  private static let networkFlag: CInt = 0x4000_0000
}

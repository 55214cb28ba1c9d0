#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A thread of the system that runs one closure to its end; `join` must be called exactly once.
struct SystemThread: ~Copyable, Sendable {
  /// `pthread_t` is an integer on Linux and a pointer on Darwin.
  private let handle: UInt

  /// `stackBytes` is rounded up to what the system demands; pages that are never touched cost no memory.
  init(stackBytes: Int, _ body: @escaping @Sendable () -> Void) throws(ControlError) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackBytes)
    let work = Unmanaged.passRetained(ThreadBody(body))
    #if canImport(Darwin)
      var thread: pthread_t?
      let result = pthread_create(&thread, &attributes, { runThreadBody($0) }, work.toOpaque())
      handle = UInt(bitPattern: thread)
    #else
      var thread = pthread_t()
      let result = pthread_create(&thread, &attributes, { runThreadBody($0) }, work.toOpaque())
      handle = UInt(thread)
    #endif
    guard result == 0 else {
      work.release()
      throw .system(path: "control thread", detail: "pthread_create: \(systemErrorText(result))")
    }
  }

  /// Waits until the closure has returned.
  consuming func join() {
    #if canImport(Darwin)
      guard let thread = pthread_t(bitPattern: handle) else { return }
      pthread_join(thread, nil)
    #else
      pthread_join(pthread_t(handle), nil)
    #endif
  }
}

private final class ThreadBody: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func runThreadBody(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument else { return nil }
  Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().body()
  return nil
}

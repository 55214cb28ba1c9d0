#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A thread that runs one closure. No signal is delivered to it: those are for the main thread.
struct ForwarderThread: ~Copyable {
  private let thread: pthread_t

  /// Enough for a TLS handshake; libc's default of 8 MB would be address space only.
  private static let stackBytes = 512 << 10

  private final class Start {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  init(_ body: @escaping @Sendable () -> Void) throws(ForwarderError) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, Self.stackBytes)

    // A thread inherits the mask of the one that makes it.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

    let start = Unmanaged.passRetained(Start(body))
    #if canImport(Darwin)
      var thread: pthread_t?
      let status = pthread_create(&thread, &attributes, { Self.run($0) }, start.toOpaque())
    #else
      var thread = pthread_t()
      let status = pthread_create(&thread, &attributes, { Self.run($0) }, start.toOpaque())
    #endif
    guard status == 0 else {
      start.release()
      throw .noResources("no thread (\(status))")
    }
    #if canImport(Darwin)
      guard let thread else { throw .noResources("no thread") }
    #endif
    self.thread = thread
  }

  /// Waits for the closure to return. Not to be called by the closure.
  consuming func join() {
    pthread_join(thread, nil)
  }

  private static func run(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body()
    return nil
  }
}

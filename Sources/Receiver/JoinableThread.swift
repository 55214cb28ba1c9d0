#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// One thread that runs `body` once and can be waited for.
struct JoinableThread: ~Copyable, Sendable {
  /// The bits of a `pthread_t`, which is a number on Linux and a pointer on macOS.
  private let handle: UInt

  /// `nil` when the system has no room for another thread.
  init?(_ body: @escaping @Sendable () -> Void) {
    let work = Unmanaged.passRetained(ThreadBody(body))
    #if canImport(Darwin)
      var made: pthread_t?
      let code = pthread_create(
        &made, nil,
        { context in
          Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
          return nil
        }, work.toOpaque())
      guard code == 0, let made else {
        work.release()
        return nil
      }
      handle = UInt(bitPattern: made)
    #else
      var made = pthread_t()
      let code = pthread_create(
        &made, nil,
        { context in
          if let context { Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run() }
          return nil
        }, work.toOpaque())
      guard code == 0 else {
        work.release()
        return nil
      }
      handle = made
    #endif
  }

  /// Waits until the body has returned.
  consuming func join() {
    #if canImport(Darwin)
      if let thread = pthread_t(bitPattern: handle) { pthread_join(thread, nil) }
    #else
      pthread_join(handle, nil)
    #endif
  }
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void

  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// A thread of the system that runs one closure to its end and can be waited for; `join` or `detach` it exactly once.
///
/// No signal is delivered to it, so that only the main thread takes them. Faults of its own are: they are nobody else's.
package struct JoinableThread: ~Copyable, Sendable {
  /// Bytes of stack unless said otherwise: enough for a TLS handshake. libc's own 8 MB would be address space only, but
  /// counts against limits on that.
  package static let stackBytes = 512 << 10

  /// The bits of a `pthread_t`, which is a number on Linux and a pointer on Darwin.
  private let handle: UInt

  /// Starts `body` on a new thread; it may run before this returns.
  ///
  /// - Parameters:
  ///   - name: as `top` and debuggers show it; Linux keeps 15 bytes of it.
  ///   - stackBytes: whole pages; what the system does not take counts as its own default. Pages never touched cost no
  ///     memory.
  ///   - isInBackground: whether other threads, of this process or another, go first where there is not enough processor for
  ///     all. On Linux threads that such a thread starts are the same.
  /// - Throws: when the system starts no further thread.
  package init(
    name: String, stackBytes: Int = JoinableThread.stackBytes, isInBackground: Bool = false,
    _ body: @escaping @Sendable () -> Void
  ) throws(SystemError) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackBytes)

    let work = Unmanaged.passRetained(ThreadWork(name: name, isInBackground: isInBackground, body: body))
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let code = Self.withoutSignals { pthread_create(&thread, &attributes, { runThread($0) }, work.toOpaque()) }
    guard code == 0 else {
      work.release()
      throw SystemError("pthread_create", code)
    }
    #if canImport(Darwin)
      handle = UInt(bitPattern: thread)
    #else
      handle = UInt(thread)
    #endif
  }

  /// Waits until the closure has returned. Not to be called by the closure.
  package consuming func join() {
    #if canImport(Darwin)
      if let thread = pthread_t(bitPattern: handle) { pthread_join(thread, nil) }
    #else
      pthread_join(pthread_t(handle), nil)
    #endif
  }

  /// Leaves the thread to itself: it ends with its closure or with the process, and nobody waits.
  package consuming func detach() {
    #if canImport(Darwin)
      if let thread = pthread_t(bitPattern: handle) { pthread_detach(thread) }
    #else
      pthread_detach(pthread_t(handle))
    #endif
  }

  /// Runs `body`, which makes threads, so that no signal is delivered to them either: a thread inherits the mask of the one
  /// that makes it.
  package static func withoutSignals<Result>(_ body: () -> Result) -> Result {
    var mask = signalsForOthers
    var before = sigset_t()
    pthread_sigmask(SIG_SETMASK, &mask, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return body()
  }

  /// Every signal but those that a thread causes itself by a fault: blocked, they would end the process without the
  /// report that the runtime or a sanitizer prints.
  private static var signalsForOthers: sigset_t {
    var set = sigset_t()
    sigfillset(&set)
    for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS] { sigdelset(&set, fault) }
    return set
  }
}

private final class ThreadWork: Sendable {
  let name: String
  let isInBackground: Bool
  let body: @Sendable () -> Void

  init(name: String, isInBackground: Bool, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.isInBackground = isInBackground
    self.body = body
  }
}

private func runThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  let work = Unmanaged<ThreadWork>.fromOpaque(context).takeRetainedValue()
  nameThisThread(work.name)
  if work.isInBackground { letOthersGoFirst() }
  work.body()
  return nil
}

/// Has the calling thread take a third of what another one takes of a processor that both want.
private func letOthersGoFirst() {
  #if canImport(Darwin)
    pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, 0)
  #else
    // On Linux this is the calling thread alone, against POSIX (nice(2)).
    _ = nice(backgroundNiceness)
  #endif
}

/// What the thread's own is raised by: 1.25 to the fifth is 3 (sched(7), "The nice value").
private let backgroundNiceness: Int32 = 5

/// Gives the calling thread a name; where that is not possible it stays without.
private func nameThisThread(_ name: String) {
  #if canImport(Darwin)
    pthread_setname_np(name)
  #else
    // `pthread_setname_np` hides behind a feature macro that Swift does not set.
    let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = write(file, name, min(name.utf8.count, 15))
    close(file)
  #endif
}

import Platform

/// Waits for the signals that end the agent.
///
/// Made before any thread, so that all threads inherit the blocked signals and only this one takes them.
struct SignalWaiter {
  private var set = sigset_t()

  init() {
    signal(SIGPIPE, SIG_IGN)
    // A file that may not grow any more (`ulimit -f`) is an error of that write, as a full disk is.
    signal(SIGXFSZ, SIG_IGN)
    sigemptyset(&set)
    for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, number) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Ends the process after a while, wherever its threads are then; `main` may wait for one that works without end.
  static func endProcess(after limit: Duration) {
    signal(SIGALRM) { _ in
      let text: StaticString = "roost: ended while a thread was still at work; what it held is lost\n"
      // A pipe that nobody reads must not hold the process now.
      var error = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
      if poll(&error, 1, 0) > 0 { _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount) }
      _exit(1)
    }
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGALRM)
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
    let (seconds, attoseconds) = limit.components
    let value = timeval(tv_sec: Int(seconds), tv_usec: .init(attoseconds / 1_000_000_000_000))
    var timer = itimerval(it_interval: timeval(tv_sec: 0, tv_usec: 0), it_value: value)
    setitimer(.init(ITIMER_REAL.rawValue), &timer, nil)
  }

  /// Ends the process now, without waiting for its threads.
  static func endProcess() -> Never { _exit(0) }

  /// The signal that came within `timeout`, or `nil`.
  mutating func wait(atMost timeout: Duration) -> Int32? {
    let seconds = max(0, Int(timeout.components.seconds))
    let nanoseconds = max(0, Int(timeout.components.attoseconds / 1_000_000_000))
    #if canImport(Darwin)
      return waitWithKqueue(seconds, nanoseconds)
    #else
      var limit = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
      let number = sigtimedwait(&set, nil, &limit)
      return number > 0 ? number : nil
    #endif
  }

  #if canImport(Darwin)
    private func waitWithKqueue(_ seconds: Int, _ nanoseconds: Int) -> Int32? {
      let queue = kqueue()
      guard queue >= 0 else { return nil }
      defer { close(queue) }
      var changes = [SIGTERM, SIGINT, SIGHUP].map { number in
        Platform.kevent(
          ident: UInt(number), filter: Int16(EVFILT_SIGNAL), flags: UInt16(EV_ADD), fflags: 0, data: 0, udata: nil)
      }
      // One that came before the queue existed is pending, and not reported by it.
      var pending = sigset_t()
      sigpending(&pending)
      for number in [SIGTERM, SIGINT, SIGHUP] where sigismember(&pending, number) == 1 { return number }
      var event = Platform.kevent()
      var limit = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
      let count = kevent(queue, &changes, Int32(changes.count), &event, 1, &limit)
      return count > 0 ? Int32(event.ident) : nil
    }
  #endif
}

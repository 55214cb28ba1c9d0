import Platform
import Synchronization

/// Waits for the signals that ask something of the agent, and sees to it that it ends in time.
///
/// The main thread takes them, as no other does (`JoinableThread.withoutSignals`): while it waits, and by a handler when it
/// is at something else. So the time to end counts from the signal itself.
///
/// SIGTERM and SIGINT end the agent. SIGHUP reads the configuration again and SIGUSR1 opens the log file again, as what
/// moves log files asks of a daemon. In a terminal SIGHUP says that the terminal has gone, and ends the agent.
struct SignalWaiter {
  /// What a signal asks for.
  enum Request: Equatable {
    case end, reload, reopenLog
  }

  private var set = sigset_t()
  private let taken: [Int32]
  /// Whether SIGHUP asks for a reload.
  private let hangupReloads: Bool

  /// - Parameter limit: from the first signal to the end of the process, wherever its threads are then.
  init(endingAfter limit: Duration) {
    signal(SIGPIPE, SIG_IGN)
    // A file that may not grow any more (`ulimit -f`) is an error of that write, as a full disk is.
    signal(SIGXFSZ, SIG_IGN)
    // Nothing is asked with it, and its default would end the agent.
    signal(SIGUSR2, SIG_IGN)
    Ending.prepare(limit)
    // `nohup` lets the agent stay when the terminal goes.
    hangupReloads = Self.isIgnored(SIGHUP) || !Self.hasTerminal
    taken = [SIGTERM, SIGINT, SIGHUP, SIGUSR1]
    sigemptyset(&set)
    for number in taken { sigaddset(&set, number) }
    for number in [SIGTERM, SIGINT] { signal(number) { Ending.begin($0) } }
    signal(SIGUSR1) { Ending.note($0) }
    if hangupReloads { signal(SIGHUP) { Ending.note($0) } } else { signal(SIGHUP) { Ending.begin($0) } }
  }

  /// Whether whoever started this process had it ignore a signal.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    #if canImport(Darwin)
      let handler = action.__sigaction_u.__sa_handler
    #else
      let handler = action.__sigaction_handler.sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  private static var hasTerminal: Bool {
    let terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC)
    guard terminal >= 0 else { return false }
    close(terminal)
    return true
  }

  /// Begins the time to end, if no signal has yet.
  static func begin() { Ending.begin(0) }

  /// When the time to end began; now, if it has not.
  static var began: ContinuousClock.Instant { Ending.began }

  /// No thread holds anything that would be lost: however the process ends from now on, it is no failure.
  static func finished() { Ending.status.store(0, ordering: .relaxed) }

  /// Ends the process now, without waiting for its threads: with 1, as at the end of the time, unless all is `finished`.
  static func endProcess() -> Never { _exit(Ending.status.load(ordering: .relaxed)) }

  /// What was asked for within `timeout` or before; `nil` for nothing.
  mutating func wait(atMost timeout: Duration) -> Request? {
    var before = sigset_t()
    pthread_sigmask(SIG_BLOCK, &set, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    if Ending.signal.load(ordering: .relaxed) > 0 { return .end }
    guard let number = Ending.takeNoted() ?? next(atMost: timeout) else { return nil }
    if number == SIGUSR1 { return .reopenLog }
    if number == SIGHUP, hangupReloads { return .reload }
    Ending.begin(number)
    return .end
  }

  private mutating func next(atMost timeout: Duration) -> Int32? {
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
      var changes = taken.map { number in
        Platform.kevent(
          ident: UInt(number), filter: Int16(EVFILT_SIGNAL), flags: UInt16(EV_ADD), fflags: 0, data: 0, udata: nil)
      }
      // One that came before the queue existed is pending, and not reported by it.
      var pending = sigset_t()
      sigpending(&pending)
      for number in taken where sigismember(&pending, number) == 1 { return number }
      var event = Platform.kevent()
      var limit = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
      let count = kevent(queue, &changes, Int32(changes.count), &event, 1, &limit)
      return count > 0 ? Int32(event.ident) : nil
    }
  #endif
}

/// The time in which the process has to end, once a signal has come. What handlers call takes no lock and no memory.
private enum Ending {
  /// The first that ends the process; 0 for none.
  static let signal = Atomic<Int32>(0)
  /// Others that came while nobody waited, a bit each.
  private static let noted = Atomic<UInt64>(0)
  /// What the process ends with when the time is over.
  static let status = Atomic<Int32>(1)
  private static let hasBegun = Atomic<Bool>(false)
  private static let beganNs = Atomic<Int64>(0)
  private static let limitNs = Atomic<Int64>(0)

  /// Also makes sure that handlers find these values made.
  static func prepare(_ limit: Duration) {
    limitNs.store(limit.nanoseconds, ordering: .relaxed)
    beganNs.store(0, ordering: .relaxed)
    hasBegun.store(false, ordering: .relaxed)
    status.store(1, ordering: .relaxed)
    signal.store(0, ordering: .relaxed)
    noted.store(0, ordering: .relaxed)
    Platform.signal(SIGALRM) { _ in Ending.end() }
    var alarm = sigset_t()
    sigemptyset(&alarm)
    sigaddset(&alarm, SIGALRM)
    pthread_sigmask(SIG_UNBLOCK, &alarm, nil)
  }

  static func begin(_ number: Int32) {
    _ = signal.compareExchange(expected: 0, desired: number, ordering: .relaxed)
    guard !hasBegun.exchange(true, ordering: .relaxed) else { return }
    beganNs.store(nowNs, ordering: .relaxed)
    let limit = limitNs.load(ordering: .relaxed)
    let value = timeval(tv_sec: Int(limit / 1_000_000_000), tv_usec: .init(limit % 1_000_000_000 / 1_000))
    var timer = itimerval(it_interval: timeval(tv_sec: 0, tv_usec: 0), it_value: value)
    setitimer(.init(ITIMER_REAL.rawValue), &timer, nil)
  }

  static func note(_ number: Int32) {
    guard number > 0, number < 64 else { return }
    noted.bitwiseOr(1 << UInt64(number), ordering: .relaxed)
  }

  /// One of those that were noted; `nil` for none.
  static func takeNoted() -> Int32? {
    let bits = noted.load(ordering: .relaxed)
    guard bits != 0 else { return nil }
    let number = bits.trailingZeroBitCount
    noted.bitwiseAnd(~(1 << UInt64(number)), ordering: .relaxed)
    return Int32(number)
  }

  static var began: ContinuousClock.Instant {
    guard hasBegun.load(ordering: .relaxed) else { return .now }
    return .now - .nanoseconds(max(0, nowNs &- beganNs.load(ordering: .relaxed)))
  }

  private static var nowNs: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  private static func end() -> Never {
    let status = status.load(ordering: .relaxed)
    if status != 0 {
      let text: StaticString = "roost: ended while a thread was still at work; what it held is lost\n"
      // A pipe that nobody reads must not hold the process now.
      var error = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
      if poll(&error, 1, 0) > 0 { _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount) }
    }
    _exit(status)
  }
}

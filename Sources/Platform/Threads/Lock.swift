/// A value that one thread at a time can get at.
///
/// Has the interface of `Synchronization.Mutex`, and does the same work. It exists for ThreadSanitizer, which on Linux
/// does not see into `Synchronization.Mutex` (a futex inside a library that is built without instrumentation) and reports
/// races where there are none; it knows pthread's locks. Its memory is on the heap, where its address stays the same.
package struct Lock<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
  @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
  @usableFromInline let value: UnsafeMutablePointer<Value>

  /// An open lock around `value`.
  package init(_ value: consuming sending Value) {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    self.value = .allocate(capacity: 1)
    self.value.initialize(to: value)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
    value.deinitialize(count: 1)
    value.deallocate()
  }

  /// Runs `body` while no other thread is in a `withLock` of the same lock; throws what it throws. Not to be nested:
  /// a thread that waits for itself waits for ever.
  @inlinable
  package borrowing func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value.pointee)
  }

  /// Runs `body` as `withLock` does, but waits for another thread only until the deadline.
  /// - Returns: `nil`, and nothing was run, when the other thread had not left the lock by then.
  package borrowing func withLock<Result, Failure: Error>(
    until deadline: ContinuousClock.Instant, _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result? {
    guard lock(until: deadline) else { return nil }
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value.pointee)
  }

  /// Waits by a clock that nobody can set; `pthread_mutex_timedlock` goes by one that can be set back.
  private borrowing func lock(until deadline: ContinuousClock.Instant) -> Bool {
    if pthread_mutex_trylock(mutex) == 0 { return true }
    #if !canImport(Darwin)
      if let lockByClock {
        var limit = monotonicTime(after: deadline - .now)
        return lockByClock(mutex, CLOCK_MONOTONIC, &limit) == 0
      }
    #endif
    while ContinuousClock.now < deadline {
      usleep(1_000)
      if pthread_mutex_trylock(mutex) == 0 { return true }
    }
    return false
  }
}

#if !canImport(Darwin)
  private typealias LockByClock =
    @convention(c) (UnsafeMutablePointer<pthread_mutex_t>, clockid_t, UnsafePointer<timespec>) -> Int32

  /// glibc has it since 2.30, musl does not. Its declaration hides behind a feature macro that Swift does not set.
  private let lockByClock = dlsym(nil, "pthread_mutex_clocklock").map { unsafeBitCast($0, to: LockByClock.self) }

  private func monotonicTime(after wait: Duration) -> timespec {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let (seconds, attoseconds) = min(max(wait, .zero), .seconds(86_400)).components
    time.tv_sec += Int(seconds)
    time.tv_nsec += Int(attoseconds / 1_000_000_000)
    time.tv_sec += time.tv_nsec / 1_000_000_000
    time.tv_nsec %= 1_000_000_000
    return time
  }
#endif

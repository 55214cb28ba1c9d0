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
    while !lock(atMostMs: 20) {
      guard ContinuousClock.now < deadline else { return nil }
    }
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value.pointee)
  }

  /// Waits for a short time; a long one would depend on nobody setting the clock.
  private borrowing func lock(atMostMs milliseconds: Int) -> Bool {
    #if canImport(Darwin)
      // Darwin has no `pthread_mutex_timedlock`.
      for _ in 0..<milliseconds {
        if pthread_mutex_trylock(mutex) == 0 { return true }
        usleep(1_000)
      }
      return false
    #else
      if pthread_mutex_trylock(mutex) == 0 { return true }
      var limit = timespec()
      clock_gettime(CLOCK_REALTIME, &limit)
      limit.tv_nsec += milliseconds * 1_000_000
      limit.tv_sec += limit.tv_nsec / 1_000_000_000
      limit.tv_nsec %= 1_000_000_000
      return pthread_mutex_timedlock(mutex, &limit) == 0
    #endif
  }
}

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
}

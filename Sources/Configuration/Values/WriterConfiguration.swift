/// How one kind of payload, traces or statistics, is sent.
package struct WriterConfiguration: Sendable, Equatable {
  /// Most connections to the intake at a time, 1…100.
  package var connectionLimit: Int
  /// Most bytes waiting to be sent; past it the oldest payload is dropped and counted.
  package var queueBytesMax: Int
  /// Longest time that data waits before it is sent.
  package var flushPeriod: Duration
}

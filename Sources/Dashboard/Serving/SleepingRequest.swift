import CMicroHTTPD
import Platform

/// A request whose connection sleeps until another thread has made the answer.
final class SleepingRequest: Sendable {
  private let exchange: PageExchange
  private let connection: SleepingConnection
  private let isAwake = Lock(false)

  init(_ exchange: PageExchange, _ connection: SleepingConnection) {
    self.exchange = exchange
    self.connection = connection
  }

  /// Lets the connection go on with its answer. Only the first call does something: whoever comes later may find the
  /// connection gone.
  func wake(_ made: MadeAnswer) {
    isAwake.withLock { isAwake in
      guard !isAwake else { return }
      isAwake = true
      exchange.made.withLock { $0 = made }
      MHD_resume_connection(connection.pointer)
    }
  }
}

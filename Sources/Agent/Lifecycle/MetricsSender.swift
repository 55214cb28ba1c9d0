import Addresses
import Control

/// Sends the agent's own metrics to a DogStatsD every ten seconds. There is one only where a DogStatsD was configured.
///
/// The socket is opened anew each time, so that a DogStatsD may come and go. What cannot be sent at once is left out, and
/// what was counted meanwhile too: nobody waits for a reader of metrics.
struct MetricsSender {
  private static let interval = Duration.seconds(10)

  private let address: SocketAddress
  private let log: Log
  private var text = DogStatsDText()
  private var next = ContinuousClock.now
  /// Why the last datagrams could not be sent; it is logged once.
  private var failure: String?

  /// - Parameter address: of a DogStatsD; `nil` where none was configured.
  init?(_ address: SocketAddress?, log: Log) {
    guard let address else { return nil }
    self.address = address
    self.log = log
    log.info("sending the agent's own metrics to DogStatsD at \(address)")
  }

  /// To be called once a second; asks for the counters when they are due.
  mutating func sendWhenDue(_ info: () -> InfoAnswer) {
    guard ContinuousClock.now >= next else { return }
    next = .now + Self.interval
    deliver(info())
  }

  /// Sends what has been counted since the last time.
  mutating func deliver(_ answer: InfoAnswer) {
    let bytesMax = address.isUnix ? DogStatsDText.unixBytesMax : DogStatsDText.udpBytesMax
    let datagrams = text.datagrams(answer, bytesMax: bytesMax)
    let failed = DatagramDelivery.send(datagrams.map { Array($0.utf8) }, to: address)
    if let failed, failed != failure { log.warn("the agent's own metrics cannot be sent to \(address): \(failed)") }
    failure = failed
  }
}

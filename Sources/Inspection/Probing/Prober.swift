import Addresses
import Platform

/// Tries places, all at the same time, on the thread that asks.
enum Prober {
  /// More than the settings of one machine lead to; the rest is not tried.
  static let placesMax = 128

  /// What came of asking each place for `/info`. `host` is what to call the server in the request.
  ///
  /// Where no byte came back, the start of a TLS handshake is sent on a second connection: a server that waits for one
  /// answers that, and one behind which nothing is does not. Takes at most `limits.connecting`, `limits.answering` and
  /// `limits.greeting` together.
  static func probe(_ places: [SocketAddress: String], limits: CollectionLimits) -> [SocketAddress: ProbeResult] {
    var results = run(
      places.prefix(placesMax).map { ProbeConnection($0.key, sending: ProbeRequest.info($0.value), limits: limits) })
    var greeting = limits
    greeting.connecting = limits.greeting
    greeting.answering = limits.greeting
    let mute = results.filter { $0.value.outcome == .closedAtOnce || $0.value.outcome == .silent }.keys
    let greeted = run(mute.map { ProbeConnection($0, sending: ProbeRequest.tlsHello, limits: greeting) })
    for (place, result) in greeted where result.spoken == "tls" {
      results[place]?.outcome = .notHTTP
      results[place]?.spoken = "tls"
    }
    return results
  }

  /// Takes every connection to its end.
  private static func run(_ connections: [ProbeConnection]) -> [SocketAddress: ProbeResult] {
    while true {
      let underWay = connections.filter { $0.result == nil }
      guard let next = underWay.map(\.deadline).min() else { break }
      var waits = underWay.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
      _ = poll(&waits, nfds_t(waits.count), CInt(clamping: ContinuousClock.now.duration(to: next).milliseconds))
      let now = ContinuousClock.now
      for (wait, connection) in zip(waits, underWay) {
        if wait.revents != 0 {
          connection.advance()
        } else if connection.deadline <= now {
          connection.expire()
        }
      }
    }
    var results: [SocketAddress: ProbeResult] = [:]
    for connection in connections { results[connection.place] = connection.result }
    return results
  }
}

import Platform

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Tries places, all at the same time, on the thread that asks.
enum Prober {
  /// More than the settings of one machine lead to; the rest is not tried.
  static let placesMax = 128

  /// What came of each place. `host` is what to call the server in the request. Takes at most `limits.connecting` and
  /// `limits.answering` together.
  static func probe(_ places: [ProbePlace: String], limits: CollectionLimits) -> [ProbePlace: ProbeResult] {
    let connections = places.prefix(placesMax).map { ProbeConnection($0.key, host: $0.value, limits: limits) }
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
    var results: [ProbePlace: ProbeResult] = [:]
    for connection in connections { results[connection.place] = connection.result }
    return results
  }
}

extension Place {
  /// Whether both lead to the same agent, as far as their texts say: all names of the machine itself are one host, and
  /// without a port any port of the host is meant.
  package func isSame(as other: Place) -> Bool {
    guard isTCP, other.isTCP else { return isTCP == other.isTCP && Evidence.isSamePath(path, other.path) }
    return (port == other.port || port == 0 || other.port == 0)
      && (host == other.host || (isLoopback && other.isLoopback))
  }
}

extension Attempt {
  /// The place as its user names it, and each address that was tried for it.
  var places: [Place] { [target] + probes.compactMap(\.target) }
}

extension Evidence {
  /// Where agents are or should be, by the configuration, the running roost, the processes and what was tried.
  package var agentPlaces: [Place] {
    let configured =
      configuration.hosts.map { Place(host: $0, port: configuration.port) } + [Place(configuration.socketPath)]
    let listening = (agent?.listeners ?? []).map { Place($0) }
    return (configured + listening).compactMap { $0 } + targets.map(\.target.address) + attempts.flatMap(\.places)
  }

  /// Whether `place` is the running roost's, by any address of this machine; where none runs, by its configuration.
  package func isRoost(at place: Place) -> Bool {
    let own = (agent?.listeners ?? configuration.hosts.map { Place(host: $0, port: configuration.port).text })
      .compactMap { Place($0) }
    return own.contains { $0.isSame(as: place) || ($0.port == place.port && outerAddresses.contains(place.host)) }
  }
}

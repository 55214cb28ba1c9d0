/// Asks the name servers of a container through c-ares, from the network that the calling thread is in.
struct DNSResolver: Sendable {
  let library: DNSLibrary
  let servers: NameServers
  /// How long all queries together may take.
  let limit: Duration

  /// Blocks for `limit` at most.
  func lookUp(_ name: String) -> NameResolver.Answer {
    let end = ContinuousClock.now.advanced(by: limit)
    var failure: String?
    // An empty name is the root of all names, and no host.
    for candidate in servers.candidates(for: name) where !candidate.isEmpty {
      var answers: [DNSAnswer] = []
      for kind in DNSReply.Kind.allCases {
        let left = ContinuousClock.now.duration(to: end)
        guard let channel = DNSChannel(library, servers, limit: left) else {
          return .notAsked("c-ares cannot read its name servers \(servers.addresses.joined(separator: ", "))")
        }
        answers.append(channel.answer(to: candidate, kind, until: end))
        // A server that knows nothing of IPv6 may be silent about it; what the other query brought counts.
        if answers.last == .silence, answers.allSatisfy(\.addresses.isEmpty) { return .noAnswerInTime }
      }
      let addresses = answers.flatMap(\.addresses)
      if !addresses.isEmpty { return .addresses(addresses) }
      if answers.contains(.failure) { failure = "EAI_AGAIN" }
      if answers.contains(.addresses([])) { failure = failure ?? "EAI_NODATA" }
    }
    return .failed(failure ?? "EAI_NONAME")
  }
}

import Platform

/// Asks the system's resolver for several names at once, for a limited time: `getaddrinfo` itself can take minutes.
enum NameResolver {
  enum Answer: Equatable, Sendable {
    /// Numeric addresses, in the order in which they are to be tried.
    case addresses([String])
    /// `EAI_NONAME` and so on.
    case failed(String)
    case noAnswerInTime
  }

  /// More names than one machine's settings have; the rest is answered `noAnswerInTime`.
  static let namesMax = 32

  /// A name as one network resolves it: the doctor's own, or that of a container with its own name servers.
  struct Question: Hashable, Sendable {
    let name: String
    /// The file of the network; empty for the doctor's.
    var network = ""
  }

  static func resolve(
    _ names: Set<String>, in containers: [Question: NameServers] = [:], within limit: Duration
  ) -> [Question: Answer] {
    var works: [Question: @Sendable () -> Answer?] = [:]
    for name in names.sorted().prefix(namesMax) { works[Question(name: name)] = { lookUp(name) } }
    for (question, servers) in containers.sorted(by: { $0.key.name < $1.key.name }).prefix(namesMax) {
      works[question] = {
        guard NetworkNamespace.enter(question.network) else { return nil }
        // A little less, so that it is heard to say that nobody answered.
        return DNSResolver(servers: servers, limit: limit * 9 / 10).lookUp(question.name)
      }
    }
    var answers = ParallelWork.run(works, within: limit)
    for name in names where answers[Question(name: name)] == nil { answers[Question(name: name)] = .noAnswerInTime }
    return answers
  }

  /// Blocks as long as the system's resolver does.
  static func lookUp(_ name: String) -> Answer {
    var hints = addrinfo()
    hints.ai_socktype = SystemSockets.stream
    var list: UnsafeMutablePointer<addrinfo>?
    let result = getaddrinfo(name, nil, &hints, &list)
    guard result == 0 else { return .failed(SystemCalls.resolverErrorName(result)) }
    defer { freeaddrinfo(list) }
    var addresses: [String] = []
    var next = list
    while let entry = next {
      next = entry.pointee.ai_next
      guard let address = entry.pointee.ai_addr,
        let text = SystemCalls.numericHost(address, entry.pointee.ai_addrlen), !addresses.contains(text)
      else { continue }
      addresses.append(text)
    }
    return addresses.isEmpty ? .failed("EAI_NODATA") : .addresses(addresses)
  }
}

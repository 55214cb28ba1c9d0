import Platform

/// Asks the system's resolver for several names at once, for a limited time: `getaddrinfo` itself can take minutes.
enum NameResolver {
  enum Answer: Equatable, Sendable {
    /// Numeric addresses, in the order in which they are to be tried.
    case addresses([String])
    /// The resolver's error: `EAI_NONAME` and so on.
    case failed(String)
    case noAnswerInTime
    /// Nobody could be asked, and why not.
    case notAsked(String)
  }

  /// More names than one machine's settings have; the rest is answered `noAnswerInTime`.
  static let namesMax = 32

  /// A name as one network resolves it: the doctor's own, or that of a container with its own name servers.
  struct Query: Hashable, Sendable {
    let name: String
    /// The file of the network; empty for the doctor's.
    var network = ""
  }

  static func resolve(
    _ names: Set<String>, in containers: [Query: NameServers] = [:], within limit: Duration,
    opening library: () throws(DNSLibrary.Missing) -> DNSLibrary = { () throws(DNSLibrary.Missing) in try DNSLibrary() }
  ) -> [Query: Answer] {
    var works: [Query: @Sendable () -> Answer?] = [:]
    for name in names.sorted().prefix(namesMax) { works[Query(name: name)] = { lookUp(name) } }
    var answers: [Query: Answer] = [:]
    if !containers.isEmpty {
      do throws(DNSLibrary.Missing) {
        works.merge(self.works(in: containers, within: limit, try library())) { own, _ in own }
      } catch {
        answers = containers.mapValues { _ in .notAsked(error.reason) }
      }
    }
    answers.merge(ParallelWork.run(works, within: limit)) { _, found in found }
    for name in names where answers[Query(name: name)] == nil { answers[Query(name: name)] = .noAnswerInTime }
    return answers
  }

  private static func works(
    in containers: [Query: NameServers], within limit: Duration, _ library: DNSLibrary
  ) -> [Query: @Sendable () -> Answer?] {
    var works: [Query: @Sendable () -> Answer?] = [:]
    for (query, servers) in containers.sorted(by: { $0.key.name < $1.key.name }).prefix(namesMax) {
      works[query] = {
        guard NetworkNamespace.enter(query.network) else { return nil }
        // A little less, so that it is heard to say that nobody answered.
        return DNSResolver(library: library, servers: servers, limit: limit * 9 / 10).lookUp(query.name)
      }
    }
    return works
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

import Platform

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

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

  static func resolve(_ names: Set<String>, within limit: Duration) -> [String: Answer] {
    let deadline = ContinuousClock.now + limit
    let answers = ResolverAnswers()
    let asked = names.sorted().prefix(namesMax).filter { name in
      SystemCalls.detach { answers.set(name, lookUp(name)) }
    }
    let found = answers.wait(for: asked.count, until: deadline)
    return Dictionary(uniqueKeysWithValues: names.map { ($0, found[$0] ?? .noAnswerInTime) })
  }

  /// Blocks as long as the system's resolver does.
  static func lookUp(_ name: String) -> Answer {
    var hints = addrinfo()
    hints.ai_socktype = SystemCalls.stream
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

/// What came in so far. Threads that answer too late find nobody waiting, and leave it to the last to free it.
private final class ResolverAnswers: Sendable {
  private let found = Lock<[String: NameResolver.Answer]>([:])

  func set(_ name: String, _ answer: NameResolver.Answer) { found.withLock { $0[name] = answer } }

  func wait(for count: Int, until deadline: ContinuousClock.Instant) -> [String: NameResolver.Answer] {
    while true {
      let now = found.withLock { $0 }
      let left = ContinuousClock.now.duration(to: deadline)
      if now.count >= count || left <= .zero { return now }
      // Short against a look-up, and a look-up happens once.
      usleep(1000)
    }
  }
}

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
    let asked = names.sorted().prefix(namesMax)
    let answers = ResolverAnswers(count: asked.count)
    for name in asked {
      do {
        // Not joined: it may sit in the resolver long after nobody waits any more.
        try JoinableThread(name: "resolve") { answers?.set(name, lookUp(name)) }.detach()
      } catch {
        answers?.set(name, .noAnswerInTime)
      }
    }
    let found = answers?.wait(atMost: limit) ?? [:]
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

/// What came in so far. Threads that answer too late find nobody waiting, and the last one frees it.
private final class ResolverAnswers: Sendable {
  private let found = Lock<[String: NameResolver.Answer]>([:])
  private let gate: WakePipe
  private let count: Int

  /// `nil` when the process has no descriptors left.
  init?(count: Int) {
    guard let gate = try? WakePipe() else { return nil }
    self.gate = gate
    self.count = count
  }

  func set(_ name: String, _ answer: NameResolver.Answer) {
    let isLast = found.withLock { found in
      found[name] = answer
      return found.count == count
    }
    if isLast { gate.wake() }
  }

  func wait(atMost limit: Duration) -> [String: NameResolver.Answer] {
    if count > 0 { _ = gate.waitUntilWoken(atMost: limit) }
    return found.withLock { $0 }
  }
}

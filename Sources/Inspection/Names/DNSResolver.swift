import Platform

/// Asks the name servers of a container, from the network that the calling thread is in.
///
/// The C library's resolver would read the machine's own `resolv.conf`, or run code out of the container; so the question
/// is asked here, over UDP alone, which is enough for a handful of addresses.
struct DNSResolver: Sendable {
  /// More than a server may send without being asked for more.
  private static let answerBytesMax = 4096

  let servers: NameServers
  /// For all questions together.
  let limit: Duration

  /// Blocks for `limit` at most.
  func lookUp(_ name: String) -> NameResolver.Answer {
    let end = ContinuousClock.now.advanced(by: limit)
    var failure: String?
    for candidate in servers.candidates(for: name) {
      var isKnown = false
      var addresses: [String] = []
      for type in [DNSMessage.RecordType.ipv4, .ipv6] {
        switch ask(candidate, type, until: end) {
        case .addresses(let found)?:
          isKnown = true
          addresses += found
        case .noSuchName?: break
        case .failure?: failure = "EAI_AGAIN"
        // A server that knows nothing of IPv6 may be silent about it; what the other question brought counts.
        case nil where !addresses.isEmpty: break
        case nil: return ContinuousClock.now < end ? .failed("EAI_AGAIN") : .noAnswerInTime
        }
      }
      if !addresses.isEmpty { return .addresses(addresses) }
      if isKnown { failure = failure ?? "EAI_NODATA" }
    }
    return .failed(failure ?? "EAI_NONAME")
  }

  /// Asks one server after the other, each for its share of the time; `nil` when none answers. A server that fails is one
  /// of several, so that the next is asked.
  private func ask(
    _ name: String, _ type: DNSMessage.RecordType, until end: ContinuousClock.Instant
  ) -> DNSMessage.Answer? {
    var failure: DNSMessage.Answer?
    for (index, server) in servers.addresses.enumerated() {
      let left = ContinuousClock.now.duration(to: end) / (servers.addresses.count - index)
      let id = UInt16.random(in: 0 ... .max)
      // What cannot be asked is unknown, too.
      guard let question = DNSMessage.question(name, type, id: id) else { return .noSuchName }
      if let answer = exchange(question, with: server, within: left, reading: { DNSMessage.answer($0, type, id: id) }) {
        guard case .failure = answer else { return answer }
        failure = answer
      }
    }
    return failure
  }

  private func exchange(
    _ question: [UInt8], with server: String, within limit: Duration,
    reading answer: ([UInt8]) -> DNSMessage.Answer?
  ) -> DNSMessage.Answer? {
    let descriptor = ProbeSocket.datagram(to: server, port: 53)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard send(descriptor, question, question.count, SystemSockets.sendFlags) == question.count else { return nil }
    let end = ContinuousClock.now.advanced(by: limit)
    var room = [UInt8](repeating: 0, count: Self.answerBytesMax)
    while true {
      let left = ContinuousClock.now.duration(to: end)
      guard left > .zero else { return nil }
      var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, CInt(clamping: left.milliseconds)) > 0 else { continue }
      let count = recv(descriptor, &room, room.count, 0)
      // Refused: nobody is at that port.
      guard count > 0 else { return nil }
      if let answer = answer(Array(room[..<count])) { return answer }
    }
  }
}

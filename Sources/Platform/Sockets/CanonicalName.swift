/// The full name of a host, such as `web-3.example.com` of `web-3`, as `hostname -f` tells it.
package enum CanonicalName {
  /// What the thread that asks has found so far.
  private final class Inquiry: Sendable {
    let answer = Lock<Result<String, ResolutionFailure>?>(nil)
    let isAnswered: WakePipe

    init() throws(SystemError) { isAnswered = try WakePipe() }
  }

  /// Asks the system's resolver. That may take minutes, so it is asked on a thread of its own, which is left behind when it
  /// has not answered in time.
  package static func resolve(_ host: String, atMost limit: Duration) throws(ResolutionFailure) -> String {
    let inquiry: Inquiry
    do {
      inquiry = try Inquiry()
      try JoinableThread(name: "roost-hostname") {
        let found = lookUp(host)
        inquiry.answer.withLock { $0 = found }
        inquiry.isAnswered.wake()
      }.detach()
    } catch {
      throw ResolutionFailure(reason: "\(error)")
    }
    guard inquiry.isAnswered.waitUntilWoken(atMost: limit), let answer = inquiry.answer.withLock({ $0 }) else {
      throw ResolutionFailure(reason: "no answer within \(limit.components.seconds) s")
    }
    return try answer.get()
  }

  private static func lookUp(_ host: String) -> Result<String, ResolutionFailure> {
    var hints = addrinfo()
    hints.ai_flags = AI_CANONNAME
    hints.ai_socktype = SystemSockets.datagram
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, nil, &hints, &list)
    guard code == 0, let first = list else {
      return .failure(ResolutionFailure(reason: gai_strerror(code).map { String(cString: $0) } ?? "error \(code)"))
    }
    defer { freeaddrinfo(first) }
    guard let name = first.pointee.ai_canonname else {
      return .failure(ResolutionFailure(reason: "the resolver names none"))
    }
    return .success(String(cString: name))
  }
}

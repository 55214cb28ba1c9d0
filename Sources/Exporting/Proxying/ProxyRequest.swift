/// One request that is passed on to somebody else's server as a client sent it, once, and whose answer is wanted.
///
/// Never prints its headers or its address, which may hold keys and passwords.
package struct ProxyRequest: Sendable {
  /// As in a request line: `POST`.
  package var method: String
  /// The whole address, with path and query, of characters that an address may have.
  package var url: String
  /// What goes with it besides `Host` and `Content-Length`. A value with a line break goes without that.
  package var headers: [HTTPHeader]
  /// Sent as it is. Copies of the request share it.
  package var body: [UInt8]
  /// From the start of the first attempt to the end of the answer.
  package var timeout: Duration
  /// Attempts at most: after a failed connection, and after 502, 503 and 504.
  package var attemptsMax: Int
  /// Asked on the proxy's thread whether there is memory for so many bytes more of the answer; those before the first
  /// 64 KiB are taken unasked. Without it there is.
  package var admitsAnswer: (@Sendable (Int) -> Bool)?

  /// A request that is tried once, unless more attempts are wanted.
  package init(
    method: String = "POST", url: String, headers: [HTTPHeader] = [], body: [UInt8] = [],
    timeout: Duration = .seconds(5), attemptsMax: Int = 1
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.attemptsMax = attemptsMax
  }

  var usesTLS: Bool { url.prefix(8).lowercased() == "https://" }
}

extension ProxyRequest: CustomStringConvertible, CustomReflectable {
  package var description: String { "\(method) with \(body.count) bytes" }
  package var customMirror: Mirror { Mirror(self, children: ["method": method]) }
}

/// What a server answered to a request that was passed on.
package struct ProxyAnswer: Sendable, Equatable {
  /// A line of the answer's head.
  package struct Field: Sendable, Equatable {
    /// As the server wrote it; compared without regard to case.
    package var name: String
    /// Without white space around it.
    package var value: String

    /// A field as a server would send it.
    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The last one that came, 200 or above.
  package var status: Int
  /// In the server's order, 64 at most.
  package var headers: [Field]
  /// As it came, compressed or not.
  package var body: [UInt8]

  /// An answer without anything but a status, to be filled in.
  package init(status: Int, headers: [Field] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// What became of a request that was passed on.
package enum ProxyOutcome: Sendable, Equatable {
  case answered(ProxyAnswer)
  /// The server could not be reached, or the connection broke; in libcurl's words, which hold no secret of ours.
  case unreachable(String)
  /// There was no answer in time.
  case timedOut
  /// The answer is larger than what is passed back, or there is no memory for it.
  case answerTooLarge
  /// libcurl is missing, or the system gave no thread.
  case impossible(String)
  /// The agent ended before it was answered.
  case stopped
}

/// How often and when a request that is passed on is tried again. A value without a clock.
struct ProxyRetry {
  static let firstPause = Duration.milliseconds(100)
  static let pauseMax = Duration.seconds(2)

  /// The pause before another attempt, doubled each time; `nil` where there is none.
  /// - Parameters:
  ///   - attempts: that were made.
  ///   - timeLeft: until the client gets its answer in any case.
  static func pause(
    after outcome: ProxyOutcome, attempts: Int, attemptsMax: Int, timeLeft: Duration
  ) -> Duration? {
    guard attempts < attemptsMax else { return nil }
    switch outcome {
    case .answered(let answer): guard (502...504).contains(answer.status) else { return nil }
    case .unreachable: break
    case .timedOut, .answerTooLarge, .impossible, .stopped: return nil
    }
    var pause = firstPause
    for _ in 1..<max(attempts, 1) where pause < pauseMax { pause *= 2 }
    pause = min(pause, pauseMax)
    return pause < timeLeft ? pause : nil
  }
}

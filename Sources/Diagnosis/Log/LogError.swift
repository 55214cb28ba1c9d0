/// A failure that a log line reports: how lines say it, and what it means.
package struct LogError: Sendable {
  /// `ECONNREFUSED`, `ENOTFOUND`, …: the name that the rules look for.
  package let name: String
  /// Clause that continues "the tracer could not reach its agent: …".
  package let meaning: String
  /// Lower-case phrases by which libraries of all languages say it, with the most telling first.
  let phrases: [String]
  /// Its numbers on Linux and macOS, and getaddrinfo's negative ones. A number that means different things on both
  /// stands at none.
  let numbers: [Int]

  /// The order matters: a line may hold several phrases ("connect timed out" beside "connection refused" of an earlier
  /// try), and the more exact one is to win.
  package static let all: [LogError] = [
    LogError(
      name: "EPROTOTYPE", meaning: "the socket is of the wrong type, one for metrics and not for traces",
      phrases: ["eprototype", "protocol wrong type for socket"], numbers: [91, 41]),
    LogError(
      name: "HTTP2_REFUSED", meaning: "gRPC was spoken to a port that answers in HTTP/1, and not in HTTP/2",
      phrases: [
        "failed parsing http/2", "expected settings frame", "error reading server preface", "http2: frame too large",
      ], numbers: []),
    LogError(
      name: "INVALID_URL", meaning: "the agent's address is none, as when its scheme or its host is missing",
      phrases: [
        "unsupported protocol '", "invalid hostname in intake url", "invalid file path in intake url",
        "err_invalid_url", "unsupported protocol scheme", "no host in request url", "bad uri(is not uri?)",
      ], numbers: []),
    LogError(
      name: "ENAMETOOLONG", meaning: "the path of the socket is longer than a socket's address can be",
      phrases: [
        "af_unix path too long", "too long unix socket path", "shorter than sun_len", "connect: invalid argument",
      ], numbers: []),
    LogError(
      name: "WRONG_VERSION_NUMBER", meaning: "TLS was spoken to a port that answers in plain HTTP",
      phrases: [
        "wrong_version_number", "wrong version number", "first record does not look like a tls handshake",
        "unrecognized ssl message", "server gave http response to https client", "epro:ssl",
        "eproto", "packet length too long",
      ], numbers: []),
    LogError(
      name: "ECONNREFUSED", meaning: "the connection was refused, nothing listened at that address",
      phrases: ["econnrefused", "connection refused", "connectionrefusederror", "actively refused it"],
      numbers: [111, 61]),
    LogError(
      name: "EADDRNOTAVAIL",
      meaning: "the machine has no address to send from, as when localhost stands for ::1 and IPv6 is off",
      phrases: ["eaddrnotavail", "cannot assign requested address", "can't assign requested address"],
      numbers: [99, 49]),
    LogError(
      name: "EHOSTUNREACH", meaning: "there is no way to that address, or nobody has it any more",
      phrases: ["ehostunreach", "no route to host", "host is unreachable", "enetunreach", "network is unreachable"],
      numbers: [113, 65, 101, 51]),
    LogError(
      name: "EAI_AGAIN", meaning: "the name server did not answer for the agent's name",
      phrases: ["eai_again", "temporary failure in name resolution", "errno -3"], numbers: [-3]),
    LogError(
      name: "ENOTFOUND", meaning: "the agent's name is not known where the app runs",
      phrases: [
        "enotfound", "name or service not known", "nodename nor servname provided", "could not resolve host",
        "couldn't resolve host", "no such host", "unknownhostexception", "getaddrinfo failed",
        "name does not resolve", "failed to lookup address", "no address associated with hostname",
      ], numbers: [-2, -5]),
    LogError(
      name: "EACCES", meaning: "the system forbade it, by the mode of a socket or folder or by a security policy",
      phrases: ["eacces", "permission denied"], numbers: [13]),
    LogError(
      name: "ENOENT", meaning: "there is no such socket where the app runs",
      phrases: ["enoent", "no such file or directory"], numbers: [2]),
    LogError(
      name: "EMFILE", meaning: "the app has no file descriptors left",
      phrases: ["emfile", "too many open files"], numbers: [24]),
    LogError(
      name: "ECONNRESET",
      meaning:
        "the connection was closed before an answer came, as when the agent stops or something in between gives up",
      phrases: [
        "econnreset", "connection reset", "unexpected end of stream", "socket hang up", "broken pipe", "epipe",
        "remotedisconnected", "remote end closed connection", "empty reply from server", "badstatusline",
        "end of file reached", "response ended prematurely", ": eof", "connection was closed",
      ], numbers: [104, 54, 32]),
    LogError(
      name: "ETIMEDOUT",
      meaning: "no answer came in time, as when packets vanish on the way or the agent is overloaded",
      phrases: [
        "etimedout", "timed out", "execution expired", "client.timeout exceeded", "deadline exceeded",
        "timeout was reached", "time-out", "sockettimeoutexception", "timeout",
      ], numbers: [110, 60]),
  ]

  /// The failure of that name; `nil` for one that lines do not report.
  package static func named(_ name: String) -> LogError? { all.first { $0.name == name } }

  /// All phrases with the position of their error in `all`.
  private static let owners = all.indices.flatMap { error in all[error].phrases.map { _ in error } }
  private static let phrases = LogPhrases(all.flatMap(\.phrases))

  /// The failure that `line` reports at or behind `start`: by phrase, else by number.
  static func found(in line: LogText, from start: Int = 0) -> LogError? {
    let rest = LogText(Array(line.bytes[min(max(start, 0), line.bytes.count)...])).lowercased
    if let error = phrases.found(in: rest).keys.map({ owners[$0] }).min() { return all[error] }
    for marker in ["[Errno ", "os error ", "SocketException (", "code: "] {
      guard let end = line.end(of: marker, from: start) else { continue }
      let isNegative = end < line.bytes.count && line.bytes[end] == UInt8(ascii: "-")
      guard let number = line.number(at: isNegative ? end + 1 : end) else { continue }
      if let error = all.first(where: { $0.numbers.contains(isNegative ? -number : number) }) { return error }
    }
    return nil
  }
}

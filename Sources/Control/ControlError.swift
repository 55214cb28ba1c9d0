/// Why a command and an agent could not talk, or an agent could not open its control socket.
///
/// `description` is one sentence for a person; it names the path and holds no secrets.
package enum ControlError: Error, Sendable, Equatable {
  /// Nothing answers at the path: no file, or a socket file that a dead agent left behind.
  case noAgent(path: String)
  /// A live agent already owns the path.
  case alreadyRunning(path: String)
  /// The other side belongs to another user, or the file may not be opened.
  case notPermitted(path: String, detail: String)
  /// The socket's folder could be changed by others, so nobody could be sure who answers.
  case unsafeFolder(path: String, why: String)
  /// Unix sockets take at most 103 (macOS) or 107 (Linux) bytes.
  case pathTooLong(path: String)
  /// Something that is not a socket is at the path; it is left alone.
  case notASocket(path: String)
  /// A system call failed; `detail` is its name and the system's text.
  case system(path: String, detail: String)
  /// The other side did not finish within the time that the exchange may take.
  case timedOut
  /// The other side closed before it had said everything.
  case closedEarly
  /// A message over its limit, in bytes.
  case tooLarge(bytes: Int, limit: Int)
  /// Bytes that are not the protocol.
  case malformed(String)
  /// The other side speaks another version of the protocol.
  case versionMismatch(theirs: UInt64)
  /// The agent understood and will not answer; its own words.
  case refused(String)
  /// The agent has too much to do now, and may answer later; its own words.
  case busy(String)
}

extension ControlError {
  /// What an agent of an earlier version begins its refusal of a newer query with.
  static let unknownQuery = "this agent does not know the question"

  /// Whether the agent is too old for the query.
  package var isUnknownQuery: Bool {
    if case .refused(let why) = self { why.hasPrefix(Self.unknownQuery) } else { false }
  }
}

extension ControlError: CustomStringConvertible {
  /// One sentence for a person.
  package var description: String {
    switch self {
    case .noAgent(let path): "no agent answers on \(path)"
    case .alreadyRunning(let path): "an agent is already running (it answers on \(path))"
    case .notPermitted(let path, let detail): "\(path): \(detail)"
    case .unsafeFolder(let path, let why): "\(path) is not safe for a control socket: \(why)"
    case .pathTooLong(let path): "\(path) is too long for a unix socket; set ROOST_CONTROL_SOCKET to a shorter path"
    case .notASocket(let path): "\(path) exists and is not a socket; it was left alone"
    case .system(let path, let detail): "\(path): \(detail)"
    case .timedOut: "the other side did not finish in time"
    case .closedEarly: "the other side closed the connection before it had said everything"
    case .tooLarge(let bytes, let limit): "a message of \(bytes) bytes is over the limit of \(limit)"
    case .malformed(let detail): "not understood: \(detail)"
    case .versionMismatch(let theirs):
      "the agent speaks version \(theirs) of the control protocol and this command version "
        + "\(ControlProtocol.version); use the roost that the agent was started with"
    case .refused(let why), .busy(let why): why
    }
  }
}

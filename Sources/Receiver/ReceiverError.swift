/// Why the receiver could not start. The texts name what was tried and what to do, and are meant to be printed as they are.
package enum ReceiverError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The address could not be bound; `code` is the `errno` of the failing call.
  case cannotListen(host: String, port: UInt16, code: Int32, reason: String)
  /// The name has no address.
  case cannotResolve(host: String, port: UInt16, reason: String)
  /// Neither a TCP address nor a unix socket could be opened.
  case nothingToListenOn([ListenerFailure])
  /// A thread, pipe or worker could not be made.
  case cannotStart(reason: String)

  package var description: String {
    switch self {
    case .cannotListen(let host, let port, let code, let reason):
      "cannot listen on host \(host) port \(port): \(reason)\(Self.hint(code: code, port: port))"
    case .cannotResolve(let host, let port, let reason):
      "cannot listen on host \(host) port \(port): the name has no address (\(reason))"
    case .nothingToListenOn(let failures):
      failures.isEmpty
        ? "nothing to listen on: no TCP port and no unix socket is configured"
        : "nothing to listen on: " + failures.map(\.description).joined(separator: "; ")
    case .cannotStart(let reason):
      "cannot start the receiver: \(reason)"
    }
  }

  private static func hint(code: Int32, port: UInt16) -> String {
    switch code {
    case Errno.addressInUse: " (another process has the port; is an agent running already?)"
    case Errno.accessDenied where port < 1024: " (ports below 1024 need root)"
    default: ""
    }
  }
}

/// One listener that is not there, although the receiver runs. Reported as a value: a missing one never stops the others.
package struct ListenerFailure: Sendable, Equatable, CustomStringConvertible {
  /// How much it matters to the person who configured it.
  package enum Severity: Sendable, Equatable {
    /// Expected on some machines: for example no `::1` where IPv6 is switched off.
    case note
    /// Something else has the place, and nobody asked for it: worth a line.
    case taken
    /// Configured and not working: an operator has to act.
    case error
  }

  /// Whether an operator has to act, or the machine is just like that.
  package var severity: Severity
  /// `[::1]:8126`, `/var/run/datadog/apm.socket` or `descriptor 5`.
  package var address: String
  /// One sentence: what is wrong and, where it helps, what to do.
  package var reason: String

  package init(severity: Severity, address: String, reason: String) {
    self.severity = severity
    self.address = address
    self.reason = reason
  }

  package var description: String { "\(address): \(reason)" }
}

/// Something the operator should read once in the log. Each kind is given at most once in the life of a server; how
/// often it happened is in `ConnectionCounters`.
package enum ReceiverNote: Sendable, Equatable, CustomStringConvertible {
  /// `accept` failed because descriptors ran out; accepting goes on with pauses.
  case descriptorsExhausted(reason: String)
  /// As many connections are open as are allowed.
  case connectionsFull(limit: Int)
  /// As many connections are open as may speak HTTP/2, and there are more clients that do.
  case callConnectionsFull(limit: Int)
  /// A client spoke HTTP/2, and what is needed for it could not be opened; it is tried again with the next one.
  case callsNotTaken(reason: String)
  /// `accept` failed for another reason.
  case acceptFailed(reason: String)

  package var description: String {
    switch self {
    case .descriptorsExhausted(let reason):
      "cannot accept connections: \(reason); raise the limit of open files (ulimit -n). "
        + "Meanwhile each new connection makes another give way"
    case .connectionsFull(let limit):
      "\(limit) connections are open, which is the limit (apm_config.max_connections); each new one makes another give "
        + "way: the one that has been silent or unfinished longest"
    case .callConnectionsFull(let limit):
      "\(limit) connections speak HTTP/2, which is the limit; each new one makes another of them give way: the one that has "
        + "been silent or unfinished longest"
    case .callsNotTaken(let reason):
      "no calls of gRPC can be taken: \(reason). It is tried again with each connection that speaks HTTP/2"
    case .acceptFailed(let reason):
      "cannot accept connections: \(reason)"
    }
  }
}

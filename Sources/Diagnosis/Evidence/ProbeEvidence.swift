/// A name that was resolved.
package struct ResolutionEvidence: Sendable, Equatable, Codable {
  package var name: String
  /// The process in whose network it was resolved; `nil` for the doctor's own.
  package var forPid: Int64?
  /// Numeric, in the order they would be tried.
  package var addresses: [String]
  /// `EAI_NONAME`, `EAI_AGAIN`, …; `nil` when it resolved.
  package var errorName: String?

  package init(name: String, forPid: Int64? = nil, addresses: [String] = [], errorName: String? = nil) {
    self.name = name
    self.forPid = forPid
    self.addresses = addresses
    self.errorName = errorName
  }
}

/// One attempt to reach an agent: connect, then ask for `/info`.
package struct ProbeEvidence: Sendable, Equatable, Codable {
  /// How far an attempt got before it ended.
  package enum Outcome: String, Sendable, Codable {
    /// An HTTP answer came, of any status.
    case answered
    case refused
    case timedOut = "timed_out"
    /// No route, host or network unreachable, address not available.
    case unreachable
    case notPermitted = "not_permitted"
    /// The file of the unix socket is not there.
    case missing
    /// A datagram socket where a stream was wanted.
    case wrongType = "wrong_type"
    /// Connected, then closed or reset before a byte came.
    case closedAtOnce = "closed_at_once"
    /// Connected, and nothing came in time.
    case silent
    /// Something came that is not HTTP.
    case notHTTP = "not_http"
    /// The path is too long for a socket address.
    case pathTooLong = "path_too_long"
    case failed
  }

  /// What was to be reached, as its user wrote it: `http://localhost:8126`, `unix:///var/run/datadog/apm.socket`.
  package var url: String
  /// The one address that this attempt went to: `127.0.0.1:8126`, or the path.
  package var address: String
  package var outcome: Outcome
  /// `ECONNREFUSED` and so on; `nil` when no call failed.
  package var errorName: String?
  package var durationMs: Double
  package var httpStatus: Int?
  /// What the answer's `Server` header says, shortened and scrubbed; `nil` without one.
  package var server: String?
  package var product: ProductEvidence?
  /// What is spoken there when it is not plain HTTP: `tls`, `http2`, `ssh`, `redis`, `smtp`, …; `nil` when unknown.
  package var spoken: String?
  /// The process whose setting this is; `nil` for our own configuration or `--url`.
  package var forPid: Int64?
  /// Tried from that process's own network, which is not the doctor's.
  package var isFromThere = false

  package init(url: String, address: String, outcome: Outcome, errorName: String? = nil, durationMs: Double = 0) {
    self.url = url
    self.address = address
    self.outcome = outcome
    self.errorName = errorName
    self.durationMs = durationMs
  }
}

/// What answers at an address.
package struct ProductEvidence: Sendable, Equatable, Codable {
  /// `roost`, `datadog-agent`, `ddapm-test-agent`, `otel-collector`, `proxy`, `unknown-http`.
  package var name: String
  package var version: String
  package var endpoints: [String]

  package init(name: String, version: String = "", endpoints: [String] = []) {
    self.name = name
    self.version = version
    self.endpoints = endpoints
  }
}

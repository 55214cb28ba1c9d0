/// What a running roost says of itself and of its clients.
package struct AgentEvidence: Sendable, Equatable, Codable {
  package var pid: Int64 = 0
  package var version = ""
  package var uptimeSeconds = 0.0
  /// Where it takes traces: `127.0.0.1:8126`, `[::1]:8126`, `/var/run/datadog/apm.socket`.
  package var listeners: [String] = []
  /// Where it should take traces too.
  package var notListening: [ListenerFailureEvidence] = []
  package var endpoints: [String] = []
  package var receivedPayloads: UInt64 = 0
  package var receivedTraces: UInt64 = 0
  package var receivedSpans: UInt64 = 0
  /// Requests over TCP and over the unix socket.
  package var tcpRequests: UInt64 = 0
  package var unixRequests: UInt64 = 0
  /// Traces dropped, and requests refused, by reason.
  package var droppedTraces: [String: UInt64] = [:]
  package var refused: [String: UInt64] = [:]
  /// Client issues by kind; see `ClientIssueEvidence`.
  package var clientIssues: [ClientIssueEvidence] = []
  /// What clients lost on the way in, the most recent first.
  package var clientLosses: [ClientLossEvidence] = []
  package var clients: [ClientEvidence] = []
  /// Processes that sent traces; those that were quiet for longest may be missing.
  package var senders: [SenderEvidence] = []
  /// Since the newest arrival from a process that is missing in `senders`; `nil` when none is.
  package var forgottenSendersSecondsAgo: Double?
  /// What tracers said of themselves in their telemetry.
  package var tracerReports: [TracerReportEvidence] = []
  /// Sampling as the tracers decided it.
  package var sampling = SamplingEvidence()
  package var services: [ServiceEvidence] = []
  /// Receiving threads that did not end a request in time: what came to them is in nothing of this.
  package var missingThreads: UInt64 = 0
  package var isForwarding = false
  /// Why not, when it is not.
  package var forwardingOffReason = ""
  /// The intake's URL, without user or password; empty when nothing is forwarded.
  package var forwardingTo = ""
  /// The API key has the form of Datadog's; true without a key.
  package var isAPIKeyWellFormed = true
  package var intake = IntakeEvidence()
  /// What was set for it and changes nothing.
  package var settingsWithoutEffect: [SettingEvidence] = []
  package var residentBytes: UInt64 = 0
  /// Payloads that could not be decoded and are kept, the newest first.
  package var badPayloads: [BadPayloadEvidence] = []
  /// Lines about what went wrong in the agent, without secrets, newest first.
  package var recentErrors: [String] = []

  package init() {}

  /// Documents keep the key that the first version gave to client issues.
  private enum CodingKeys: String, CodingKey {
    case pid, version, uptimeSeconds, listeners, notListening, endpoints, receivedPayloads, receivedTraces,
      receivedSpans
    case tcpRequests, unixRequests, droppedTraces, refused
    case clientIssues = "misuse"
    case clientLosses, clients, senders, forgottenSendersSecondsAgo, tracerReports, sampling, services, missingThreads
    case isForwarding, forwardingOffReason, forwardingTo, isAPIKeyWellFormed
    case intake, settingsWithoutEffect, residentBytes, badPayloads, recentErrors
  }
}

/// One kind of client issues that the agent saw. `kind` is one of `tls_hello`, `http2_preface`, `statsd_text`,
/// `proxy_request`, `empty_probe`, `not_found`, `not_offered`, `client_vanished`, `clock_skew`, `trace_count_mismatch`, `undecodable`,
/// `too_large`, `memory_limit`, `rootless_trace`, `refused_payload`, `malformed_trace`, `cross_site`,
/// `missing_statistics`.
package struct ClientIssueEvidence: Sendable, Equatable, Codable {
  package var kind: String
  /// What it was about: a path, a header, a client; empty when there is nothing to distinguish.
  package var detail: String
  /// The client's language and tracer version, such as `python 4.16.0`; empty when it did not say.
  package var client: String
  package var count: UInt64
  /// The number that goes with the kind: bytes of the largest refused body, seconds of skew (signed), traces missing.
  package var amount: Double
  /// Since it was seen last.
  package var lastSeenSecondsAgo = 0.0

  package init(
    kind: String, detail: String = "", client: String = "", count: UInt64 = 1, amount: Double = 0,
    lastSeenSecondsAgo: Double = 0
  ) {
    self.kind = kind
    self.detail = detail
    self.client = client
    self.count = count
    self.amount = amount
    self.lastSeenSecondsAgo = lastSeenSecondsAgo
  }
}

/// A client that the agent heard from.
package struct ClientEvidence: Sendable, Equatable, Codable {
  package var language: String
  package var languageVersion: String
  package var tracerVersion: String
  /// The format that it sends: `v0.4`, `v0.5`, …
  package var endpoint: String
  package var payloads: UInt64
  package var traces: UInt64
  package var lastSeenSecondsAgo: Double

  package init(
    language: String, languageVersion: String, tracerVersion: String, endpoint: String, payloads: UInt64,
    traces: UInt64, lastSeenSecondsAgo: Double
  ) {
    self.language = language
    self.languageVersion = languageVersion
    self.tracerVersion = tracerVersion
    self.endpoint = endpoint
    self.payloads = payloads
    self.traces = traces
    self.lastSeenSecondsAgo = lastSeenSecondsAgo
  }

  /// Language and tracer version, as in `ClientIssueEvidence.client`; empty when it said neither.
  package var name: String { [language, tracerVersion].filter { !$0.isEmpty }.joined(separator: " ") }
}

/// A process that sent traces to the agent.
package struct SenderEvidence: Sendable, Equatable, Codable {
  /// As its tracer numbers it, or the kernel a unix socket's client; 0 when neither says.
  package var pid: Int64
  /// That of the root of its first trace.
  package var service = ""
  package var language = ""
  package var tracerVersion = ""
  /// Its container as its tracer says, or `in-` and the inode of the control group; empty when it does not say.
  package var containerID = ""
  /// The network address that it sent from; empty for the agent's own machine.
  package var address = ""
  package var traces: UInt64 = 0
  package var firstSeenSecondsAgo = 0.0
  package var lastSeenSecondsAgo = 0.0

  package init(pid: Int64) { self.pid = pid }
}

/// What tracers decided of the traces they sent.
package struct SamplingEvidence: Sendable, Equatable, Codable {
  package var traces: UInt64 = 0
  /// Traces with priority 0 and below, by the tracer's decision maker (`_dd.p.dm`, such as `-3`); empty key for none.
  package var droppedByDecision: [String: UInt64] = [:]
  /// Traces that tracers dropped before sending (`Datadog-Client-Dropped-P0-Traces`).
  package var clientDroppedTraces: UInt64 = 0
  /// The smallest `_dd.limit_psr` seen, when below 1: the share that the tracer's rate limiter let pass.
  package var lowestLimitRate: Double?
  /// Since a trace last came with such a share; `nil` when none did, and from agents that do not say it.
  package var limitedSecondsAgo: Double?

  package init() {}
}

/// A service as the agent counts it.
package struct ServiceEvidence: Sendable, Equatable, Codable {
  package var service: String
  package var env: String
  package var hits: UInt64
  package var resources: Int
  /// The operation with the most resources, and one of them that looks as if it held an id.
  package var busiestOperation: String
  package var idLikeResource: String?

  package init(
    service: String, env: String, hits: UInt64, resources: Int, busiestOperation: String = "",
    idLikeResource: String? = nil
  ) {
    self.service = service
    self.env = env
    self.hits = hits
    self.resources = resources
    self.busiestOperation = busiestOperation
    self.idLikeResource = idLikeResource
  }
}

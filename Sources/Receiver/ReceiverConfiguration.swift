import Addresses

/// Listening descriptors that a socket activator opened before this process started.
///
/// The Datadog trace-agent is told of them by number, in `DD_APM_NET_RECEIVER_FD`, `DD_APM_UNIX_RECEIVER_FD` and
/// `DD_OTLP_CONFIG_GRPC_FD`. One that cannot be used is reported as a `ListenerFailure`, and the addresses of the configuration are bound instead.
package struct AdoptedDescriptors: Sendable, Hashable {
  package var tcp: Int32?
  package var unix: Int32?
  /// In place of all addresses for calls of gRPC.
  package var calls: Int32?

  package init(tcp: Int32? = nil, unix: Int32? = nil, calls: Int32? = nil) {
    self.tcp = tcp
    self.unix = unix
    self.calls = calls
  }
}

/// What a client of one path gets, with status 200, when there is no memory for its body and it does not ask for the real
/// status: the same as if the body had been taken.
package struct UnchangedAnswer: Sendable, Hashable {
  package let path: String
  package let text: String
  package let contentType: String

  /// - Parameter path: exactly as it is requested, without the query.
  package init(path: String, text: String, contentType: String) {
    self.path = path
    self.text = text
    self.contentType = contentType
  }
}

/// An address that exporters of OpenTelemetry send to.
package struct OTLPListener: Sendable, Hashable {
  package let address: SocketAddress
  /// Nobody asked for it: when another program has the port, nothing is wrong.
  package let isOptional: Bool
  /// Without calls of gRPC nobody would come there.
  package let isForCalls: Bool

  /// An address as it is configured, or where exporters expect it.
  package init(_ address: SocketAddress, isOptional: Bool = false, isForCalls: Bool = false) {
    self.address = address
    self.isOptional = isOptional
    self.isForCalls = isForCalls
  }
}

/// Headers of the answers to requests that are refused before they are whole.
package struct RefusalHeaders: Sendable, Hashable {
  /// For clients on this machine.
  package var thisMachine: [AnswerHeader] = []
  /// For clients that may be elsewhere.
  package var network: [AnswerHeader] = []

  /// No headers but those that every answer has.
  package init() {}
}

/// Everything that is set for the receiver from outside; the defaults are those of the Datadog trace-agent where it has one.
package struct ReceiverConfiguration: Sendable {
  /// Hosts and ports to listen on: an IPv4 or IPv6 address, `localhost` (both loopback addresses) or a name to resolve.
  /// Port 0 takes any free one; `HTTPServer.listeners` says which. Empty listens on no TCP port. A failure to bind one
  /// of these is fatal, except for a loopback address that the machine does not have when another address works.
  package var tcp: [SocketAddress]
  /// More of them, for exporters of OpenTelemetry. A failure to bind one of these never stops the others.
  package var otlp: [OTLPListener] = []
  /// How calls of gRPC are taken, at all addresses; `nil` takes none.
  package var calls: CallSettings?
  /// `nil` listens on no unix socket. A failure to bind it never stops TCP.
  package var unixSocketPath: String?
  /// Nobody asked for that path: when its folder is missing, nothing is wrong.
  package var isUnixSocketOptional = false
  /// Permission bits of the socket file: owner reads and writes, everybody writes (which is what connecting takes).
  package var unixSocketMode: UInt32
  /// Bytes of one request body; above it the answer is 413.
  package var maxPayloadBytes: Int
  /// Bytes of memory that the bodies that are still arriving may take up together; a request whose body needs more is
  /// left unread until there is room, and answered 429 after `requestTimeout`. Bodies that come in one piece need none.
  /// Counts as `maxPayloadBytes` when it is less, so that one body always fits.
  package var bodyBytesInFlightMax: Int
  /// Open connections; for a further client the one that has been silent or unfinished longest gives way. Only when the
  /// agent is working for all of them do clients wait in the kernel's backlog.
  package var maxConnections: Int
  /// How long a connection may stay open without a request, or take to read its answer.
  package var idleTimeout: Duration
  /// How long one request may take from its first header byte to its last body byte; above it the answer is 408.
  package var requestTimeout: Duration
  /// Bytes of the request line and headers; above it the answer is 431.
  package var headerBytesMax: Int
  /// Requests that may wait at a time for an answer that comes later; above it the answer is 503, or the worker has to
  /// find one itself. Each holds one of `maxConnections`.
  package var lateAnswersMax: Int
  /// How long a request may wait for an answer that comes later and is not certain to come; above it the answer is 504.
  package var lateAnswerTimeout: Duration
  /// Worker threads, and so shards; at least 1.
  package var threads: Int
  package var adoptedDescriptors: AdoptedDescriptors
  package var refusalHeaders = RefusalHeaders()
  /// Whether all clients get 429 when there is no memory for a body, and not only those that ask for the real status:
  /// others get what `unchangedAnswers` has for the path, as from the Datadog trace-agent, because old ones would take 429
  /// for a broken agent.
  package var answersRealStatus = true
  /// What stands for 429 at some paths; all others get 429.
  package var unchangedAnswers: [UnchangedAnswer] = []

  package init(
    tcp: [SocketAddress] = [.tcp(host: "127.0.0.1", port: 8126), .tcp(host: "::1", port: 8126)],
    unixSocketPath: String? = nil, unixSocketMode: UInt32 = 0o722, maxPayloadBytes: Int = 26_214_400,
    bodyBytesInFlightMax: Int = 268_435_456, maxConnections: Int = 1000, idleTimeout: Duration = .seconds(60),
    requestTimeout: Duration = .seconds(5),
    headerBytesMax: Int = 32_768, lateAnswersMax: Int = 100, lateAnswerTimeout: Duration = .seconds(30),
    threads: Int = 1, adoptedDescriptors: AdoptedDescriptors = AdoptedDescriptors()
  ) {
    self.tcp = tcp
    self.unixSocketPath = unixSocketPath
    self.unixSocketMode = unixSocketMode
    self.maxPayloadBytes = maxPayloadBytes
    self.bodyBytesInFlightMax = bodyBytesInFlightMax
    self.maxConnections = maxConnections
    self.idleTimeout = idleTimeout
    self.requestTimeout = requestTimeout
    self.headerBytesMax = headerBytesMax
    self.lateAnswersMax = lateAnswersMax
    self.lateAnswerTimeout = lateAnswerTimeout
    self.threads = threads
    self.adoptedDescriptors = adoptedDescriptors
  }
}

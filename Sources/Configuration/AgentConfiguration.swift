import Addresses
import Obfuscation
import Patterns

/// All that can be set for the agent, as plain values; a fresh value holds the defaults.
///
/// The fields are filled from `OptionTable`, whose rows say in full what each one means and where it can be set. Printing
/// the value shows no secret: `APIKey` and `HTTPURL` hide theirs.
package struct AgentConfiguration: Sendable, Equatable {
  /// Nil: nothing is forwarded, everything local works.
  package var apiKey: APIKey?
  /// Bare domain of the Datadog site.
  package var site = "datadoghq.com"
  /// The intake as set by itself; `traceIntakeURL` is the one in force.
  package var intakeURL: HTTPURL?
  /// Traces go through an Observability Pipelines Worker, at `pipelinesWorkerURL`.
  package var usesPipelinesWorker = false
  /// Where that worker is; nil turns `usesPipelinesWorker` off.
  package var pipelinesWorkerURL: HTTPURL?
  /// Nil: the first line of `hostnameFile`, else the machine's full name with `usesFullHostname`, else its own name.
  package var hostname: String?
  /// Path of a file that holds the host's name; nil when there is none.
  package var hostnameFile: String?
  /// The machine's name is completed by its domain, as the system's resolver knows it.
  package var usesFullHostname = false
  /// Name of the Kubernetes node that the agent runs on, as its pod was told; nil elsewhere.
  package var kubernetesNodeName: String?
  /// The agent runs in a task on AWS Fargate, or in a pod there (`eks_fargate`), where containers have no host to name.
  package var isOnFargate = false
  /// What is asked for values that are kept elsewhere.
  package var secrets = SecretBackend()
  /// The task on Fargate is one of ECS.
  package var isOnECS = false
  /// Id and kind of the installation of tracing, as whoever made it set them; nil when nobody did.
  package var installID: String?
  package var installType: String?
  /// When that was, in seconds since 1970.
  package var installTime = 0
  /// Folders where the kernel lists processes, and where control groups are mounted.
  package var containerProcRoot = "/proc"
  package var containerGroupRoot = "/sys/fs/cgroup"
  /// `key:value` tags of this machine, as `tags` lists them; `allHostTags` are those in force.
  package var hostTags: [String] = []
  /// More of them, as `extra_tags` lists them.
  package var extraHostTags: [String] = []
  /// `key:value` or `key`: traces whose root lacks one of these tags are dropped.
  package var filterTagsRequire: [String] = []
  /// The same for traces whose root has one.
  package var filterTagsReject: [String] = []
  /// The same with patterns of the tags' values.
  package var filterTagsRegexRequire: [TagPattern] = []
  package var filterTagsRegexReject: [TagPattern] = []
  /// Traces whose root's resource one of these matches are dropped.
  package var ignoreResources: [Pattern] = []
  /// What is replaced in tags and resources, in this order.
  package var replaceRules: [ReplaceRule] = []
  /// Environment of spans that name none; not yet normalized.
  package var defaultEnv = "none"

  /// False: the agent has nothing to do and ends.
  package var apmEnabled = true
  /// False: no TCP port and no unix socket is opened.
  package var receiverEnabled = true
  /// 0…65535; 0 turns TCP off.
  package var receiverPort = 8126
  /// Path of the unix socket; empty turns it off.
  package var receiverSocket = "/var/run/datadog/apm.socket"
  /// False while `receiverSocket` is the default: then a missing directory is no news.
  package var isReceiverSocketExplicit = false
  /// Longest time for one request to arrive and be answered.
  package var receiverTimeout = Duration.seconds(5)
  /// As set; nil when not. `receiverHosts` are the addresses in force.
  package var bindHost: String?
  /// As set; nil when not, which differs from false inside a container.
  package var nonLocalTraffic: Bool?
  /// True when the agent runs in a container: traffic then comes from outside unless told otherwise.
  package var isContainerized = false
  /// Largest request body in bytes.
  package var maxPayloadBytes = 26_214_400
  /// Most connections open at a time.
  package var maxConnections = 1000
  /// Threads that read and process requests; 0 is half of the processors.
  package var decoders = 0
  /// Longest silence on a kept connection.
  package var idleTimeout = Duration.seconds(60)
  /// Largest request head in bytes.
  package var maxHeaderBytes = 32 * 1024
  /// Number of an open, listening TCP socket to use instead of binding one; nil when none was handed over.
  package var tcpDescriptor: Int?
  /// The same for the unix socket.
  package var unixDescriptor: Int?
  /// The same for calls of gRPC.
  package var callsDescriptor: Int?

  /// Ports and rules for traces of OpenTelemetry.
  package var otlp = OTLPSettings()

  /// Traces a second kept by the priority and no-priority samplers.
  package var targetTPS = 10.0
  /// Traces with errors a second kept on top.
  package var errorTPS = 10.0
  /// Whether traces with rare spans are kept that the other samplers would drop.
  package var rareSamplerEnabled = false
  /// Traces a second that the rare sampler keeps at most.
  package var rareSamplerTPS = 5.0
  /// For how long a kind of span that was seen is not rare.
  package var rareSamplerCooldown = Duration.seconds(300)
  /// Kinds of spans of a service that the rare sampler tells apart.
  package var rareSamplerCardinality = 200
  /// Whether a part of all traces is kept by their ids, whatever tracers decided.
  package var probabilisticSamplerEnabled = false
  /// The part of all traces that is kept by their ids, 0…100.
  package var probabilisticSamplerPercentage = 0.0
  /// Agents with the same seed keep the same traces.
  package var probabilisticSamplerSeed = 0
  /// Whether only traces with errors are kept.
  package var errorTrackingStandalone = false
  /// Rates at which spans become analytics events.
  package var analyzedSpans: [NamedRate] = []
  /// The same for all spans that enter a service, where `analyzedSpans` has none.
  package var analyzedServices: [NamedRate] = []
  /// Most analytics events that are kept in a second.
  package var maxEPS = 200.0
  /// Applied on top of what the samplers decide, 0…1.
  package var extraSampleRate = 1.0
  /// Most service and environment pairs with a sampling rate of their own.
  package var maxCatalogEntries = 5000

  /// Width of a statistics bucket.
  package var bucketSize = Duration.seconds(10)
  /// Whether statistics are also grouped by the peer's tags.
  package var peerTagsAggregation = true
  /// Tags that name a peer, besides the built-in ones.
  package var peerTags: [String] = []
  /// Whether server, client, producer and consumer spans count in statistics without being top-level.
  package var computeStatsBySpanKind = true

  /// What is hidden of the spans' data. `obfuscationInForce` adds what features ask for.
  package var obfuscation = ObfuscationOptions()
  /// Empties the stack traces of errors.
  package var removesStackTraces = false

  /// How payloads of traces are compressed; statistics are always gzip.
  package var compression = CompressionKind.zstd
  /// 1 to 9. zstd has higher levels, which need memory that an agent does not have.
  package var compressionLevel = 1
  /// Connections, queue and period of what is sent as traces.
  package var traceWriter = WriterConfiguration(
    connectionLimit: 5, queueBytesMax: 24 * 1024 * 1024, flushPeriod: .milliseconds(500))
  /// Connections, queue and period of what is sent as statistics.
  package var statsWriter = WriterConfiguration(
    connectionLimit: 5, queueBytesMax: 8 * 1024 * 1024, flushPeriod: .seconds(5))
  /// Most times one payload is sent again; nil is until the queue is full.
  package var maxSenderRetries: Int?
  /// Connections to the intake are opened anew after this time; zero is never.
  package var connectionResetInterval = Duration.zero
  /// True trusts any certificate of the intake, also an expired or forged one.
  package var skipSSLValidation = false
  /// PEM file of authorities that are trusted besides those of the system; nil is those alone.
  package var certificatesFile: String?
  /// Folders of such files, with colons between, in place of the system's; nil is the system's.
  package var certificatesFolders: String?
  /// Versions of TLS below this one are not spoken.
  package var minTLSVersion = TLSVersion.tls12
  /// Intakes that get everything too.
  package var additionalEndpoints: [IntakeEndpoint] = []
  /// Receivers of OTLP that get the traces that are kept, whether or not there is an intake.
  package var destinations: [TraceDestination] = []
  /// Proxies on the way to the intake.
  package var proxy = ProxyConfiguration()

  /// Other products than tracing, whose requests pass the agent.
  package var products = ProductSettings()

  /// Whether the agent's own metrics are sent; nil is where a port or a socket is set.
  package var usesDogStatsD: Bool?
  /// UDP port of a DogStatsD, 0…65535; 0 is none, and nil is 8125 where `usesDogStatsD` says so.
  package var dogStatsDPort: Int?
  /// Path of the unix socket of a DogStatsD, also as `unix://PATH`; it wins over the port.
  package var dogStatsDSocket: String?

  /// Least grave level that is logged.
  package var logLevel = LogLevel.info
  /// Nil logs to standard error.
  package var logFile: String?
  /// True ignores `logFile`; the loader has already done so.
  package var disableFileLogging = false
  /// Size in bytes from which on the log file is renamed and begun anew; 0 is never.
  package var logFileBytesMax = 10_485_760
  /// Renamed log files that are kept; 0 is all.
  package var logFileRollsMax = 1
  /// Lines of the log are JSON objects.
  package var logFormatJSON = false
  /// Lines go to standard error too when there is a file.
  package var logsToConsole = false
  /// Lines go to syslog too.
  package var logsToSyslog = false
  /// Where syslog listens; nil is the usual place of this machine.
  package var syslogURI: String?
  /// Lines for syslog are as RFC 5424 has them, else as RFC 3164.
  package var syslogIsRFC5424 = false
  /// Port on all addresses where probes are answered; 0 is none.
  package var healthPort = 0
  /// Feature flags by name, as in `DD_APM_FEATURES`: `429`, `big_resource`.
  package var features: Set<String> = []
  /// Path of the socket that the commands ask; nil for the usual place (`ControlSocketPath`).
  package var controlSocket: String?
  /// Name of the group whose members may query the agent as its user may; nil is nobody else.
  package var controlGroup: String?
  /// File that keeps the statistics; nil keeps the last hour in memory only.
  package var storePath: String?
  /// Bytes of that file at most.
  package var storeBytesMax = 512_000_000
  /// Spans a second whose traces are stored; 0 is no limit.
  package var storeSpansPerSecond = 5_000
  /// Folder for payloads that an intake does not take; nil for the usual place (`SpoolPlace`).
  package var spoolPath: String?
  /// Bytes in that folder for each intake at most.
  package var spoolBytesMax = 512_000_000
  /// What a sudden end of the agent may cost.
  package var durability = DurabilityKind.normal
  /// Whether bytes of payloads that cannot be decoded stay in memory, for people to look at.
  package var keepsBadPayloads = true
  /// Where the page for a browser listens; nil is nowhere.
  package var page: PageAddress?
  /// Memory in bytes past which requests are refused; 0 is no limit.
  package var maxMemoryBytes = 500_000_000

  /// What the agent does when nothing is configured.
  package init() {}
}

extension AgentConfiguration {
  /// How spans are obfuscated, with the features that concern it.
  package var obfuscationInForce: ObfuscationOptions {
    var options = obfuscation
    options.sql.collectsTableNames = features.contains("table_names")
    options.sql.keepsAlias = features.contains("keep_sql_alias")
    options.sql.obfuscatesDollarQuotedFunctions = features.contains("dollar_quoted_func")
    options.sql.replacesDigits = features.contains("quantize_sql_tables")
    if features.contains("sqllexer"), options.sql.mode == .classic { options.sql.mode = .obfuscateOnly }
    return options
  }

  /// Where traces and statistics go: the pipelines worker, else the address set, else the site's.
  package var traceIntakeURL: HTTPURL {
    if usesPipelinesWorker, let pipelinesWorkerURL { return pipelinesWorkerURL }
    return intakeURL ?? HTTPURL(intakeOf: site)
  }

  /// Where the agent's own metrics are sent; nil where no DogStatsD is configured.
  package var metricsAddress: SocketAddress? {
    let path = dogStatsDSocket.map { $0.hasPrefix("/") ? $0 : $0.split(separator: "://").last.map { String($0) } ?? "" }
    guard usesDogStatsD ?? (dogStatsDPort != nil || path != nil) else { return nil }
    if let path, !path.isEmpty { return .unix(path: path) }
    guard let port = UInt16(exactly: dogStatsDPort ?? 8125), port > 0 else { return nil }
    let isNamed = bindHost.map { !$0.isEmpty && !AddressKind.isUnspecified($0) && $0.lowercased() != "localhost" }
    return .tcp(host: isNamed == true ? bindHost ?? "127.0.0.1" : "127.0.0.1", port: port)
  }

  /// Addresses to listen on, as texts of IP addresses or names.
  ///
  /// As in the Datadog trace-agent: non-local traffic wins over a bind host, a bind host wins over being in a container,
  /// and a container listens to all unless one of the two is set. Unlike it, both IP versions are served where none is
  /// named, and either text for "everywhere" means both, as it does there.
  package var receiverHosts: [String] {
    let loopback = ["127.0.0.1", "::1"]
    let everywhere = ["0.0.0.0", "::"]
    if nonLocalTraffic == true { return everywhere }
    if let bindHost {
      if AddressKind.isUnspecified(bindHost) { return everywhere }
      return bindHost.isEmpty || bindHost.lowercased() == "localhost" ? loopback : [bindHost]
    }
    return isContainerized && nonLocalTraffic == nil ? everywhere : loopback
  }
}

import Compression
import Configuration
import Exporting
import Platform

/// Sets forwarding up as configured, or says once why there is none.
enum Forwarding {
  static let offReason = "no API key (set DD_API_KEY)"

  /// Where payloads go, for people to read; `nil` for nowhere.
  static func place(_ configuration: AgentConfiguration) -> String? {
    if configuration.apiKey != nil { return "\(configuration.traceIntakeURL)" }
    guard let first = configuration.destinations.first else { return nil }
    return "\(TraceDestination.scheme)\(first.url)"
  }

  /// Where payloads go: the table that another destination is added to.
  static func destinations(
    _ configuration: AgentConfiguration, _ build: BuildIdentity, _ log: Log
  ) throws(AgentStartError) -> [Destination] {
    if configuration.apiKey == nil {
      log.info(
        configuration.destinations.isEmpty
          ? "no API key: nothing is forwarded, everything local works. Set DD_API_KEY or api_key to forward"
          : "no API key: traces go to local.destinations only, and statistics nowhere")
    }
    guard place(configuration) != nil else { return [] }
    if let file = configuration.certificatesFile, access(file, R_OK) != 0 {
      let reason = systemErrorText(errno)
      log.warn("the certificates in \(file) cannot be read (\(reason)): only those of the system are trusted")
    }
    if let folders = configuration.certificatesFolders, readableFolders(folders) == nil {
      log.warn("no folder of certificates in \(folders) can be read: those of the system are trusted")
    }
    do throws(ForwarderError) {
      return try destinations(configuration, build)
    } catch {
      throw .forwarder(error)
    }
  }

  /// Those that can be read, with colons between; `nil` when none can, and the system's are to hold.
  private static func readableFolders(_ folders: String) -> String? {
    let readable = folders.split(separator: ":").filter { access(String($0), R_OK | X_OK) == 0 }
    return readable.isEmpty ? nil : readable.joined(separator: ":")
  }

  /// From now on requests go out with the keys of this configuration; false when that needs a restart.
  static func replaceKeys(
    of forwarder: Forwarder?, by configuration: AgentConfiguration, _ build: BuildIdentity
  ) -> Bool {
    guard let forwarder, let destinations = try? destinations(configuration, build) else { return false }
    return forwarder.replaceKeys(by: destinations)
  }

  private static func destinations(
    _ configuration: AgentConfiguration, _ build: BuildIdentity
  ) throws(ForwarderError) -> [Destination] {
    var all: [Destination] = []
    if let key = configuration.apiKey {
      all.append(try datadog(configuration, configuration.traceIntakeURL, key: key, build))
      for endpoint in configuration.additionalEndpoints {
        all.append(try datadog(configuration, endpoint.url, key: endpoint.key, build))
      }
    }
    for destination in configuration.destinations { all.append(try otlp(configuration, destination, build)) }
    return all
  }

  /// The forwarder to these destinations; `nil` when there are none.
  static func start(
    _ destinations: [Destination], spool: SpoolSettings? = nil, accounting: DeliveryAccounting,
    receipts: PayloadReceipts = PayloadReceipts(), log: Log, errors: RecentErrors, _ clock: WallClock
  ) throws(AgentStartError) -> Forwarder? {
    guard !destinations.isEmpty else { return nil }
    do {
      let forwarder = try Forwarder(
        destinations: destinations, spool: spool,
        onOutcome: { summary, outcome in accounting.record(summary, outcome) },
        onNotice: { notice in
          if case .restored = notice { return log.info("\(notice)") }
          log.warn("\(notice)")
          errors.add("\(notice)", atNs: clock.nowNs)
        },
        onSafe: { receipts.settle($0) })
      for destination in destinations { log.info("forwarding to \(destination.label)") }
      return forwarder
    } catch {
      throw .forwarder(error)
    }
  }

  /// A Datadog intake, reached as configured.
  private static func datadog(
    _ configuration: AgentConfiguration, _ url: HTTPURL, key: APIKey, _ build: BuildIdentity
  ) throws(ForwarderError) -> Destination {
    var destination = try Destination.datadog(
      baseURL: url.text, apiKey: key.secret, version: build.version, commit: build.commit)
    destination.takes = [
      .traces: Destination.LaneLimits(
        connectionsMax: configuration.traceWriter.connectionLimit,
        queueBytesMax: configuration.traceWriter.queueBytesMax),
      .stats: Destination.LaneLimits(
        connectionsMax: configuration.statsWriter.connectionLimit,
        queueBytesMax: configuration.statsWriter.queueBytesMax),
    ]
    destination.retry.retriesMax = configuration.maxSenderRetries
    destination.transport = transport(configuration)
    return destination
  }

  /// A receiver of OTLP, reached as configured.
  private static func otlp(
    _ configuration: AgentConfiguration, _ place: TraceDestination, _ build: BuildIdentity
  ) throws(ForwarderError) -> Destination {
    var destination = try Destination.otlp(
      url: place.url.text, headers: place.headers.map { HTTPHeader($0.name, $0.value) },
      compression: PayloadCompression(place.compression, level: configuration.compressionLevel), version: build.version,
      limits: Destination.LaneLimits(
        connectionsMax: configuration.traceWriter.connectionLimit,
        queueBytesMax: configuration.traceWriter.queueBytesMax))
    destination.retry.retriesMax = configuration.maxSenderRetries
    destination.transport = transport(configuration)
    return destination
  }

  /// How everything that leaves the agent travels.
  static func transport(_ configuration: AgentConfiguration) -> TransportSettings {
    var transport = TransportSettings()
    transport.connectionAgeMax = configuration.connectionResetInterval
    transport.skipsCertificateCheck = configuration.skipSSLValidation
    // With a file that cannot be read libcurl would not even try to connect.
    transport.certificatesFile = configuration.certificatesFile.flatMap { access($0, R_OK) == 0 ? $0 : nil }
    transport.certificatesFolders = configuration.certificatesFolders.flatMap { readableFolders($0) }
    transport.minTLS = TransportSettings.TLSVersion(configuration.minTLSVersion)
    transport.proxy.http = configuration.proxy.http?.text
    transport.proxy.https = configuration.proxy.https?.text
    transport.proxy.noProxy = configuration.proxy.noProxy
    return transport
  }
}

extension PayloadCompression {
  /// As a destination is configured.
  init(_ configured: TraceDestination.Compression, level: Int) {
    self =
      switch configured {
      case .gzip: .gzip(level: level)
      case .zstd: .zstd(level: level)
      case .plain: .identity
      }
  }
}

extension TransportSettings.TLSVersion {
  fileprivate init(_ configured: Configuration.TLSVersion) {
    self =
      switch configured {
      case .tls10: .tls10
      case .tls11: .tls11
      case .tls12: .tls12
      case .tls13: .tls13
      }
  }
}

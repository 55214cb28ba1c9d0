extension OptionTable {
  /// Where data goes, and how.
  static let forwarding: [ConfigurationOption] = destination + writers

  private static let destination: [ConfigurationOption] = [
    ConfigurationOption(
      "apm_config.apm_dd_url", .forwarding, .url(\.intakeURL), variables: ["DD_APM_DD_URL"],
      flag: ("--intake-url", "URL"), defaultNote: "`https://trace.agent.SITE`",
      summary: "intake for traces and statistics",
      meaning: "For a proxy or an intake of your own. `/api/v0.2/traces` and `/api/v0.2/stats` are appended."),
    ConfigurationOption(
      "apm_config.additional_endpoints", .forwarding, .endpoints(\.additionalEndpoints),
      variables: ["DD_APM_ADDITIONAL_ENDPOINTS"],
      summary: "further intakes that get everything too, with their keys",
      meaning: """
        A mapping such as `{"https://trace.agent.datadoghq.eu": ["KEY"]}`; an intake with several keys gets everything once \
        for each. Each has connections, a queue, a spool and counters of its own, so that one that is away slows no other. It \
        needs `api_key` for the first intake.
        """),
    ConfigurationOption(
      "local.destinations", .forwarding, .destinations(\.destinations), variables: ["DD_LOCAL_DESTINATIONS"],
      isOwn: true,
      summary: "receivers of OTLP that get the traces that are kept",
      meaning: """
        For OpenTelemetry collectors, Tempo, Jaeger, SigNoz and whatever else takes OTLP over HTTP, beside Datadog's intake or, \
        without an API key, in its place. Addresses such as `otlp+http://tempo:4318`, `otlp+https://…`; one without a path gets \
        `/v1/traces`. In place of an address may stand a mapping with `url`, `headers` (names and values, which are never shown \
        and may be `ENC[…]`) and `compression`: `gzip`, `zstd` or `none`. In the variable the list is JSON: \
        `[{"url": "otlp+https://otlp.example.com", "headers": {"authorization": "Bearer …"}}]`; plain addresses may be \
        separated by commas. Each destination has connections, a queue, a spool and counters of its own \
        (`apm_config.trace_writer.*`, `local.spool`), so that one that is away slows no other. Headers and passwords may change \
        while the agent runs (SIGHUP) where nothing else of the list changes and no two have one address; otherwise new keys wait \
        for a restart too. `proxy` and `skip_ssl_validation` hold for them as for the intake: name those that no proxy leads to in \
        `proxy.no_proxy`. Statistics go to Datadog's intake only. [protocol.md](protocol.md#otlp-out) says what spans become.
        """),
    ConfigurationOption(
      "observability_pipelines_worker.traces.enabled", .forwarding, .boolean(\.usesPipelinesWorker),
      variables: ["DD_OBSERVABILITY_PIPELINES_WORKER_TRACES_ENABLED", "DD_VECTOR_TRACES_ENABLED"],
      olderKeys: ["vector.traces.enabled"],
      summary: "send through an Observability Pipelines Worker",
      meaning: "When true, the worker's address takes the place of every other intake address."),
    ConfigurationOption(
      "observability_pipelines_worker.traces.url", .forwarding, .url(\.pipelinesWorkerURL),
      variables: ["DD_OBSERVABILITY_PIPELINES_WORKER_TRACES_URL", "DD_VECTOR_TRACES_URL"],
      olderKeys: ["vector.traces.url"],
      summary: "address of that worker",
      meaning: "Needed when the worker is enabled."),
    ConfigurationOption(
      "proxy.https", .forwarding, .proxy(\.proxy.https),
      variables: ["DD_PROXY_HTTPS", "HTTPS_PROXY", "https_proxy"],
      summary: "proxy for https:// intakes",
      meaning: "A user name and password may be part of the address; they are never shown."),
    ConfigurationOption(
      "proxy.http", .forwarding, .proxy(\.proxy.http), variables: ["DD_PROXY_HTTP", "HTTP_PROXY", "http_proxy"],
      summary: "proxy for http:// intakes",
      meaning: "The same for an intake without TLS."),
    ConfigurationOption(
      "proxy.no_proxy", .forwarding, .list(\.proxy.noProxy, .either),
      variables: ["DD_PROXY_NO_PROXY", "NO_PROXY", "no_proxy"],
      summary: "hosts reached without a proxy",
      meaning: "Names, or endings of names, of hosts that the agent talks to directly."),
    ConfigurationOption(
      "skip_ssl_validation", .forwarding, .boolean(\.skipSSLValidation), variables: ["DD_SKIP_SSL_VALIDATION"],
      summary: "true: trust any certificate",
      meaning: "For a test intake. With it anyone on the way can read the key and the traces."),
    ConfigurationOption(
      "local.ca_file", .forwarding, .optionalText(\.certificatesFile),
      variables: ["DD_LOCAL_CA_FILE", "SSL_CERT_FILE"],
      defaultNote: "the system's certificates alone", isOwn: true,
      summary: "file of further certificates that are trusted",
      meaning: """
        In PEM, of the authorities that have signed the certificate of an intake of your own, or of a proxy that looks \
        inside. The Datadog agent obeys `SSL_CERT_FILE`, too.
        """),
    ConfigurationOption(
      "local.ca_folders", .forwarding, .optionalText(\.certificatesFolders),
      variables: ["DD_LOCAL_CA_FOLDERS", "SSL_CERT_DIR"],
      defaultNote: "the system's folder", isOwn: true,
      summary: "folders of certificates that are trusted, in place of the system's",
      meaning: """
        Several have `:` between them. Each certificate is in a PEM file that is named by the hash of its subject, as \
        `openssl rehash` names them. The Datadog agent obeys `SSL_CERT_DIR`, too, and reads files of any name.
        """),
    ConfigurationOption(
      "min_tls_version", .forwarding, .tlsVersion(\.minTLSVersion), variables: ["DD_MIN_TLS_VERSION"],
      summary: "oldest version of TLS that is spoken with an intake",
      meaning: "An intake that knows only older ones is not sent to, and the log says so."),
  ]

  private static let writers: [ConfigurationOption] = [
    ConfigurationOption(
      "apm_config.compression", .forwarding, .compression(\.compression),
      sources: [
        .variable("DD_APM_COMPRESSION"), .key("apm_config.compression"), .variable("DD_SERIALIZER_COMPRESSOR_KIND"),
        .key("serializer_compressor_kind"),
      ], isOwn: true,
      summary: "how trace payloads are compressed",
      meaning: """
        zstd makes smaller payloads than gzip, which is for intakes that know nothing else. \
        `serializer_compressor_kind` of the Datadog agent is honoured: its `zlib` and `none` mean gzip here. Level 1 of \
        gzip is as fast as zstd where ISA-L is installed (`libisal2` on Debian, `isa-l` of Homebrew), else four times \
        slower.
        """),
    ConfigurationOption(
      "apm_config.compression_level", .forwarding, .integer(\.compressionLevel, 1...9),
      variables: ["DD_APM_COMPRESSION_LEVEL"], isOwn: true,
      summary: "from 1, the fastest, to 9, the smallest",
      meaning: "Higher levels cost processor time and memory for a few percent of the size."),
    ConfigurationOption(
      "apm_config.trace_writer.connection_limit", .forwarding, .integer(\.traceWriter.connectionLimit, 1...100),
      variables: ["DD_APM_CONFIG_TRACE_WRITER_CONNECTION_LIMIT"],
      summary: "connections for traces",
      meaning: "Trace payloads under way to the intake at the same time."),
    ConfigurationOption(
      "apm_config.trace_writer.flush_period_seconds", .forwarding,
      .duration(\.traceWriter.flushPeriod, .fractionalSeconds(0.01...3600)),
      variables: ["DD_APM_CONFIG_TRACE_WRITER_FLUSH_PERIOD_SECONDS"],
      summary: "seconds until buffered traces are sent",
      meaning: """
        They are sent earlier when 3.2 MB have gathered. An agent that is killed loses what is buffered, so that this is \
        short; the 5 seconds of the Datadog trace-agent make fewer and larger requests where little comes. What is sent and \
        not answered a second after it came is written to disk (`local.spool`). 0 is the default.
        """),
    ConfigurationOption(
      "apm_config.trace_writer.queue_max_bytes", .forwarding,
      .integer(\.traceWriter.queueBytesMax, 65_536...1_073_741_824, .bytes),
      variables: ["DD_APM_CONFIG_TRACE_WRITER_QUEUE_MAX_BYTES"], isOwn: true,
      summary: "bytes of traces that may wait for the intake",
      meaning: """
        Payloads that the intake does not take within a second wait on disk (`local.spool`). Past this size the oldest is \
        given up and counted: where there is no such folder, or it cannot be written.
        """),
    ConfigurationOption(
      "apm_config.stats_writer.connection_limit", .forwarding, .integer(\.statsWriter.connectionLimit, 1...100),
      variables: ["DD_APM_CONFIG_STATS_WRITER_CONNECTION_LIMIT"],
      summary: "connections for statistics",
      meaning: "Statistics payloads under way to the intake at the same time."),
    ConfigurationOption(
      "apm_config.stats_writer.queue_max_bytes", .forwarding,
      .integer(\.statsWriter.queueBytesMax, 65_536...1_073_741_824, .bytes),
      variables: ["DD_APM_CONFIG_STATS_WRITER_QUEUE_MAX_BYTES"], isOwn: true,
      summary: "bytes of statistics that may wait for the intake",
      meaning: "As for traces, which cannot take this memory. Statistics are small; the default holds hours of them."),
    ConfigurationOption(
      "local.spool", .forwarding, .optionalText(\.spoolPath), variables: ["DD_LOCAL_SPOOL"],
      defaultNote: "`spool` in the folder of `local.db`", isOwn: true,
      summary: "folder for payloads that the intake does not take, or off",
      meaning: """
        Payloads that the intake has not taken after a second, or refuses because of the key, are written there and sent \
        when it takes them again, old and new ones in turn; those that are left when the agent ends, or is killed, are sent by the \
        next one. While the intake takes everything within a second, only what statistics have counted and not sent yet is \
        written there, once a second. Only the agent's user may read it, and one agent writes to it at a time. When it cannot be written, the log says why and payloads wait in memory \
        (`apm_config.trace_writer.queue_max_bytes`). `off` keeps them in memory in any case; so do an agent of `roost run` \
        that is not told otherwise, and one whose user has no home.
        """),
    ConfigurationOption(
      "local.spool_max", .forwarding, .integer(\.spoolBytesMax, 16_000_000...Int.max, .bytes),
      variables: ["DD_LOCAL_SPOOL_MAX"], isOwn: true,
      summary: "bytes in that folder for each intake",
      meaning: """
        Past it the oldest sixteenth is given up and counted. An eighth of it is for statistics. What \
        `local.durability: strict` writes may take as much again, and what an agent that ended suddenly has left of that lies \
        beside it until it is sent.
        """),
    ConfigurationOption(
      "local.durability", .forwarding, .durability(\.durability), variables: ["DD_LOCAL_DURABILITY"], isOwn: true,
      summary: "strict: traces are on disk before they are answered",
      meaning: """
        `normal` can lose what came in the last second when the agent is killed or the machine goes down. With `strict` a \
        request is answered when it is on disk (`accepted` in `local.spool`, as it came, with fdatasync): about 100 ms later \
        and what the disk takes, because many share one write, or 25 ms where all clients wait already. The next agent sends on what had not left. Requests stay there for half a minute, until their \
        statistics have left too. When the folder cannot be written, or holds `local.spool_max`, requests are refused with 503 and \
        counted as `not_durable`. It has no effect where nothing is forwarded, or `local.spool` is off.
        """),
    ConfigurationOption(
      "apm_config.max_sender_retries", .forwarding, .optionalInteger(\.maxSenderRetries, 0...1_000_000),
      variables: ["DD_APM_MAX_SENDER_RETRIES"], defaultNote: "none: until the queue is full",
      summary: "times that one payload is sent again",
      meaning: "Sending is tried again on network errors, 408, 429 and 5xx. The Datadog trace-agent gives up after 4."),
    ConfigurationOption(
      "apm_config.connection_reset_interval", .forwarding,
      .duration(\.connectionResetInterval, .seconds(0...604_800)), variables: ["DD_APM_CONNECTION_RESET_INTERVAL"],
      summary: "seconds after which connections are opened anew",
      meaning: "So that a changed DNS answer is noticed by connections that never rest. 0 is never."),
  ]
}

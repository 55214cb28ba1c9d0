extension OptionTable {
  /// Where the agent listens and what it accepts.
  static let receiver: [ConfigurationOption] = listeners + limits

  private static let listeners: [ConfigurationOption] = [
    ConfigurationOption(
      "apm_config.receiver_enabled", .receiver, .boolean(\.receiverEnabled), variables: ["DD_APM_RECEIVER_ENABLED"],
      summary: "false: open no port and no socket",
      meaning: "With `false` neither TCP nor the unix socket is opened, whatever else is set."),
    ConfigurationOption(
      "apm_config.receiver_port", .receiver, .integer(\.receiverPort, 0...65_535),
      variables: ["DD_APM_RECEIVER_PORT", "DD_RECEIVER_PORT"], flag: ("--port", "PORT"),
      summary: "TCP port for tracers; 0 turns TCP off",
      meaning: """
        Tracers send to 8126 unless told otherwise (`DD_TRACE_AGENT_PORT` on their side). When the port cannot be \
        opened the agent ends: a tracer would talk to whoever else has it.
        """),
    ConfigurationOption(
      "apm_config.receiver_socket", .receiver, .text(\.receiverSocket), variables: ["DD_APM_RECEIVER_SOCKET"],
      flag: ("--socket", "PATH"), isEmptyUnset: false,
      summary: "unix socket for tracers; empty turns it off",
      meaning: """
        Tracers prefer the default path over TCP when the file exists. A socket that cannot be opened is logged and \
        never stops TCP; when the directory of the default path is missing the agent just goes without. A stale socket \
        file is replaced, a socket in use or a file of another kind never.
        """),
    ConfigurationOption(
      "bind_host", .receiver, .host(\.bindHost), variables: ["DD_BIND_HOST"], flag: ("--bind-host", "HOST"),
      defaultNote: "127.0.0.1 and ::1; all addresses in a container", isEmptyUnset: false,
      summary: "address to listen on",
      meaning: """
        Naming an address, even the loopback one, also keeps a containerized agent from listening on all. `localhost` \
        and an empty value mean both loopback addresses, `0.0.0.0` or `::` all addresses of both kinds. \
        `apm_non_local_traffic: true` wins over it.
        """),
    ConfigurationOption(
      "apm_config.apm_non_local_traffic", .receiver, .optionalBoolean(\.nonLocalTraffic),
      variables: ["DD_APM_NON_LOCAL_TRAFFIC"], flag: ("--non-local-traffic", nil),
      defaultNote: "false; true in a container unless `bind_host` is set",
      summary: "listen on all addresses",
      meaning: """
        Needed when apps reach the agent from another machine or container. Who can reach the port can send traces, \
        so leave it off elsewhere. An explicit `false` holds inside a container too.
        """),
    ConfigurationOption(
      "DD_APM_NET_RECEIVER_FD", .receiver, .optionalInteger(\.tcpDescriptor, 0...1_048_576),
      sources: [.variable("DD_APM_NET_RECEIVER_FD")],
      summary: "number of an open TCP socket to use",
      meaning: "For a supervisor that opens the port itself and starts the agent with it. The socket must be listening."
    ),
    ConfigurationOption(
      "DD_APM_UNIX_RECEIVER_FD", .receiver, .optionalInteger(\.unixDescriptor, 0...1_048_576),
      sources: [.variable("DD_APM_UNIX_RECEIVER_FD")],
      summary: "number of an open unix socket to use",
      meaning: "The same for the unix socket."),
    ConfigurationOption(
      "DD_OTLP_CONFIG_GRPC_FD", .receiver, .optionalInteger(\.callsDescriptor, 0...1_048_576),
      sources: [.variable("DD_OTLP_CONFIG_GRPC_FD")],
      summary: "number of an open TCP socket to use for OTLP over gRPC",
      meaning: "The same in place of `otlp_config.receiver.protocols.grpc.endpoint`."),
  ]

  private static let limits: [ConfigurationOption] = [
    ConfigurationOption(
      "apm_config.receiver_timeout", .receiver, .duration(\.receiverTimeout, .seconds(1...3600)),
      variables: ["DD_APM_RECEIVER_TIMEOUT"],
      summary: "seconds that one request may take",
      meaning: "A request that has not arrived by then is answered 408 and counted as `timeout`. 0 is the default."),
    ConfigurationOption(
      "apm_config.max_payload_size", .receiver, .integer(\.maxPayloadBytes, 1...1_073_741_824, .bytes),
      variables: ["DD_APM_MAX_PAYLOAD_SIZE"],
      summary: "largest request body in bytes",
      meaning: "A larger one is answered 413 `payload-too-large` at once, and its traces are counted as dropped."),
    ConfigurationOption(
      "apm_config.max_connections", .receiver, .integer(\.maxConnections, 1...1_000_000),
      variables: ["DD_APM_MAX_CONNECTIONS"],
      summary: "connections open at a time",
      meaning: "Past it each new connection makes another give way: the one that was silent or unfinished longest. "
        + "Each tracer process holds one or two."),
    ConfigurationOption(
      "apm_config.decoders", .receiver, .integer(\.decoders, 0...256), variables: ["DD_APM_DECODERS"],
      defaultNote: "0: half of the processors",
      summary: "threads that read and process requests",
      meaning: "Each has buffers of its own, so more of them cost memory."),
    ConfigurationOption(
      "apm_config.idle_timeout", .receiver, .duration(\.idleTimeout, .seconds(1...86_400)),
      variables: ["DD_APM_IDLE_TIMEOUT"], isOwn: true,
      summary: "seconds that a silent connection is kept",
      meaning: "Tracers flush every second or so and keep their connection; a process that is gone gives it back."),
    ConfigurationOption(
      "apm_config.max_header_size", .receiver, .integer(\.maxHeaderBytes, 4096...1_048_576, .bytes),
      variables: ["DD_APM_MAX_HEADER_SIZE"], isOwn: true,
      summary: "largest request head in bytes",
      meaning: "A request with a larger one is refused with 431. It is also memory that every open connection may use."),
  ]
}

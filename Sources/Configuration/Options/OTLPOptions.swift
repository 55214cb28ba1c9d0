extension OptionTable {
  /// How traces of OpenTelemetry are taken.
  static let otlp: [ConfigurationOption] = [
    ConfigurationOption(
      "otlp_config.traces.enabled", .receiver, .boolean(\.otlp.isEnabled), variables: ["DD_OTLP_CONFIG_TRACES_ENABLED"],
      summary: "take traces of OpenTelemetry",
      meaning: """
        With `false` no port is opened for OTLP. The trace port takes it all the same, as it takes every format of traces.
        """),
    ConfigurationOption(
      "otlp_config.receiver.protocols.http.endpoint", .receiver, .otlpEndpoint(\.otlp.endpoint),
      variables: ["DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_HTTP_ENDPOINT"],
      defaultNote: "port 4318 on the addresses of the trace port, if that is 8126",
      summary: "HOST:PORT for OTLP over HTTP",
      meaning: """
        Exporters of OpenTelemetry send to port 4318 of localhost unless told otherwise. A port that another program has, \
        a collector for example, is left to it, and the log says so. `localhost` means both loopback addresses, no \
        host (`:4318`) all addresses. Here, at the port for gRPC and at the trace port both are taken, HTTP and gRPC.
        """),
    ConfigurationOption(
      "otlp_config.receiver.protocols.grpc.endpoint", .receiver, .otlpEndpoint(\.otlp.grpcEndpoint),
      variables: ["DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_GRPC_ENDPOINT"],
      defaultNote: "port 4317 on the addresses of the trace port, if that is 8126",
      summary: "HOST:PORT for OTLP over gRPC",
      meaning: """
        The port that exporters of OpenTelemetry use for gRPC unless told otherwise; the same rules as for HTTP's. It needs \
        libnghttp2. Calls may be compressed with gzip or zstd.
        """),
    ConfigurationOption(
      "otlp_config.receiver.protocols.grpc.max_recv_msg_size_mib", .receiver,
      .optionalInteger(\.otlp.messageMiBMax, 1...4_096),
      variables: ["DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_GRPC_MAX_RECV_MSG_SIZE_MIB"],
      defaultNote: "as apm_config.max_payload_size",
      summary: "size of one message over gRPC, in MiB",
      meaning: """
        A larger one ends with RESOURCE_EXHAUSTED, and exporters do not send it again. What \
        `apm_config.max_payload_size` allows is the most.
        """),
    ConfigurationOption(
      "otlp_config.receiver.protocols.grpc.max_concurrent_streams", .receiver, .integer(\.otlp.callsMax, 1...10_000),
      variables: ["DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_GRPC_MAX_CONCURRENT_STREAMS"],
      summary: "calls of gRPC that may be open on one connection",
      meaning: "Clients are told so, and wait with further ones."),
    ConfigurationOption(
      "otlp_config.traces.probabilistic_sampler.sampling_percentage", .sampling,
      .number(\.otlp.samplingPercentage, 0...100),
      variables: ["DD_OTLP_CONFIG_TRACES_PROBABILISTIC_SAMPLER_SAMPLING_PERCENTAGE"],
      summary: "percentage of OpenTelemetry's traces to keep by their ids",
      meaning: """
        OpenTelemetry sends no priority; a span's attribute `sampling.priority` is one and goes before this. 0 \
        keeps all, as in the Datadog agent. `apm_config.probabilistic_sampler`, when on, decides in its place.
        """),
    ConfigurationOption(
      "otlp_config.traces.span_name_as_resource_name", .processing, .boolean(\.otlp.spanNameIsOperation),
      variables: ["DD_OTLP_CONFIG_TRACES_SPAN_NAME_AS_RESOURCE_NAME"],
      summary: "call operations of OpenTelemetry as their spans",
      meaning: """
        Otherwise an operation is named by what the span's attributes say (`http.server.request`). With this, or with new \
        names in `span_name_remappings`, names follow the older rules of the Datadog agent, which are `<scope>.<kind>` \
        without this.
        """),
    ConfigurationOption(
      "otlp_config.traces.span_name_remappings", .processing, .renames(\.otlp.renamedOperations),
      variables: ["DD_OTLP_CONFIG_TRACES_SPAN_NAME_REMAPPINGS"],
      summary: "operations of OpenTelemetry that are called otherwise",
      meaning: "The old name and the new one, for example `io.opentelemetry.javaagent.spring.client: spring.client`."),
  ]
}

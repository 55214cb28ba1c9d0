extension OptionExample {
  static let otlp = [
    row("otlp_config.traces.enabled", "false", standard: "true", refused: ("maybe", "\"maybe\" is not true or false")),
    row(
      "otlp_config.receiver.protocols.http.endpoint", "http://localhost:4319", shown: "localhost:4319",
      standard: "none",
      refused: ("localhost", "\"localhost\" is not HOST:PORT")),
    row(
      "otlp_config.receiver.protocols.grpc.endpoint", ":4316", standard: "none",
      refused: ("4317", "\"4317\" is not HOST:PORT")),
    row(
      "otlp_config.receiver.protocols.grpc.max_recv_msg_size_mib", "10", standard: "none",
      refused: ("0", "0 is out of range (1 to 4096)")),
    row(
      "otlp_config.receiver.protocols.grpc.max_concurrent_streams", "1", standard: "100",
      refused: ("0", "0 is out of range (1 to 10000)")),
    row(
      "otlp_config.traces.probabilistic_sampler.sampling_percentage", "12.5", standard: "100",
      refused: ("101", "101 is out of range (0 to 100)")),
    row(
      "otlp_config.traces.span_name_as_resource_name", "true", standard: "false",
      refused: ("maybe", "\"maybe\" is not true or false")),
    row(
      "otlp_config.traces.span_name_remappings", "a.server=web,b=c", shown: "a.server=web, b=c", standard: "none",
      refused: ("a", "\"a\" has no new name; write from=to")),
  ]
}

import Testing

@testable import Configuration

@Suite struct `Where OTLP is taken` {
  @Test(
    arguments: [
      ([:], ["127.0.0.1:4318", "[::1]:4318", "127.0.0.1:4317", "[::1]:4317"]),
      (["DD_BIND_HOST": "10.0.0.7"], ["10.0.0.7:4318", "10.0.0.7:4317"]),
      (["DD_APM_NON_LOCAL_TRAFFIC": "true"], ["0.0.0.0:4318", "[::]:4318", "0.0.0.0:4317", "[::]:4317"]),
      (["DD_APM_RECEIVER_PORT": "8136"], []), (["DD_OTLP_CONFIG_TRACES_ENABLED": "false"], []),
      (
        ["DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_HTTP_ENDPOINT": "localhost:0", "DD_APM_RECEIVER_PORT": "1"], ["localhost:0"]
      ),
      (
        ["DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_HTTP_ENDPOINT": ":9", "DD_APM_RECEIVER_PORT": "1"], ["0.0.0.0:9", "[::]:9"]
      ),
      (
        ["DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_GRPC_ENDPOINT": "0.0.0.0:9", "DD_APM_RECEIVER_PORT": "1"],
        ["0.0.0.0:9", "[::]:9"]
      ),
    ] as [([String: String], [String])])
  func `beside the usual trace port, or where it says`(_ environment: [String: String], _ places: [String]) {
    #expect(load(environment: environment).value.otlpAddresses.map(\.endpoint.description) == places)
  }

  @Test func `only an address that was set has to be free`() {
    let places = load(environment: ["DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_GRPC_ENDPOINT": "localhost:9"]).value
      .otlpAddresses
    #expect(places.map(\.isOptional) == [true, true, false] && places.map(\.isForCalls) == [false, false, true])
  }

  @Test func `a file sets it as that of the Datadog agent does`() {
    let value = load(
      """
      otlp_config:
        receiver:
          protocols:
            http: {endpoint: "localhost:4319"}
            grpc: {endpoint: "0.0.0.0:4316", max_recv_msg_size_mib: 10, max_concurrent_streams: 1}
        traces:
          span_name_remappings: {a.server: web}
          probabilistic_sampler: {sampling_percentage: 25}
      """
    ).value.otlp
    #expect(value.endpoint == OTLPEndpoint(host: "localhost", port: 4319))
    #expect(value.grpcEndpoint == OTLPEndpoint(host: "0.0.0.0", port: 4316))
    #expect(value.messageMiBMax == 10 && value.callsMax == 1)
    #expect(value.renamedOperations == [OperationRename(from: "a.server", to: "web")])
    #expect(value.samplingPercentage == 25)
  }
}

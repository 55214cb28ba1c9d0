import Patterns
import Testing

@testable import Configuration

@Suite struct SampleFileTests {
  /// As a person who has run the Datadog agent for years might have it, all parts of the agent included.
  private static let sample = """
    ## The account
    api_key: "0123456789abcdef0123456789abcdef"
    site: datadoghq.eu
    hostname: shop-web-3
    tags:
      - team:checkout
      - env:production
      - region:eu-west-1
    extra_tags: ["rack:7"]
    env: production
    proxy:
      https: "http://agent:s3cret@proxy.example:3128"
      no_proxy:
        - 169.254.169.254
        - intake.internal
    skip_ssl_validation: false
    bind_host: 127.0.0.1

    ## Other parts of the agent
    dd_url: https://app.datadoghq.eu
    logs_enabled: true
    logs_config:
      container_collect_all: true
      processing_rules:
        - type: exclude_at_match
          name: health
          pattern: GET /health
    process_config:
      process_collection: {enabled: true}
    check_runners: 4
    cmd_port: 5001
    GUI_port: 5002
    expvar_port: 5000
    dogstatsd_port: 8125
    use_dogstatsd: yes
    dogstatsd_mapper_profiles:
      - name: airflow
        prefix: "airflow."
        mappings: [{match: "airflow.job.*", name: "airflow.job"}]
    log_level: 'warning'
    log_file: /var/log/datadog/agent.log
    secret_backend_command: /usr/local/bin/secrets
    evp_proxy_config: {enabled: true, max_payload_size: 10485760}
    otlp_config:
      receiver: {protocols: {grpc: {endpoint: 0.0.0.0:4317}}}
    serializer_compressor_kind: zstd

    apm_config: &apm
      enabled: true
      env: shop-production
      receiver_port: 8127
      receiver_socket: /run/apm.socket
      apm_non_local_traffic: on
      receiver_timeout: 10
      connection_limit: 2000
      max_memory: 5e8
      max_cpu_percent: 50
      max_traces_per_second: 20
      errors_per_second: 5.5
      max_events_per_second: 200
      extra_sample_rate: 1.0
      features: ["429", component2name]
      peer_tags: [_dd.base_service, aws.queue.name]
      trace_writer:
        connection_limit: 8
        queue_size: 1
        flush_period_seconds: 2.5
      stats_writer: {flush_period_seconds: 10}
      ignore_resources: ["GET /health"]
      replace_tags:
        - name: http.url
          pattern: "token=[^&]*"
          repl: "token=?"
      filter_tags:
        reject: ["outcome:success"]
      obfuscation:
        credit_cards: {enabled: true, luhn: true}
        redis: {enabled: true, remove_all_args: true}
      analyzed_spans:
        shop|web.request: 1
      telemetry: {enabled: false}
      debug: {port: 5012}
      log_file: /var/log/datadog/trace-agent.log
    """

  @Test func `a file in use is accepted without a word`() {
    #expect(messages(load(Self.sample)) == [])
  }

  @Test func `a file in use gives the values it says`() throws {
    var expected = AgentConfiguration()
    expected.apiKey = APIKey("0123456789abcdef0123456789abcdef")
    expected.site = "datadoghq.eu"
    expected.hostname = "shop-web-3"
    expected.hostTags = ["team:checkout", "env:production", "region:eu-west-1"]
    expected.extraHostTags = ["rack:7"]
    expected.defaultEnv = "shop-production"
    expected.proxy.https = try? HTTPURL("http://agent:s3cret@proxy.example:3128")
    expected.proxy.noProxy = ["169.254.169.254", "intake.internal"]
    expected.bindHost = "127.0.0.1"
    expected.logLevel = .warn
    (expected.usesDogStatsD, expected.dogStatsDPort) = (true, 8125)
    expected.receiverPort = 8127
    expected.receiverSocket = "/run/apm.socket"
    expected.isReceiverSocketExplicit = true
    expected.nonLocalTraffic = true
    expected.receiverTimeout = .seconds(10)
    expected.otlp.grpcEndpoint = OTLPEndpoint(host: "0.0.0.0", port: 4317)
    expected.filterTagsReject = ["outcome:success"]
    expected.ignoreResources = [try Pattern("GET /health")]
    expected.replaceRules = [
      try ReplaceRule(name: "http.url", pattern: Pattern("token=[^&]*"), replacement: "token=?")
    ]
    expected.targetTPS = 20
    expected.errorTPS = 5.5
    expected.analyzedSpans = [NamedRate(service: "shop", operation: "web.request", rate: 1)]
    expected.features = ["429", "component2name"]
    expected.peerTags = ["_dd.base_service", "aws.queue.name"]
    expected.obfuscation.creditCardsNeedChecksum = true
    expected.obfuscation.redis.removesAllArguments = true
    expected.products.eventBytesMax = 10_485_760
    expected.products.takesTelemetry = false
    expected.traceWriter.connectionLimit = 8
    expected.traceWriter.flushPeriod = .milliseconds(2500)
    expected.logFile = "/var/log/datadog/trace-agent.log"
    expected.secrets.command = "/usr/local/bin/secrets"
    #expect(load(Self.sample).value == expected)
  }

  @Test func `a file in use tells what it counts on in vain`() {
    #expect(
      load(Self.sample).withoutEffect.filter { $0.reason != .otherProgram }.map(\.name) == [
        "log_file", "apm_config.connection_limit", "apm_config.max_cpu_percent", "apm_config.trace_writer.queue_size",
        "apm_config.stats_writer.flush_period_seconds", "apm_config.debug.port",
      ])
  }
}

import Diagnosis

extension RuleCaseTests {
  /// One setting and a release of ddtrace, on a machine that is well otherwise and from which nothing has arrived yet.
  private static func setting(
    _ variables: [String: String], _ version: String, _ id: String, _ severity: Severity?
  ) -> Case {
    let list = variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    return Case("\(list) for ddtrace \(version)", "healthy", id, severity) {
      $0.agent?.senders = []
      $0.processes[0].tracer?.version = version
      $0.processes[0].environment.merge(variables) { $1 }
    }
  }

  private static func server(
    _ words: String, _ version: String, _ severity: Severity?, bootstrapped: Bool = false,
    variables: [String: String] = [:]
  ) -> Case {
    let with = "ddtrace \(version)\(bootstrapped ? " by ddtrace-run" : "")"
    let list = variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value) " }.joined()
    return Case("\(list)\(words) with \(with)", "healthy", "RST033", severity) {
      $0.processes[0].environment.merge(variables) { $1 }
      $0.processes[0].commandLine = words.split(separator: " ").map(String.init)
      $0.processes[0].tracer?.version = version
      if bootstrapped { $0.processes[0].environment["PYTHONPATH"] = "/app/ddtrace/bootstrap" }
    }
  }

  /// What depends on a tracer's version, on both sides of the change.
  static let versions = switches + sampling + exporters + servers

  private static let switches = [
    setting(["DD_TRACE_ENABLED": "false"], "0.40.0", "RST031", .note),
    setting(["DD_TRACE_ENABLED": "false"], "0.41.0", "RST031", .problem),
    setting(["DD_TRACE_ENABLED": "yes"], "4.16.0", "RST031", .problem),
    setting(["DATADOG_TRACE_ENABLED": "false"], "0.50.0", "RST031", .problem),
    setting(["DATADOG_TRACE_ENABLED": "false"], "1.20.0", "RST031", nil),
    setting(["DATADOG_TRACE_ENABLED": "false"], "1.20.0", "RST029", .warning),
    setting(["DATADOG_ENV": "test"], "0.50.0", "RST029", nil),
    setting(["DD_APM_TRACING_ENABLED": "false"], "4.16.0", "RST031", .note),
    setting(["DD_APM_TRACING_ENABLED": "false", "DD_APPSEC_ENABLED": "true"], "4.16.0", "RST031", .warning),
    setting(["DD_APM_TRACING_ENABLED": "false", "DD_APPSEC_ENABLED": "true"], "2.21.0", "RST031", .note),
    setting(["OTEL_SDK_DISABLED": "true"], "4.16.0", "RST031", nil),
    setting(["OTEL_TRACES_EXPORTER": "none"], "2.8.0", "RST031", nil),
    setting(["OTEL_TRACES_EXPORTER": "none"], "2.9.0", "RST031", .problem),
    setting(["OTEL_TRACES_EXPORTER": "none", "DD_TRACE_ENABLED": "true"], "4.16.0", "RST031", nil),
    Case("OpenTelemetry's own SDK obeys OTEL_SDK_DISABLED", "healthy", "RST031", .problem) {
      $0.processes[0].tracer = TracerEvidence(library: "opentelemetry")
      $0.processes[0].environment["OTEL_SDK_DISABLED"] = "true"
    },
  ]

  private static let sampling = [
    setting(["DD_TRACE_SAMPLE_RATE": "0"], "2.21.0", "RST043", .warning),
    setting(["DD_TRACE_SAMPLE_RATE": "0"], "3.0.0", "RST043", .note),
    setting(["DD_TRACE_RATE_LIMIT": "0"], "1.20.0", "RST044", .warning),
    setting(["DD_TRACE_RATE_LIMIT": "0"], "2.21.0", "RST044", nil),
    setting(["DD_TRACE_RATE_LIMIT": "0", "DD_TRACE_SAMPLING_RULES": "[]"], "4.16.0", "RST044", .warning),
    setting(["DD_TRACE_RATE_LIMIT": "0", "DD_TRACE_SAMPLE_RATE": "1"], "4.16.0", "RST044", nil),
  ]

  private static let exporters = [
    setting(["OTEL_TRACES_EXPORTER": "otlp"], "4.7.2", "RST019", nil),
    setting(["OTEL_TRACES_EXPORTER": "otlp"], "4.8.0", "RST019", .problem),
    setting(["OTEL_TRACES_EXPORTER": "otlp", "DD_TRACE_AGENT_PROTOCOL_VERSION": "0.4"], "4.16.0", "RST019", nil),
    setting(
      ["OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"], "4.16.0", "RST019",
      .warning),
    setting(
      ["OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:8126"], "4.16.0", "RST019",
      nil),
    Case("OpenTelemetry's exporter and no receiver", "healthy", "RST019", .problem) {
      $0.processes[0].tracer = TracerEvidence(library: "opentelemetry")
      $0.processes[0].pid = 900
    },
    Case("OpenTelemetry's exporter and a receiver", "healthy", "RST019", nil) {
      $0.processes[0].tracer = TracerEvidence(library: "opentelemetry")
      var receiver = $0.host.listeners[0]
      receiver.port = 4317
      $0.host.listeners.append(receiver)
    },
  ]

  private static let servers = [
    server("uwsgi --master -p 4 --module app", "3.18.1", .note),
    server("uwsgi --master -p 4 --module app", "3.19.0", .problem),
    server("uwsgi --master -p 4 --module app", "4.15.0", .note),
    server("uwsgi --module app", "4.10.0", .note),
    server("uwsgi --master --enable-threads --lazy-apps --module app", "4.10.0", nil),
    server("uwsgi --master --enable-threads --lazy-apps --module app", "4.10.0", .problem, bootstrapped: true),
    server("python /app/bin/uwsgi -M --enable-threads --module app", "4.10.0", .problem),
    server("uwsgi --processes 1 --enable-threads --module app", "4.10.0", nil),
    server("uwsgi --processes=1 --module app", "4.10.0", .note),
    server("uwsgi --workers=2 --enable-threads --module app", "4.10.0", .problem),
    server("uwsgi --processes %k --enable-threads --module app", "4.10.0", .problem),
    server("uwsgi -p1 -T --module app", "4.10.0", nil),
    server("uwsgi -p 1 -T --module app", "4.10.0", nil),
    server("uwsgi -p4 -T --module app", "4.10.0", .problem),
    server("uwsgi -MTp4 --lazy-apps --module app", "4.10.0", nil),
    server("uwsgi -w app -s Mp", "4.10.0", .note),
    server("uwsgi --module app", "4.10.0", .problem, variables: ["UWSGI_PROCESSES": "2"]),
    server("uwsgi -T --module app", "4.10.0", .problem, variables: ["UWSGI_MASTER": "true"]),
    server("uwsgi -T --module app", "4.10.0", nil, variables: ["UWSGI_MASTER": "False"]),
    server("uwsgi -T --module app", "4.10.0", nil, variables: ["UWSGI_MASTER": "off"]),
    server("uwsgi --module app", "4.10.0", .note, variables: ["UWSGI_ENABLE_THREADS": "0"]),
    server("uwsgi --master", "4.10.0", nil, variables: ["UWSGI_INI": "/app/uwsgi.ini"]),
    server("uwsgi --master", "4.10.0", nil, variables: ["UWSGI_YAML": "/app/uwsgi.yaml"]),
    server("uwsgi --master --json=/app/uwsgi.conf", "4.10.0", nil),
    server("gunicorn --preload app:app", "0.60.0", .warning),
    server("gunicorn --preload app:app", "1.0.0", nil),
  ]
}

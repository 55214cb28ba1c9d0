import Scrubbing

/// Which variables of a process say something about its tracing, and may be stored without their secrets.
enum VariablesOfInterest {
  private static let prefixes = [
    "DD_", "DATADOG_", "DDAGENT_", "OTEL_", "CORECLR_", "COR_", "UWSGI_", "GUNICORN_", "DOTNET_", "_DD_",
  ]
  private static let names: Set<String> = [
    "NODE_OPTIONS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS", "_JAVA_OPTIONS", "CATALINA_OPTS",
    "PYTHONPATH", "RUBYOPT", "LD_PRELOAD",
    "PHP_INI_SCAN_DIR", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "ECS_CONTAINER_METADATA_URI_V4",
    "AWS_LAMBDA_FUNCTION_NAME", "VIRTUAL_ENV", "WEB_CONCURRENCY", "container",
  ]
  /// How much of a value is kept, in characters: of `LD_PRELOAD` and the like the first entries tell enough.
  static let valueMax = 4096
  /// Settings that a child should have inherited.
  private static let tracerPrefixes = ["DD_", "DATADOG_", "DDAGENT_", "OTEL_"]

  static func isOfInterest(_ name: String) -> Bool {
    let upper = name.uppercased()
    return names.contains(name) || prefixes.contains { name.hasPrefix($0) } || upper.hasSuffix("_PROXY")
  }

  static func isTracerSetting(_ name: String) -> Bool { tracerPrefixes.contains { name.hasPrefix($0) } }

  /// The variables of interest without secrets.
  static func selected(from environment: [String: String]) -> [String: String] {
    var selected: [String: String] = [:]
    for (name, value) in environment where isOfInterest(name) {
      selected[Scrubber.scrub(name)] = Scrubber.value(value, of: name, shownMax: valueMax)
    }
    return selected
  }
}

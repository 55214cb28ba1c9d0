import Diagnosis

/// Signs of a tracer in what a process was started with and has loaded.
///
/// Paths are those that the tracers' packages have: Datadog's libraries by their file names, OpenTelemetry's agents by
/// theirs.
struct TracerSigns {
  let arguments: [String]
  let environment: [String: String]
  /// Files in its memory and files it has open; empty when they cannot be seen.
  let files: Set<String>

  private struct Sign {
    let part: String
    let library: String
  }

  private static let fileSigns = [
    Sign(part: "-packages/ddtrace/", library: "ddtrace"), Sign(part: "/ddtrace.so", library: "dd-trace-php"),
    Sign(part: "dd-java-agent", library: "dd-java-agent"),
    Sign(part: "/node_modules/dd-trace/", library: "dd-trace-js"),
    Sign(part: "/node_modules/@datadog/native-", library: "dd-trace-js"),
    Sign(part: "/node_modules/@datadog/libdatadog", library: "dd-trace-js"),
    Sign(part: "Datadog.Tracer.Native", library: "dd-trace-dotnet"),
    Sign(part: "Datadog.Trace.ClrProfiler.Native", library: "dd-trace-dotnet"),
    Sign(part: "Datadog.Trace.dll", library: "dd-trace-dotnet"),
    Sign(part: "/gems/datadog-", library: "datadog"), Sign(part: "/gems/ddtrace-", library: "ddtrace"),
    Sign(part: "datadog_profiling_native_extension", library: "datadog"),
    Sign(part: "ngx_http_datadog_module", library: "nginx-datadog"),
    Sign(part: "libdd_opentracing_plugin", library: "dd-opentracing-cpp"),
    Sign(part: "libdd_trace_cpp", library: "dd-trace-cpp"),
    Sign(part: "opentelemetry-javaagent", library: "opentelemetry"),
    Sign(part: "OpenTelemetry.AutoInstrumentation.Native", library: "opentelemetry"),
    Sign(part: "/opentelemetry.so", library: "opentelemetry"),
  ]

  /// What injects a tracer by the command line or by a variable.
  private static let injectionSigns = [
    Sign(part: "ddtrace-run", library: "ddtrace"), Sign(part: "ddtrace/bootstrap", library: "ddtrace"),
    Sign(part: "dd-java-agent", library: "dd-java-agent"), Sign(part: "dd-trace/init", library: "dd-trace-js"),
    Sign(part: "dd-trace/ci/init", library: "dd-trace-js"), Sign(part: "dd-trace/register", library: "dd-trace-js"),
    Sign(part: "Datadog.Trac", library: "dd-trace-dotnet"), Sign(part: "datadog/auto_instrument", library: "datadog"),
    Sign(part: "ddtrace/auto_instrument", library: "ddtrace"), Sign(part: "ddtrace.so", library: "dd-trace-php"),
    Sign(part: "opentelemetry-javaagent", library: "opentelemetry"),
    Sign(part: "opentelemetry-instrument", library: "opentelemetry"),
    Sign(part: "opentelemetry/instrumentation/auto_instrumentation", library: "opentelemetry"),
    Sign(part: "@opentelemetry/", library: "opentelemetry"),
    Sign(part: "OpenTelemetry.AutoInstrumentation", library: "opentelemetry"),
  ]

  /// Variables that make a runtime load something.
  private static let injectingVariables = [
    "NODE_OPTIONS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "RUBYOPT", "PYTHONPATH",
    "CORECLR_PROFILER_PATH", "CORECLR_PROFILER_PATH_64", "DOTNET_STARTUP_HOOKS",
  ]

  /// The tracer, or `nil`. What is loaded counts more than what was asked for.
  var tracer: TracerEvidence? {
    if let found = Self.find(Self.fileSigns, in: files.sorted()) {
      return TracerEvidence(library: found.library, version: Self.version(in: found.text), seenIn: "maps")
    }
    if let found = Self.find(Self.injectionSigns, in: Array(arguments.prefix(64))) {
      return TracerEvidence(library: found.library, version: Self.version(in: found.text), seenIn: "command line")
    }
    for name in Self.injectingVariables {
      guard let value = environment[name], let found = Self.find(Self.injectionSigns, in: [value]) else { continue }
      if name.hasPrefix("CORECLR"), environment["CORECLR_ENABLE_PROFILING"] != "1" { continue }
      return TracerEvidence(library: found.library, version: Self.version(in: found.text), seenIn: "environment")
    }
    return nil
  }

  private static func find(_ signs: [Sign], in texts: [String]) -> (library: String, text: String)? {
    let all = texts.map { ($0, LogText($0)) }
    for sign in signs {
      if let found = all.first(where: { $0.1.contains(sign.part) }) { return (sign.library, found.0) }
    }
    return nil
  }

  /// The version that a path has: `/gems/datadog-2.3.0/`, `dd-java-agent-1.38.0.jar`; empty when it has none.
  static func version(in path: String) -> String {
    for name in ["gems/datadog-", "gems/ddtrace-", "dd-java-agent-", "opentelemetry-javaagent-"] {
      let letters = Array(path.utf8)
      let part = Array(name.utf8)
      guard part.count < letters.count,
        let start = (0..<(letters.count - part.count)).first(where: { letters[$0...].starts(with: part) })
      else { continue }
      let digits = letters[(start + part.count)...]
        .prefix { ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || $0 == UInt8(ascii: ".") }
      let version = String(decoding: digits, as: UTF8.self)
      return version.hasSuffix(".") ? String(version.dropLast()) : version
    }
    return ""
  }
}

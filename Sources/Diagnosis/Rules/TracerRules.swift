/// RST031–RST034: the tracer is off, not there, not running in the workers, or ends before it has sent.
enum TracerRules {
  static func turnedOff(_ evidence: Evidence) -> [Finding] {
    var findings = evidence.processes.flatMap(turnedOffIn) + evidence.log.compactMap(turnedOffInLog)
    if !evidence.configuration.isTracingEnabled {
      findings.append(
        Finding(
          "RST031", .problem, "roost is configured to take no traces",
          because: ["apm_config.enabled is false (DD_APM_ENABLED)"],
          fix: [evidence.serving(settings: "DD_APM_ENABLED=true")],
          explains: ["RST001"]))
    }
    return findings
  }

  private static func turnedOffIn(_ process: ProcessEvidence) -> [Finding] {
    let off: Set<String> = ["false", "0", "no", "off", "f", "n"]
    let switches = ["DD_TRACE_ENABLED", "DD_APM_TRACING_ENABLED", "DATADOG_TRACE_ENABLED"]
    var found = switches.filter { name in process.setting(name).map { off.contains($0.lowercased()) } ?? false }
      .map { ("\($0)=\(process.environment[$0] ?? "")", Restart(unset: [$0])) }
    if let value = process.setting("OTEL_SDK_DISABLED"), value.lowercased() == "true" {
      found.append(("OTEL_SDK_DISABLED=\(value)", Restart(unset: ["OTEL_SDK_DISABLED"])))
    }
    if process.setting("OTEL_TRACES_EXPORTER")?.lowercased() == "none" {
      found.append(("OTEL_TRACES_EXPORTER=none", Restart(unset: ["OTEL_TRACES_EXPORTER"])))
    }
    if process.language == "java", process.hasOption("-Ddd.trace.enabled=false") {
      found.append(("-Ddd.trace.enabled=false", Restart(removed: ["-Ddd.trace.enabled=false"])))
    }
    return found.map { setting, restart in
      Finding(
        "RST031", .problem, "Tracing is turned off in \(process.naming) by \(setting)", because: [setting],
        fix: [restart.line(process)], explains: ["RST032"], pid: process.pid)
    }
  }

  private static func turnedOffInLog(_ line: LogEvidence) -> Finding? {
    guard line.settings["enabled"] == "false" else { return nil }
    let service = line.settings["service"].map { " of \($0)" } ?? ""
    return Finding(
      "RST031", .problem, "The tracer\(service) told when it started that it is turned off",
      because: [line.quote, "enabled is false"],
      fix: [Restart(unset: ["DD_TRACE_ENABLED", "DD_APM_TRACING_ENABLED"]).line(nil)])
  }

  static func notLoaded(_ evidence: Evidence) -> [Finding] {
    let found = evidence.processes.compactMap(notLoadedIn)
    return evidence.question.kind == "machine" && found.count > 0 ? [together(found, evidence)] : found
  }

  /// As many programs as a reader takes in at once.
  private static let shownTogetherMax = 8

  /// Variables that a shell exports reach programs that nobody meant to trace, so that of a whole machine this is told
  /// once, and not as a problem.
  private static func together(_ found: [Finding], _ evidence: Evidence) -> Finding {
    var finding = found[0]
    finding.severity = .warning
    guard found.count > 1 else { return finding }
    let shown = found.prefix(shownTogetherMax).compactMap { evidence.process($0.pid)?.naming }
    finding.title = "\(found.count) programs have a tracer's settings and no tracer"
    finding.because = shown + (found.count > shown.count ? ["and \(found.count - shown.count) more"] : [])
    finding.fix = [
      "roost doctor --pid \(found[0].pid.map(String.init) ?? "PID")   # how to start the first of them with a tracer"
    ]
    finding.pid = nil
    finding.pids = Set(found.compactMap(\.pid))
    return finding
  }

  private static func notLoadedIn(_ process: ProcessEvidence) -> Finding? {
    guard process.tracer == nil, process.isTracerSearchConclusive, process.isEnvironmentReadable,
      !process.commandLine.isEmpty, let way = ways[process.language]
    else { return nil }
    let installed = process.installedTracer.map { tracer in
      "\(tracer.library)\(tracer.version.isEmpty ? "" : " \(tracer.version)") is installed, but not loaded"
    }
    let install = installed == nil ? way.install.map { [$0(process)] } ?? [] : []
    return Finding(
      "RST032", .problem, "No tracer is loaded in \(process.naming)",
      because: ["neither \(way.looked) names one"] + (installed.map { [$0] } ?? []),
      fix: install + [way.restart(process).line(process)], pid: process.pid)
  }

  /// How an app of a language is given a tracer.
  private struct Way {
    /// Where a tracer would show.
    let looked: String
    /// What brings the tracer's package; `nil` where the other step does.
    var install: (@Sendable (ProcessEvidence) -> String)?
    let restart: @Sendable (ProcessEvidence) -> Restart
  }

  /// One option more in a variable that a runtime adds to its command line.
  private static func adding(_ option: String, to name: String, _ process: ProcessEvidence) -> Restart {
    Restart(set: [(name, (process.setting(name).map { $0 + " " } ?? "") + option)])
  }

  private static let ways: [String: Way] = [
    "python": Way(
      looked: "its command line nor PYTHONPATH nor a mapped library",
      install: { "\(RequestRules.pip($0)) install ddtrace" },
      restart: { Restart(launcher: StartCommand.ddtraceRun($0)) }),
    "java": Way(
      looked: "its command line nor JAVA_TOOL_OPTIONS",
      install: { _ in "curl -Lo dd-java-agent.jar https://dtdg.co/latest-java-tracer" },
      restart: { adding("-javaagent:dd-java-agent.jar", to: "JAVA_TOOL_OPTIONS", $0) }),
    "nodejs": Way(
      looked: "its command line nor NODE_OPTIONS nor a mapped library", install: { _ in "npm install dd-trace" },
      restart: { adding("--require dd-trace/init", to: "NODE_OPTIONS", $0) }),
    "ruby": Way(
      looked: "its command line nor RUBYOPT nor a mapped library", install: { _ in "bundle add datadog" },
      restart: { adding("-rdatadog/auto_instrument", to: "RUBYOPT", $0) }),
    "dotnet": Way(
      looked: "its variable CORECLR_ENABLE_PROFILING nor a mapped library",
      restart: { _ in
        Restart(set: [
          ("CORECLR_ENABLE_PROFILING", "1"), ("CORECLR_PROFILER", "{846F5F1C-F9AE-4B07-969E-05C26BC060D8}"),
          ("CORECLR_PROFILER_PATH", "/opt/datadog/Datadog.Trace.ClrProfiler.Native.so"),
          ("DD_DOTNET_TRACER_HOME", "/opt/datadog"),
        ])
      }),
    "php": Way(
      looked: "a mapped ddtrace.so nor its command line",
      install: { _ in "php datadog-setup.php --php-bin=all" }, restart: { _ in Restart() }),
  ]

  static func forkedServer(_ evidence: Evidence) -> [Finding] {
    var seen: Set<[String]> = []
    return evidence.processes.filter { seen.insert($0.commandLine).inserted }.compactMap(forkedServerIn)
  }

  private static func forkedServerIn(_ process: ProcessEvidence) -> Finding? {
    let program = process.commandLine.first.map(commandName) ?? ""
    let arguments = process.commandLine.dropFirst()
    if program.hasPrefix("uwsgi") { return uwsgi(process, Array(arguments)) }
    let isGunicorn = program.hasPrefix("gunicorn") || arguments.prefix(2).contains { commandName($0) == "gunicorn" }
    guard isGunicorn, process.language == "python" || process.language.isEmpty, isBefore1(process.tracer) else {
      return nil
    }
    let isPreloading = arguments.contains("--preload") || arguments.contains("--preload-app")
    guard isPreloading else { return nil }
    return Finding(
      "RST033", .warning, "\(process.naming) loads the app before it forks, and this ddtrace loses its thread",
      because: ["--preload on the command line", "ddtrace \(process.tracer?.version ?? "") is older than 1.0"],
      fix: [
        Restart(removed: ["--preload", "--preload-app"]).line(process),
        "\(RequestRules.pip(process)) install --upgrade ddtrace   # or so: tracers of today keep their thread",
      ], pid: process.pid)
  }

  private static func isBefore1(_ tracer: TracerEvidence?) -> Bool { tracer?.version.hasPrefix("0.") ?? false }

  private static func uwsgi(_ process: ProcessEvidence, _ arguments: [String]) -> Finding? {
    // Options in a configuration file are not seen.
    let files = ["--ini", "--xml", "--yaml", "--yml", "--json", "--emperor", "--include"]
    let isFile: (String) -> Bool = { argument in
      files.contains { argument == $0 || argument.hasPrefix($0 + "=") }
        || !argument.hasPrefix("-") && [".ini", ".xml", ".yaml", ".yml", ".json"].contains { argument.hasSuffix($0) }
    }
    guard !arguments.contains(where: isFile) else { return nil }
    func isSet(_ option: String) -> Bool {
      let variable = "UWSGI_" + option.uppercased().replacing("-", with: "_")
      return arguments.contains { $0 == "--\(option)" || $0.hasPrefix("--\(option)=") }
        || process.setting(variable) != nil
    }
    var missing: [String] = []
    if !isSet("enable-threads"), !isSet("threads") { missing.append("--enable-threads") }
    if !isSet("lazy-apps"), !isSet("lazy"), isSet("processes") || isSet("workers") || arguments.contains("-p") {
      missing.append("--lazy-apps")
    }
    guard !missing.isEmpty else { return nil }
    let list = missing.joined(separator: " ")
    return Finding(
      "RST033", missing.contains("--enable-threads") ? .problem : .warning,
      "\(process.naming) runs without \(missing.joined(separator: " and ")), so its workers have no tracer thread",
      because: ["uWSGI was started without \(list)"], fix: [Restart(added: missing).line(process)], pid: process.pid)
  }

  static func vanished(_ evidence: Evidence) -> [Finding] {
    evidence.clientIssues("client_vanished").map { clientIssues in
      let who = clientIssues.client.isEmpty ? "A client" : "A client (\(clientIssues.client))"
      return Finding(
        "RST034", evidence.severity(.warning, of: [clientIssues]),
        "\(who) asked what roost can do, then ended without sending (\(times(clientIssues.count)))",
        because: ["GET /info or an empty probe came, and no traces after it"] + clientIssues.details,
        fix: flushing(clientIssues.client))
    }
  }

  private static func flushing(_ client: String) -> [String] {
    let language = client.split(separator: " ").first.map(String.init) ?? ""
    return switch language {
    case "python": ["let the program call tracer.shutdown() before os._exit()"]
    case "nodejs", "javascript": ["let the program set process.exitCode and end by itself, instead of process.exit(0)"]
    case "go": ["let main begin with: defer tracer.Stop()"]
    case "ruby": ["let the program call Datadog.shutdown! before exit!"]
    case "java", "jvm": ["let it be ended by SIGTERM instead of SIGKILL"]
    case ".NET", "dotnet": ["let the program call await Tracer.Instance.ForceFlushAsync() before it ends"]
    default: ["let the program end by itself, or flush its tracer before it ends"]
    }
  }
}

/// How often something happened, in words: `once`, `12 times`.
func times(_ count: UInt64) -> String { count == 1 ? "once" : "\(count) times" }

extension ProcessEvidence {
  /// On the command line or in the variables that Java adds to it.
  func hasOption(_ option: String) -> Bool {
    commandLine.contains(option)
      || ["JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS"].contains { name in
        setting(name).map { $0.split(separator: " ").contains { $0 == option } } ?? false
      }
  }
}
